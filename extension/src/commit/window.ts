/** The window's side of a commit: inputs, unsaved editors, the Source Control box. */
import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Answer, Draft, Question, UnsavedChoice } from './flow.js';

/** Asks one question of a sequence in a quick input. */
export function ask(question: Question): Promise<Answer> {
    const input = vscode.window.createInputBox();
    input.title = question.title;
    input.prompt = question.prompt;
    input.placeholder = question.placeholder;
    input.value = question.value;
    input.step = question.step;
    input.totalSteps = question.steps;
    input.ignoreFocusOut = true;
    input.buttons = question.step > 1 ? [vscode.QuickInputButtons.Back] : [];
    return new Promise<Answer>((answer) => {
        input.onDidChangeValue((value) => {
            input.validationMessage = value ? question.validate(value) : undefined;
        });
        input.onDidTriggerButton(() => answer('back'));
        input.onDidAccept(() => {
            input.validationMessage = question.validate(input.value);
            if (!input.validationMessage) {
                answer({ value: input.value });
            }
        });
        input.onDidHide(() => answer(undefined));
        input.show();
    }).finally(() => input.dispose());
}

/** Offers to initialize a repository. */
export async function confirmInit(root: string): Promise<boolean> {
    const initialize = l10n.t('Initialize');
    const message = root
        ? l10n.t('ANVCS is not initialized in {0}. Nothing in its history is rewritten by doing so.', root)
        : l10n.t('ANVCS is not initialized here. Nothing in the history is rewritten by doing so.');
    return (await vscode.window.showInformationMessage(message, initialize)) === initialize;
}

/** Whether a path is the folder or lies in it. */
function isWithin(folder: string, path: string): boolean {
    const way = relative(folder, path);
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

/** The unsaved documents of a repository. */
export function unsavedIn(root: string): vscode.TextDocument[] {
    return vscode.workspace.textDocuments.filter(
        ({ isDirty, uri }) => isDirty && uri.scheme === 'file' && isWithin(root, uri.fsPath),
    );
}

/** Asks what to do about unsaved editors. */
export async function askUnsaved(count: number): Promise<UnsavedChoice> {
    const save = l10n.t('Save All and Commit');
    const saved = l10n.t('Commit Saved State');
    const message =
        count === 1 ? l10n.t('One file has unsaved changes.') : l10n.t('{0} files have unsaved changes.', count);
    const detail = l10n.t('A commit takes what is saved.');
    const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, save, saved);
    return chosen === save ? 'save' : chosen === saved ? 'saved-state' : undefined;
}

/** Saves a repository's unsaved documents; false if one could not be. */
export async function saveAll(root: string): Promise<boolean> {
    const saved = await Promise.all(unsavedIn(root).map((document) => document.save()));
    return saved.every(Boolean);
}

/** The part of the built-in Git extension's API that we use. */
interface GitApi {
    getAPI(version: 1): {
        getRepository(uri: vscode.Uri): { readonly inputBox: { value: string } } | null;
    };
}

/** The message waiting in the Source Control view: the one place in the editor for a message of several lines. */
export function draftOf(root: string): Draft | undefined {
    const extension = vscode.extensions.getExtension<GitApi>('vscode.git');
    try {
        const api = extension?.isActive ? extension.exports.getAPI(1) : undefined;
        const box = api?.getRepository(vscode.Uri.file(root))?.inputBox;
        if (!box?.value.trim()) {
            return undefined;
        }
        const clear = () => {
            box.value = '';
        };
        return { text: box.value, clear };
    } catch {
        // The Git extension throws when it is switched off.
        return undefined;
    }
}
