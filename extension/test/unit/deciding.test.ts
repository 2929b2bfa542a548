import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { decidingCommands } from '../../src/merge/deciding.js';
import { localProblem } from '../../src/problem.js';
import type { Proposal, Suggestion } from '../../src/wire.js';
import { PROPOSED, settled, standIn } from '../merges.js';
import { Position, Selection, screen, Uri } from '../vscode.js';

const BEFORE: Proposal = {
    ...PROPOSED,
    status: 'blocked',
    conflicts: 2,
    files: [
        {
            path: 'a/z.py',
            how: 'conflict',
            open: true,
            conflicts: [
                {
                    number: 2,
                    line: 4,
                    endLine: 8,
                    entity: 'def low',
                    reason: 'both sides changed the same text',
                    left: '    return 1\n',
                    right: '',
                },
            ],
        },
        {
            path: 'old.py',
            how: 'conflict',
            kind: 'modify/delete',
            open: true,
            left: { mode: '100644', oid: '3'.repeat(40) },
        },
    ],
};
const AFTER: Proposal = { ...BEFORE, status: 'ready', conflicts: 0, tree: '9'.repeat(40), files: [] };

/** The command, with a server that has this proposal. */
function deciding(after: Proposal = AFTER, refusal?: Error, before: Proposal = BEFORE) {
    const answers: Record<string, () => unknown> = {
        'proposal.list': () => ({ proposals: [before] }),
        'proposal.show': () => ({ proposal: before }),
        'proposal.resolve': () => ({ proposal: after }),
        'proposal.accept': () => {
            throw refusal ?? new Error('not asked for');
        },
    };
    const { context, asked } = standIn((verb) => answers[verb]?.());
    return { command: decidingCommands(context)['anvcs.proposal.resolve'], asked };
}

const CHOICE = { proposal: BEFORE.proposalId, path: 'a/z.py', conflict: 2, take: 'right', folder: '/repo' };

beforeEach(() => {
    screen.shown.length = 0;
    screen.picked.length = 0;
    screen.answers.length = 0;
    screen.commands.length = 0;
    screen.editor = undefined;
});

test('what a quick fix decides is shown as it is now, with what can be done next', async () => {
    const { command, asked } = deciding();
    await command?.(CHOICE as never);
    assert.deepEqual(asked, [['proposal.resolve', CHOICE]]);
    const [[diff, before, after, title] = []] = screen.commands;
    assert.deepEqual(
        [diff, String(before), String(after), title],
        [
            'vscode.diff',
            `anvcs:/a/z.py?${'2'.repeat(40)}&folder=/repo`,
            `anvcs:/a/z.py?tree:${'9'.repeat(40)}&folder=/repo`,
            'z.py (main ↔ merged with moon)',
        ],
    );
    assert.deepEqual(screen.shown, [
        {
            text: 'Decided: a/z.py. The merge can be accepted now.',
            buttons: ['Accept', 'Review'],
            warning: false,
        },
    ]);
});

test('from the palette a conflict is chosen, then the version that is to stand', async () => {
    const { command, asked } = deciding();
    screen.answers.push('$(warning) a/z.py, def low', 'Take what moon has');
    await command?.();
    assert.deepEqual(screen.picked, [
        ['$(warning) a/z.py, def low both sides changed the same text', '$(warning) old.py modify/delete'],
        [
            'Take what main has return 1',
            'Take what moon has nothing',
            'Take both, main’s first',
            '$(edit) Edit by Hand',
        ],
    ]);
    assert.deepEqual(asked.at(-1), ['proposal.resolve', CHOICE]);
});

/** The cursor in a line of a document, from 0. */
function stand(line: number, path = '/a/z.py', tree = BEFORE.tree) {
    const uri = Uri.from({ scheme: 'anvcs', path, query: `tree:${tree}&folder=/repo` });
    screen.editor = { document: { uri }, selection: new Selection(new Position(0, 0), new Position(line, 0)) };
}

test('in a result, what the cursor is in is decided, and nothing else has to be chosen', async () => {
    const { command, asked } = deciding();
    stand(4);
    screen.answers.push('Take what moon has');
    await command?.();
    assert.equal(screen.picked.length, 1);
    assert.equal(screen.commands.length, 1);
    assert.deepEqual(asked.at(-1), ['proposal.resolve', CHOICE]);
});

test('what a model suggests can be taken, and a model can be asked', async () => {
    const suggestion: Suggestion = {
        suggestionId: `b3:${'5e'.repeat(32)}`,
        text: '    return 3\n',
        rationale: '',
        safe: true,
        provider: 'endpoint',
        place: 'https://x',
        model: 'small-1',
        promptHash: `b3:${'9f'.repeat(32)}`,
        actor: 'human:ada@example.org',
        time: 1,
    };
    const [file] = BEFORE.files ?? [];
    const conflicts = file?.conflicts?.map((each) => ({ ...each, suggestion })) ?? [];
    const asking = { ...BEFORE, canAssist: true, files: file ? [{ ...file, conflicts }] : [] };
    const { command, asked } = deciding(AFTER, undefined, asking);
    screen.answers.push('Take what small-1 suggests');
    await command?.();
    assert.deepEqual(screen.picked[0]?.slice(3), [
        'Take what small-1 suggests return 3',
        '$(sparkle) Suggest a Resolution',
        '$(edit) Edit by Hand',
    ]);
    const { take: _, ...where } = CHOICE;
    const choice = { take: 'suggestion', suggestion: suggestion.suggestionId };
    assert.deepEqual(asked.at(-1), ['proposal.resolve', { ...where, ...choice }]);
    screen.answers.push('$(sparkle) Suggest a Resolution');
    await command?.();
    assert.deepEqual(screen.commands.at(-1), ['anvcs.proposal.suggest', where]);
});

test('a conflict can be decided by hand, and after one decision the next conflict is offered', async () => {
    const { command } = deciding({ ...BEFORE, conflicts: 1 });
    screen.answers.push('$(warning) a/z.py, def low', '$(edit) Edit by Hand');
    await command?.();
    const { take: _, ...where } = CHOICE;
    assert.deepEqual(screen.commands.at(-1), ['anvcs.proposal.edit', where]);
    screen.answers.push('Decide a Conflict');
    await command?.(CHOICE as never);
    await settled();
    assert.deepEqual(screen.shown[0]?.buttons, ['Decide a Conflict', 'Review']);
    const { folder, proposal } = CHOICE;
    assert.deepEqual(screen.commands.at(-1), ['anvcs.proposal.resolve', { folder, proposal }]);
});

test('in a result outside of conflicts one is chosen, and in an old result there is none', async () => {
    const { command, asked } = deciding();
    stand(9);
    await command?.();
    assert.equal(screen.picked[0]?.length, 2);
    stand(4, '/a/z.py', '7'.repeat(40));
    await assert.rejects(async () => command?.(), /Nothing is in conflict/);
    assert.ok(!asked.some(([verb]) => verb === 'proposal.resolve'));
});

test('a whole file is decided too, and a side without it says so', async () => {
    const { command, asked } = deciding();
    screen.answers.push('$(warning) old.py', 'Take what moon has');
    await command?.();
    assert.deepEqual(screen.picked[1], ['Take what main has', 'Take what moon has the file is gone']);
    const choice = { folder: '/repo', proposal: BEFORE.proposalId, path: 'old.py', take: 'right' };
    assert.deepEqual(asked.at(-1), ['proposal.resolve', choice]);
});

test('who chooses nothing decides nothing', async () => {
    const { command, asked } = deciding();
    screen.answers.push('$(warning) old.py');
    await command?.();
    assert.deepEqual(
        asked.map(([verb]) => verb),
        ['proposal.list', 'proposal.show'],
    );
});

test('checks that are still to run are what comes next', async () => {
    const obstacles = [{ code: 'guard-missing', message: 'Not run on this result yet: tests.', waits: true }];
    const { command } = deciding({ ...AFTER, status: 'open', obstacles });
    await command?.(CHOICE as never);
    assert.deepEqual(screen.shown[0], {
        text: 'Decided: a/z.py. Not run on this result yet: tests.',
        buttons: ['Run the Checks', 'Review'],
        warning: false,
    });
});

test('what a button of a notification fails with is told', async () => {
    const { command } = deciding(AFTER, localProblem('would-lose-work', 'Changes are in the way.', 'Commit them.'));
    screen.answers.push('Accept');
    await command?.(CHOICE as never);
    await settled();
    assert.equal(screen.shown[1]?.text, 'Changes are in the way. Commit them.');
});
