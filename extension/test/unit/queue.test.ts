import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { HistoryContext } from '../../src/history/actions.js';
import { queueCommands } from '../../src/merge/queue.js';
import { describeRun, printed, queueRows } from '../../src/merge/queueRows.js';
import { localProblem } from '../../src/problem.js';
import type { ProposalSummary, QueueEntry, QueueResult } from '../../src/wire.js';
import { settled } from '../merges.js';
import { screen } from '../vscode.js';

function proposal(source: string, target: string): ProposalSummary {
    return {
        proposalId: `b3:${'a'.repeat(64)}`,
        status: 'open',
        target,
        sources: [{ name: source, gitCommit: '1'.repeat(40) }],
        actor: 'human:ada@example.org',
        time: 1000,
        updated: 1000,
    };
}

function entry(source: string, target: string, position: number): QueueEntry {
    return { proposal: proposal(source, target), position, actor: 'human:ada@example.org', time: 1000 };
}

test('each stream that something waits for is a row with what waits', () => {
    const rows = queueRows('/repo', [entry('a', 'main', 1), entry('b', 'main', 2), entry('a', 'release', 1)]);
    assert.deepEqual(
        rows.map(({ id, description }) => [id, description]),
        [
            ['main', 'a, b'],
            ['release', 'a'],
        ],
    );
});

test('what became of a queue is said in a sentence for each kind', () => {
    assert.equal(describeRun({ target: 'main', landed: [proposal('a', 'main')] }), 'Landed in main: a.');
    assert.equal(
        describeRun({
            target: 'main',
            blocked: [{ proposal: proposal('b', 'main'), reason: 'It did not pass tests.' }],
            waiting: [entry('c', 'main', 1)],
            flaky: [{ guard: 'lint', tree: '2'.repeat(40) }],
            stopped: 'base',
        }),
        'Nothing landed in main. b left the queue: It did not pass tests. The guard lint is flaky. ' +
            'main does not pass its guards itself. 1 still wait.',
    );
});

const RESULT: QueueResult = {
    target: 'main',
    landed: [proposal('a', 'main')],
    blocked: [
        {
            proposal: proposal('b', 'main'),
            reason: 'It did not pass tests.',
            evidence: [
                { guard: 'tests', outcome: 'failed', output: '1 failed', actor: 'human:ada@example.org', time: 1 },
                { guard: 'types', outcome: 'passed', output: 'fine', actor: 'human:ada@example.org', time: 1 },
            ],
        },
    ],
};

/** The command, with a queue that runs so; what was logged. */
function running(run: () => QueueResult) {
    const logged: string[] = [];
    const answers: Record<string, () => unknown> = {
        'queue.list': () => ({ entries: [entry('a', 'main', 1), entry('b', 'main', 2)] }),
        'queue.run': run,
    };
    const context = {
        server: { execute: async (verb: string) => answers[verb]?.() },
        chooser: { choose: async () => '/repo' },
        views: { refresh: () => undefined },
        log: { info: (text: string) => logged.push(text), show: () => logged.push('shown') },
    } as unknown as HistoryContext;
    return { command: queueCommands(context)['anvcs.queue.run'], logged };
}

beforeEach(() => {
    screen.shown.length = 0;
    screen.answers.length = 0;
    screen.commands.length = 0;
});

test('the culprit can be looked at, and what its guards printed can be read', async () => {
    const { command, logged } = running(() => RESULT);
    screen.answers.push('Review b');
    await command?.();
    await settled();
    assert.deepEqual(screen.shown[0], {
        text: 'Landed in main: a. b left the queue: It did not pass tests.',
        buttons: ['Review b', 'Show Output'],
        warning: true,
    });
    assert.equal(logged[0], 'b, tests:\n1 failed');
    const target = { folder: '/repo', proposal: proposal('b', 'main').proposalId };
    assert.deepEqual(screen.commands, [['anvcs.proposal.review', target]]);
    assert.equal(printed({ target: 'main', base: RESULT.blocked?.[0]?.evidence ?? [] }), 'main, tests:\n1 failed');
});

test('who stops a queue is told that nothing is lost; other problems are told as they are', async () => {
    const stopped = running(() => {
        throw localProblem('cancelled', 'Stopped.');
    });
    assert.equal(await stopped.command?.(), undefined);
    assert.deepEqual(screen.shown, [
        {
            text: 'The merge queue of main was stopped. What has landed has landed. In line: a, b.',
            buttons: ['Run the Queue'],
            warning: false,
        },
    ]);
    const refused = running(() => {
        throw localProblem('proposal', 'Somebody runs it already.');
    });
    await assert.rejects(async () => refused.command?.(), /runs it already/);
});
