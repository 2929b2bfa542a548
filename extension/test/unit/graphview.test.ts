import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Window } from 'happy-dom';
import type { GraphState, ToHost } from '../../src/messages.js';
import type { GraphParams, GraphRow, Problem } from '../../src/wire.js';
import { sentence } from '../../webview/graph/sentence.js';
import { GraphView } from '../../webview/graph/view.js';

const sha = (index: number) => index.toString(16).padStart(40, '0');

function row(index: number, more: Partial<GraphRow> = {}): GraphRow {
    const author = { name: 'Ada', email: 'ada@example.org', time: 1_700_000_000 + index };
    return {
        commitId: `b3:${'0'.repeat(64)}`,
        gitCommit: sha(index),
        lane: 0,
        author,
        subject: `commit ${index}`,
        ...more,
    };
}

/** A page with a graph view on it, and the server behind the host. */
class Fixture {
    posted: ToHost[] = [];
    saved: GraphState | undefined;
    commits = 500;
    refusal: Problem | undefined;
    readonly view: GraphView;

    constructor(start: Partial<GraphState> = {}, setup: (fixture: Fixture) => void = () => {}) {
        setup(this);
        const root = document.getElementById('app') as HTMLElement;
        const outside = {
            post: (message: ToHost) => this.post(message),
            save: (state: GraphState) => {
                this.saved = state;
            },
        };
        this.view = new GraphView(root, outside, { folder: '/repo', filter: '', ...start });
    }

    private post(message: ToHost): void {
        this.posted.push(message);
        if (message.type === 'graph') {
            queueMicrotask(() => this.answer(message.id, message.params));
        }
    }

    private answer(id: number, params: GraphParams): void {
        if (this.refusal) {
            this.view.refused(id, this.refusal);
            return;
        }
        const from = Number(params.cursor ?? 0);
        const to = Math.min(from + (params.limit ?? 0), this.commits);
        const rows = Array.from({ length: to - from }, (_, index) => row(this.commits - 1 - from - index));
        this.view.answered(id, { rows, ...(to < this.commits && { nextCursor: String(to) }) });
    }

    get tree(): HTMLElement {
        return document.getElementById('rows') as HTMLElement;
    }

    get requests(): GraphParams[] {
        return this.posted.flatMap((message) => (message.type === 'graph' ? [message.params] : []));
    }

    key(key: string, more: KeyboardEventInit = {}): void {
        this.tree.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    }

    get activeRow(): HTMLElement {
        const id = this.tree.getAttribute('aria-activedescendant') ?? '';
        const element = document.getElementById(id);
        assert.ok(element, `no element ${id}`);
        return element;
    }

    type(text: string): void {
        const input = document.getElementById('filter') as HTMLInputElement;
        input.value = text;
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
    }
}

/** Lets every answer that is due arrive. */
const settled = async () => {
    for (let turn = 0; turn < 50; turn += 1) {
        await Promise.resolve();
    }
};

beforeEach(() => {
    const window = new Window();
    window.document.body.innerHTML = '<main id="app"></main>';
    const { document, KeyboardEvent, MouseEvent, Element, requestAnimationFrame } = window;
    Object.assign(globalThis, { window, document, KeyboardEvent, MouseEvent, Element, requestAnimationFrame });
});

test('only the rows in sight exist, and each is a tree item with a sentence and its place', async () => {
    const fixture = new Fixture();
    await settled();
    const items = [...fixture.tree.querySelectorAll('[role=treeitem]')];
    assert.ok(items.length > 10 && items.length < 100, String(items.length));
    assert.equal(items[0]?.getAttribute('aria-posinset'), '1');
    assert.match(items[0]?.getAttribute('aria-label') ?? '', /^commit 499, by Ada, /);
    assert.equal(fixture.tree.getAttribute('role'), 'tree');
});

test('there is one tab stop, and the keyboard moves through all rows, fetching what is not there yet', async () => {
    const fixture = new Fixture();
    await settled();
    assert.equal(fixture.tree.querySelectorAll('[tabindex]').length, 0);
    assert.equal(fixture.tree.getAttribute('tabindex'), '0');
    fixture.key('Home');
    assert.equal(fixture.activeRow.dataset.commit, sha(499));
    fixture.key('ArrowDown');
    fixture.key('ArrowDown');
    fixture.key('ArrowUp');
    assert.equal(fixture.activeRow.dataset.commit, sha(498));
    fixture.key('PageDown');
    const paged = fixture.activeRow.dataset.commit as string;
    assert.ok(paged < sha(490), paged);
    fixture.key('PageUp');
    assert.equal(fixture.activeRow.dataset.commit, sha(498));
    fixture.key('End');
    await settled();
    fixture.key('End');
    assert.equal(fixture.activeRow.dataset.commit, sha(0));
    assert.equal(fixture.activeRow.getAttribute('aria-setsize'), '500');
    assert.equal(fixture.activeRow.getAttribute('aria-selected'), 'true');
});

test('Enter and a double click show the commit; Ctrl+C copies its id', async () => {
    const fixture = new Fixture();
    await settled();
    fixture.key('Home');
    fixture.key('Enter');
    assert.deepEqual(fixture.posted.at(-1), { type: 'show', commit: sha(499) });
    fixture.key('c', { ctrlKey: true });
    assert.deepEqual(fixture.posted.at(-1), { type: 'copy', text: sha(499) });
    const third = fixture.tree.querySelector(`[data-commit="${sha(497)}"]`);
    third?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    third?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    assert.deepEqual(fixture.posted.at(-1), { type: 'show', commit: sha(497) });
    assert.ok(third?.isConnected);
    assert.equal(fixture.saved?.selected, sha(497));
});

test('a filter is applied, shown as chips, saved, and a chip takes it away again', async () => {
    const fixture = new Fixture();
    await settled();
    fixture.type('agent:foo since:2w');
    await settled();
    assert.deepEqual(fixture.requests.at(-1), { agent: 'foo', since: '2w', limit: 200 });
    assert.equal(fixture.saved?.filter, 'agent:foo since:2w');
    const chips = [...document.querySelectorAll<HTMLElement>('.chip')];
    assert.deepEqual(
        chips.map(({ dataset }) => dataset.field),
        ['agent', 'since'],
    );
    chips[0]?.click();
    await settled();
    assert.deepEqual(fixture.requests.at(-1), { since: '2w', limit: 200 });
});

test('a box that cannot be read says so and changes nothing else', async () => {
    const fixture = new Fixture();
    await settled();
    const before = fixture.requests.length;
    fixture.type('branch:main');
    await settled();
    assert.equal(fixture.requests.length, before);
    assert.match(document.getElementById('hint')?.textContent ?? '', /branch:main/);
    assert.equal(document.getElementById('filter')?.getAttribute('aria-invalid'), 'true');
});

test('the view comes back with its filter and selection', async () => {
    const fixture = new Fixture({ filter: 'author:ada', selected: sha(450) });
    await settled();
    assert.deepEqual(fixture.requests[0], { author: 'ada', limit: 200 });
    assert.equal((document.getElementById('filter') as HTMLInputElement).value, 'author:ada');
    assert.equal(fixture.activeRow.dataset.commit, sha(450));
});

test('the view comes back where it was scrolled to, fetching further pages for it', async () => {
    const fixture = new Fixture({ anchor: { commit: sha(100), offset: 5 } }, (it) => {
        it.commits = 2000;
    });
    await settled();
    assert.equal(fixture.tree.scrollTop, 1899 * 26 + 5);
    assert.ok(fixture.tree.querySelector(`[data-commit="${sha(100)}"]`));
});

test('new commits appear above, and what was in sight and selected stays', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
        const fixture = new Fixture();
        await settled();
        fixture.key('Home');
        fixture.tree.scrollTop = 10 * 26 + 3;
        fixture.commits += 4;
        fixture.view.changed();
        fixture.view.changed();
        const before = fixture.requests.length;
        mock.timers.tick(1000);
        await settled();
        assert.equal(fixture.requests.length, before + 1);
        assert.equal(fixture.tree.scrollTop, 14 * 26 + 3);
        assert.equal(fixture.activeRow.dataset.commit, sha(499));
    } finally {
        mock.timers.reset();
    }
});

test('at the top, the list stays at the top', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
        const fixture = new Fixture();
        await settled();
        fixture.commits += 1;
        fixture.view.changed();
        mock.timers.tick(1000);
        await settled();
        assert.equal(fixture.tree.scrollTop, 0);
        assert.ok(fixture.tree.querySelector(`[data-commit="${sha(500)}"]`));
    } finally {
        mock.timers.reset();
    }
});

test('a problem is shown with its way out, and trying again recovers', async () => {
    const fixture = new Fixture({}, (it) => {
        it.refusal = { code: 'not-initialized', message: 'Not initialized.', wayOut: 'Initialize it.' };
    });
    await settled();
    const alert = document.querySelector('[role=alert]');
    assert.match(alert?.textContent ?? '', /Not initialized\. Initialize it\./);
    document.getElementById('anvcs.init')?.click();
    assert.deepEqual(fixture.posted.at(-1), { type: 'run', command: 'anvcs.init' });
    fixture.refusal = undefined;
    document.getElementById('retry')?.click();
    await settled();
    assert.equal(document.querySelector('[role=alert]'), null);
    assert.ok(fixture.tree.querySelector('.row'));
});

test('no commits at all offers the first; no match offers to clear the filter', async () => {
    const fixture = new Fixture({}, (it) => {
        it.commits = 0;
    });
    await settled();
    document.getElementById('anvcs.commit')?.click();
    assert.deepEqual(fixture.posted.at(-1), { type: 'run', command: 'anvcs.commit' });
    fixture.type('agent:none');
    await settled();
    document.getElementById('clear')?.click();
    await settled();
    assert.equal((document.getElementById('filter') as HTMLInputElement).value, '');
    assert.ok(fixture.tree.hidden);
});

test('a subject that looks like markup is text', async () => {
    const fixture = new Fixture();
    await settled();
    fixture.view.answered(-1, { rows: [] });
    const evil = row(1, { subject: '<img src=x onerror=alert(1)>' });
    const { rowElement } = await import('../../webview/graph/row.js');
    const lines = { lane: 0, passing: [], ending: [], starting: [], width: 1 };
    const element = rowElement(evil, lines, { index: 0, total: 1, selected: false, width: 1 });
    assert.equal(element.querySelector('img'), null);
    assert.equal(element.querySelector('.subject')?.textContent, evil.subject);
});

test('a row is said with everything that matters and without lanes', () => {
    const now = 1_700_007_200;
    const said = sentence(
        row(0, {
            subject: 'Fix the parser',
            agent: 'agent:foo',
            refs: [
                { name: 'main', kind: 'stream', current: true },
                { name: 'v1', kind: 'tag' },
            ],
            tests: 'passed',
            metadata: 'full',
            edges: [
                [0, sha(1)],
                [1, sha(2)],
            ],
        }),
        now,
    );
    assert.equal(
        said,
        'Fix the parser, by Ada with agent:foo, 2 hours ago, current stream main, tag v1, tests passed, with metadata, a merge, 0000000.',
    );
});
