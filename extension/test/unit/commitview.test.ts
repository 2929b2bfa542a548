import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Window } from 'happy-dom';
import type { CommitState, ToHost } from '../../src/messages.js';
import type { CommitDetails } from '../../src/wire.js';
import { CommitView, explain } from '../../webview/commit/view.js';

const PERSON = { name: 'Ada', email: 'ada@example.org', time: 1_700_000_000, offset: 60 };
const DETAILS: CommitDetails = {
    commitId: `b3:${'a'.repeat(64)}`,
    gitCommit: 'c'.repeat(40),
    tree: 'd'.repeat(40),
    author: PERSON,
    committer: PERSON,
    subject: 'Add <b>',
    message: `Add <b>\n\nBecause.\n\nANVCS-Change: ${'k'.repeat(32)}\nANVCS-Meta: b3:${'f'.repeat(64)}\n`,
    parents: ['e'.repeat(40)],
    metadata: {
        prompt: 'please add\n  b',
        model: 'model-1',
        agentId: 'agent:foo',
        testsPassed: true,
        coverage: 91.5,
        env: { python: '3.12' },
        extra: { ticket: 7 },
    },
    metadataState: 'full',
    redacted: ['prompt'],
    files: [
        { path: 'a.py', kind: 'modified', additions: 3, deletions: 1 },
        { path: 'logo.png', kind: 'added', binary: true },
        { path: 'new.py', oldPath: 'old.py', kind: 'renamed', additions: 0, deletions: 0 },
    ],
};

let posted: ToHost[] = [];

function show(details: CommitDetails): void {
    const outside = { post: (message: ToHost) => void posted.push(message), save: (_: CommitState) => {} };
    const root = document.getElementById('app') as HTMLElement;
    new CommitView(root, outside, { folder: '/repo', commit: details.gitCommit }).show(details);
}

const field = (name: string) => document.querySelector(`[data-field="${name}"]`)?.textContent;

beforeEach(() => {
    posted = [];
    const window = new Window();
    window.document.body.innerHTML = '<main id="app"></main>';
    const { document, KeyboardEvent } = window;
    Object.assign(globalThis, { window, document, KeyboardEvent });
});

test('everything known about why is shown, as text', () => {
    show(DETAILS);
    assert.equal(document.querySelector('h1')?.textContent, 'Add <b>');
    assert.equal(document.querySelector('.body')?.textContent, 'Because.');
    assert.equal(field('prompt'), 'please add\n  b');
    assert.equal(field('model'), 'model-1');
    assert.equal(field('agent-id'), 'agent:foo');
    assert.equal(field('tests'), 'passed');
    assert.equal(field('coverage'), '91.5 %');
    assert.equal(field('env'), 'python3.12');
    assert.equal(field('extra'), 'ticket7');
    assert.match(document.querySelector('.redacted')?.textContent ?? '', /prompt/);
});

const STATES = ['none', 'full', 'missing', 'inherited', 'mismatch'] as const;

test('each state of verification is explained, the worst as such', () => {
    for (const state of STATES) {
        show({ ...DETAILS, metadataState: state });
        const shown = document.querySelector(`.verification.${state}`);
        assert.ok(shown?.textContent?.includes(explain(state)), state);
    }
    assert.equal(new Set(STATES.map(explain)).size, STATES.length);
});

test('a signature says whether it can be relied on, and a change whether another commit of it lives', () => {
    for (const [signature, said] of [
        ['known', 'signed'],
        ['unknown', 'signed with an unknown key'],
        ['revoked', 'signed with a revoked key'],
        ['bad', 'signature is false'],
    ] as const) {
        show({ ...DETAILS, signed: true, signature });
        const mark = document.querySelector('.mark.signed');
        assert.equal(mark?.textContent, said);
        assert.equal(mark?.classList.contains('doubtful'), signature !== 'known');
    }
    assert.equal(document.querySelector('.mark.divergent'), null);
    show({ ...DETAILS, divergent: ['f'.repeat(40)] });
    assert.ok(document.querySelector('.mark.divergent'));
});

test('a foreign commit has no facts, and says so', () => {
    const { metadata: _, metadataState: __, ...foreign } = DETAILS;
    show(foreign);
    assert.equal(field('prompt'), undefined);
    assert.match(document.querySelector('.verification')?.textContent ?? '', /without ANVCS/);
});

test('a file opens its comparison with the first parent; a binary one has none', () => {
    show(DETAILS);
    const files = [...document.querySelectorAll<HTMLButtonElement>('button.file')];
    files[0]?.click();
    assert.deepEqual(posted, [
        { type: 'compare', commit: DETAILS.gitCommit, parent: DETAILS.parents?.[0], change: DETAILS.files?.[0] },
    ]);
    assert.ok(files[1]?.disabled);
    assert.equal(files[2]?.getAttribute('aria-label'), 'new.py, before old.py, renamed, lines added: 0, removed: 0');
});

test('the files are one tab stop, and arrows move through those that can be opened', () => {
    show(DETAILS);
    const files = [...document.querySelectorAll<HTMLButtonElement>('button.file')];
    assert.deepEqual(
        files.map(({ tabIndex }) => tabIndex),
        [0, -1, -1],
    );
    files[0]?.focus();
    files[0]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }));
    assert.equal(document.activeElement, files[2]);
    assert.deepEqual(
        files.map(({ tabIndex }) => tabIndex),
        [-1, -1, 0],
    );
});

test('a commit of thousands of files shows some first, and all on demand', () => {
    const files = Array.from({ length: 1200 }, (_, index) => ({ path: `f${index}`, kind: 'added' }));
    show({ ...DETAILS, files });
    assert.equal(document.querySelectorAll('button.file').length, 500);
    document.getElementById('all-files')?.click();
    assert.equal(document.querySelectorAll('button.file').length, 1200);
    assert.equal(document.getElementById('all-files'), null);
});

test('a parent can be shown, and an id copied', () => {
    show(DETAILS);
    document.querySelector<HTMLElement>('.parent')?.click();
    document.querySelector<HTMLElement>('[data-field="git-commit"] .copy')?.click();
    assert.deepEqual(posted, [
        { type: 'show', commit: DETAILS.parents?.[0] },
        { type: 'copy', text: DETAILS.gitCommit },
    ]);
});

test('why a commit cannot be shown is said, with trying again', () => {
    const outside = { post: (message: ToHost) => void posted.push(message), save: () => {} };
    const view = new CommitView(document.getElementById('app') as HTMLElement, outside, {
        folder: '/repo',
        commit: 'x',
    });
    view.failed({ code: 'unknown-commit', message: 'No commit x.', wayOut: 'Check the name.' });
    assert.match(document.querySelector('[role=alert]')?.textContent ?? '', /No commit x\. Check the name\./);
    document.getElementById('retry')?.click();
    assert.deepEqual(posted, [{ type: 'retry' }]);
});
