import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProposal, explainProposal, fileRows, mayCheck, proposalRows } from '../../src/merge/proposals.js';
import type { MergeFile, Proposal } from '../../src/wire.js';

const PROPOSAL: Proposal = {
    proposalId: `b3:${'a'.repeat(64)}`,
    status: 'blocked',
    target: 'main',
    sources: [{ name: 'tides', gitCommit: '1'.repeat(40) }],
    conflicts: 1,
    obstacles: [{ code: 'conflict', message: '1 file in conflict needs a decision.' }],
    actor: 'human:ada@example.org',
    time: 1000,
    updated: 1000,
    changed: 3,
    files: [
        { path: 'a.py', how: 'engine' },
        {
            path: 'z.py',
            how: 'conflict',
            open: true,
            conflicts: [{ number: 1, line: 3, entity: 'def tide', reason: 'both sides changed the same text' }],
        },
        { path: 'b.py', how: 'git' },
    ],
};

test('a proposal says what is merged into what, and what is in its way', () => {
    const [row] = proposalRows('/repo', [PROPOSAL], 1000, 'en');
    assert.equal(row?.label, 'tides into main');
    assert.match(row?.description ?? '', /^1 file in conflict/);
    assert.equal(
        describeProposal(PROPOSAL),
        'tides into main: 3 files change, 1 merged by syntax. 1 file in conflict needs a decision.',
    );
    assert.equal(
        explainProposal(PROPOSAL),
        `${describeProposal(PROPOSAL)} z.py: def tide: both sides changed the same text`,
    );
    assert.equal(
        describeProposal({ ...PROPOSAL, changed: 1, files: [], obstacles: [] }),
        'tides into main: 1 file changes.',
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, how: 'conflict', open: true }) as const);
    assert.match(explainProposal({ ...PROPOSAL, files: many }), /decision\. a; b; c; 2 more$/);
});

test('checks are offered once nothing is in conflict', () => {
    const obstacles = [{ code: 'guard-missing', message: 'Not run on this result yet: tests.' }];
    assert.ok(mayCheck({ ...PROPOSAL, conflicts: 0, obstacles }));
    assert.ok(!mayCheck({ ...PROPOSAL, obstacles }));
    assert.ok(!mayCheck({ ...PROPOSAL, conflicts: 0, obstacles: [] }));
});

test('files that need somebody come first, each with who decided it and why', () => {
    const rows = fileRows('/repo', PROPOSAL);
    assert.deepEqual(
        rows.map(({ label, description, detail }) => [label, description, detail]),
        [
            ['z.py', 'needs you', 'def tide: both sides changed the same text'],
            ['a.py', 'merged by syntax', ''],
            ['b.py', 'merged by git', ''],
        ],
    );
});

test('a file that somebody decided says who', () => {
    const resolved = { take: 'left', actor: 'agent:drafter', time: 1 } as const;
    const [row] = fileRows('/repo', { ...PROPOSAL, files: [{ path: 'a.py', how: 'conflict', resolved }] });
    assert.equal(row?.description, 'decided by agent:drafter');
});

test('a file whose conflicts were decided one by one says who decided them, and how', () => {
    const by = (take: 'left' | 'right' | 'text' | 'suggestion', model?: string) =>
        ({ take, actor: 'agent:drafter', time: 1, ...(model && { model }) }) as const;
    const conflicts = [
        { number: 1, line: 0, entity: 'def low', resolved: by('left') },
        { number: 2, line: 0, resolved: by('right') },
        { number: 3, line: 0, resolved: by('suggestion', 'small-1') },
        { number: 4, line: 0, resolved: by('text') },
    ];
    const reason = '4 conflicts are left.';
    const told = (open: boolean, count: number) => {
        const left = conflicts.map((each, at) => (at < count ? each : { ...each, resolved: undefined }));
        const file = { path: 'a.py', how: 'conflict', reason, open, conflicts: left } as unknown as MergeFile;
        const [row] = fileRows('/repo', { ...PROPOSAL, files: [file] });
        return [row?.description, row?.detail];
    };
    assert.deepEqual(told(false, 4), [
        'decided by agent:drafter',
        'def low: what main has; 2: what tides has; 3: what small-1 suggested; 1 more',
    ]);
    assert.deepEqual(told(true, 1), ['needs you, 1 of 4 decided', '4 conflicts are left.']);
});

test('a decision that was carried over says in which proposal it was made', () => {
    const resolved = { take: 'left', actor: 'agent:drafter', time: 1, carriedFrom: `b3:${'5c'.repeat(32)}` } as const;
    const [whole, part] = fileRows('/repo', {
        ...PROPOSAL,
        files: [
            { path: 'a.py', how: 'conflict', resolved },
            { path: 'b.py', how: 'conflict', conflicts: [{ number: 1, line: 0, resolved }] },
        ],
    });
    assert.equal(whole?.description, 'decided by agent:drafter in proposal 5c5c5c5c');
    assert.equal(part?.description, 'decided by agent:drafter in proposal 5c5c5c5c');
});
