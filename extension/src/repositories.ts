/** Which repository is meant: that of the active editor, else the only one, else the user is asked once. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';

/** What choosing needs to know about the window and the disk. */
export interface Surroundings {
    /** The workspace folders' paths. */
    readonly folders: readonly string[];
    /** The active editor's file, if it is in the workspace. */
    readonly activeFile?: string;
    /** Whether a folder holds `.git`. */
    hasGit(folder: string): Promise<boolean>;
    /** The paths of a folder's folders. */
    subfolders(folder: string): Promise<readonly string[]>;
}

/** The nearest folder at or above a path that holds `.git`. */
export async function repositoryAbove(path: string, hasGit: Surroundings['hasGit']): Promise<string | undefined> {
    for (let folder = path; ; folder = dirname(folder)) {
        if (await hasGit(folder)) {
            return folder;
        }
        if (dirname(folder) === folder) {
            return undefined;
        }
    }
}

/** The repository of the active editor. */
export async function activeRepository(around: Surroundings): Promise<string | undefined> {
    return around.activeFile ? repositoryAbove(dirname(around.activeFile), around.hasGit) : undefined;
}

/** Every repository of the workspace: of each folder, else of the folders right below it. */
export async function repositories(around: Surroundings): Promise<string[]> {
    const found = new Set<string>();
    for (const folder of around.folders) {
        const above = await repositoryAbove(folder, around.hasGit);
        if (above) {
            found.add(above);
            continue;
        }
        for (const below of await around.subfolders(folder)) {
            if (await around.hasGit(below)) {
                found.add(below);
            }
        }
    }
    return [...found];
}

/** The window as it is now. */
export function surroundings(): Surroundings {
    const active = vscode.window.activeTextEditor?.document.uri;
    const inWorkspace = active?.scheme === 'file' && vscode.workspace.getWorkspaceFolder(active) !== undefined;
    return {
        folders: (vscode.workspace.workspaceFolders ?? [])
            .filter(({ uri }) => uri.scheme === 'file')
            .map(({ uri }) => uri.fsPath),
        ...(inWorkspace && { activeFile: active.fsPath }),
        hasGit: (folder) =>
            stat(join(folder, '.git')).then(
                () => true,
                () => false,
            ),
        subfolders: async (folder) => {
            const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
            return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
        },
    };
}

const CHOSEN = 'repository.chosen';

/** Chooses the repository a command means. */
export class RepositoryChooser {
    constructor(private readonly memory: vscode.Memento) {}

    /** The folder that requests name; undefined if the user would not choose. */
    async choose(): Promise<string | undefined> {
        const known = await this.guess();
        if (known) {
            return known;
        }
        const around = surroundings();
        const found = await repositories(around);
        if (found.length === 0) {
            return around.folders[0];
        }
        const items = found.map((folder) => ({ label: basename(folder), description: folder, folder }));
        const picked = await vscode.window.showQuickPick(items, { placeHolder: l10n.t('Choose a repository') });
        if (picked) {
            await this.memory.update(CHOSEN, picked.folder);
        }
        return picked?.folder;
    }

    /** Whether the workspace has a repository at all. */
    async isUseful(): Promise<boolean> {
        return (await repositories(surroundings())).length > 0;
    }

    /** The repository that is meant without asking; undefined if there is none or a choice of several. */
    async guess(): Promise<string | undefined> {
        const around = surroundings();
        const active = await activeRepository(around);
        if (active) {
            return active;
        }
        const found = await repositories(around);
        if (found.length === 1) {
            return found[0];
        }
        const chosen = this.memory.get<string>(CHOSEN);
        return found.find((folder) => folder === chosen);
    }
}
