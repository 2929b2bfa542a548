/** Deciding a file of a merge by hand: its result as a file that can be edited; saving it is the decision. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { fileAt, folderNamed, resultAt } from '../documents.js';
import { type Command, folderOf, pick, tell } from '../history/actions.js';
import type { Target } from '../history/row.js';
import { localProblem, problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import type { Proposal } from '../wire.js';
import { disputed, showing, tellDecided } from './deciding.js';
import { ended, fileRows, sourceNames } from './proposals.js';
import { comparing, type Folder, type MergeContext, placed } from './steps.js';

/** Scheme of results that can be edited: `anvcs-result:/<path>?<proposal>`. */
export const EDITED_SCHEME = 'anvcs-result';

/** What is edited. */
interface Edited {
    readonly proposal: string;
    readonly path: string;
    readonly folder: Folder;
}

/** A file as it was read or written last. */
interface Version {
    readonly data: Uint8Array;
    readonly mtime: number;
}

/** What is done with what somebody saves. */
interface Told {
    /** It is decided. */
    decided(edited: Edited, proposal: Proposal): void;
    /** It is only kept. */
    kept(edited: Edited): void;
    /** Somebody else decided the file while there is a text of one's own. */
    overtaken(edited: Edited): void;
}

const DRAFTS = 'merge.drafts';
const MARKER = /^(<{7,}|>{7,})( |\r?$)/m;

/** Whether a text has conflict markers in it, so that it decides nothing yet. */
export function hasMarkers(text: string): boolean {
    return MARKER.test(text);
}

/** The uri of a file of a merge's result that can be edited; it stays the same when the result changes. */
export function editedAt({ proposal, path, folder }: Edited): vscode.Uri {
    const query = folder === undefined ? proposal : `${proposal}&folder=${folder}`;
    return vscode.Uri.from({ scheme: EDITED_SCHEME, path: `/${path}`, query });
}

/** What such a uri names. */
export function editedOf({ path, query }: Pick<vscode.Uri, 'path' | 'query'>): Edited {
    const [proposal = ''] = query.split('&', 1);
    return { proposal, path: path.slice(1), folder: folderNamed(query) };
}

/** Serves results as files. A text that cannot decide anything yet, or that the editor saved by itself, is kept here. */
export class EditedResults implements vscode.FileSystemProvider, vscode.Disposable {
    private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
    /** What the server has. */
    private readonly results = new Map<string, Version>();
    /** Documents that the editor is about to save without having been asked to. */
    private readonly unasked = new Set<string>();
    /** Documents that are being decided from here: that their results change is no news. */
    private readonly deciding = new Set<string>();
    private readonly subscriptions: vscode.Disposable[];
    readonly onDidChangeFile = this.changes.event;

    constructor(
        private readonly server: Pick<Server, 'execute' | 'onDidChangeProposals'>,
        private readonly memory: vscode.Memento,
        private readonly told: Told,
    ) {
        this.subscriptions = [
            this.changes,
            vscode.workspace.registerFileSystemProvider(EDITED_SCHEME, this, { isCaseSensitive: true }),
            vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
                const isAsked = reason === vscode.TextDocumentSaveReason.Manual;
                this.unasked[isAsked ? 'delete' : 'add'](String(document.uri));
            }),
            server.onDidChangeProposals(({ proposals }) =>
                this.look(new Set(proposals.map(({ proposalId }) => proposalId))),
            ),
        ];
    }

    watch(): vscode.Disposable {
        return new vscode.Disposable(() => undefined);
    }

    async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
        const { data, mtime } = this.draft(uri) ?? this.results.get(String(uri)) ?? (await this.read(uri));
        return { type: vscode.FileType.File, ctime: 0, mtime, size: data.byteLength };
    }

    async readFile(uri: vscode.Uri): Promise<Uint8Array> {
        return (this.draft(uri) ?? (await this.read(uri))).data;
    }

    /** Decides the file, or keeps its text. */
    async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
        const edited = editedOf(uri);
        const { proposal, path, folder } = edited;
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
        const isUnasked = this.unasked.delete(String(uri));
        if (isUnasked || hasMarkers(text)) {
            await this.keep(uri, { text, mtime: Date.now() });
            if (!isUnasked) {
                this.told.kept(edited);
            }
            return;
        }
        this.deciding.add(String(uri));
        try {
            const params = { ...placed(folder), proposal, path, text };
            const result = await this.server.execute('proposal.resolve', params);
            await this.keep(uri, undefined);
            this.note(uri, content);
            this.told.decided(edited, result.proposal);
        } catch (error) {
            throw new vscode.FileSystemError(sentence(problemOf(error)));
        } finally {
            this.deciding.delete(String(uri));
        }
    }

    readDirectory(): [string, vscode.FileType][] {
        return [];
    }

    createDirectory(uri: vscode.Uri): never {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    delete(uri: vscode.Uri): never {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    rename(uri: vscode.Uri): never {
        throw vscode.FileSystemError.NoPermissions(uri);
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private async read(uri: vscode.Uri): Promise<Version> {
        const { proposal: named, path, folder } = editedOf(uri);
        const { proposal } = await this.server.execute('proposal.show', { ...placed(folder), proposal: named });
        if (proposal.tree === undefined) {
            throw vscode.FileSystemError.FileNotFound(uri);
        }
        const document = await vscode.workspace.openTextDocument(fileAt(`tree:${proposal.tree}`, path, folder));
        return this.note(uri, new TextEncoder().encode(document.getText()));
    }

    private note(uri: vscode.Uri, data: Uint8Array): Version {
        const before = this.results.get(String(uri));
        if (before && Buffer.compare(before.data, data) === 0) {
            return before;
        }
        const version = { data, mtime: Math.max(Date.now(), (before?.mtime ?? 0) + 1) };
        this.results.set(String(uri), version);
        return version;
    }

    private draft(uri: vscode.Uri): Version | undefined {
        const found = this.drafts()[String(uri)];
        return found && { data: new TextEncoder().encode(found.text), mtime: found.mtime };
    }

    private drafts(): Readonly<Record<string, Draft>> {
        return this.memory.get(DRAFTS, {});
    }

    private async keep(uri: vscode.Uri, draft: Draft | undefined): Promise<void> {
        const { [String(uri)]: _, ...others } = this.drafts();
        await this.memory.update(DRAFTS, draft ? { ...others, [String(uri)]: draft } : others);
    }

    /** Others went on: a document without a text of one's own follows. */
    private async look(proposals: ReadonlySet<string>): Promise<void> {
        for (const { uri, isDirty } of vscode.workspace.textDocuments) {
            const before = this.results.get(String(uri));
            if (
                uri.scheme !== EDITED_SCHEME ||
                !before ||
                !proposals.has(editedOf(uri).proposal) ||
                this.deciding.has(String(uri))
            ) {
                continue;
            }
            // One that has ended and is not kept can still be looked at as it was.
            const now = await this.read(uri).catch(() => before);
            if (this.deciding.has(String(uri))) {
                continue;
            }
            if (now !== before && (isDirty || this.draft(uri))) {
                this.told.overtaken(editedOf(uri));
            } else if (now !== before) {
                this.changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
            }
        }
    }
}

/** A text that is kept until it decides something. */
interface Draft {
    readonly text: string;
    readonly mtime: number;
}

/** Every command of this file, by its id. */
export function editingCommands(context: MergeContext): Record<string, Command> {
    return {
        'anvcs.proposal.edit': (target) => edit(context, target),
    };
}

/** The file system that the command's documents are in. */
export function editedResults(context: MergeContext, memory: vscode.Memento): EditedResults {
    return new EditedResults(context.server, memory, {
        decided: ({ folder, path }, proposal) => {
            void tellDecided(context, folder, path, proposal);
            void context.views.refresh();
        },
        kept: ({ path }) => {
            void tell(context, l10n.t('Kept, not decided: {0} has conflict markers left.', path), true);
        },
        overtaken: ({ folder, path, proposal }) => {
            const said = l10n.t(
                '{0} was decided elsewhere meanwhile. If you save, what you wrote is what counts.',
                path,
            );
            const target = { ...placed(folder), proposal };
            const run = () => vscode.commands.executeCommand('anvcs.proposal.review', target);
            void tell(context, said, true, { label: l10n.t('Review'), run });
        },
    });
}

async function edit(context: MergeContext, target?: Target | vscode.Uri): Promise<unknown> {
    const { folder, proposal, path } = await meant(context, target);
    if (!proposal || ended(proposal) !== undefined) {
        throw localProblem('proposal', l10n.t('This is not the result of an open merge, so there is nothing to edit.'));
    }
    const found = path === undefined ? undefined : comparing(folder, proposal, path);
    if (!found || path === undefined) {
        return undefined;
    }
    const uri = editedAt({ proposal: proposal.proposalId, path, folder });
    const name = path.split('/').at(-1) ?? path;
    const heading = l10n.t('{0} ({1} ↔ merged with {2}, by hand)', name, proposal.target, sourceNames(proposal));
    const line = firstConflict(proposal, path);
    const selection = new vscode.Range(line, 0, line, 0);
    await vscode.commands.executeCommand('vscode.diff', found.before, uri, heading, { selection });
    return uri;
}

/** What is to be edited; no path if the user would not choose one. */
interface Meant {
    readonly folder: Folder;
    readonly proposal: Proposal | undefined;
    readonly path: string | undefined;
}

/** What another command names, or the result that a button or the cursor is in, or what the user chooses. */
async function meant(context: MergeContext, target?: Target | vscode.Uri): Promise<Meant> {
    const given = target as Partial<Edited> | undefined;
    if (given?.proposal !== undefined && given.path !== undefined) {
        const { folder, path, proposal } = given;
        const result = await context.server.execute('proposal.show', { ...placed(folder), proposal });
        return { folder, path, proposal: result.proposal };
    }
    const place = resultAt(target && 'scheme' in target ? target : activeUri());
    if (place) {
        return { ...place, proposal: await showing(context, place) };
    }
    const folder = await folderOf(context, target as Target | undefined);
    const proposal = folder === undefined ? undefined : await disputed(context, folder, undefined);
    const rows = proposal && folder !== undefined ? fileRows(folder, proposal) : [];
    const row = rows.length > 1 ? await pick(rows, l10n.t('Choose the file to edit')) : rows[0];
    return { folder, proposal, path: row?.id };
}

function activeUri(): vscode.Uri {
    return vscode.window.activeTextEditor?.document.uri ?? vscode.Uri.from({ scheme: 'none', path: '/' });
}

/** From 0. */
function firstConflict({ files = [] }: Proposal, path: string): number {
    const open = files.find((file) => file.path === path)?.conflicts?.find(({ resolved }) => !resolved);
    return Math.max((open?.line ?? 1) - 1, 0);
}
