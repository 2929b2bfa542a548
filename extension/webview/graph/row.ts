/** One row of the graph as elements. */
import type { GraphRow, Ref } from '../../src/wire.js';
import { h, s } from '../dom.js';
import { t } from '../l10n.js';
import { absolute, relative } from '../time.js';
import { type Cell, laneX, type RowLines, strokes } from './geometry.js';
import { refName, sentence } from './sentence.js';

/** The graph's measures in pixels; the style sheet has the same row height. */
export const CELL: Cell = { lane: 14, row: 26 };

/** Lanes further right are cut off, so that the text stays in sight. */
export const MOST_LANES = 16;

/** Colours repeat after this many lanes. */
const COLOURS = 6;

/** Where a row stands. */
export interface Place {
    readonly index: number;
    /** The number of rows, or -1 while there are more to fetch. */
    readonly total: number;
    readonly selected: boolean;
    /** Width of the graph's column in lanes. */
    readonly width: number;
}

/** The id of a row's element. */
export function rowId(commit: string): string {
    return `row-${commit}`;
}

/** A row's element, without its position. */
export function rowElement(row: GraphRow, lines: RowLines, place: Place): HTMLElement {
    const menu = { webviewSection: 'commit', commit: row.gitCommit, preventDefaultContextMenuItems: true };
    return h(
        'div',
        {
            id: rowId(row.gitCommit),
            class: place.selected ? 'row selected' : 'row',
            role: 'treeitem',
            'aria-level': 1,
            'aria-posinset': place.index + 1,
            'aria-setsize': place.total,
            'aria-selected': String(place.selected),
            'aria-label': sentence(row),
            'data-commit': row.gitCommit,
            'data-vscode-context': JSON.stringify(menu),
        },
        drawing(row, lines, place.width),
        h('span', { class: 'text' }, ...(row.refs ?? []).map(badge), h('span', { class: 'subject' }, subject(row))),
        tests(row),
        metadata(row),
        h('span', { class: 'made-with' }, row.agent !== undefined && agent(row.agent)),
        h('span', { class: 'author', title: `${row.author.name} <${row.author.email}>` }, row.author.name),
        h('time', { class: 'time', title: absolute(row.author) }, relative(row.author.time)),
    );
}

function subject(row: GraphRow): string {
    return row.subject || t('(no message)');
}

function agent(id: string): HTMLElement {
    return h('span', { class: 'agent', title: t('Made with {0}', id) }, id.replace(/^agent:/, ''));
}

function badge(ref: Ref): HTMLElement {
    return h('span', { class: `ref ${ref.kind}${ref.current ? ' current' : ''}`, title: refName(ref) }, ref.name);
}

function tests(row: GraphRow): HTMLElement {
    switch (row.tests) {
        case 'passed':
            return h('span', { class: 'badge tests passed', title: t('Tests passed') }, '✓');
        case 'failed':
            return h('span', { class: 'badge tests failed', title: t('Tests failed') }, '✗');
        default:
            return h('span', { class: 'badge' });
    }
}

function metadata(row: GraphRow): HTMLElement {
    switch (row.metadata) {
        case 'full':
            return h('span', { class: 'badge metadata full', title: t('With metadata') }, '◆');
        case 'missing':
            return h('span', { class: 'badge metadata missing', title: t('Its metadata is not here') }, '◇');
        default:
            return h('span', { class: 'badge' });
    }
}

function drawing(row: GraphRow, lines: RowLines, lanes: number): SVGSVGElement {
    const colour = (lane: number) => `lane-${lane % COLOURS}`;
    const merge = (row.edges ?? []).length > 1;
    return s(
        'svg',
        {
            class: 'lanes',
            width: Math.min(lanes, MOST_LANES) * CELL.lane,
            height: CELL.row,
            'aria-hidden': 'true',
            focusable: 'false',
        },
        ...strokes(lines, CELL).map(({ path, lane, stub }) =>
            s('path', { d: path, class: stub ? `line ${colour(lane)} stub` : `line ${colour(lane)}` }),
        ),
        s('circle', {
            class: `node ${colour(lines.lane)}${merge ? ' merge' : ''}`,
            cx: laneX(lines.lane, CELL),
            cy: CELL.row / 2,
            r: merge ? 4 : 4.5,
        }),
    );
}
