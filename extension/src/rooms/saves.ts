/** Saves of documents in rooms: the server hears of each before and after, and one window's save is all windows'. */
import * as vscode from 'vscode';
import type { Server } from '../server/server.js';
import { type RoomSaved, RoomsDidSaveNotification, RoomsWillSaveRequest } from '../wire.js';
import type { Binding } from './binding.js';
import { keyOf, openDocument, type RoomDocuments } from './documents.js';

/** VS Code waits 1.5 s for all extensions together, and stops asking one that was late too often. */
const PATIENCE = 1200;
/** Before that, nobody counts: long enough for another window's save to end. */
const EARLY_PATIENCE = 6000;

/** Joins saves with the server. */
export class Saves implements vscode.Disposable {
    private readonly following = new Set<string>();
    private readonly subscriptions: vscode.Disposable[];

    constructor(
        private readonly server: Server,
        private readonly binding: Binding,
        private readonly documents: RoomDocuments,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            vscode.workspace.onWillSaveTextDocument((event) => {
                if (documents.isFollowed(event.document.uri)) {
                    event.waitUntil(this.prepare(event.document, PATIENCE));
                }
            }),
            vscode.workspace.onDidSaveTextDocument((document) => void this.saved(document)),
            binding.onSaved((saved) => void this.follow(saved)),
        ];
    }

    /**
     * Saves a document by the user's wish, and tells the server first.
     *
     * VS Code runs formatters before it says that it will save; what they change belongs to the save all the same.
     */
    async save(document: vscode.TextDocument): Promise<void> {
        await this.prepare(document, EARLY_PATIENCE);
        await vscode.commands.executeCommand('workbench.action.files.save');
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    /** Lets the server prepare the file; a save goes on whatever comes of it. */
    private async prepare(document: vscode.TextDocument, patience: number): Promise<void> {
        const { uri } = document;
        const asked = this.binding.after(uri, () =>
            this.server.request(RoomsWillSaveRequest, { uri: uri.toString(), version: document.version }),
        );
        const failed = asked.then(
            () => undefined,
            (error: unknown) => this.log.warn(`before saving: ${String(error)}`),
        );
        await within(failed, patience);
    }

    private async saved(document: vscode.TextDocument): Promise<void> {
        const { uri, version } = document;
        const followed = this.following.has(keyOf(uri));
        if (this.documents.isFollowed(uri)) {
            await this.binding.after(uri, () =>
                this.server.tell(RoomsDidSaveNotification, { uri: uri.toString(), version, followed }),
            );
        }
    }

    /** Saves what somebody else saved, if this window shows just that. */
    private async follow({ uri, version }: RoomSaved): Promise<void> {
        const document = openDocument(uri);
        const key = keyOf(uri);
        if (!document?.isDirty || document.version !== version || this.following.has(key)) {
            return;
        }
        this.following.add(key);
        try {
            await this.prepare(document, EARLY_PATIENCE);
            await document.save();
        } finally {
            this.following.delete(key);
        }
    }
}

/** Waits for work, but not longer than some milliseconds. */
async function within(work: Promise<unknown>, patience: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resume) => {
        timer = setTimeout(resume, patience);
    });
    await Promise.race([work, late]);
    clearTimeout(timer);
}
