import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Saves } from '../../src/rooms/saves.js';
import { didSave, EventEmitter, screen, Uri } from '../vscode.js';

/** A document with unsaved text in a room, whose editor saves it, or refuses to, as the test says. */
function desk(refusals: number, prepared: (document: { isDirty: boolean }) => void = () => undefined) {
    const told: object[] = [];
    const asked: number[] = [];
    let refused = 0;
    const document = {
        uri: Uri.from({ scheme: 'file', path: '/a.py' }),
        version: 7,
        isDirty: true,
        save: async () => {
            saved();
        },
    };
    const saved = () => {
        refused += 1;
        if (refused > refusals) {
            document.isDirty = false;
            didSave.fire(document);
        }
    };
    const server = {
        request: async (_: unknown, { version }: { version: number }) => {
            asked.push(version);
            prepared(document);
            return {};
        },
        tell: async (_: unknown, params: object) => {
            told.push(params);
        },
    };
    const binding = { after: (_: unknown, work: () => unknown) => work(), onSaved: new EventEmitter().event };
    const documents = { isFollowed: () => true, onDidChange: new EventEmitter().event };
    const saves = new Saves(server as never, binding as never, documents as never, undefined as never);
    const save = async () => {
        screen.commands.length = 0;
        screen.run = saved;
        await saves.save(document as never);
        saves.dispose();
    };
    return { asked, told, save };
}

const SAVED = { uri: 'file:/a.py', version: 7, followed: false, dirty: false };
/** Says that the save that the server was asked to prepare has ended without one. */
const IN_VAIN = { ...SAVED, followed: true };

test('a save is prepared by the server, and it hears of the end', async () => {
    const { asked, told, save } = desk(0);
    await save();
    assert.deepEqual(screen.commands, [['workbench.action.files.save']]);
    assert.deepEqual([asked, told], [[7], [SAVED]]);
});

test('a save that the editor refuses is prepared and done again', async () => {
    const { asked, told, save } = desk(2);
    await save();
    assert.deepEqual([asked, told], [[7, 7, 7], [SAVED]]);
});

test('the server does not wait for the end of a save that will not come', async () => {
    const { asked, told, save } = desk(99);
    await save();
    assert.deepEqual([asked, told], [[7, 7, 7], [{ ...IN_VAIN, dirty: true }]]);
});

test('what was saved by itself meanwhile is not written once more', async () => {
    const { told, save } = desk(0, (document) => {
        document.isDirty = false;
    });
    await save();
    assert.deepEqual([screen.commands, told], [[], [IN_VAIN]]);
});
