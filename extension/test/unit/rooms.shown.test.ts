import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShownDocuments } from '../../src/rooms/shown.js';
import { Uri } from '../vscode.js';

const at = (path: string) => Uri.from({ scheme: 'file', path }) as never;

/** Tabs that open when the test says so. */
function tabs() {
    const inputs: { input: unknown }[] = [];
    const listeners: ((event: never) => unknown)[] = [];
    const groups = {
        all: [{ tabs: inputs }],
        onDidChangeTabs: (listener: (event: never) => unknown) => {
            listeners.push(listener);
            return { dispose: () => undefined };
        },
    };
    const open = (input: unknown) => {
        inputs.push({ input });
        listeners.forEach((listener) => {
            listener(undefined as never);
        });
    };
    return { groups: groups as never, open };
}

test('a document is told of once a tab shows it, as itself or as a side of a comparison', async () => {
    const { groups, open } = tabs();
    const shown = new ShownDocuments(groups);
    const told: string[] = [];
    const tell = (name: string) => async () => {
        told.push(name);
    };
    open({ uri: at('/seen.py') });
    await shown.opened(at('/seen.py'), tell('seen'));
    await shown.opened(at('/hidden.py'), tell('hidden'));
    await shown.opened(at('/compared.py'), tell('compared'));
    assert.deepEqual(told, ['seen']);
    assert.equal(shown.isHeld(at('/hidden.py')), true);
    open({ original: at('/old.py'), modified: at('/compared.py') });
    open(undefined);
    assert.deepEqual(told, ['seen', 'compared']);
    open({ uri: at('/hidden.py') });
    assert.deepEqual(told, ['seen', 'compared', 'hidden']);
    assert.equal(shown.isHeld(at('/hidden.py')), false);
});

test('a document that closes before any tab showed it is never told of', async () => {
    const { groups, open } = tabs();
    const shown = new ShownDocuments(groups);
    await shown.opened(at('/hidden.py'), () => Promise.reject(new Error('told')));
    assert.equal(shown.closed(at('/hidden.py')), true);
    assert.equal(shown.closed(at('/hidden.py')), false);
    open({ uri: at('/hidden.py') });
});
