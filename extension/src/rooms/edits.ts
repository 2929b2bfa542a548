/** Edits from a room, arranged so that the user's cursors stay where the user is typing. */
import type { TextPosition, TextReplacement } from '../wire.js';

/** What of a document's text is needed. */
export interface TextAround {
    /** The place after the character (or line end) at a place; undefined at the end of the text. */
    next(place: TextPosition): TextPosition | undefined;
    /** The text between two places. */
    between(start: TextPosition, end: TextPosition): string;
}

const before = (a: TextPosition, b: TextPosition) =>
    a.line < b.line || (a.line === b.line && a.character < b.character);
const same = (a: TextPosition, b: TextPosition) => a.line === b.line && a.character === b.character;

/**
 * Rewrites insertions right at a cursor into replacements of the character behind it.
 *
 * An insertion at a cursor would push the cursor, and what two people type at one place would mix letter by letter; a
 * replacement that begins at the cursor leaves it there. At the end of the text there is no character to replace.
 */
export function holdingCursors(
    edits: readonly TextReplacement[],
    cursors: readonly TextPosition[],
    text: TextAround,
): TextReplacement[] {
    const ordered = [...edits].sort((a, b) => (before(a.range.start, b.range.start) ? -1 : 1));
    return ordered.map((edit, index) => {
        const { start, end } = edit.range;
        if (!same(start, end) || !cursors.some((cursor) => same(cursor, start))) {
            return edit;
        }
        const next = text.next(start);
        const following = ordered[index + 1];
        if (!next || (following && before(following.range.start, next))) {
            return edit;
        }
        return { range: { start, end: next }, newText: edit.newText + text.between(start, next) };
    });
}
