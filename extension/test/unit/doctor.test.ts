import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../../src/doctor.js';

const DISCOVERY = {
    attempts: [
        { source: 'interpreter', where: '/usr/bin/python3', outcome: 'It has no anvcs.', chosen: false },
        { source: 'path', where: '/usr/bin/anvcs-lsp', outcome: 'Found.', chosen: true },
    ],
} as const;

test('the report names every check with its way out', () => {
    const report = {
        healthy: false,
        checks: [
            { id: 'git', state: 'ok', message: 'git 2.47.' },
            { id: 'notes', state: 'error', message: 'Notes are broken.', wayOut: 'Run doctor --repair.' },
        ],
    } as const;
    const text = describe({ version: '0.1.0', discovery: DISCOVERY, report });
    assert.match(text, /✓ git: git 2\.47\./);
    assert.match(text, /✗ notes: Notes are broken\.\n {2}→ Run doctor --repair\./);
    assert.match(text, /✓ anvcs-lsp on PATH \/usr\/bin\/anvcs-lsp: Found\./);
});

test('without a server the report says why, and where one was looked for', () => {
    const report = { code: 'no-server', message: 'The ANVCS server was not found.', wayOut: 'Set it up.' };
    const text = describe({ version: '0.1.0', discovery: { attempts: [DISCOVERY.attempts[0]] }, report });
    assert.match(text, /It has no anvcs\./);
    assert.match(text, /✗ no-server.*\n {2}→ Set it up\./);
});
