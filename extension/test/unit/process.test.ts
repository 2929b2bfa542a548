import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { ServerProcess } from '../../src/server/process.js';

const start = (script: string, command = process.execPath) =>
    new ServerProcess({ source: 'path', command, args: ['-e', script] }, tmpdir());

test('the last words of a server that ended are why it ended', async () => {
    const spoke = start('console.error("Traceback:"); console.error("No module named pygls"); process.exit(1)');
    assert.equal(await spoke.lastWords(), 'No module named pygls');
    assert.equal(await start('process.exit(3)').lastWords(), 'it ended with exit code 3.');
    assert.match((await start('', '/no/such/program').lastWords()) ?? '', /ENOENT/);
});

test('a server that does not end when it should is ended', { timeout: 10_000 }, async () => {
    const stubborn = start('process.stdin.resume(); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)');
    assert.equal(await stubborn.lastWords(), undefined);
    await stubborn.end();
    assert.equal(await stubborn.lastWords(), 'it was ended by SIGKILL.');
});
