import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discover, isPython, type Machine, type Probe } from '../../src/server/discover.js';
import { PROTOCOL_VERSION } from '../../src/wire.js';

const FOUND: Probe = { found: true, version: '0.1.0', protocol: PROTOCOL_VERSION };
const NO_ANVCS: Probe = { found: false, reason: 'It has no anvcs.' };

/** A machine on which everything works, but for what a test takes away. */
function machine(less: Partial<Machine> & { probes?: Record<string, Probe> } = {}): Machine {
    const { probes = {}, ...rest } = less;
    return {
        setting: '',
        interpreter: async () => '/venv/bin/python',
        which: async (program) => (program.startsWith('/') ? program : `/usr/bin/${program}`),
        privatePython: async () => '/storage/server-0.1.0/bin/python',
        probe: async (python) => probes[python] ?? FOUND,
        ...rest,
    };
}

const nowhere = async () => undefined;

test('the setting comes first: a program as it is, a Python with the module', async () => {
    const program = await discover(machine({ setting: '/opt/anvcs-lsp' }));
    assert.deepEqual(program.launch, { source: 'setting', command: '/opt/anvcs-lsp', args: [] });
    const python = await discover(machine({ setting: '/opt/python3.12' }));
    assert.deepEqual(python.launch, {
        source: 'setting',
        command: '/opt/python3.12',
        args: ['-m', 'anvcs.lsp'],
        version: '0.1.0',
    });
});

test('a setting that does not work is not replaced by something else', async () => {
    const { launch, attempts } = await discover(machine({ setting: '/gone', which: nowhere }));
    assert.equal(launch, undefined);
    assert.deepEqual(
        attempts.map(({ source }) => source),
        ['setting'],
    );
});

test('then the Python extension, then PATH, then our own environment', async () => {
    const sources = async (given: Machine) => (await discover(given)).launch?.source;
    assert.equal(await sources(machine()), 'interpreter');
    assert.equal(await sources(machine({ probes: { '/venv/bin/python': NO_ANVCS } })), 'path');
    assert.equal(await sources(machine({ interpreter: nowhere })), 'path');
    assert.equal(await sources(machine({ interpreter: nowhere, which: nowhere })), 'private');
    const nothing = { interpreter: nowhere, which: nowhere, privatePython: nowhere };
    assert.equal(await sources(machine(nothing)), undefined);
});

test('every place that was tried says how it went', async () => {
    const given = machine({ which: nowhere, privatePython: nowhere, probes: { '/venv/bin/python': NO_ANVCS } });
    const { attempts } = await discover(given);
    assert.deepEqual(
        attempts.map(({ source, chosen }) => [source, chosen]),
        [
            ['interpreter', false],
            ['path', false],
            ['private', false],
        ],
    );
    assert.ok(attempts.every(({ outcome }) => outcome.endsWith('.')));
    assert.equal(attempts[0]?.outcome, 'It has no anvcs.');
});

test('a server of another protocol is passed over, with what to update', async () => {
    const older: Probe = { found: true, version: '0.0.9', protocol: PROTOCOL_VERSION - 1 };
    const newer: Probe = { found: true, version: '9.0.0', protocol: PROTOCOL_VERSION + 1 };
    for (const [probe, advice] of [
        [older, /too old.*update anvcs/],
        [newer, /too new.*update the extension/],
    ] as const) {
        const { launch, attempts } = await discover(machine({ probes: { '/venv/bin/python': probe } }));
        assert.equal(launch?.source, 'path');
        assert.match(attempts[0]?.outcome ?? '', advice);
    }
});

test('a Python is known by its name', () => {
    for (const name of ['python', '/usr/bin/python3', 'C:\\Python312\\python.exe', '/x/pypy3.11', 'pythonw.exe']) {
        assert.ok(isPython(name), name);
    }
    for (const name of ['anvcs-lsp', '/python/anvcs-lsp', 'bpython']) {
        assert.ok(!isPython(name), name);
    }
});
