import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdingCursors, type TextAround } from '../../src/rooms/edits.js';
import type { TextPosition, TextReplacement } from '../../src/wire.js';

const LINES = ['ab😀c', 'd', ''];
const at = (line: number, character: number): TextPosition => ({ line, character });
const insert = (place: TextPosition, newText: string): TextReplacement => ({
    range: { start: place, end: place },
    newText,
});

const TEXT: TextAround = {
    next: ({ line, character }) => {
        const text = LINES[line] ?? '';
        if (character < text.length) {
            return at(line, character + String.fromCodePoint(text.codePointAt(character) ?? 0).length);
        }
        return line + 1 < LINES.length ? at(line + 1, 0) : undefined;
    },
    between: (start, end) =>
        start.line === end.line ? (LINES[start.line] ?? '').slice(start.character, end.character) : '\n',
};

test('an insertion at a cursor replaces the character behind it, so that the cursor stays', () => {
    assert.deepEqual(holdingCursors([insert(at(0, 1), 'X')], [at(0, 1)], TEXT), [
        { range: { start: at(0, 1), end: at(0, 2) }, newText: 'Xb' },
    ]);
    assert.deepEqual(holdingCursors([insert(at(0, 2), 'X')], [at(0, 2)], TEXT), [
        { range: { start: at(0, 2), end: at(0, 4) }, newText: 'X😀' },
    ]);
    assert.deepEqual(holdingCursors([insert(at(0, 5), 'X')], [at(0, 5)], TEXT), [
        { range: { start: at(0, 5), end: at(1, 0) }, newText: 'X\n' },
    ]);
});

test('edits away from cursors, and one at the end of the text, stay as they are', () => {
    const edits = [insert(at(0, 1), 'X'), insert(at(2, 0), 'Y')];
    assert.deepEqual(holdingCursors(edits, [at(0, 0), at(2, 0)], TEXT), edits);
});

test('an insertion whose next character another edit touches stays as it is', () => {
    const deletion = { range: { start: at(0, 1), end: at(0, 2) }, newText: '' };
    const edits = [insert(at(0, 1), 'X'), deletion];
    assert.deepEqual(holdingCursors(edits, [at(0, 1)], TEXT), edits);
    const further = { range: { start: at(0, 2), end: at(0, 4) }, newText: '' };
    assert.deepEqual(holdingCursors([insert(at(0, 1), 'X'), further], [at(0, 1)], TEXT), [
        { range: { start: at(0, 1), end: at(0, 2) }, newText: 'Xb' },
        further,
    ]);
});
