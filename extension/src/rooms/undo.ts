/** Undo and redo in a room take back and bring back only the user's own edits, by key, menu and palette. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { showProblem } from '../notify.js';
import type { Server } from '../server/server.js';
import { RoomsRedoRequest, RoomsUndoRequest } from '../wire.js';
import type { Binding } from './binding.js';
import type { RoomDocuments } from './documents.js';

type Direction = 'undo' | 'redo';

const REQUESTS = { undo: RoomsUndoRequest, redo: RoomsRedoRequest };
const GLANCE = 3000;

/** Stands in for the editor's own undo and redo while the active editor's document is in a room. */
export class RoomUndo implements vscode.Disposable {
    private readonly subscriptions: vscode.Disposable[];
    private overrides: vscode.Disposable | undefined;
    private inRoom = false;
    private passing = 0;

    constructor(
        private readonly server: Server,
        private readonly binding: Binding,
        private readonly documents: RoomDocuments,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            documents.onDidChange(() => this.look()),
            vscode.window.onDidChangeActiveTextEditor(() => this.look()),
            vscode.commands.registerCommand('anvcs.rooms.editorUndo', () => this.pass('undo')),
            vscode.commands.registerCommand('anvcs.rooms.editorRedo', () => this.pass('redo')),
            new vscode.Disposable(() => this.overrides?.dispose()),
        ];
        this.look();
    }

    /** Takes the user's own last edits back, or brings them back. */
    async run(direction: Direction): Promise<boolean> {
        const document = vscode.window.activeTextEditor?.document;
        if (!document || !this.documents.isInside(document.uri)) {
            return false;
        }
        const { uri } = document;
        const { done } = await this.binding.after(uri, () =>
            this.server.request(REQUESTS[direction], { uri: uri.toString() }),
        );
        if (!done) {
            const nothing = direction === 'undo' ? l10n.t('Nothing of yours to undo.') : l10n.t('Nothing to redo.');
            vscode.window.setStatusBarMessage(nothing, GLANCE);
        }
        return done;
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    /** Lets the editor's own command do it: for input boxes, which have the keyboard while a room's editor is active. */
    private async pass(direction: Direction): Promise<void> {
        this.passing += 1;
        this.override();
        try {
            await vscode.commands.executeCommand(direction);
        } finally {
            this.passing -= 1;
            this.override();
        }
    }

    private look(): void {
        const uri = vscode.window.activeTextEditor?.document.uri;
        const inRoom = uri !== undefined && this.documents.isInside(uri);
        if (inRoom !== this.inRoom) {
            this.inRoom = inRoom;
            void vscode.commands.executeCommand('setContext', 'anvcs.inRoom', inRoom);
            this.override();
        }
    }

    /** The menu and the palette run these commands by their ids; the editor's own come back when ours go. */
    private override(): void {
        const wanted = this.inRoom && this.passing === 0;
        if (wanted === (this.overrides !== undefined)) {
            return;
        }
        const ours = (direction: Direction) =>
            vscode.commands.registerCommand(direction, () =>
                this.run(direction).catch((error: unknown) => showProblem(error, this.log)),
            );
        this.overrides?.dispose();
        this.overrides = wanted ? vscode.Disposable.from(ours('undo'), ours('redo')) : undefined;
    }
}
