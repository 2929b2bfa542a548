import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisions, foreignNews } from '../../src/history/news.js';
import { checkpointRows, streamRows } from '../../src/history/streams.js';
import { describePull, describePush } from '../../src/history/texts.js';
import type { ConflictedStream, ForeignOperation, Stream } from '../../src/wire.js';

const git = (digit: string) => digit.repeat(40);
const MAIN: Stream = { name: 'main', gitCommit: git('1'), subject: 'One note', current: true };
const CONFLICT: ConflictedStream = {
    stream: 'main',
    replica: 'b'.repeat(32),
    ours: git('1'),
    theirs: git('2'),
    fetched: true,
    actor: 'agent:drafter',
    subject: 'Made elsewhere',
};

test('streams show where they are checked out and how far they are from what they follow', () => {
    const tides: Stream = { name: 'tides', worktree: '/home/ada/other', upstream: 'origin/tides', ahead: 2, behind: 1 };
    const [main, other, plain] = streamRows('/repo', [MAIN, tides, { name: 'x' }], []);
    assert.equal(main?.description, 'current · One note');
    assert.equal(main?.command, undefined);
    assert.equal(other?.description, 'in other · ↑2 ↓1');
    assert.deepEqual(other?.words, ['stream', 'elsewhere']);
    assert.deepEqual(plain?.words, ['stream', 'other']);
    assert.equal(plain?.command, 'anvcs.stream.switch');
});

test('a conflicted stream opens to both values, and theirs can be kept only by name of their clone', () => {
    const [row] = streamRows('/repo', [{ ...MAIN, conflicts: [CONFLICT] }], []);
    assert.match(row?.description ?? '', /^moved two ways/);
    assert.ok(row?.open);
    const [ours, theirs] = row?.rows ?? [];
    assert.deepEqual(ours?.words, ['ours', 'commit']);
    assert.deepEqual(theirs?.words, ['theirs', 'commit']);
    assert.equal(theirs?.replica, CONFLICT.replica);
    assert.equal(theirs?.description, '2222222 · Made elsewhere · drafter');
});

test('a commit that was not fetched is said to be so and cannot be shown', () => {
    const [row] = streamRows('/repo', [{ ...MAIN, conflicts: [{ ...CONFLICT, fetched: false }] }], []);
    const theirs = row?.rows?.[1];
    assert.match(theirs?.description ?? '', /not fetched/);
    assert.equal(theirs?.commit, undefined);
    assert.deepEqual(theirs?.words, ['theirs']);
});

test('a divergent change is a row with its live commits', () => {
    const [row] = streamRows('/repo', [], [{ changeId: 'k'.repeat(32), commits: [git('1'), git('2')] }]);
    assert.equal(row?.label, 'Divergent change');
    assert.deepEqual(
        row?.rows?.map(({ commit }) => commit),
        [git('1'), git('2')],
    );
});

test('checkpoints are listed newest first', () => {
    const at = (name: string, time: number) => ({ name, operationId: `b3:${name.repeat(64)}`, time });
    const rows = checkpointRows('/repo', [at('a', 1000), at('b', 200_000)], 'en', 320_000);
    assert.deepEqual(
        rows.map(({ label, description }) => [label, description]),
        [
            ['b', '2 min. ago'],
            ['a', '5 min. ago'],
        ],
    );
});

test('a conflict and a divergence are told with their ways out, by what they are about', () => {
    const status = { root: '/repo', initialized: true, divergent: [{ changeId: 'k'.repeat(32), commits: [git('1')] }] };
    const situation = { folder: '/repo', status, streams: [{ ...MAIN, conflicts: [CONFLICT] }] };
    const [conflict, divergence] = decisions(situation);
    assert.match(conflict?.message ?? '', /main was moved two ways: to 1111111 here, to 2222222 by drafter/);
    assert.deepEqual(
        conflict?.offers.map(({ command }) => command),
        ['anvcs.stream.keepOurs', 'anvcs.stream.keepTheirs', 'anvcs.streams.focus'],
    );
    assert.match(divergence?.message ?? '', /several live commits/);
    const moved = { ...situation, streams: [{ ...MAIN, conflicts: [{ ...CONFLICT, theirs: git('3') }] }] };
    assert.notEqual(decisions(moved)[0]?.key, conflict?.key);
    assert.deepEqual(decisions({ streams: situation.streams }), []);
});

test('what is not fetched cannot be kept', () => {
    const streams = [{ ...MAIN, conflicts: [{ ...CONFLICT, fetched: false }] }];
    const offers = decisions({ folder: '/repo', streams })[0]?.offers ?? [];
    assert.ok(!offers.some(({ command }) => command === 'anvcs.stream.keepTheirs'));
});

test('only what takes commits out of a stream is insisted on', () => {
    const operation = (kind: string): ForeignOperation => ({
        operationId: `b3:${'a'.repeat(64)}`,
        kind,
        pointers: ['refs/heads/main'],
        sentence: `Plain git did ${kind}.`,
    });
    const news = (...kinds: string[]) => foreignNews({ root: '/repo', operations: kinds.map(operation) });
    assert.equal(news('git-commit')?.loud, false);
    assert.equal(news('git-reset', 'git-commit')?.loud, true);
    const said = 'Plain git did git-reset. (with it, operations in all: 2)';
    assert.equal(news('git-reset', 'git-commit')?.news.message, said);
    assert.equal(news(), undefined);
});

test('a push and a pull say what came of them', () => {
    const push = { remote: 'origin', url: '/r', stream: 'main', new: git('2') };
    assert.equal(describePush({ ...push, old: git('1') }), 'Pushed main to origin: 1111111 → 2222222.');
    assert.equal(describePush({ ...push, upToDate: true }), 'origin/main has everything already.');
    const pull = { remote: 'origin', url: '/r', stream: 'main', new: git('2'), files: ['a'] };
    assert.equal(
        describePull({ ...pull, outcome: 'merge', notices: ['Notes came.'] }),
        'Pulled main from origin and merged: it is at 2222222. Changed files: 1. Notes came.',
    );
});
