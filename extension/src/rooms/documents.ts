/** Which documents are in rooms, as the server says. */
import * as vscode from 'vscode';
import type { DocumentRoomState } from '../wire.js';

/** States in which the server follows the document's text. */
const FOLLOWED: ReadonlySet<string> = new Set(['connecting', 'joined', 'offline', 'desync']);

/** States in which the document is in its room, if perhaps cut off. */
const INSIDE: ReadonlySet<string> = new Set(['joined', 'offline', 'desync']);

/** A uri as a key, however its sender writes it. */
export function keyOf(uri: vscode.Uri | string): string {
    return (typeof uri === 'string' ? vscode.Uri.parse(uri) : uri).toString();
}

/** An open document by its uri. */
export function openDocument(uri: string): vscode.TextDocument | undefined {
    const key = keyOf(uri);
    return vscode.workspace.textDocuments.find((document) => keyOf(document.uri) === key);
}

/** The states of all documents. */
export class RoomDocuments implements vscode.Disposable {
    private readonly states = new Map<string, DocumentRoomState>();
    private readonly changed = new vscode.EventEmitter<DocumentRoomState>();
    private readonly closing: vscode.Disposable;

    /** Fires with each new state of a document. */
    readonly onDidChange = this.changed.event;

    constructor() {
        this.closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => this.states.delete(keyOf(uri)));
    }

    /** Takes in what the server says. */
    set(state: DocumentRoomState): void {
        this.states.set(keyOf(state.uri), state);
        this.changed.fire(state);
    }

    /** Forgets everything: there is no server that would follow. */
    clear(): void {
        const known = [...this.states.keys()];
        this.states.clear();
        for (const uri of known) {
            this.changed.fire({ uri, state: 'off' });
        }
    }

    /** What is known of a document. */
    get(uri: vscode.Uri): DocumentRoomState | undefined {
        return this.states.get(keyOf(uri));
    }

    /** All that is known. */
    all(): DocumentRoomState[] {
        return [...this.states.values()];
    }

    /** Whether the server follows the document's text. */
    isFollowed(uri: vscode.Uri): boolean {
        return FOLLOWED.has(this.get(uri)?.state ?? 'off');
    }

    /** Whether the document is in a room. */
    isInside(uri: vscode.Uri): boolean {
        return INSIDE.has(this.get(uri)?.state ?? 'off');
    }

    dispose(): void {
        this.closing.dispose();
        this.changed.dispose();
    }
}
