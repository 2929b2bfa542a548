/** The rows at hand and how more are fetched; knows nothing of the page that shows them. */
import type { GraphPage, GraphParams, GraphRow, Problem } from '../../src/wire.js';
import type { Filter } from './filter.js';
import { fold, linesOf, type RowLines } from './geometry.js';

/** The first page is small, to be there at once; the next ones are as large as the protocol allows. */
export const FIRST_PAGE = 200;
export const NEXT_PAGE = 1000;

/** How far is looked for the place where the user was, unless more was loaded already. */
const PAGES_TO_SEARCH = 10;

/** The rows of one filter, top down. */
export interface Rows {
    readonly rows: readonly GraphRow[];
    readonly lines: readonly RowLines[];
    /** Leads to the next page; absent at the end. */
    readonly cursor?: string;
    /** The row index is still being built. */
    readonly indexing: boolean;
    readonly width: number;
}

/** What there is to show. */
export type Shown =
    | { readonly kind: 'loading' }
    | { readonly kind: 'rows'; readonly loaded: Rows; readonly more: boolean; readonly problem?: Problem }
    | { readonly kind: 'failed'; readonly problem: Problem };

/** Asks the server for a page; throws a Problem. */
export type Fetch = (params: GraphParams) => Promise<GraphPage>;

const NOTHING: Rows = { rows: [], lines: [], indexing: false, width: 1 };

/** Puts a page below the rows at hand. */
export function extended(rows: Rows, page: GraphPage): Rows {
    const folded = fold(page.rows, linesOf(page.openLanes));
    // The page's own cursor replaces the one that led to it, also by being absent.
    return {
        rows: [...rows.rows, ...page.rows],
        lines: [...rows.lines, ...folded.rows],
        ...(page.nextCursor !== undefined && { cursor: page.nextCursor }),
        indexing: page.source === 'git',
        width: Math.max(rows.width, ...folded.rows.map(({ width }) => width)),
    };
}

/** The history under the current filter. */
export class History {
    private filter: Filter = {};
    private generation = 0;
    private state: Shown = { kind: 'loading' };
    private fetchingMore = false;

    constructor(
        private readonly fetch: Fetch,
        private readonly changed: (shown: Shown) => void,
    ) {}

    /** What there is to show now. */
    get shown(): Shown {
        return this.state;
    }

    /** Shows the history under a filter, down to a commit if that is not too far. */
    async load(filter: Filter, downTo?: string): Promise<void> {
        this.filter = filter;
        const ticket = this.begin();
        this.show({ kind: 'loading' });
        await this.replace(ticket, downTo, FIRST_PAGE);
    }

    /** Fetches again, keeping what is shown until the new rows are there, down to a commit if that is not too far. */
    async refresh(downTo?: string): Promise<void> {
        if (this.state.kind !== 'rows') {
            return this.load(this.filter, downTo);
        }
        const limit = this.state.loaded.rows.length > FIRST_PAGE ? NEXT_PAGE : FIRST_PAGE;
        await this.replace(this.begin(), downTo, limit);
    }

    /** Fetches the next page, unless that is being done or there is none; after a failure only when asked `again`. */
    async more(again = false): Promise<void> {
        const { state } = this;
        if (state.kind !== 'rows' || state.loaded.cursor === undefined || this.fetchingMore) {
            return;
        }
        if (state.problem && !again) {
            return;
        }
        const ticket = this.generation;
        this.fetchingMore = true;
        this.show({ kind: 'rows', loaded: state.loaded, more: true });
        try {
            const page = await this.fetch({ ...this.filter, cursor: state.loaded.cursor, limit: NEXT_PAGE });
            this.showIf(ticket, { kind: 'rows', loaded: extended(state.loaded, page), more: false });
        } catch (problem) {
            this.showIf(ticket, { kind: 'rows', loaded: state.loaded, more: false, problem: problem as Problem });
        } finally {
            if (ticket === this.generation) {
                this.fetchingMore = false;
            }
        }
    }

    private begin(): number {
        this.fetchingMore = false;
        this.generation += 1;
        return this.generation;
    }

    private async replace(ticket: number, downTo: string | undefined, limit: number): Promise<void> {
        const before = this.state.kind === 'rows' ? this.state.loaded.rows.length : 0;
        const most = Math.max(PAGES_TO_SEARCH, Math.ceil(before / NEXT_PAGE) + 1);
        let loaded: Rows = NOTHING;
        try {
            for (let pages = 0; pages < most; pages += 1) {
                const cursor = loaded.cursor;
                const size = cursor === undefined ? limit : NEXT_PAGE;
                const page = await this.fetch({ ...this.filter, limit: size, ...(cursor !== undefined && { cursor }) });
                if (ticket !== this.generation) {
                    return;
                }
                loaded = extended(loaded, page);
                const found = downTo === undefined || page.rows.some(({ gitCommit }) => gitCommit === downTo);
                if (found || loaded.cursor === undefined) {
                    break;
                }
            }
            this.showIf(ticket, { kind: 'rows', loaded, more: false });
        } catch (problem) {
            this.showIf(ticket, { kind: 'failed', problem: problem as Problem });
        }
    }

    private showIf(ticket: number, shown: Shown): void {
        if (ticket === this.generation) {
            this.show(shown);
        }
    }

    private show(shown: Shown): void {
        this.state = shown;
        this.changed(shown);
    }
}
