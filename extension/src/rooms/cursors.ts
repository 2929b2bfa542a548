/** Tells where the user's selections are. */
import * as vscode from 'vscode';
import type { Server } from '../server/server.js';
import { RoomsCursorNotification } from '../wire.js';
import type { Binding } from './binding.js';
import type { RoomDocuments } from './documents.js';

/** Milliseconds in which several moves are told as one. */
const PAUSE = 40;

/** Follows the selections of the active editor. */
export class Cursors implements vscode.Disposable {
    private readonly subscriptions: vscode.Disposable[];
    private timer: NodeJS.Timeout | undefined;
    private shown: vscode.TextDocument | undefined;

    constructor(
        private readonly server: Server,
        private readonly binding: Binding,
        private readonly documents: RoomDocuments,
    ) {
        this.subscriptions = [
            vscode.window.onDidChangeTextEditorSelection(() => this.soon()),
            vscode.window.onDidChangeActiveTextEditor(() => this.soon()),
            documents.onDidChange(({ state }) => state === 'joined' && this.soon()),
            new vscode.Disposable(() => clearTimeout(this.timer)),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private soon(): void {
        this.timer ??= setTimeout(() => {
            this.timer = undefined;
            void this.tell();
        }, PAUSE);
    }

    private async tell(): Promise<void> {
        const editor = vscode.window.activeTextEditor;
        const left = this.shown;
        this.shown = editor?.document;
        if (left && left !== editor?.document) {
            await this.send(left, []);
        }
        if (editor) {
            await this.send(editor.document, editor.selections);
        }
    }

    private async send(document: vscode.TextDocument, selections: readonly vscode.Selection[]): Promise<void> {
        const { uri, version } = document;
        if (document.isClosed || !this.documents.isInside(uri)) {
            return;
        }
        const places = selections.map(({ anchor, active }) => ({ anchor: place(anchor), active: place(active) }));
        await this.binding.after(uri, () =>
            this.server.tell(RoomsCursorNotification, { uri: uri.toString(), version, selections: places }),
        );
    }
}

const place = ({ line, character }: vscode.Position) => ({ line, character });
