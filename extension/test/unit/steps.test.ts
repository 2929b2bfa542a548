import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { check, type MergeContext, waysOn } from '../../src/merge/steps.js';
import type { Proposal } from '../../src/wire.js';
import { RESULTS, screen } from '../vscode.js';

const PROPOSAL: Proposal = {
    proposalId: `b3:${'a'.repeat(64)}`,
    status: 'ready',
    target: 'main',
    sources: [{ name: 'moon', gitCommit: '1'.repeat(40) }],
    actor: 'human:ada@example.org',
    time: 1,
    updated: 1,
    changed: 2,
    tree: '8'.repeat(40),
};
const FAILED: Proposal = {
    ...PROPOSAL,
    status: 'blocked',
    obstacles: [{ code: 'guard-failed', message: 'tests did not pass.' }],
    evidence: [
        { guard: 'tests', outcome: 'failed', output: '1 failed', actor: 'human:ada@example.org', time: 1 },
        { guard: 'types', outcome: 'passed', output: 'fine', actor: 'human:ada@example.org', time: 1 },
    ],
};

/** What commands stand on, with a server that answers so; what it was asked and what was logged. */
function context(answer: Proposal) {
    const asked: unknown[][] = [];
    const logged: string[] = [];
    const made = {
        server: {
            execute: async (...args: unknown[]) => {
                asked.push(args.slice(0, 2));
                return { proposal: answer };
            },
        },
        views: { refresh: () => undefined },
        results: RESULTS,
        log: { info: (text: string) => logged.push(text), show: () => logged.push('shown') },
    } as unknown as MergeContext;
    return { made, asked, logged };
}

/** Lets what was not awaited come to its end. */
const settled = () => new Promise((done) => setImmediate(done));

beforeEach(() => {
    screen.shown.length = 0;
    screen.answers.length = 0;
    screen.commands.length = 0;
});

test('checks that pass lead on to accepting just what was checked', async () => {
    const { made, asked } = context(PROPOSAL);
    screen.answers.push('Accept');
    await check(made, '/repo', PROPOSAL);
    await settled();
    assert.deepEqual(screen.shown[0], {
        text: 'moon into main: The checks passed. The merge can be accepted now.',
        buttons: ['Accept', 'Review'],
        warning: false,
    });
    const named = { folder: '/repo', proposal: PROPOSAL.proposalId };
    assert.deepEqual(asked, [
        ['proposal.check', named],
        ['proposal.accept', { ...named, tree: PROPOSAL.tree }],
    ]);
});

test('what failing checks printed can be read, and they can be run again', async () => {
    const { made, logged } = context(FAILED);
    screen.answers.push('Show Output');
    await check(made, undefined, PROPOSAL);
    await settled();
    assert.deepEqual(screen.shown[0], {
        text: 'moon into main: 2 files change. tests did not pass.',
        buttons: ['Show Output', 'Run the Checks', 'Review'],
        warning: true,
    });
    assert.deepEqual([logged[0], logged.at(-1)], ['tests:\n1 failed', 'shown']);
});

test('reviewing goes on with the same merge', async () => {
    const [, looks] = waysOn(context(PROPOSAL).made, '/repo', PROPOSAL);
    await looks?.run();
    const target = { folder: '/repo', proposal: PROPOSAL.proposalId };
    assert.deepEqual(screen.commands, [['anvcs.proposal.review', target]]);
});
