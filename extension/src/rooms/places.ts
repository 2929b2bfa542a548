/**
 * Keeps the user's place where a document is empty for a moment.
 *
 * VS Code empties a file before it writes it. Another window that reads it then shows nothing until the text is back, and
 * its cursors would be at the very beginning. Others may have inserted lines meanwhile: a place is known by its line's text.
 */
import * as vscode from 'vscode';
import { keyOf, type RoomDocuments } from './documents.js';

/** Milliseconds after which an empty document is meant so. */
const MOMENT = 3000;

/** A cursor, and its line with the one above and the one below. */
interface Place {
    readonly selection: vscode.Selection;
    readonly above: string | undefined;
    readonly line: string;
    readonly below: string | undefined;
}

/** Where the cursors of one editor are in a text that is there. */
interface Kept {
    readonly places: readonly Place[];
    /** How many lines the text has. */
    readonly lines: number;
}

/** What is known of a document that is or was empty for a moment. */
interface Moment {
    readonly editors: ReadonlyMap<vscode.TextEditor, Kept>;
    readonly until: number;
    /** The text is not back yet. */
    readonly isGone: boolean;
}

/** What tells of changes. */
interface Events {
    readonly text: vscode.Event<vscode.TextDocumentChangeEvent>;
    readonly cursors: vscode.Event<vscode.TextEditorSelectionChangeEvent>;
    readonly editors: () => readonly vscode.TextEditor[];
}

/** Puts cursors back once the text is back that they were in. */
export class Places implements vscode.Disposable {
    private readonly kept = new WeakMap<vscode.TextEditor, Kept>();
    private readonly moments = new Map<string, Moment>();
    private readonly subscriptions: readonly vscode.Disposable[];

    constructor(
        private readonly documents: Pick<RoomDocuments, 'isFollowed'>,
        private readonly events: Events = {
            text: vscode.workspace.onDidChangeTextDocument,
            cursors: vscode.window.onDidChangeTextEditorSelection,
            editors: () => vscode.window.visibleTextEditors,
        },
    ) {
        this.subscriptions = [
            events.text((event) => {
                this.changed(event);
            }),
            events.cursors((event) => {
                this.moved(event);
            }),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private moved({ textEditor, kind }: vscode.TextEditorSelectionChangeEvent): void {
        const { document } = textEditor;
        if (!this.documents.isFollowed(document.uri) || isEmpty(document)) {
            return;
        }
        const moment = this.moment(document);
        if (kind === vscode.TextEditorSelectionChangeKind.Mouse) {
            this.moments.delete(keyOf(document.uri));
        } else if (moment && (moment.isGone || textEditor.selections.every(({ end }) => isStart(end)))) {
            // The editor tells late that the cursors went with the text.
            return;
        }
        this.kept.set(textEditor, placesOf(textEditor, textEditor.selections));
    }

    private changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
        if (contentChanges.length === 0 || !this.documents.isFollowed(document.uri)) {
            return;
        }
        if (!isEmpty(document)) {
            this.restore(document);
        } else if (!document.isDirty && reason === undefined) {
            this.keep(document);
        }
    }

    private keep(document: vscode.TextDocument): void {
        const editors = new Map<vscode.TextEditor, Kept>();
        for (const editor of this.of(document)) {
            const kept = this.kept.get(editor);
            if (kept) {
                editors.set(editor, kept);
            }
        }
        this.moments.set(keyOf(document.uri), { editors, until: Date.now() + MOMENT, isGone: true });
    }

    private restore(document: vscode.TextDocument): void {
        const moment = this.moment(document);
        if (!moment?.isGone) {
            return;
        }
        const found = new Map<vscode.TextEditor, vscode.Selection[]>();
        for (const [editor, kept] of moment.editors) {
            const selections = kept.places.map((place) => moved(document, place, kept.lines));
            if (selections.some((selection) => !selection)) {
                return;
            }
            found.set(editor, selections as vscode.Selection[]);
        }
        this.moments.set(keyOf(document.uri), { ...moment, isGone: false });
        for (const [editor, selections] of found) {
            editor.selections = selections;
            this.kept.set(editor, placesOf(editor, selections));
        }
    }

    private moment(document: vscode.TextDocument): Moment | undefined {
        const moment = this.moments.get(keyOf(document.uri));
        if (moment && Date.now() >= moment.until) {
            this.moments.delete(keyOf(document.uri));
            return undefined;
        }
        return moment;
    }

    private of(document: vscode.TextDocument): vscode.TextEditor[] {
        return this.events.editors().filter((editor) => editor.document === document);
    }
}

function isEmpty(document: vscode.TextDocument): boolean {
    return document.lineCount === 1 && document.lineAt(0).text === '';
}

function isStart({ line, character }: vscode.Position): boolean {
    return line === 0 && character === 0;
}

function textAt(document: vscode.TextDocument, line: number): string | undefined {
    return line >= 0 && line < document.lineCount ? document.lineAt(line).text : undefined;
}

function placesOf({ document }: vscode.TextEditor, selections: readonly vscode.Selection[]): Kept {
    const places = selections.map((selection) => {
        const { line } = selection.active;
        const around = { above: textAt(document, line - 1), below: textAt(document, line + 1) };
        return { selection, line: textAt(document, line) ?? '', ...around };
    });
    return { places, lines: document.lineCount };
}

/** A place in the text that is back; undefined while its line is not. */
function moved(document: vscode.TextDocument, place: Place, lines: number): vscode.Selection | undefined {
    const { anchor, active } = place.selection;
    const line = lineOf(document, place) ?? (document.lineCount >= lines ? active.line : undefined);
    if (line === undefined) {
        return undefined;
    }
    const by = line - active.line;
    return new vscode.Selection(
        new vscode.Position(Math.max(0, anchor.line + by), anchor.character),
        new vscode.Position(line, active.character),
    );
}

/** The line of this text, with most of its neighbours, nearest to where it was. */
function lineOf(document: vscode.TextDocument, { selection, above, line, below }: Place): number | undefined {
    let found: number | undefined;
    let least = Infinity;
    for (let each = 0; each < document.lineCount; each++) {
        if (document.lineAt(each).text !== line) {
            continue;
        }
        const strange = Number(textAt(document, each - 1) !== above) + Number(textAt(document, each + 1) !== below);
        const far = strange * document.lineCount + Math.abs(each - selection.active.line);
        if (far < least) {
            [found, least] = [each, far];
        }
    }
    return found;
}
