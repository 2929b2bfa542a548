import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Edge, GraphRow } from '../../src/wire.js';
import { fold, type Line, linesOf, strokes } from '../../webview/graph/geometry.js';

const id = (name: string) => name.padEnd(40, '0');

function row(name: string, lane: number, edges: readonly (readonly [number, string, boolean?])[]): GraphRow {
    return {
        commitId: `b3:${'0'.repeat(64)}`,
        gitCommit: id(name),
        lane,
        author: { name: 'Ada', email: 'ada@example.org', time: 0 },
        subject: name,
        edges: edges.map(([at, parent, elided]): Edge => [at, id(parent), elided]),
    };
}

/** A merge: m has parents a (lane 0) and b (lane 1), both have the parent r. */
const MERGE = [
    row('m', 0, [
        [0, 'a'],
        [1, 'b'],
    ]),
    row('b', 1, [[1, 'r']]),
    row('a', 0, [[0, 'r']]),
    row('r', 0, []),
];

test('a line passes every row between its child and its parent, and ends there', () => {
    const { rows, open } = fold(MERGE, []);
    assert.deepEqual(
        rows.map(({ passing, ending }) => ({ passing, ending })),
        [
            { passing: [], ending: [] },
            { passing: [0], ending: [1] },
            { passing: [1], ending: [0] },
            { passing: [], ending: [1, 0] },
        ],
    );
    assert.deepEqual(open, []);
});

test('the lines left open by a page are the ones that come into the next', () => {
    const whole = fold(MERGE, []);
    for (let cut = 0; cut <= MERGE.length; cut += 1) {
        const top = fold(MERGE.slice(0, cut), []);
        const bottom = fold(MERGE.slice(cut), top.open);
        assert.deepEqual([...top.rows, ...bottom.rows], whole.rows);
    }
});

test('open lanes of the wire are lines', () => {
    const lines: Line[] = linesOf([[2, id('p')]]);
    assert.deepEqual(lines, [{ lane: 2, parent: id('p') }]);
    assert.deepEqual(linesOf(undefined), []);
});

test('two children share the line to their parent', () => {
    const rows = [row('x', 0, [[0, 'p']]), row('y', 1, [[0, 'p']]), row('p', 0, [])];
    const folded = fold(rows, []);
    assert.deepEqual(folded.rows[2]?.ending, [0]);
    assert.deepEqual(folded.rows[1]?.passing, [0]);
});

test('a line to a hidden parent is a stub that ends in its own row', () => {
    const { rows, open } = fold([row('x', 0, [[0, 'gone', true]]), row('y', 0, [])], []);
    assert.deepEqual(open, []);
    assert.deepEqual(rows[1]?.passing, []);
    const [stub] = strokes(rows[0] as never, { lane: 10, row: 20 });
    assert.deepEqual(stub, { path: 'M5 10V20', lane: 0, stub: true });
});

test('the width counts every lane in use, passing ones too', () => {
    const { rows } = fold([row('x', 0, [])], [{ lane: 4, parent: id('far') }]);
    assert.equal(rows[0]?.width, 5);
});

test('strokes meet at the rows’ edges: what leaves a row at the bottom comes into the next at the top', () => {
    const cell = { lane: 10, row: 20 };
    const { rows } = fold(MERGE, []);
    for (let index = 0; index + 1 < rows.length; index += 1) {
        const leaving = rows[index];
        const arriving = rows[index + 1];
        assert.ok(leaving && arriving);
        const bottom = new Set([...leaving.passing, ...leaving.starting.map(({ lane }) => lane)]);
        const top = new Set([...arriving.passing, ...arriving.ending]);
        assert.deepEqual([...bottom].sort(), [...top].sort());
        for (const { path } of strokes(arriving, cell)) {
            assert.match(path, /^M[\d.]+ (0|10)/);
        }
    }
});
