import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { overview } from '../../src/merge/overview.js';
import { mergeCommands } from '../../src/merge/proposalActions.js';
import { force, mayForce, reject, vote } from '../../src/merge/saying.js';
import type { Proposal, ProposalSummary } from '../../src/wire.js';
import { PROPOSED, settled, standIn } from '../merges.js';
import { type QuickPick, screen } from '../vscode.js';

const BLOCKED: Proposal = {
    ...PROPOSED,
    status: 'blocked',
    conflicts: 1,
    obstacles: [{ code: 'conflict', message: '1 file in conflict needs a decision.', canBeForced: false }],
    files: [
        { path: 'a.py', how: 'engine' },
        { path: 'z.py', how: 'conflict', open: true, conflicts: [{ number: 1, line: 2, reason: 'both changed it' }] },
    ],
};
const READY: Proposal = {
    ...BLOCKED,
    status: 'ready',
    conflicts: 0,
    obstacles: [],
    tree: '9'.repeat(40),
    files: BLOCKED.files?.map(({ path }) => ({ path, how: 'engine' })) ?? [],
};

/** The review of a merge, with what others do to it. */
async function reviewing(answers: Proposal[]) {
    const { context, asked, tell, isHeard } = standIn(() => ({
        proposal: answers.length > 1 ? answers.shift() : answers[0],
    }));
    const command = mergeCommands(context)['anvcs.proposal.review'];
    const done = command?.({ folder: '/repo', proposal: BLOCKED.proposalId } as never);
    await settled();
    const elsewhere = async (...proposals: ProposalSummary[]) => {
        tell(...proposals);
        await settled();
    };
    return { list: screen.lists[0] as QuickPick, elsewhere, asked, done, follows: isHeard };
}

const labels = ({ items }: QuickPick) => items.map(({ label }) => label);

beforeEach(() => {
    screen.lists.length = 0;
    screen.commands.length = 0;
    screen.shown.length = 0;
});

test('a review lists what leads on, then the files, what needs somebody first', async () => {
    const { list, done, follows } = await reviewing([BLOCKED]);
    assert.equal(list.title, 'moon into main');
    assert.equal(list.placeholder, '2 files change, 1 merged by syntax. 1 file in conflict needs a decision.');
    const expected = ['$(checklist) Decide a Conflict', 'Files', '$(warning) z.py', '$(check) a.py'];
    assert.deepEqual(labels(list), [
        ...expected,
        'Say Something of It',
        '$(thumbsdown) Vote against It…',
        '$(close) Reject…',
    ]);
    list.hide();
    assert.equal(await done, undefined);
    assert.ok(list.isDisposed && !follows());
});

test('an open review follows what others do to its merge, and what was marked stays marked', async () => {
    const { list, elsewhere, asked, done } = await reviewing([BLOCKED, READY]);
    list.activeItems = list.items.filter(({ row }) => row?.id === 'a.py');
    await elsewhere({ ...READY, proposalId: `b3:${'b'.repeat(64)}` });
    assert.equal(asked.length, 1);
    await elsewhere(READY);
    assert.equal(list.placeholder, '2 files change, 2 merged by syntax.');
    assert.equal(labels(list)[0], '$(check-all) Accept');
    assert.deepEqual(
        list.activeItems.map(({ row }) => row?.id),
        ['a.py'],
    );
    list.accept();
    await done;
    assert.deepEqual(screen.commands[0]?.[0], 'vscode.diff');
    assert.match(String(screen.commands[0]?.[2]), /tree:9{40}/);
});

test('what others ended can only be looked at', async () => {
    const { list, elsewhere, done } = await reviewing([BLOCKED, { ...READY, status: 'rejected', reason: 'Not now.' }]);
    await elsewhere({ ...READY, status: 'rejected' });
    assert.match(list.placeholder, /It was rejected\. Not now\.$/);
    assert.deepEqual(labels(list), ['Files', '$(check) a.py', '$(check) z.py']);
    list.hide();
    await done;
});

test('the status bar counts open merges and those that need somebody', () => {
    assert.equal(overview([]), undefined);
    assert.deepEqual(overview([BLOCKED, READY]), {
        text: '$(git-pull-request) 2 $(warning)',
        lines: ['moon into main: 1 file in conflict', 'moon into main: ready'],
        label: '2 merges are proposed, needing somebody: 1',
    });
    const obstacles = [{ code: 'vote', message: 'agent:foo votes against it.' }];
    assert.deepEqual(overview([{ ...READY, status: 'blocked', obstacles }])?.lines, [
        'moon into main: blocked. agent:foo votes against it.',
    ]);
    assert.equal(overview([READY])?.text, '$(git-pull-request) 1');
});

const NAMED = { folder: '/repo', proposal: BLOCKED.proposalId };
const UNSAFE: Proposal = {
    ...READY,
    status: 'blocked',
    obstacles: [{ code: 'unsafe', message: 'The result is not safe: low is gone.' }],
    findings: [
        { path: 'b.py', kind: 'style', message: 'Odd.', severity: 'soft', line: 1 },
        { path: 'a.py', kind: 'dangling', message: 'low is gone.', severity: 'hard', line: 3 },
    ],
};

test('what was found in the result can be gone to, what makes it unsafe first', async () => {
    const { list, done } = await reviewing([UNSAFE]);
    assert.deepEqual(labels(list).slice(0, 3), ['Found in the Result', '$(error) a.py:3', '$(info) b.py:1']);
    list.activeItems = list.items.filter(({ label }) => label.includes('a.py:3'));
    list.accept();
    await done;
    const [[diff, , after, , options] = []] = screen.commands;
    assert.equal(diff, 'vscode.diff');
    assert.match(String(after), /a\.py\?tree:9/);
    assert.equal((options as { selection: { start: { line: number } } }).selection.start.line, 2);
});

test('a vote is about just the result that was looked at, and one against it may say why', async () => {
    const { context, asked } = standIn(() => ({
        proposal: { ...READY, obstacles: [{ code: 'approvals', message: '1 more person.' }] },
    }));
    await vote(context, '/repo', READY, 'approve');
    screen.answers.push(' Not so. ');
    await vote(context, '/repo', READY, 'reject');
    screen.answers.length = 0;
    assert.equal(await vote(context, '/repo', READY, 'reject'), undefined);
    assert.deepEqual(asked, [
        ['proposal.vote', { ...NAMED, choice: 'approve', tree: READY.tree }],
        ['proposal.vote', { ...NAMED, choice: 'reject', tree: READY.tree, reason: 'Not so.' }],
    ]);
    assert.match(screen.shown[0]?.text ?? '', /^You approve\. moon into main: .* 1 more person\.$/);
});

test('a merge is rejected only if the question for a reason is answered', async () => {
    const { context, asked } = standIn(() => ({ proposal: { ...READY, status: 'rejected' } }));
    assert.equal(await reject(context, '/repo', READY), undefined);
    screen.answers.push('');
    await reject(context, '/repo', READY);
    assert.deepEqual(asked, [['proposal.reject', NAMED]]);
});

test('what stands in the way is passed over with a reason only, and never a conflict', async () => {
    assert.ok(mayForce(UNSAFE));
    assert.ok(!mayForce({ ...BLOCKED, obstacles: [{ code: 'conflict', message: '', canBeForced: false }] }));
    assert.ok(!mayForce(READY));
    const { context, asked } = standIn(() => ({ proposal: READY }));
    screen.answers.push('  ');
    await force(context, '/repo', UNSAFE);
    assert.equal(screen.refused, 'Say why: it is recorded for good.');
    screen.answers.push('It is dead code.');
    await force(context, '/repo', UNSAFE);
    assert.deepEqual(asked, [
        ['proposal.accept', { ...NAMED, tree: UNSAFE.tree, force: true, reason: 'It is dead code.' }],
    ]);
});

test('what waits in a queue can be run or taken out, and what misses approvals can be approved of', async () => {
    const waits = await reviewing([{ ...READY, queued: 1 }]);
    assert.deepEqual(labels(waits.list).slice(0, 3), [
        '$(check-all) Accept',
        '$(run-all) Run the Queue',
        '$(remove) Take out of the Merge Queue',
    ]);
    waits.list.hide();
    screen.lists.length = 0;
    const obstacles = [{ code: 'approvals', message: '1 more person.', waits: true }];
    const missed = await reviewing([{ ...READY, status: 'open', obstacles }]);
    assert.equal(labels(missed.list)[0], '$(thumbsup) Approve');
    missed.list.hide();
});
