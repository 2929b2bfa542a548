/**
 * Where the lines of the graph run. Rows name only the lines that start at them; folding the rows from the top gives
 * the lines that pass each row and those that end there.
 */
import type { GraphRow, OpenLane } from '../../src/wire.js';

/** A line between two rows: it stays in its lane down to its parent's row. */
export interface Line {
    readonly lane: number;
    readonly parent: string;
}

/** A line that starts at a row. */
export interface StartingLine {
    readonly lane: number;
    /** The parent is hidden by the filter: only a stub is drawn. */
    readonly elided: boolean;
}

/** What is drawn in a row beside its node. */
export interface RowLines {
    /** The node's lane. */
    readonly lane: number;
    /** Lanes of lines that go through from top to bottom. */
    readonly passing: readonly number[];
    /** Lanes of lines that come from the top and end in the node. */
    readonly ending: readonly number[];
    /** Lines that leave the node downwards. */
    readonly starting: readonly StartingLine[];
    /** The number of lanes in use. */
    readonly width: number;
}

/** A folded page. */
export interface Folded {
    readonly rows: readonly RowLines[];
    /** The lines that leave the last row, for the page below. */
    readonly open: readonly Line[];
}

/** The lines that come into a page. */
export function linesOf(openLanes: readonly OpenLane[] | undefined): Line[] {
    return (openLanes ?? []).map(([lane, parent]) => ({ lane, parent }));
}

/** Folds a page's rows, from the lines that come into it. */
export function fold(rows: readonly GraphRow[], incoming: readonly Line[]): Folded {
    let open: readonly Line[] = incoming;
    const folded = rows.map((row) => {
        const { lines, below } = foldRow(row, open);
        open = below;
        return lines;
    });
    return { rows: folded, open };
}

function foldRow(row: GraphRow, above: readonly Line[]): { lines: RowLines; below: readonly Line[] } {
    const passing = above.filter(({ parent }) => parent !== row.gitCommit);
    const ending = above.filter(({ parent }) => parent === row.gitCommit);
    const edges = row.edges ?? [];
    const started = edges.filter(([, , elided]) => !elided).map(([lane, parent]) => ({ lane, parent }));
    // Two children of one parent may share a line: it is there already when the second one joins it.
    const added = started.filter(
        (line) => !passing.some((other) => other.lane === line.lane && other.parent === line.parent),
    );
    const lanes = [row.lane, ...above.map(({ lane }) => lane), ...edges.map(([lane]) => lane)];
    return {
        lines: {
            lane: row.lane,
            passing: passing.map(({ lane }) => lane),
            ending: ending.map(({ lane }) => lane),
            starting: edges.map(([lane, , elided]) => ({ lane, elided: elided ?? false })),
            width: Math.max(...lanes) + 1,
        },
        below: ending.length === 0 && added.length === 0 ? above : [...passing, ...added],
    };
}

/** The size of a cell of the graph, in pixels. */
export interface Cell {
    readonly lane: number;
    readonly row: number;
}

/** One stroke of a row's drawing. */
export interface Stroke {
    /** SVG path data, relative to the row's top left corner. */
    readonly path: string;
    /** The lane that gives the colour. */
    readonly lane: number;
    readonly stub: boolean;
}

/** The middle of a lane. */
export function laneX(lane: number, cell: Cell): number {
    return (lane + 0.5) * cell.lane;
}

/** The strokes of a row, those in the back first. */
export function strokes(lines: RowLines, cell: Cell): Stroke[] {
    const { row } = cell;
    const middle = row / 2;
    const node = laneX(lines.lane, cell);
    const curve = (x0: number, y0: number, x1: number, y1: number) =>
        x0 === x1 ? `M${x0} ${y0}V${y1}` : `M${x0} ${y0}C${x0} ${(y0 + y1) / 2} ${x1} ${(y0 + y1) / 2} ${x1} ${y1}`;
    return [
        ...lines.passing.map((lane) => ({ path: `M${laneX(lane, cell)} 0V${row}`, lane, stub: false })),
        ...lines.ending.map((lane) => ({ path: curve(laneX(lane, cell), 0, node, middle), lane, stub: false })),
        ...lines.starting.map(({ lane, elided }) =>
            elided
                ? { path: `M${node} ${middle}V${row}`, lane, stub: true }
                : { path: curve(node, middle, laneX(lane, cell), row), lane, stub: false },
        ),
    ];
}
