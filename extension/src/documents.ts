/** Read-only documents: files at a commit (served by the server) and our own empty and report documents. */
import * as vscode from 'vscode';
import type { FileChange } from './wire.js';

/** Scheme of files at a commit: `anvcs:/<path>?<git commit>`. */
export const COMMIT_SCHEME = 'anvcs';

/** Scheme of documents that this side holds. */
const LOCAL_SCHEME = 'anvcs-local';

/** The uri of a file as it was at a commit, empty if it was not there; the folder says of which repository. */
export function fileAt(commit: string, path: string, folder?: string): vscode.Uri {
    const query = folder === undefined ? commit : `${commit}&folder=${folder}`;
    return vscode.Uri.from({ scheme: COMMIT_SCHEME, path: `/${path}`, query });
}

/** The folder that such a uri names. */
export function folderNamed(query: string): string | undefined {
    return /&folder=(.*)$/s.exec(query)?.[1];
}

/** Which file of which result of a merge a document shows. */
export interface ResultPlace {
    readonly tree: string;
    readonly path: string;
    readonly folder: string | undefined;
}

/** What a document shows, if it is a file of a merge's result. */
export function resultAt({ scheme, path, query }: vscode.Uri): ResultPlace | undefined {
    const tree = scheme === COMMIT_SCHEME ? /^tree:(\w+)/.exec(query)?.[1] : undefined;
    return tree === undefined ? undefined : { tree, path: path.slice(1), folder: folderNamed(query) };
}

/** The uri of a document without text, named like the file it stands in for. */
export function nothingAt(path: string): vscode.Uri {
    return vscode.Uri.from({ scheme: LOCAL_SCHEME, path: `/${path}`, query: 'empty' });
}

/** Both sides of a change, and the title of their comparison. */
export interface Comparison {
    readonly left: vscode.Uri;
    readonly right: vscode.Uri;
    readonly title: string;
}

/** The commit whose change is shown; the folder only where the server's first workspace folder is not meant. */
export interface Compared {
    readonly commit: string;
    /** Absent for a commit without one: then the other side is empty. */
    readonly parent?: string;
    readonly folder?: string;
}

/** What to compare to show a file's change in a commit. */
export function comparison(change: FileChange, { commit, parent, folder }: Compared): Comparison {
    const before = change.oldPath ?? change.path;
    const name = change.path.split('/').at(-1) ?? change.path;
    return {
        left: parent === undefined ? nothingAt(before) : fileAt(parent, before, folder),
        right: fileAt(commit, change.path, folder),
        title: `${name} (${parent === undefined ? '∅' : shortId(parent)} ↔ ${shortId(commit)})`,
    };
}

/** A Git id as people read it. */
export function shortId(commit: string): string {
    return commit.slice(0, 7);
}

/** The documents this side holds. */
export class LocalDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
    private readonly texts = new Map<string, string>();
    private readonly changed = new vscode.EventEmitter<vscode.Uri>();
    private readonly registration = vscode.workspace.registerTextDocumentContentProvider(LOCAL_SCHEME, this);
    readonly onDidChange = this.changed.event;

    provideTextDocumentContent(uri: vscode.Uri): string {
        return this.texts.get(uri.toString()) ?? '';
    }

    /** Holds a text as a read-only document; the same name again replaces it. */
    hold(name: string, text: string): vscode.Uri {
        const uri = vscode.Uri.from({ scheme: LOCAL_SCHEME, path: `/${name}` });
        this.texts.set(uri.toString(), text);
        this.changed.fire(uri);
        return uri;
    }

    /** Shows a text as a read-only document; the same name again replaces it. */
    async show(name: string, language: string, text: string): Promise<void> {
        const uri = this.hold(name, text);
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.languages.setTextDocumentLanguage(document, language);
        await vscode.window.showTextDocument(document, { preview: true });
    }

    dispose(): void {
        this.registration.dispose();
        this.changed.dispose();
    }
}
