/** The graph's page: filter box, chips, rows, and what stands in their place. */
import type { GraphState, ToHost } from '../../src/messages.js';
import type { GraphPage, GraphParams, Problem } from '../../src/wire.js';
import { h } from '../dom.js';
import { t } from '../l10n.js';
import { notice, problemNotice } from '../notice.js';
import { FIELDS, type Filter, format, parse, token, without } from './filter.js';
import { History, type Shown } from './history.js';
import { RowList } from './list.js';

/** A pause in typing after which the filter applies. */
const TYPING_PAUSE_MS = 300;

/** Changes that come together are one refresh. */
const REFRESH_PAUSE_MS = 150;

/** While the server builds its index, the page at the top is fetched again after this. */
const INDEXING_PAUSE_MS = 3000;

/** What the view needs of the page around it. */
export interface Outside {
    post(message: ToHost): void;
    save(state: GraphState): void;
}

interface Waiting {
    resolve(page: GraphPage): void;
    reject(problem: Problem): void;
}

/** The view of one repository's graph. */
export class GraphView {
    private readonly input: HTMLInputElement;
    private readonly chips = h('div', { id: 'chips', class: 'chips', role: 'group', 'aria-label': t('Filters') });
    private readonly hint = h('div', { id: 'hint', class: 'hint', role: 'status' });
    private readonly place = h('div', { id: 'notice' });
    private readonly list: RowList;
    private readonly history: History;
    private readonly waiting = new Map<number, Waiting>();
    private restoring: GraphState['anchor'];
    private filter: Filter = {};
    private error = '';
    private focusOnRows = true;
    private typing: ReturnType<typeof setTimeout> | undefined;
    private refreshing: ReturnType<typeof setTimeout> | undefined;
    private asked = 0;

    constructor(
        root: HTMLElement,
        private readonly outside: Outside,
        private readonly start: GraphState,
    ) {
        this.history = new History(
            (params) => this.fetch(params),
            (shown) => this.show(shown),
        );
        this.list = new RowList({
            open: (commit) => outside.post({ type: 'show', commit }),
            copy: (commit) => outside.post({ type: 'copy', text: commit }),
            more: () => void this.history.more(),
            moved: () => this.save(),
        });
        this.input = h('input', {
            id: 'filter',
            type: 'text',
            spellcheck: 'false',
            autocomplete: 'off',
            placeholder: t('Filter: {0}', 'agent:foo author:ada path:src since:2w tests:passed'),
            'aria-label': t('Filter the commits'),
            'aria-describedby': 'hint',
            oninput: () => this.typed(),
            onkeydown: (event: KeyboardEvent) => this.filterKey(event),
        });
        this.input.value = start.filter;
        const bar = h('header', { class: 'bar', role: 'search' }, this.input, this.chips, this.hint);
        root.replaceChildren(bar, this.list.element, this.place);
        this.list.element.dataset.vscodeContext = JSON.stringify({ folder: start.folder });
        this.list.select(start.selected);
        this.restoring = start.anchor;
        this.apply(true);
    }

    /** A page that was asked for. */
    answered(id: number, page: GraphPage): void {
        this.waiting.get(id)?.resolve(page);
        this.waiting.delete(id);
    }

    /** The refusal of a page that was asked for. */
    refused(id: number, problem: Problem): void {
        this.waiting.get(id)?.reject(problem);
        this.waiting.delete(id);
    }

    /** The history moved: fetches again, staying where the user is. */
    changed(pause = REFRESH_PAUSE_MS): void {
        clearTimeout(this.refreshing);
        this.refreshing = setTimeout(() => void this.history.refresh(this.list.anchor?.commit), pause);
    }

    private fetch(params: GraphParams): Promise<GraphPage> {
        const id = ++this.asked;
        return new Promise((resolve, reject) => {
            this.waiting.set(id, { resolve, reject });
            this.outside.post({ type: 'graph', id, params });
        });
    }

    private typed(): void {
        this.focusOnRows = false;
        clearTimeout(this.typing);
        this.typing = setTimeout(() => this.apply(), TYPING_PAUSE_MS);
    }

    private filterKey(event: KeyboardEvent): void {
        if (event.key === 'Enter') {
            this.apply();
        } else if (event.key === 'Escape') {
            this.list.element.focus();
        }
    }

    /** Reads the box and shows what it asks for; a box that cannot be read changes nothing but the hint. */
    private apply(first = false): void {
        clearTimeout(this.typing);
        const parsed = parse(this.input.value);
        this.input.setAttribute('aria-invalid', String('error' in parsed));
        this.error = 'error' in parsed ? parsed.error : '';
        this.drawHint();
        if ('error' in parsed) {
            if (first) {
                void this.history.load({});
            }
            return;
        }
        const same = format(parsed.filter) === format(this.filter);
        this.filter = parsed.filter;
        this.drawChips();
        if (first || !same) {
            this.save();
            void this.history.load(parsed.filter, this.restoring?.commit);
        }
    }

    private drawChips(): void {
        const chips = FIELDS.flatMap((field) => {
            const value = this.filter[field];
            if (value === undefined) {
                return [];
            }
            const text = token(field, value);
            const remove = () => this.setFilter(without(this.filter, field));
            const label = t('Remove filter {0}', text);
            return h(
                'button',
                { class: 'chip', 'data-field': field, 'aria-label': label, onclick: remove },
                `${text} ×`,
            );
        });
        this.chips.replaceChildren(...chips);
    }

    private drawHint(): void {
        const { shown } = this.history;
        const indexing = shown.kind === 'rows' && shown.loaded.indexing;
        const text = indexing ? t('The history is being indexed; this page came straight from Git.') : '';
        this.hint.textContent = this.error || text;
    }

    private setFilter(filter: Filter): void {
        this.input.value = format(filter);
        this.apply();
        this.input.focus();
    }

    private show(shown: Shown): void {
        const hasRows = shown.kind === 'rows' && shown.loaded.rows.length > 0;
        this.list.element.hidden = !hasRows;
        this.list.element.setAttribute(
            'aria-busy',
            String(shown.kind === 'loading' || (shown.kind === 'rows' && shown.more)),
        );
        switch (shown.kind) {
            case 'loading':
                this.place.replaceChildren(notice('loading', t('Loading commits…')));
                break;
            case 'failed':
                this.place.replaceChildren(this.problem(shown.problem, () => this.history.refresh()));
                break;
            case 'rows':
                this.place.replaceChildren();
                this.showRows(shown);
                break;
        }
    }

    private showRows(shown: Shown & { kind: 'rows' }): void {
        const { loaded, problem } = shown;
        if (loaded.rows.length === 0) {
            this.list.set(loaded, undefined);
            this.place.replaceChildren(this.empty());
            return;
        }
        // The list ends up here from within its own drawing, when that asks for more: nothing is new then.
        if (!shown.more) {
            this.list.set(loaded, this.restoring ?? this.list.anchor);
            this.restoring = undefined;
            this.save();
        }
        this.drawHint();
        if (problem) {
            this.place.replaceChildren(this.problem(problem, () => this.history.more(true)));
        }
        if (this.focusOnRows) {
            this.focusOnRows = false;
            this.list.element.focus();
        }
        if (loaded.indexing && this.list.anchor === undefined) {
            this.changed(INDEXING_PAUSE_MS);
        }
    }

    private problem(problem: Problem, retry: () => unknown): HTMLElement {
        const run = (command: Parameters<Parameters<typeof problemNotice>[2]>[0]) =>
            this.outside.post({ type: 'run', command });
        return problemNotice(problem, () => void retry(), run);
    }

    private empty(): HTMLElement {
        if (format(this.filter)) {
            const clear = { label: t('Clear Filter'), id: 'clear', run: () => this.setFilter({}) };
            return notice('empty', t('No commit matches the filter.'), [clear]);
        }
        const commit = {
            label: t('Commit…'),
            id: 'anvcs.commit',
            run: () => this.outside.post({ type: 'run', command: 'anvcs.commit' }),
        };
        return notice('empty', t('There are no commits yet.'), [commit]);
    }

    private save(): void {
        const { selected, anchor } = this.list;
        this.outside.save({
            folder: this.start.folder,
            filter: this.input.value,
            ...(selected !== undefined && { selected }),
            ...(anchor !== undefined && { anchor }),
        });
    }
}
