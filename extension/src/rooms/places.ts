/**
 * Keeps the user's place where a document is empty for a moment.
 *
 * VS Code empties a file before it writes it. Another window that reads it then shows nothing until the text is back, and
 * its cursors would be at the very beginning.
 */
import * as vscode from 'vscode';
import { keyOf, type RoomDocuments } from './documents.js';

/** Milliseconds after which an empty document is meant so. */
const MOMENT = 2000;

interface Kept {
    readonly editors: ReadonlyMap<vscode.TextEditor, readonly vscode.Selection[]>;
    readonly until: number;
    /** The text is not back yet. */
    readonly isGone: boolean;
}

/** Puts cursors back once the text is back that they were in. */
export class Places implements vscode.Disposable {
    private readonly kept = new Map<string, Kept>();
    private readonly subscription: vscode.Disposable;

    constructor(
        documents: Pick<RoomDocuments, 'isFollowed'>,
        changes: vscode.Event<vscode.TextDocumentChangeEvent> = vscode.workspace.onDidChangeTextDocument,
        private readonly editors = () => vscode.window.visibleTextEditors,
    ) {
        this.subscription = changes(({ document, contentChanges }) => {
            if (contentChanges.length === 0 || !documents.isFollowed(document.uri)) {
                return;
            }
            if (isEmpty(document)) {
                this.keep(document);
            } else {
                this.restore(document);
            }
        });
    }

    dispose(): void {
        this.subscription.dispose();
    }

    private keep(document: vscode.TextDocument): void {
        const key = keyOf(document.uri);
        const before = this.kept.get(key);
        const recent = before && Date.now() < before.until ? before.editors : undefined;
        // The selections of this moment are still those in the text that was; or those of the last moment like this,
        // where the editor has not yet said that it put them back.
        const editors = this.editors().filter((editor) => editor.document === document);
        const selections = new Map(
            editors.map((editor) => {
                const lost = editor.selections.every(({ end }) => end.line === 0 && end.character === 0);
                return [editor, (lost && recent?.get(editor)) || editor.selections] as const;
            }),
        );
        this.kept.set(key, { editors: selections, until: Date.now() + MOMENT, isGone: true });
    }

    private restore(document: vscode.TextDocument): void {
        const key = keyOf(document.uri);
        const kept = this.kept.get(key);
        if (!kept?.isGone || Date.now() >= kept.until) {
            return;
        }
        const all = [...kept.editors.values()].flat();
        if (all.every(({ end }) => document.validatePosition(end).isEqual(end))) {
            this.kept.set(key, { ...kept, isGone: false });
            for (const [editor, selections] of kept.editors) {
                editor.selections = [...selections];
            }
        }
    }
}

function isEmpty(document: vscode.TextDocument): boolean {
    return document.lineCount === 1 && document.lineAt(0).text === '';
}
