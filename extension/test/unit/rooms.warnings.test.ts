import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsByPath } from '../../src/rooms/warnings.js';
import type { EarlyWarning } from '../../src/wire.js';

const NOW = 1_795_622_400_000;
const warning = (more: Partial<EarlyWarning>): EarlyWarning => ({
    path: 'src/app.py',
    mine: 'unsaved',
    actor: 'agent:foo',
    stream: 'feature',
    edits: 3,
    last: NOW - 120_000,
    ...more,
});

test('a warning says who changes the file, where, when, and what of it is only here', () => {
    const found = warningsByPath([warning({})], 'en', NOW);
    assert.deepEqual(
        [...found],
        [
            [
                'src/app.py',
                [
                    'foo changes this file on feature (3 edits, the last 2 minutes ago). It holds unsaved text here: the two will have to be merged.',
                ],
            ],
        ],
    );
});

test('several who change one file are all named, each file for itself', () => {
    const one = warning({ actor: 'human:ben@example.org', edits: 1, mine: 'uncommitted' });
    const found = warningsByPath([warning({}), one, warning({ path: 'README.md' })], 'en', NOW);
    assert.deepEqual([...found.keys()], ['src/app.py', 'README.md']);
    const [foo, ben] = found.get('src/app.py') ?? [];
    assert.match(foo ?? '', /^foo changes/);
    assert.match(ben ?? '', /^ben@example.org changes this file on feature \(1 edit, .*uncommitted changes here/);
});
