import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphPage, GraphParams, GraphRow, Problem } from '../../src/wire.js';
import { FIRST_PAGE, History, NEXT_PAGE, type Shown } from '../../webview/graph/history.js';

const sha = (index: number) => index.toString(16).padStart(40, '0');

function row(index: number): GraphRow {
    const author = { name: 'Ada', email: 'ada@example.org', time: index };
    return { commitId: `b3:${'0'.repeat(64)}`, gitCommit: sha(index), lane: 0, author, subject: `commit ${index}` };
}

/** A server with a straight history, newest first; `commits` can grow. */
class FakeServer {
    asked: GraphParams[] = [];
    refuse: Problem | undefined;
    hold: Promise<void> | undefined;
    constructor(public commits: number) {}

    fetch = async (params: GraphParams): Promise<GraphPage> => {
        this.asked.push(params);
        await this.hold;
        if (this.refuse) {
            throw this.refuse;
        }
        const from = Number(params.cursor ?? 0);
        const to = Math.min(from + (params.limit ?? 0), this.commits);
        const rows = Array.from({ length: to - from }, (_, index) => row(this.commits - 1 - from - index));
        return { rows, ...(to < this.commits && { nextCursor: String(to) }) };
    };
}

function history(server: FakeServer): { history: History; seen: Shown[] } {
    const seen: Shown[] = [];
    return { history: new History(server.fetch, (shown) => seen.push(shown)), seen };
}

function rowsOf(shown: Shown): readonly GraphRow[] {
    assert.equal(shown.kind, 'rows');
    return shown.loaded.rows;
}

test('a small first page, then large ones, each once, to the end', async () => {
    const server = new FakeServer(FIRST_PAGE + NEXT_PAGE + 5);
    const { history: it } = history(server);
    await it.load({ agent: 'foo' });
    await Promise.all([it.more(), it.more()]);
    await it.more();
    await it.more();
    assert.equal(rowsOf(it.shown).length, server.commits);
    assert.deepEqual(
        server.asked.map(({ limit }) => limit),
        [FIRST_PAGE, NEXT_PAGE, NEXT_PAGE],
    );
    assert.ok(server.asked.every(({ agent }) => agent === 'foo'));
    assert.equal(new Set(rowsOf(it.shown).map(({ gitCommit }) => gitCommit)).size, server.commits);
});

test('no page is larger than the protocol allows', () => {
    assert.ok(FIRST_PAGE <= 1000 && NEXT_PAGE <= 1000);
});

test('a refresh keeps the old rows until the new ones are there, and reaches the commit in sight', async () => {
    const server = new FakeServer(3000);
    const { history: it, seen } = history(server);
    await it.load({});
    await it.more();
    server.commits += 900;
    seen.length = 0;
    await it.refresh(sha(2000));
    assert.deepEqual(
        seen.map(({ kind }) => kind),
        ['rows'],
    );
    const rows = rowsOf(it.shown);
    assert.equal(rows[0]?.gitCommit, sha(3899));
    assert.ok(rows.some(({ gitCommit }) => gitCommit === sha(2000)));
});

test('an answer to an old question is dropped', async () => {
    const server = new FakeServer(10);
    let release = () => {};
    server.hold = new Promise((resolve) => {
        release = resolve;
    });
    const { history: it } = history(server);
    const first = it.load({ agent: 'old' });
    server.hold = undefined;
    server.commits = 3;
    await it.load({ agent: 'new' });
    server.commits = 10;
    release();
    await first;
    assert.equal(rowsOf(it.shown).length, 3);
});

test('a failure is shown with its problem, and trying again recovers', async () => {
    const server = new FakeServer(4);
    server.refuse = { code: 'locked', message: 'Locked.' };
    const { history: it } = history(server);
    await it.load({});
    assert.deepEqual(it.shown, { kind: 'failed', problem: server.refuse });
    server.refuse = undefined;
    await it.refresh();
    assert.equal(rowsOf(it.shown).length, 4);
});

test('a failed further page keeps the rows, and is asked for again only on demand', async () => {
    const server = new FakeServer(FIRST_PAGE + 1);
    const { history: it } = history(server);
    await it.load({});
    server.refuse = { code: 'locked', message: 'Locked.' };
    await it.more();
    await it.more();
    assert.equal(server.asked.length, 2);
    assert.equal(rowsOf(it.shown).length, FIRST_PAGE);
    server.refuse = undefined;
    await it.more(true);
    assert.equal(rowsOf(it.shown).length, FIRST_PAGE + 1);
});
