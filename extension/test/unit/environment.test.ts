import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { problemOf } from '../../src/problem.js';
import { carried, PrivateEnvironments, type Tools } from '../../src/server/environment.js';

const root = mkdtempSync(join(tmpdir(), 'anvcs-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const storage = () => join(root, `storage-${++count}`);

/** Python, venv and pip, all of which work but for what a test breaks. */
class FakeTools implements Tools {
    ran: string[] = [];
    versions: Record<string, string> = { '/usr/bin/python3': '3 12' };
    broken: (command: string) => string | undefined = () => undefined;

    pythons = async () => Object.keys(this.versions);

    run: Tools['run'] = async (program, args) => {
        const command = [program, ...args].join(' ');
        this.ran.push(command);
        const failure = this.broken(command);
        if (failure !== undefined) {
            return { code: 1, output: failure };
        }
        if (args.includes('venv')) {
            mkdirSync(args.at(-1) as string, { recursive: true });
        }
        return { code: 0, output: args[0] === '-c' ? `${this.versions[program]}\n` : '' };
    };
}

const wheel = (version: string) => ({
    wheel: `/x/anvcs-${version}-py3-none-any.whl`,
    lock: '/x/requirements.lock',
    version,
});
const never = new AbortController().signal;

function make(tools: Tools, folder = storage()) {
    return { folder, environments: new PrivateEnvironments(folder, tools, () => {}) };
}

test('an environment is made from the lock with its hashes, then our wheel without dependencies', async () => {
    const tools = new FakeTools();
    const { folder, environments } = make(tools);
    assert.equal(await environments.current(), undefined);
    const steps: string[] = [];
    const python = await environments.make(wheel('0.1.0'), (message) => steps.push(message), never);
    assert.equal(python, join(folder, 'server-0.1.0', 'bin', 'python'));
    assert.equal((await environments.current())?.version, '0.1.0');
    const pip = tools.ran.filter((command) => command.includes(' pip '));
    assert.match(pip[0] ?? '', /--require-hashes -r \/x\/requirements\.lock$/);
    assert.match(pip[1] ?? '', /--no-deps \/x\/anvcs-0\.1\.0-py3-none-any\.whl$/);
    assert.ok(steps.length >= 4);
});

test('a Python that is too old is passed over, and none at all is said', async () => {
    const tools = new FakeTools();
    tools.versions = { '/old': '3 10', '/new': '3 11' };
    await make(tools).environments.make(wheel('0.1.0'), () => {}, never);
    assert.ok(tools.ran.some((command) => command.startsWith('/new -m venv')));
    tools.versions = { '/old': '3 10' };
    await assert.rejects(
        make(tools).environments.make(wheel('0.1.0'), () => {}, never),
        (error) => {
            assert.match(problemOf(error).message, /3\.11 or newer.*\/old/);
            assert.ok(problemOf(error).wayOut);
            return true;
        },
    );
});

test('a failure leaves nothing behind and says its way out', async () => {
    for (const [at, output, advice] of [
        [' venv ', 'The virtual environment was not created: ensurepip is not available', /python3-venv/],
        ['--require-hashes', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES (mismatch)', /not the expected one/],
        ['--no-deps', 'NewConnectionError: Name or service not known', /cannot be reached/],
    ] as const) {
        const tools = new FakeTools();
        tools.broken = (command) => (command.includes(at) ? output : undefined);
        const { folder, environments } = make(tools);
        await assert.rejects(
            environments.make(wheel('0.1.0'), () => {}, never),
            (error) => {
                const problem = problemOf(error);
                assert.match(problem.wayOut ?? '', advice);
                assert.equal(problem.output, output);
                return true;
            },
        );
        assert.deepEqual(readdirSync(folder), []);
    }
});

test('cancelling leaves nothing behind', async () => {
    const abort = new AbortController();
    const tools = new FakeTools();
    tools.broken = (command) => {
        if (command.includes('--require-hashes')) {
            abort.abort();
            return 'terminated';
        }
        return undefined;
    };
    const { folder, environments } = make(tools);
    await assert.rejects(
        environments.make(wheel('0.1.0'), () => {}, abort.signal),
        (error) => {
            assert.equal(problemOf(error).code, 'cancelled');
            return true;
        },
    );
    assert.deepEqual(readdirSync(folder), []);
});

test('an update is current, and the one before is kept for editors that still run from it', async () => {
    const { folder, environments } = make(new FakeTools());
    for (const version of ['0.1.0', '0.2.0', '0.3.0']) {
        await environments.make(wheel(version), () => {}, never);
    }
    assert.equal((await environments.current())?.version, '0.3.0');
    assert.deepEqual(readdirSync(folder).sort(), ['server-0.2.0', 'server-0.3.0']);
});

test('a half-made environment is not used', async () => {
    const { folder, environments } = make(new FakeTools());
    mkdirSync(join(folder, 'server-0.1.0', 'bin'), { recursive: true });
    assert.equal(await environments.current(), undefined);
    await environments.make(wheel('0.1.0'), () => {}, never);
    assert.ok(!existsSync(join(folder, 'server-0.1.0', 'bin')));
});

test('the carried wheel gives its version, and a build without one says so', async () => {
    const folder = storage();
    assert.equal(await carried(folder), undefined);
    mkdirSync(folder);
    writeFileSync(join(folder, 'anvcs-0.1.0-py3-none-any.whl'), '');
    assert.deepEqual(await carried(folder), {
        wheel: join(folder, 'anvcs-0.1.0-py3-none-any.whl'),
        lock: undefined,
        version: '0.1.0',
    });
    writeFileSync(join(folder, 'requirements.lock'), '');
    assert.equal((await carried(folder))?.lock, join(folder, 'requirements.lock'));
});
