import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { check, waysOn } from '../../src/merge/steps.js';
import type { Proposal } from '../../src/wire.js';
import { PROPOSED, settled, standIn } from '../merges.js';
import { screen } from '../vscode.js';

const PROPOSAL: Proposal = {
    ...PROPOSED,
    status: 'ready',
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

beforeEach(() => {
    screen.shown.length = 0;
    screen.answers.length = 0;
    screen.commands.length = 0;
});

test('checks that pass lead on to accepting just what was checked', async () => {
    const { context, asked } = standIn(() => ({ proposal: PROPOSAL }));
    screen.answers.push('Accept');
    await check(context, '/repo', PROPOSAL);
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
    const { context, logged } = standIn(() => ({ proposal: FAILED }));
    screen.answers.push('Show Output');
    await check(context, undefined, PROPOSAL);
    await settled();
    assert.deepEqual(screen.shown[0], {
        text: 'moon into main: 2 files change. tests did not pass.',
        buttons: ['Show Output', 'Run the Checks', 'Review'],
        warning: true,
    });
    assert.deepEqual([logged[0], logged.at(-1)], ['tests:\n1 failed', 'shown']);
});

test('reviewing goes on with the same merge', async () => {
    const [, looks] = waysOn(standIn(() => ({ proposal: PROPOSAL })).context, '/repo', PROPOSAL);
    await looks?.run();
    const target = { folder: '/repo', proposal: PROPOSAL.proposalId };
    assert.deepEqual(screen.commands, [['anvcs.proposal.review', target]]);
});
