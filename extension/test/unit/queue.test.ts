import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRun, queueRows } from '../../src/merge/queueRows.js';
import type { ProposalSummary, QueueEntry } from '../../src/wire.js';

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
    assert.equal(describeRun({ target: 'main', landed: [proposal('a', 'main')] }), 'main: 1 landed.');
    assert.equal(
        describeRun({
            target: 'main',
            blocked: [{ proposal: proposal('b', 'main'), reason: 'It did not pass tests.' }],
            waiting: [entry('c', 'main', 1)],
            flaky: [{ guard: 'lint', tree: '2'.repeat(40) }],
            stopped: 'base',
        }),
        'main: 0 landed. b left the queue: It did not pass tests. The guard lint is flaky. ' +
            'main does not pass its guards itself. 1 still wait.',
    );
});
