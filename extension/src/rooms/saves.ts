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
/** Milliseconds from the answer within which a save by itself is done. */
const OVERDUE = 500;
/**
 * Milliseconds after which somebody else's save is followed: as long as the server would have it wait.
 */
const APART = 1000;
/** How often a save is tried again. */
const TRIES = 3;

/** Joins saves with the server. */
export class Saves implements vscode.Disposable {
    private readonly following = new Set<string>();
    private readonly overdue = new Map<string, NodeJS.Timeout>();
    /** The save of each document that is under way, with what led to it. */
    private readonly busy = new Map<string, Promise<unknown>>();
    /** How many saves each document has had. */
    private readonly done = new Map<string, number>();
    /** Documents that are in their rooms. */
    private readonly inside = new Set<string>();
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
                    event.waitUntil(this.asked(event));
                }
            }),
            vscode.workspace.onDidSaveTextDocument((document) => void this.saved(document)),
            binding.onSaved((saved) => void this.follow(saved)),
            documents.onDidChange(({ uri, state }) => {
                this.moved(keyOf(uri), state === 'joined');
            }),
            new vscode.Disposable(() => {
                this.overdue.forEach(clearTimeout);
            }),
        ];
    }

    /**
     * Saves a document by the user's wish, and tells the server first.
     *
     * VS Code runs formatters before it says that it will save; what they change belongs to the save all the same.
     */
    async save(document: vscode.TextDocument): Promise<void> {
        const work = async () => vscode.commands.executeCommand('workbench.action.files.save');
        await (document.isDirty ? this.early(document, work) : work());
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    /**
     * Saves after the server has prepared the file, and again if that was in vain.
     *
     * Somebody who writes the file just before VS Code does makes it refuse, and rightly: the room has to take that in
     * first. With the next save it has, and VS Code takes its complaint back.
     */
    private async early(document: vscode.TextDocument, save: () => Thenable<unknown>): Promise<void> {
        const key = keyOf(document.uri);
        // One after the other: the end of the first would count as that of a second one, which has not written yet.
        const before = this.busy.get(key) ?? Promise.resolve();
        const work = before.then(async () => this.alone(document, save));
        const tail = work.catch(() => undefined);
        this.busy.set(key, tail);
        await work.finally(() => this.busy.get(key) === tail && this.busy.delete(key));
    }

    private async alone(document: vscode.TextDocument, save: () => Thenable<unknown>): Promise<void> {
        const key = keyOf(document.uri);
        const before = this.done.get(key);
        let inVain = false;
        for (let tries = 0; tries < TRIES && document.isDirty && this.done.get(key) === before; tries += 1) {
            await this.prepare(document, EARLY_PATIENCE);
            // Saved by itself meanwhile: written once more, the file would be empty for a moment to all who read it.
            inVain = !document.isDirty;
            if (!inVain) {
                await (tries === 0 ? save() : document.save());
                inVain = this.done.get(key) === before;
            }
        }
        if (inVain) {
            // The server waits for the end of a save that will not come.
            await this.tell(document, true);
        }
    }

    /** VS Code is about to save: it waits for the server. */
    private async asked({ document, reason }: vscode.TextDocumentWillSaveEvent): Promise<void> {
        await this.prepare(document, PATIENCE);
        if (reason !== vscode.TextDocumentSaveReason.Manual) {
            this.expect(document);
        }
    }

    /** A window that was just loaded saves by itself before it is in the room, where others may have saved since. */
    private moved(key: string, isInside: boolean): void {
        if (!isInside) {
            this.inside.delete(key);
            return;
        }
        const document = this.inside.has(key) ? undefined : openDocument(key);
        this.inside.add(key);
        if (document?.isDirty && savesByItself(document)) {
            this.expect(document);
        }
    }

    /** A save by itself that VS Code refuses is the last by itself: it is done again, which the user wants it to. */
    private expect(document: vscode.TextDocument): void {
        const key = keyOf(document.uri);
        clearTimeout(this.overdue.get(key));
        const late = () => {
            this.overdue.delete(key);
            if (document.isDirty && !document.isClosed) {
                void this.early(document, () => document.save());
            }
        };
        this.overdue.set(key, setTimeout(late, OVERDUE));
    }

    /** Lets the server prepare the file; a save goes on whatever comes of it. */
    private async prepare(document: vscode.TextDocument, patience: number): Promise<void> {
        const { uri } = document;
        const ask = () =>
            this.binding.after(uri, () =>
                this.server.request(RoomsWillSaveRequest, { uri: uri.toString(), version: document.version }),
            );
        const asked = ask().then(async ({ wait = 0 }) => {
            if (wait > 0) {
                await pause(wait);
                if (document.isDirty) {
                    await ask();
                }
            }
        });
        const failed = asked.catch((error: unknown) => this.log.warn(`before saving: ${String(error)}`));
        await within(failed, patience);
    }

    private async saved(document: vscode.TextDocument): Promise<void> {
        const key = keyOf(document.uri);
        clearTimeout(this.overdue.get(key));
        this.overdue.delete(key);
        this.done.set(key, (this.done.get(key) ?? 0) + 1);
        if (this.documents.isFollowed(document.uri)) {
            await this.tell(document, this.following.has(key));
        }
    }

    private async tell({ uri, version, isDirty }: vscode.TextDocument, followed: boolean): Promise<void> {
        const params = { uri: uri.toString(), version, followed, dirty: isDirty };
        await this.binding.after(uri, () => this.server.tell(RoomsDidSaveNotification, params));
    }

    /** Saves what somebody else saved, if this window shows just that and will not do so by itself. */
    private async follow({ uri, version }: RoomSaved): Promise<void> {
        const key = keyOf(uri);
        const document = openDocument(uri);
        const isSame = () => document?.isDirty && document.version === version;
        if (!document || !isSame() || this.following.has(key)) {
            return;
        }
        if (savesByItself(document)) {
            return;
        }
        this.following.add(key);
        try {
            await pause(APART);
            if (isSame()) {
                await this.early(document, () => document.save());
            }
        } finally {
            this.following.delete(key);
        }
    }
}

/** Whether a document is saved soon after each change. */
function savesByItself(document: vscode.TextDocument): boolean {
    return vscode.workspace.getConfiguration('files', document).get('autoSave') === 'afterDelay';
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((resume) => {
        setTimeout(resume, milliseconds);
    });
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
