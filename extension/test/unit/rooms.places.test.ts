import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../src/rooms/places.js';
import { Position, Selection, TextEditorSelectionChangeKind, Uri } from '../vscode.js';

/** Somebody who listens, and how he is told. */
function event() {
    const listeners: ((event: never) => unknown)[] = [];
    const listen = (listener: (event: never) => unknown) => {
        listeners.push(listener);
        return { dispose: () => undefined };
    };
    const fire = (what: object) => {
        listeners.forEach((listener) => {
            listener(what as never);
        });
    };
    return { listen, fire };
}

/** A document in one editor, whose lines change and whose cursor moves as the test says. */
function desk(...lines: string[]) {
    const [text, cursors] = [event(), event()];
    const document = {
        uri: Uri.from({ scheme: 'file', path: '/a.py' }),
        isDirty: false,
        lines,
        get lineCount() {
            return this.lines.length;
        },
        lineAt(line: number) {
            return { text: this.lines[line] };
        },
    };
    const editor = { document, selections: [at(0, 0)] };
    const events = { text: text.listen, cursors: cursors.listen, editors: () => [editor] };
    new Places({ isFollowed: () => true }, events as never);
    const goes = (selection: Selection, kind = TextEditorSelectionChangeKind.Keyboard) => {
        editor.selections = [selection];
        cursors.fire({ textEditor: editor, kind });
    };
    const becomes = (...after: string[]) => {
        document.lines = after;
        text.fire({ document, contentChanges: [{}] });
    };
    const isAt = (line: number, character: number) => {
        assert.deepEqual(editor.selections, [at(line, character)]);
    };
    return { document, goes, becomes, isAt, selected: () => editor.selections };
}

function at(line: number, character: number): Selection {
    const place = new Position(line, character);
    return new Selection(place, place);
}

test('a cursor is where it was once a text is back that was gone for a moment', () => {
    const { goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    becomes('');
    goes(at(0, 0));
    // What the user typed just then does not bring the text back.
    becomes('x');
    isAt(0, 0);
    becomes('x', 'one', 'two');
    isAt(2, 2);
});

test('a cursor is in its own line, though others inserted lines above', () => {
    const { goes, becomes, isAt } = desk('end', 'two', 'end');
    goes(at(2, 3));
    becomes('');
    becomes('new', 'end', 'new', 'two', 'end');
    isAt(4, 3);
});

test('a selection of several lines comes back whole', () => {
    const { goes, becomes, selected } = desk('one', 'two', 'three');
    goes(new Selection(new Position(0, 1), new Position(2, 2)));
    becomes('');
    becomes('new', 'one', 'two', 'three');
    assert.deepEqual(selected(), [new Selection(new Position(1, 1), new Position(3, 2))]);
});

test('a cursor whose line others changed stays in the line with its number', () => {
    const { goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    becomes('');
    becomes('one', 'two more');
    isAt(1, 2);
});

test('a cursor stays where its user puts it in a text that was emptied long ago', (context) => {
    context.mock.timers.enable({ apis: ['Date'] });
    const { goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    becomes('');
    goes(at(0, 0));
    context.mock.timers.tick(5000);
    becomes('one', 'two');
    isAt(0, 0);
});

test('a text that is gone twice in a moment brings the cursor back all the same', () => {
    const { goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    becomes('');
    becomes('one', 'two');
    // The editor tells of this only now.
    goes(at(0, 0));
    becomes('');
    becomes('one', 'two');
    isAt(1, 2);
});

test('a user who empties a text and types goes on there', () => {
    const { document, goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    document.isDirty = true;
    becomes('');
    goes(at(0, 0));
    becomes('one', 'two');
    isAt(0, 0);
});

test('a click while the text is gone counts', () => {
    const { goes, becomes, isAt } = desk('one', 'two');
    goes(at(1, 2));
    becomes('');
    becomes('x');
    goes(at(0, 1), TextEditorSelectionChangeKind.Mouse);
    becomes('x', 'one', 'two');
    isAt(0, 1);
});
