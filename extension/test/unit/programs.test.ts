import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { expand, probe, run, which } from '../../src/server/programs.js';

const folder = mkdtempSync(join(tmpdir(), 'anvcs-'));
after(() => rmSync(folder, { recursive: true }));

/** An executable file with this text. */
function program(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
}

test('a program is found on PATH, in order, and relative entries are not looked at', async () => {
    const path = program('tool', '');
    mkdirSync(join(folder, 'other'));
    assert.equal(await which('tool', `${join(folder, 'other')}:.:${folder}`), path);
    assert.equal(await which('tool', '.:bin'), undefined);
    assert.equal(await which(path, ''), path);
    assert.equal(await which(join(folder, 'none')), undefined);
});

test('the end of a program gives its code and everything it printed', async () => {
    const script = 'process.stdout.write("out"); process.stderr.write("err"); process.exit(3)';
    const seen: string[] = [];
    const { code, output } = await run(process.execPath, ['-e', script], {
        cwd: folder,
        onOutput: (text) => seen.push(text),
    });
    assert.equal(code, 3);
    assert.deepEqual([...seen].sort(), ['err', 'out']);
    assert.equal(output, seen.join(''));
});

test('a program that is not there is an ending too', async () => {
    const { code, output } = await run(join(folder, 'none'), [], { cwd: folder });
    assert.equal(code, null);
    assert.match(output, /ENOENT/);
});

test('a cancelled program ends, with what it started', { timeout: 10_000 }, async () => {
    const inner = 'setInterval(() => {}, 1000); console.log("up")';
    const outer = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], { stdio: "inherit" })`;
    const abort = new AbortController();
    // The inner one holds the output open, so that the run is over only when both have ended.
    const { code } = await run(process.execPath, ['-e', outer], {
        cwd: folder,
        signal: abort.signal,
        onOutput: () => abort.abort(),
    });
    assert.equal(code, null);
});

test('a Python says what anvcs it has, or why it has none', async () => {
    const python = program('python-good', '#!/bin/sh\necho noise\necho \'{"version": "0.1.0", "protocol": 1}\'\n');
    assert.deepEqual(await probe(python, folder), { found: true, version: '0.1.0', protocol: 1 });
    const bare = program(
        'python-bare',
        '#!/bin/sh\necho "ModuleNotFoundError: No module named \'anvcs\'" >&2\nexit 1\n',
    );
    assert.deepEqual(await probe(bare, folder), { found: false, reason: 'It has no anvcs.' });
    const broken = program('python-broken', '#!/bin/sh\necho "ImportError: no libfoo" >&2\nexit 1\n');
    assert.deepEqual(await probe(broken, folder), { found: false, reason: 'ImportError: no libfoo' });
    const strange = program('python-strange', '#!/bin/sh\necho hello\n');
    assert.equal((await probe(strange, folder)).found, false);
});

test('a path of a setting knows the home folder and the workspace folder', () => {
    assert.equal(expand('~/venv/bin/python', undefined), join(homedir(), 'venv/bin/python'));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code's variable syntax, not a template
    assert.equal(expand('${workspaceFolder}/.venv/bin/python', '/w'), '/w/.venv/bin/python');
    assert.equal(expand('  ', '/w'), '');
    assert.equal(expand('/a~/b', '/w'), '/a~/b');
});
