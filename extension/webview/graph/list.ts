/** The rows on screen: only those in sight exist, and the keyboard moves through all of them with one tab stop. */
import { h } from '../dom.js';
import { t } from '../l10n.js';
import type { Rows } from './history.js';
import { CELL, rowElement, rowId } from './row.js';

/** Rows drawn above and below what is in sight. */
const OVERSCAN = 12;

/** The next page is fetched when fewer rows than this are left below. */
const LOW_WATER = 100;

/** The height assumed where there is no layout. */
const NO_LAYOUT_HEIGHT = 20 * CELL.row;

/** The topmost visible commit, and how many pixels of it are scrolled away. */
export interface Anchor {
    readonly commit: string;
    readonly offset: number;
}

/** What the list tells its owner. */
export interface ListEvents {
    /** A commit was chosen: Enter or double click. */
    open(commit: string): void;
    /** Its id was asked for: Ctrl+C or Cmd+C. */
    copy(commit: string): void;
    /** The end is near. */
    more(): void;
    /** The selection or the scroll position moved. */
    moved(): void;
}

const EMPTY: Rows = { rows: [], lines: [], indexing: false, width: 1 };

/** The list. */
export class RowList {
    /** The element to put on the page. */
    readonly element: HTMLElement;
    private readonly canvas = h('div', { class: 'canvas', role: 'presentation' });
    private readonly drawn = new Map<number, HTMLElement>();
    private loaded: Rows = EMPTY;
    private index = new Map<string, number>();
    private active: string | undefined;
    private frame = 0;

    constructor(private readonly events: ListEvents) {
        this.element = h(
            'div',
            {
                id: 'rows',
                class: 'rows',
                role: 'tree',
                tabindex: 0,
                'aria-label': t('Commits'),
                onscroll: () => this.scrolled(),
                onkeydown: (event: KeyboardEvent) => this.key(event),
                onfocus: () => this.focused(),
                onclick: (event: MouseEvent) => this.click(event),
                ondblclick: (event: MouseEvent) => this.open(event),
                oncontextmenu: (event: MouseEvent) => this.click(event),
            },
            this.canvas,
        );
    }

    /** The selected commit. */
    get selected(): string | undefined {
        return this.active;
    }

    /** Where the list is scrolled to; nothing at the very top, which stays at the top. */
    get anchor(): Anchor | undefined {
        const { scrollTop } = this.element;
        const row = this.loaded.rows[Math.floor(scrollTop / CELL.row)];
        return scrollTop > 0 && row ? { commit: row.gitCommit, offset: scrollTop % CELL.row } : undefined;
    }

    /** Shows other rows; keeps the selection, and the place in sight if its commit is still there. */
    set(loaded: Rows, anchor: Anchor | undefined = this.anchor): void {
        this.loaded = loaded;
        this.index = new Map(loaded.rows.map(({ gitCommit }, index) => [gitCommit, index]));
        this.canvas.style.height = `${loaded.rows.length * CELL.row}px`;
        const place = anchor && this.index.get(anchor.commit);
        if (anchor && place !== undefined) {
            this.element.scrollTop = place * CELL.row + anchor.offset;
        } else if (!anchor) {
            this.element.scrollTop = 0;
        }
        this.clear();
        this.draw();
    }

    /** Selects a commit, if it is among the rows; in place, as a double click must find the element of its first click. */
    select(commit: string | undefined): void {
        this.mark(this.activeIndex, false);
        this.active = commit;
        this.mark(this.activeIndex, true);
        this.draw();
    }

    private scrolled(): void {
        this.frame ||= requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
            this.events.moved();
        });
    }

    private get height(): number {
        return this.element.clientHeight || NO_LAYOUT_HEIGHT;
    }

    private clear(): void {
        this.canvas.replaceChildren();
        this.drawn.clear();
    }

    private draw(): void {
        const first = Math.max(0, Math.floor(this.element.scrollTop / CELL.row) - OVERSCAN);
        const last = Math.min(
            this.loaded.rows.length,
            Math.ceil((this.element.scrollTop + this.height) / CELL.row) + OVERSCAN,
        );
        const active = this.activeIndex;
        for (const [index, element] of this.drawn) {
            if ((index < first || index >= last) && index !== active) {
                element.remove();
                this.drawn.delete(index);
            }
        }
        for (let index = first; index < last; index += 1) {
            this.drawRow(index);
        }
        // Out of sight too: aria-activedescendant must name an element that exists.
        if (active !== undefined) {
            this.drawRow(active);
            this.element.setAttribute('aria-activedescendant', rowId(this.active as string));
        } else {
            this.element.removeAttribute('aria-activedescendant');
        }
        if (this.loaded.cursor !== undefined && last + LOW_WATER >= this.loaded.rows.length) {
            this.events.more();
        }
    }

    private get activeIndex(): number | undefined {
        return this.active === undefined ? undefined : this.index.get(this.active);
    }

    private drawRow(index: number): void {
        const row = this.loaded.rows[index];
        const lines = this.loaded.lines[index];
        if (!row || !lines || this.drawn.has(index)) {
            return;
        }
        const element = rowElement(row, lines, {
            index,
            total: this.loaded.cursor === undefined ? this.loaded.rows.length : -1,
            selected: row.gitCommit === this.active,
            width: this.loaded.width,
        });
        element.style.transform = `translateY(${index * CELL.row}px)`;
        this.drawn.set(index, element);
        this.canvas.append(element);
    }

    private focused(): void {
        if (this.activeIndex === undefined) {
            this.moveTo(Math.ceil(this.element.scrollTop / CELL.row));
        }
    }

    /** Selects a row and brings it in sight. */
    private moveTo(index: number): void {
        const row = this.loaded.rows[Math.min(Math.max(0, index), this.loaded.rows.length - 1)];
        if (!row) {
            return;
        }
        const top = (this.index.get(row.gitCommit) as number) * CELL.row;
        const { element, height } = this;
        if (top < element.scrollTop) {
            element.scrollTop = top;
        } else if (top + CELL.row > element.scrollTop + height) {
            element.scrollTop = top + CELL.row - height;
        }
        this.select(row.gitCommit);
        this.events.moved();
    }

    private key(event: KeyboardEvent): void {
        const active = this.activeIndex ?? -1;
        const page = Math.max(1, Math.floor(this.height / CELL.row) - 1);
        const moves: Record<string, number> = {
            ArrowDown: active + 1,
            ArrowUp: active - 1,
            PageDown: active + page,
            PageUp: active - page,
            Home: 0,
            End: this.loaded.rows.length - 1,
        };
        const target = moves[event.key];
        if (target !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            this.moveTo(target);
        } else if (event.key === 'Enter' && this.active !== undefined) {
            event.preventDefault();
            this.events.open(this.active);
        } else if (event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey) && this.active !== undefined) {
            event.preventDefault();
            this.events.copy(this.active);
        }
    }

    private commitOf(event: Event): string | undefined {
        return event.target instanceof Element
            ? event.target.closest<HTMLElement>('[data-commit]')?.dataset.commit
            : undefined;
    }

    private click(event: Event): void {
        const commit = this.commitOf(event);
        if (commit !== undefined && commit !== this.active) {
            this.select(commit);
            this.events.moved();
        }
    }

    private mark(index: number | undefined, selected: boolean): void {
        const element = index === undefined ? undefined : this.drawn.get(index);
        element?.classList.toggle('selected', selected);
        element?.setAttribute('aria-selected', String(selected));
    }

    private open(event: Event): void {
        const commit = this.commitOf(event);
        if (commit !== undefined) {
            this.events.open(commit);
        }
    }
}
