/**
 * Documents that the user has open in a tab.
 *
 * Other extensions load documents that nobody looks at. Would one of those be in a room, the first edit of somebody else
 * would make it dirty, and VS Code would open a tab for it.
 */
import * as vscode from 'vscode';
import { keyOf } from './documents.js';

/** The uris that a tab is about. */
export function urisOf(input: unknown): vscode.Uri[] {
    const { uri, original, modified } = (input ?? {}) as Partial<Record<'uri' | 'original' | 'modified', vscode.Uri>>;
    return [uri, original, modified].filter((each) => each !== undefined);
}

/** Holds back the news of documents until a tab shows them. */
export class ShownDocuments implements vscode.Disposable {
    private readonly held = new Map<string, () => Promise<void>>();
    private readonly subscription: vscode.Disposable;
    private readonly shown: () => Set<string>;

    constructor(tabs: Pick<vscode.TabGroups, 'all' | 'onDidChangeTabs'> = vscode.window.tabGroups) {
        this.shown = () =>
            new Set(tabs.all.flatMap((group) => group.tabs.flatMap(({ input }) => urisOf(input).map(keyOf))));
        this.subscription = tabs.onDidChangeTabs(() => void this.release());
    }

    /** A document was opened: tells so at once, or as soon as a tab shows it. */
    async opened(uri: vscode.Uri, tell: () => Promise<void>): Promise<void> {
        const key = keyOf(uri);
        if (this.shown().has(key)) {
            await tell();
        } else {
            this.held.set(key, tell);
        }
    }

    /** Whether nobody was told of the document yet. */
    isHeld(uri: vscode.Uri): boolean {
        return this.held.has(keyOf(uri));
    }

    /** A document was closed; true if nobody was told of it. */
    closed(uri: vscode.Uri): boolean {
        return this.held.delete(keyOf(uri));
    }

    /** There is nobody to tell any more. */
    clear(): void {
        this.held.clear();
    }

    dispose(): void {
        this.subscription.dispose();
    }

    private async release(): Promise<void> {
        const shown = this.shown();
        for (const [key, tell] of this.held) {
            if (shown.has(key)) {
                this.held.delete(key);
                await tell();
            }
        }
    }
}
