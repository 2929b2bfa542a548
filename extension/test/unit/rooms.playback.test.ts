import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStep, Steps, stepItems, summary, touchedLines } from '../../src/rooms/playback.js';
import type { PlaybackFrame } from '../../src/wire.js';

const NOW = 1_795_622_400_000;
const frame = (sequence: number, more: Partial<PlaybackFrame> = {}): PlaybackFrame => ({
    sequence,
    actor: 'agent:foo',
    how: 'reported',
    time: NOW - 120_000,
    edits: [{ line: 1, deleted: 'retries', inserted: 'retry' }],
    ...more,
});

test('a playback begins at the newest step and goes as far as there are steps', () => {
    const steps = new Steps(10, [frame(11), frame(12)]);
    assert.equal(steps.sequence, 12);
    steps.go(-3);
    assert.deepEqual([steps.index, steps.sequence, steps.frame], [0, 10, undefined]);
    steps.go(1);
    assert.equal(steps.sequence, 11);
    steps.go(9);
    assert.equal(steps.sequence, 12);
});

test('a step says where one stands and who wrote it', () => {
    const steps = new Steps(0, [frame(1, { how: 'base', actor: 'system:git' }), frame(2, { task: 'fix' })]);
    assert.equal(describeStep(steps, 'en', NOW), '2/2 · foo · fix · 2 min. ago');
    steps.go(1);
    assert.equal(describeStep(steps, 'en', NOW), '1/2 · git · from a commit · 2 min. ago');
    steps.go(0);
    assert.equal(describeStep(steps, 'en', NOW), '0/2 · before the first edit');
});

test('what is not kept is said where it was', () => {
    const steps = new Steps(40, [], [{ first: 1, last: 40, reason: 'retention' }]);
    assert.equal(describeStep(steps, 'en', NOW), '0/0 · edits 1 to 40 are not kept');
    assert.equal(stepItems(steps, 'en', NOW)[0]?.description, 'edits 1 to 40 are not kept');
});

test('steps are chosen from the newest down to the text before the first', () => {
    const items = stepItems(new Steps(10, [frame(11), frame(12)]), 'en', NOW);
    assert.deepEqual(
        items.map(({ label, index }) => [label, index]),
        [
            ['#12 foo', 2],
            ['#11 foo', 1],
            ['#10', 0],
        ],
    );
    assert.equal(items[0]?.detail, 'line 1  −retries  +retry');
});

test('a summary is one short line', () => {
    const edits = [
        { line: 3, inserted: `a\n\tb${'x'.repeat(60)}` },
        { line: 9, deleted: 'y' },
    ];
    assert.equal(summary(frame(1, { edits })), `line 3  +a⏎ b${'x'.repeat(36)}…  …`);
    assert.equal(summary(frame(1, { edits: [] })), '');
});

test('the lines that a step wrote are those of the text after it', () => {
    const edits = [
        { line: 2, deleted: 'b\n', inserted: 'x\ny\n' },
        { line: 4, inserted: 'z' },
        { line: 6, deleted: 'gone\n' },
    ];
    assert.deepEqual(touchedLines(frame(1, { edits })), [1, 2, 4, 6]);
    assert.deepEqual(touchedLines(frame(1, { edits: [{ line: 1, inserted: 'a\nb' }] })), [0, 1]);
});
