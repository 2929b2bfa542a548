/**
 * Brings cursors back that a half-written file took away.
 *
 * VS Code empties a file before it writes it. Another window that reads it in that moment shows nothing until it reads
 * again or the room gives the text back, and its cursors would be at the end of the text by then.
 */
import * as vscode from 'vscode';
import type { RoomDocuments } from './documents.js';

/** Milliseconds after which the text that comes is no longer that which went. */
const MOMENT = 3000;

interface Lost {
    readonly selections: readonly vscode.Selection[];
    readonly time: number;
}

/** Watches the editors of documents in rooms. */
export class Carets implements vscode.Disposable {
    private readonly lost = new Map<vscode.TextEditor, Lost>();
    private readonly subscriptions: vscode.Disposable[];

    constructor(private readonly documents: RoomDocuments) {
        this.subscriptions = [
            vscode.workspace.onDidChangeTextDocument((event) => event.contentChanges.length && this.changed(event)),
            vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
                if (kind === vscode.TextEditorSelectionChangeKind.Mouse) {
                    this.lost.delete(textEditor);
                }
            }),
            vscode.window.onDidChangeVisibleTextEditors(() => this.lost.clear()),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private changed({ document, reason }: vscode.TextDocumentChangeEvent): void {
        if (!this.documents.isInside(document.uri)) {
            return;
        }
        const empty = document.lineCount === 1 && document.lineAt(0).text === '';
        for (const editor of vscode.window.visibleTextEditors) {
            if (editor.document !== document) {
                continue;
            }
            const lost = this.lost.get(editor);
            if (empty && !document.isDirty && reason === undefined) {
                // The editor says later that its cursors have moved.
                this.lost.set(editor, { selections: editor.selections, time: Date.now() });
            } else if (lost && !empty) {
                this.lost.delete(editor);
                if (Date.now() - lost.time < MOMENT) {
                    editor.selections = lost.selections.map(
                        ({ anchor, active }) =>
                            new vscode.Selection(document.validatePosition(anchor), document.validatePosition(active)),
                    );
                }
            }
        }
    }
}
