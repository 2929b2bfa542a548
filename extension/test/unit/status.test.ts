import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerState } from '../../src/server/server.js';
import { present } from '../../src/status.js';
import type { RepositoryStatus } from '../../src/wire.js';

const READY: ServerState = {
    kind: 'ready',
    version: '0.1.0',
    launch: { source: 'path', command: '/usr/bin/anvcs-lsp', args: [] },
};
const REPOSITORY: RepositoryStatus = { root: '/repo', initialized: true, stream: 'main' };

test('a ready server shows the stream, and where it came from', () => {
    const shown = present(READY, REPOSITORY);
    assert.equal(shown?.text, '$(git-commit) ANVCS: main');
    assert.ok(shown?.tooltip.includes('anvcs 0.1.0 from anvcs-lsp on PATH'));
    assert.equal(present(READY, { root: '/repo', initialized: true })?.text, '$(git-commit) ANVCS: detached');
});

test('each state that is not ready says so and leads out of it', () => {
    const states: [ServerState, RepositoryStatus | undefined, RegExp, string][] = [
        [READY, { ...REPOSITORY, initialized: false }, /not initialized/, 'anvcs.init'],
        [{ kind: 'starting' }, undefined, /starting/, 'anvcs.logs.show'],
        [{ kind: 'untrusted' }, undefined, /restricted/, 'workbench.trust.manage'],
        [{ kind: 'stopped', reason: 'It crashed.' }, undefined, /stopped/, 'anvcs.server.restart'],
        [{ kind: 'missing', discovery: { attempts: [] } }, undefined, /not set up/, 'anvcs.server.setup'],
    ];
    for (const [state, status, text, command] of states) {
        const shown = present(state, status);
        assert.match(shown?.text ?? '', text);
        assert.equal(shown?.command, command);
    }
});

test('why the server stopped, and where one was looked for, is in the tooltip', () => {
    assert.ok(present({ kind: 'stopped', reason: 'It crashed.' }, undefined)?.tooltip.includes('It crashed.'));
    const attempt = { source: 'path', where: 'anvcs-lsp', outcome: 'It is not on PATH.', chosen: false } as const;
    const shown = present({ kind: 'missing', discovery: { attempts: [attempt] } }, undefined);
    assert.ok(shown?.tooltip.some((line) => line.includes('It is not on PATH.')));
});

test('a window without a repository shows nothing', () => {
    assert.equal(present(READY, undefined), undefined);
    assert.equal(present({ kind: 'idle' }, undefined), undefined);
});

test('a ready server shows what rooms do, and what is not durable yet', () => {
    const shown = present(READY, REPOSITORY, { kind: 'local', undurable: 3 });
    assert.equal(shown?.text, '$(git-commit) ANVCS: main $(broadcast) 3');
    assert.ok(shown?.tooltip.includes('Edits that are not durable yet: 3'));
    const off = present(READY, REPOSITORY, { kind: 'off', undurable: 0, reason: 'It is too big.' });
    assert.equal(off?.text, '$(git-commit) ANVCS: main');
    assert.ok(off?.tooltip.includes('It is too big.'));
});
