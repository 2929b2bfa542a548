import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChangeRow, changeRows, describeRevert } from '../../src/rooms/changes.js';
import type { ReviewHunk, ReviewRun } from '../../src/wire.js';

const NOW = 1_795_622_400_000;
const seen = { folder: '/repo', language: 'en', now: NOW, colourOf: () => 2 };
const hunk = (id: string, more: Partial<ReviewHunk> = {}): ReviewHunk => ({
    id,
    number: 1,
    line: 11,
    old: 'retries = 1\n',
    new: 'retry = 3\nwait = 2\n',
    how: 'reported',
    edits: 2,
    last: NOW - 120_000,
    ...more,
});
const run = (actor: string, task: string | undefined, ...hunks: ReviewHunk[]): ReviewRun => ({
    actor,
    ...(task !== undefined && { task }),
    began: NOW - 180_000,
    ended: NOW - 120_000,
    files: [{ path: 'src/app.py', room: 'r7', sequence: 130, hunks }],
});
const labels = (rows: readonly ChangeRow[] = []) => rows.map(({ label, description }) => `${label} | ${description}`);

test('changes are shown by agent, then task, then file, then hunk', () => {
    const runs = [run('agent:foo', 'fix', hunk('a'), hunk('b')), run('agent:foo', undefined, hunk('c'))];
    const [foo, ...rest] = changeRows({ runs }, seen);
    assert.equal(rest.length, 0);
    assert.deepEqual(labels(foo && [foo]), ['foo | 3 hunks · 2 min. ago']);
    assert.deepEqual(labels(foo?.rows), ['fix | 2 hunks · 2 min. ago', 'Without a task | 1 hunk · 2 min. ago']);
    assert.deepEqual(labels(foo?.rows?.[0]?.rows), ['app.py | src · 2 hunks']);
    assert.deepEqual(labels(foo?.rows?.[0]?.rows?.[0]?.rows?.slice(1)), ['retry = 3 | line 11 · +2 −1']);
    assert.equal(foo?.icon?.color, 'anvcs.participant3');
});

test('each row keeps or takes back the hunks below it, and no two rows have one id', () => {
    const runs = [run('agent:foo', 'fix', hunk('a'), hunk('b')), run('agent:foo', 'tidy', hunk('c'))];
    const [foo] = changeRows({ runs }, seen);
    assert.deepEqual(foo?.hunks, ['a', 'b', 'c']);
    assert.deepEqual(foo?.rows?.[0]?.rows?.[0]?.hunks, ['a', 'b']);
    const ids: string[] = [];
    const walk = (rows: readonly ChangeRow[]) => {
        for (const row of rows) {
            assert.ok(row.words?.includes('change'));
            ids.push(row.id);
            walk(row.rows ?? []);
        }
    };
    walk(changeRows({ runs }, seen));
    assert.equal(new Set(ids).size, 8);
});

test('a lone run without a task is not a level of its own', () => {
    const [human] = changeRows({ runs: [run('human:bob@example.org', undefined, hunk('a'))] }, seen);
    assert.deepEqual(labels(human?.rows), ['app.py | src · 1 hunk']);
    assert.equal(human?.icon?.name, 'account');
});

test('a hunk says what is in doubt and who else wrote there', () => {
    const overlaps = [{ actors: ['human:bob@example.org'], line: 12 }];
    const doubtful = hunk('a', { how: 'inferred', overlaps, old: '', new: '\n' });
    const [foo] = changeRows({ runs: [run('agent:foo', undefined, doubtful, hunk('b', { new: '' }))] }, seen);
    const [first, second] = foo?.rows?.[0]?.rows ?? [];
    assert.deepEqual(labels(first && [first]), ['(an empty line) | line 11 · +1 · inferred · bob@example.org too']);
    assert.equal(first?.icon?.name, 'warning');
    assert.deepEqual([second?.label, second?.icon?.name], ['retries = 1', 'diff-removed']);
    assert.deepEqual([second?.path, second?.line, second?.command], ['src/app.py', 11, 'anvcs.changes.show']);
});

test('who writes into files without saying so is not known', () => {
    const [unknown] = changeRows({ runs: [run('system:disk', undefined, hunk('a'))] }, seen);
    assert.equal(unknown?.label, 'an unknown program');
});

test('nothing to look at is no rows', () => {
    assert.deepEqual(changeRows({}, seen), []);
});

test('what was taken back is said with what stays and what was refused', () => {
    const file = { path: 'src/app.py', room: 'r7', hunks: 1 };
    assert.deepEqual(describeRevert({ actor: 'agent:foo', files: [file] }), {
        text: 'Took back 1 hunk of foo.',
        warn: false,
    });
    const overlaps = [{ actors: ['human:bob@example.org'], line: 12 }];
    const refused = [{ path: 'b.py', reason: 'It is not on disk.' }];
    assert.deepEqual(describeRevert({ actor: 'agent:foo', files: [{ ...file, hunks: 2, overlaps }], refused }), {
        text: 'Took back 2 hunks of foo. bob@example.org wrote in the same place (src/app.py, line 12); that stays. b.py: It is not on disk.',
        warn: true,
    });
    assert.deepEqual(describeRevert({ actor: 'agent:foo', notices: ['Nothing stands.'] }), {
        text: 'Nothing stands.',
        warn: true,
    });
});
