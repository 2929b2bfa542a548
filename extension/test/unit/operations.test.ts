import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, type Log, operationRows, title } from '../../src/history/operations.js';
import type { Row } from '../../src/history/row.js';
import { describeMove, forecast, moveText, pointerName } from '../../src/history/texts.js';
import { shortAgo } from '../../src/time.js';
import type { Operation } from '../../src/wire.js';

const NOW = 1_800_000_000_000;
const id = (digit: string) => `b3:${digit.repeat(64)}`;
const git = (digit: string) => digit.repeat(40);

const COMMIT: Operation = {
    operationId: id('a'),
    kind: 'commit',
    said: 'committed',
    actor: 'agent:drafter',
    time: NOW - 120_000,
    state: 'published',
    reversibility: 'reversible',
    tier: 'red',
    sequence: 3,
    replica: 'f'.repeat(32),
    subject: 'Two notes',
    gitCommit: git('2'),
    moves: [{ name: 'refs/heads/main', old: git('1'), new: git('2') }],
    paths: ['docs/notes.txt'],
};
const UNDO: Operation = {
    ...COMMIT,
    operationId: id('b'),
    kind: 'undo',
    said: 'took back an operation',
    details: { undoes: id('a') },
    moves: [{ name: 'refs/heads/main', old: git('2'), new: git('1') }],
    paths: [],
};
const { subject: _, gitCommit: __, ...TAKEN_BACK } = UNDO;

const log = (operations: readonly Operation[], rest: Partial<Log> = {}): Row[] =>
    operationRows({ folder: '/repo', operations, more: false, language: 'en', now: NOW, ...rest });

test('a row says what was done, where, by whom and when', () => {
    const [row] = log([COMMIT]);
    assert.equal(row?.label, 'Two notes');
    assert.equal(row?.description, 'main · drafter · 2 min. ago');
    assert.equal(row?.icon?.name, 'git-commit');
    assert.equal(row?.commit, git('2'));
});

test('undone, foreign and irreversible operations are marked', () => {
    const foreign = { ...COMMIT, foreign: true, kind: 'git-commit', actor: 'system:git' };
    const rows = log([
        TAKEN_BACK,
        { ...COMMIT, undone: true },
        foreign,
        { ...COMMIT, kind: 'push', reversibility: 'irreversible' },
    ]);
    assert.equal(rows[0]?.label, 'Undo: Two notes');
    assert.ok(rows[1]?.faded);
    assert.match(rows[1]?.description ?? '', /^undone · /);
    assert.match(rows[2]?.description ?? '', /plain git/);
    assert.equal(rows[2]?.icon?.name, 'git-commit');
    assert.match(rows[3]?.description ?? '', /irreversible$/);
});

test('undo is offered on the one operation it would take back, going back on all but the newest', () => {
    const rows = log([TAKEN_BACK, COMMIT, { ...COMMIT, operationId: id('c') }], { undo: id('c'), redo: id('a') });
    assert.deepEqual(
        rows.map(({ words }) => words),
        [['operation'], ['operation', 'redo', 'back', 'commit'], ['operation', 'undo', 'back', 'commit']],
    );
});

test('an operation that did not happen cannot be gone back to', () => {
    const rows = log([COMMIT, { ...COMMIT, operationId: id('d'), state: 'aborted' }]);
    assert.ok(!rows[1]?.words?.includes('back'));
    assert.match(rows[1]?.description ?? '', /did not happen/);
});

test('a page that is not the last ends with a row for more', () => {
    assert.equal(log([COMMIT], { more: true }).at(-1)?.command, 'anvcs.operations.more');
    assert.equal(log([COMMIT]).length, 1);
});

test('below an operation are its pointers and files, and how many files are not listed', () => {
    const [row] = log([{ ...COMMIT, pathCount: 400 }]);
    const [pointer, file, rest] = row?.rows ?? [];
    assert.deepEqual([pointer?.label, pointer?.description], ['main', '1111111 → 2222222']);
    assert.deepEqual([file?.label, file?.description], ['notes.txt', 'docs']);
    assert.deepEqual(file?.between, [git('1'), git('2')]);
    assert.match(rest?.label ?? '', /399/);
});

test('files of an operation that moved between streams have no two commits to compare', () => {
    const moves = [{ name: 'main-worktree/HEAD', old: 'ref: refs/heads/main', new: 'ref: refs/heads/tides' }];
    const { subject: _, ...rest } = COMMIT;
    const [row] = log([{ ...rest, kind: 'switch', moves }]);
    assert.equal(row?.label, 'Switch to tides');
    assert.equal(row?.rows?.at(-1)?.between, undefined);
});

test('the ids of all rows differ, whatever an operation did', () => {
    const rows = log([TAKEN_BACK, COMMIT]).flatMap((row) => [row, ...(row.rows ?? [])]);
    assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
});

test('a kind that this extension does not know is shown in the server’s words', () => {
    const { subject: _, ...rest } = COMMIT;
    assert.equal(title({ ...rest, kind: 'room-open', said: 'opened a room', moves: [] }), 'Opened a room');
    assert.equal(title({ ...rest, kind: 'git-rebase', said: 'plain git rebased' }), 'Rebased: main');
    assert.equal(log([{ ...COMMIT, kind: 'room-open' }])[0]?.icon?.name, 'circle-outline');
});

test('the tooltip says everything, and with the details more', () => {
    const brief = new Map(facts(COMMIT, 'en'));
    assert.equal(brief.get('By'), 'agent:drafter');
    assert.equal(brief.get('Pointers'), 'main: 1111111 → 2222222');
    assert.equal(brief.get('Undo'), 'It can be undone.');
    const details = {
        operation: COMMIT,
        viewBefore: id('1'),
        viewAfter: id('2'),
        undo: 'human:ada can take it back.',
        confidence: 8250,
        prompt: 'Two notes, please',
        signature: 'known',
        causes: [id('e')],
    } as const;
    const full = new Map(facts(COMMIT, 'en', details));
    assert.equal(full.get('Undo'), 'human:ada can take it back.');
    assert.equal(full.get('Confidence'), '82.5%');
    assert.equal(full.get('Signature'), 'by a known key');
    assert.equal(full.get('Causes'), 'eeeeeeee');
});

test('pointers have the names people use', () => {
    assert.equal(pointerName('refs/heads/fix/tides'), 'fix/tides');
    assert.equal(pointerName('refs/remotes/origin/main'), 'origin/main');
    assert.equal(pointerName('refs/stash'), 'stash');
    assert.equal(pointerName('main-worktree/HEAD'), 'HEAD');
    assert.equal(pointerName('worktrees/b/HEAD'), 'HEAD of b');
    assert.equal(moveText({ name: 'refs/heads/x', new: git('1') }), 'x: new, at 1111111');
    assert.equal(moveText({ name: 'refs/heads/x', old: git('1') }), 'x: removed, was at 1111111');
});

test('what going back would do is said before: what moves, what follows, what stays', () => {
    const paths = Array.from({ length: 20 }, (_, index) => `file${index}`);
    const said = forecast({
        moves: COMMIT.moves ?? [],
        paths,
        left: [{ path: 'mine.txt', reason: 'has changed since' }],
        leftPointers: ['other of worktrees/b is left as it is.'],
    });
    assert.match(said, /main: 1111111 → 2222222/);
    assert.match(said, /\(20\):\nfile0\n/);
    assert.match(said, /… and 12 more/);
    assert.match(said, /mine\.txt: has changed since/);
    assert.match(said, /worktrees\/b/);
    assert.match(said, /which you can undo/);
});

test('what an undo did names the files that stay', () => {
    const left = [{ path: 'mine.txt', reason: 'has changed since' }];
    const said = describeMove('Undone: “Two notes”', { moves: UNDO.moves ?? [], left });
    assert.equal(
        said,
        'Undone: “Two notes”. main: 2222222 → 1111111. No file was changed. mine.txt stays as it is: has changed since.',
    );
});

test('within a minute is now', () => {
    assert.equal(shortAgo(1000, 'en', 1059), 'now');
    assert.equal(shortAgo(1000, 'en', 1060), '1 min. ago');
    assert.equal(shortAgo(1000, 'de', 8200), 'vor 2 Std.');
});
