/** This end of the binding: says what changed and how, and applies what comes if the document is still the same. */
import * as vscode from 'vscode';
import type { LanguageClient, Middleware } from 'vscode-languageclient/node';
import type { ClientPart, Server } from '../server/server.js';
import {
    type DocumentRoomState,
    type Presence,
    type RoomEditParams,
    type RoomEditResult,
    type RoomSaved,
    RoomsChangedNotification,
    RoomsEditRequest,
    RoomsPresenceNotification,
    RoomsSavedNotification,
    RoomsStateNotification,
    type TextPosition,
} from '../wire.js';
import { keyOf, openDocument, type RoomDocuments } from './documents.js';
import { holdingCursors, type TextAround } from './edits.js';
import { MessageOrder } from './order.js';
import { ShownDocuments } from './shown.js';

const REASONS = new Map<vscode.TextDocumentChangeReason | undefined, 'undo' | 'redo'>([
    [vscode.TextDocumentChangeReason?.Undo, 'undo'],
    [vscode.TextDocumentChangeReason?.Redo, 'redo'],
]);

/** What all messages about documents in rooms pass through. */
export class Binding implements ClientPart, vscode.Disposable {
    private readonly presence = new vscode.EventEmitter<Presence>();
    private readonly saved = new vscode.EventEmitter<RoomSaved>();
    private readonly order = new MessageOrder(mainThread);
    private readonly shown = new ShownDocuments();
    private readonly subscriptions: vscode.Disposable[];

    /** Fires when others came, left or moved. */
    readonly onPresence = this.presence.event;
    /** Fires when somebody saved a document. */
    readonly onSaved = this.saved.event;

    readonly middleware: Middleware = {
        didOpen: (document, next) => this.shown.opened(document.uri, () => next(document)),
        didChange: (event, next) => this.changed(event, next),
        didSave: async (document, next) => {
            if (!this.shown.isHeld(document.uri)) {
                await this.after(document.uri, () => next(document));
            }
        },
        didClose: async (document, next) => {
            if (!this.shown.closed(document.uri)) {
                await this.after(document.uri, () => next(document));
            }
        },
    };

    constructor(
        private readonly server: Server,
        private readonly documents: RoomDocuments,
        private readonly isLive: () => boolean,
    ) {
        this.subscriptions = [
            this.presence,
            this.saved,
            this.shown,
            vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
                if (contentChanges.length === 0 && document.isDirty) {
                    this.order.becameDirty(keyOf(document.uri));
                }
            }),
            server.onDidChangeState(({ kind }) => kind !== 'ready' && this.forget()),
        ];
    }

    initializationOptions() {
        return { rooms: { live: this.isLive() } };
    }

    attach(client: LanguageClient): void {
        client.onRequest(RoomsEditRequest, (params) => applyEdits(params));
        client.onNotification(RoomsStateNotification, (state: DocumentRoomState) => this.documents.set(state));
        client.onNotification(RoomsPresenceNotification, (presence) => this.presence.fire(presence));
        client.onNotification(RoomsSavedNotification, (saved) => this.saved.fire(saved));
    }

    /** Does something once all is sent that happened to the document before. */
    after<T>(uri: vscode.Uri, work: () => Promise<T>): Promise<T> {
        return this.order.after(keyOf(uri), work);
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private forget(): void {
        this.documents.clear();
        this.shown.clear();
    }

    private async changed(
        event: vscode.TextDocumentChangeEvent,
        next: (event: vscode.TextDocumentChangeEvent) => Promise<void>,
    ): Promise<void> {
        const { uri, version, isDirty } = event.document;
        if (this.shown.isHeld(uri)) {
            return;
        }
        if (!this.documents.isFollowed(uri)) {
            return await this.after(uri, () => next(event));
        }
        const reason = REASONS.get(event.reason);
        return await this.order.change(keyOf(uri), { dirty: isDirty, reason }, async (dirty) => {
            const params = { uri: uri.toString(), version, dirty, ...(reason && { reason }) };
            // Not awaited: both take the same way, one right after the other.
            const told = this.server.tell(RoomsChangedNotification, params);
            await Promise.all([told, next(event)]);
        });
    }
}

/** Resolves once the main thread has said all that it knew. */
function mainThread(): Thenable<unknown> {
    return vscode.commands.executeCommand('setContext', 'anvcs.tick', true);
}

/** Applies edits in the tick in which the document was seen to be at their version; the editor checks it once more. */
async function applyEdits({ uri, version, edits }: RoomEditParams): Promise<RoomEditResult> {
    const document = openDocument(uri);
    if (document?.version !== version) {
        return { applied: false };
    }
    const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
    const [editor] = editors;
    if (!editor) {
        const edit = new vscode.WorkspaceEdit();
        edit.set(
            document.uri,
            edits.map(({ range, newText }) => vscode.TextEdit.replace(rangeOf(range), newText)),
        );
        return { applied: await vscode.workspace.applyEdit(edit) };
    }
    const cursors = editors.flatMap(({ selections }) => selections.map(({ end }) => end));
    const held = holdingCursors(edits, cursors, textOf(document));
    const write = (builder: vscode.TextEditorEdit) => {
        for (const { range, newText } of held) {
            builder.replace(rangeOf(range), newText);
        }
    };
    const options = { undoStopBefore: false, undoStopAfter: false };
    return { applied: await editor.edit(write, options).then(Boolean, () => false) };
}

/** A range as the editor has it. */
export function rangeOf({ start, end }: { readonly start: TextPosition; readonly end: TextPosition }): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
}

function textOf(document: vscode.TextDocument): TextAround {
    return {
        next: ({ line, character }) => {
            const { text } = document.lineAt(line);
            if (character < text.length) {
                return { line, character: character + String.fromCodePoint(text.codePointAt(character) ?? 0).length };
            }
            return line + 1 < document.lineCount ? { line: line + 1, character: 0 } : undefined;
        },
        between: (start, end) => document.getText(rangeOf({ start, end })),
    };
}
