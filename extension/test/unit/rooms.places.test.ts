import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../src/rooms/places.js';
import { Uri } from '../vscode.js';

/** A document in one editor, whose lines change as the test says. */
function desk() {
    const listeners: ((event: never) => unknown)[] = [];
    const document = {
        uri: Uri.from({ scheme: 'file', path: '/a.py' }),
        lines: ['one', 'two'],
        get lineCount() {
            return this.lines.length;
        },
        lineAt(line: number) {
            return { text: this.lines[line] };
        },
        validatePosition(place: { line: number }) {
            const inside = place.line < this.lines.length;
            return { isEqual: () => inside };
        },
    };
    const editor = { document, selections: PLACE };
    new Places(
        { isFollowed: () => true },
        ((listener: (event: never) => unknown) => {
            listeners.push(listener);
            return { dispose: () => undefined };
        }) as never,
        () => [editor] as never,
    );
    const becomes = (...lines: string[]) => {
        document.lines = lines;
        listeners.forEach((listener) => {
            listener({ document, contentChanges: [{}] } as never);
        });
    };
    return { editor, becomes };
}

const START = [{ end: { line: 0, character: 0 } }];
const PLACE = [{ end: { line: 1, character: 2 } }];

test('a cursor is where it was once a text is back that was gone for a moment', () => {
    const { editor, becomes } = desk();
    becomes('');
    editor.selections = START;
    // What the user typed just then does not bring the text back.
    becomes('x');
    assert.deepEqual(editor.selections, START);
    becomes('x', 'one', 'two');
    assert.deepEqual(editor.selections, PLACE);
});

test('a cursor stays where its user puts it in a text that was emptied long ago', (context) => {
    context.mock.timers.enable({ apis: ['Date'] });
    const { editor, becomes } = desk();
    becomes('');
    editor.selections = START;
    context.mock.timers.tick(5000);
    becomes('one', 'two');
    assert.deepEqual(editor.selections, START);
});

test('a text that is gone twice in a moment brings the cursor back all the same', () => {
    const { editor, becomes } = desk();
    becomes('');
    becomes('one', 'two');
    editor.selections = START;
    becomes('');
    becomes('one', 'two');
    assert.deepEqual(editor.selections, PLACE);
});

test('a change that empties nothing moves no cursor', () => {
    const { editor, becomes } = desk();
    editor.selections = START;
    becomes('one', 'two', 'three');
    assert.deepEqual(editor.selections, START);
});
