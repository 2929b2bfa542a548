import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageOrder } from '../../src/rooms/order.js';

const FILE = 'file:///a.py';

/** An order whose main thread answers when the test says so, and what was sent through it. */
function stage() {
    const sent: string[] = [];
    const answers: (() => void)[] = [];
    const order = new MessageOrder(() => new Promise<void>((resolve) => answers.push(resolve)));
    const change = (name: string, dirty: boolean, reason?: 'undo' | 'redo') =>
        order.change(FILE, { dirty, reason }, async (known) => {
            sent.push(`${name} ${known ? 'dirty' : 'clean'}`);
        });
    return { sent, answers, order, change };
}

const idle = () => new Promise((resume) => setImmediate(resume));

test('a change of a document that is dirty is sent in the same tick', () => {
    const { sent, change } = stage();
    void change('key', true);
    assert.deepEqual(sent, ['key dirty']);
});

test('the first key in a saved document is a key: the document says that it is dirty right after it', async () => {
    const { sent, order, change } = stage();
    const told = change('key', false);
    assert.deepEqual(sent, []);
    order.becameDirty(FILE);
    await told;
    assert.deepEqual(sent, ['key dirty']);
});

test('a change after which the document does not get dirty is a reload', async () => {
    const { sent, answers, change } = stage();
    const told = change('reload', false);
    answers[0]?.();
    await told;
    assert.deepEqual(sent, ['reload clean']);
});

test('a key right after a reload leaves the reload a reload', async () => {
    const { sent, answers, order, change } = stage();
    void change('reload', false);
    void change('key', false);
    order.becameDirty(FILE);
    void change('more', true);
    answers.forEach((answer) => {
        answer();
    });
    await idle();
    assert.deepEqual(sent, ['reload clean', 'key dirty', 'more dirty']);
});

test('what comes after a change that waits is sent after it, and another document does not wait', async () => {
    const { sent, order, change, answers } = stage();
    const say = (word: string) => async () => {
        sent.push(word);
    };
    void change('first', false);
    void order.after(FILE, say('save'));
    void order.after('file:///b.py', say('other'));
    await idle();
    assert.deepEqual(sent, ['other']);
    answers[0]?.();
    await idle();
    assert.deepEqual(sent, ['other', 'first clean', 'save']);
    void order.after(FILE, say('at once'));
    assert.equal(sent.at(-1), 'at once');
});

test('undo to the saved text is sent at once, whatever the document says of itself', () => {
    const { sent, change } = stage();
    void change('undo', false, 'undo');
    assert.deepEqual(sent, ['undo clean']);
});

test('a message that fails holds up none after it', async () => {
    const { sent, order, answers } = stage();
    const failing = order.change(FILE, { dirty: false }, () => Promise.reject(new Error('gone')));
    const after = order.after(FILE, async () => sent.push('after'));
    answers[0]?.();
    await assert.rejects(failing);
    await after.catch(() => undefined);
    await order.after(FILE, async () => sent.push('later'));
    assert.ok(sent.includes('later'));
});
