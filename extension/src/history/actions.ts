/** The commands on operations, checkpoints and commits: undo, redo, going back. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { comparison } from '../documents.js';
import { type Action, showProblem } from '../notify.js';
import { hasCode, localProblem } from '../problem.js';
import type { RepositoryChooser } from '../repositories.js';
import type { Server } from '../server/server.js';
import type { MoveResult } from '../wire.js';
import { operationRows } from './operations.js';
import type { Row, Target } from './row.js';
import { checkpointRows } from './streams.js';
import { describeMove, forecast, quoted, shortName } from './texts.js';
import type { HistoryViews } from './views.js';

/** What the commands stand on. */
export interface HistoryContext {
    readonly server: Server;
    readonly chooser: RepositoryChooser;
    readonly views: HistoryViews;
    readonly log: vscode.LogOutputChannel;
}

/** A command: takes what its row or caller means, and throws problems. */
export type Command = (target?: Target) => Promise<unknown>;

/** The repository that is meant; undefined if the user would not choose one. */
export async function folderOf({ chooser }: HistoryContext, target?: Target): Promise<string | undefined> {
    return target?.folder ?? chooser.choose();
}

/** Runs something short under the bar of the view it concerns, and refreshes all views after it, done or not. */
export async function within<T>({ views }: HistoryContext, viewId: string, work: () => Promise<T>): Promise<T> {
    try {
        return await vscode.window.withProgress({ location: { viewId } }, work);
    } finally {
        void views.refresh();
    }
}

/** Says what was done, and offers what follows, whose problems are told; a warning where something was left undone. */
export async function tell(
    { log }: Pick<HistoryContext, 'log'>,
    text: string,
    warn: boolean,
    ...actions: readonly Action[]
): Promise<void> {
    log.info(text);
    const show = warn ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const chosen = await show(text, ...actions.map(({ label }) => label));
    try {
        await actions.find(({ label }) => label === chosen)?.run();
    } catch (error) {
        // Nobody awaits a notification, so nobody else would tell.
        void showProblem(error, log);
    }
}

/** Lets the user choose one of some rows. */
export async function pick(rows: readonly Row[], placeHolder: string): Promise<Row | undefined> {
    const options = { placeHolder, matchOnDescription: true, matchOnDetail: true };
    return (await vscode.window.showQuickPick(rows.map(itemOf), options))?.row;
}

/** A row as an item of a list to choose from. */
export function itemOf<R extends Row>(row: R): vscode.QuickPickItem & { readonly row: R } {
    return {
        label: row.icon ? `$(${row.icon.name}) ${row.label}` : row.label,
        description: row.description ?? '',
        ...(row.detail && { detail: row.detail }),
        row,
    };
}

/** Every command of this file, by its id. */
export function operationCommands(context: HistoryContext): Record<string, Command> {
    const back: Command = (target) => goBack(context, target);
    return {
        'anvcs.undo': (target) => takeBack(context, 'undo', target),
        'anvcs.redo': (target) => takeBack(context, 'redo', target),
        'anvcs.operation.restore': back,
        'anvcs.operation.goBack': back,
        'anvcs.operation.file': (target) => showFile(target as Row),
        'anvcs.operation.copyId': async (target) => vscode.env.clipboard.writeText(target?.operation ?? ''),
        'anvcs.operations.more': () => context.views.more(),
        'anvcs.history.refresh': () => context.views.refresh(),
        'anvcs.revert': (target) => revert(context, target),
        'anvcs.checkpoint.create': (target) => createCheckpoint(context, target),
        'anvcs.checkpoint.restore': (target) => restoreCheckpoint(context, target),
    };
}

const run = (label: string, command: string, target: Target): Action => ({
    label,
    run: () => vscode.commands.executeCommand(command, target),
});

async function takeBack(context: HistoryContext, verb: 'undo' | 'redo', target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const { server } = context;
    try {
        const result = await within(context, 'anvcs.operations', async () => {
            if (target?.operation) {
                const { target: next } = await server.execute(verb, { folder, dryRun: true });
                if (next?.operationId !== target.operation) {
                    throw localProblem(
                        'undo-refused',
                        l10n.t('Something newer was done meanwhile, so this would take back something else.'),
                        l10n.t('Look at the operations again.'),
                    );
                }
            }
            return server.execute(verb, { folder });
        });
        const what = quoted(result.target);
        const [done, way] =
            verb === 'undo'
                ? [l10n.t('Undone: {0}', what), run(l10n.t('Redo'), 'anvcs.redo', { folder })]
                : [l10n.t('Done again: {0}', what), run(l10n.t('Undo'), 'anvcs.undo', { folder })];
        void tell(context, describeMove(done, result), (result.left ?? []).length > 0, way);
        return result;
    } catch (error) {
        const instead = run(l10n.t('Revert a Commit…'), 'anvcs.revert', { folder });
        void showProblem(error, context.log, verb === 'undo' && hasCode(error, 'undo-refused') ? [instead] : []);
        return undefined;
    }
}

async function goBack(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const operation = folder && (target?.operation ?? (await pickOperation(context, folder)));
    if (!folder || !operation) {
        return undefined;
    }
    const params = { folder, operation };
    return restore(
        context,
        folder,
        (more) => context.server.execute('op.restore', { ...params, ...more }),
        (result) => quoted(result.target),
    );
}

async function pickOperation({ server }: HistoryContext, folder: string): Promise<string | undefined> {
    const { operations } = await server.execute('op.log', { folder, limit: 200 });
    const { language } = vscode.env;
    const rows = operationRows({ folder, operations, more: false, language, now: Date.now() });
    const past = rows.filter(({ words = [] }) => words.includes('back'));
    return (await pick(past, l10n.t('Choose the operation after which everything was as it shall be')))?.operation;
}

type Restore = (more: { readonly dryRun?: boolean; readonly allWorktrees?: boolean }) => Promise<MoveResult>;

/** Goes back after a question that says what would happen. */
async function restore(
    context: HistoryContext,
    folder: string,
    perform: Restore,
    name: (result: MoveResult) => string,
): Promise<MoveResult | undefined> {
    const look = (allWorktrees: boolean) =>
        within(context, 'anvcs.operations', () => perform({ dryRun: true, allWorktrees }));
    const here = await look(false);
    const everywhere = here.leftPointers?.length ? await look(true) : here;
    const moves = (result: MoveResult) => result.moves?.length ?? 0;
    if (moves(here) === 0 && moves(everywhere) === 0) {
        void tell(context, [l10n.t('Nothing has to move.'), ...(here.leftPointers ?? [])].join(' '), false);
        return undefined;
    }
    const goBack = l10n.t('Go Back');
    const all = l10n.t('Go Back in All Worktrees');
    const message = l10n.t('Go back to {0}?', name(here));
    const buttons = [...(moves(here) ? [goBack] : []), ...(moves(everywhere) > moves(here) ? [all] : [])];
    const detail = forecast(moves(here) ? here : everywhere);
    const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
    if (chosen === undefined) {
        return undefined;
    }
    const result = await within(context, 'anvcs.operations', () => perform({ allWorktrees: chosen === all }));
    const text = describeMove(l10n.t('Back at {0}', name(result)), result);
    void tell(context, text, (result.left ?? []).length > 0, run(l10n.t('Undo'), 'anvcs.undo', { folder }));
    return result;
}

async function createCheckpoint(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const name =
        target?.checkpoint ??
        (folder &&
            (await vscode.window.showInputBox({
                title: l10n.t('Create Checkpoint'),
                prompt: l10n.t('Names the present state of all streams, to go back to it.'),
                placeHolder: l10n.t('A name, such as before the big merge'),
                validateInput: (value) => (value.trim() ? undefined : l10n.t('A checkpoint needs a name.')),
            })));
    if (!folder || !name) {
        return undefined;
    }
    return within(context, 'anvcs.checkpoints', () =>
        context.server.execute('checkpoint.create', { folder, name: name.trim() }),
    );
}

async function restoreCheckpoint(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const name = folder && (target?.checkpoint ?? (await pickCheckpoint(context, folder)));
    if (!folder || !name) {
        return undefined;
    }
    return restore(
        context,
        folder,
        (more) => context.server.execute('checkpoint.restore', { folder, name, ...more }),
        () => l10n.t('checkpoint “{0}”', name),
    );
}

async function pickCheckpoint({ server }: HistoryContext, folder: string): Promise<string | undefined> {
    const { checkpoints = [] } = await server.execute('checkpoint.list', { folder });
    if (checkpoints.length === 0) {
        throw localProblem('usage', l10n.t('There is no checkpoint yet.'), l10n.t('Create one first.'));
    }
    const rows = checkpointRows(folder, checkpoints, vscode.env.language, Date.now());
    return (await pick(rows, l10n.t('Choose a checkpoint')))?.checkpoint;
}

async function revert(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const commit = folder && (target?.commit ?? (await pickCommitted(context, folder)));
    if (!folder || !commit) {
        return undefined;
    }
    const result = await within(context, 'anvcs.operations', () =>
        context.server.execute('revert', { folder, commit }),
    );
    const text = l10n.t('{0} takes back what {1} changed.', shortName(result.gitCommit), shortName(commit));
    void tell(
        context,
        [text, ...(result.notices ?? [])].join(' '),
        false,
        run(l10n.t('Undo'), 'anvcs.undo', { folder }),
    );
    return result;
}

async function pickCommitted({ server }: HistoryContext, folder: string): Promise<string | undefined> {
    const { operations } = await server.execute('op.log', { folder, limit: 200 });
    const { language } = vscode.env;
    const rows = operationRows({ folder, operations, more: false, language, now: Date.now() });
    const made = rows.filter(({ commit }) => commit !== undefined);
    return (await pick(made, l10n.t('Choose the commit whose changes shall be taken back')))?.commit;
}

/** Shows what an operation did to a file, or the file itself where its commits do not tell. */
async function showFile({ folder = '/', file = '', between }: Row): Promise<void> {
    if (!between) {
        await vscode.window.showTextDocument(vscode.Uri.file(join(folder, file)), { preview: true });
        return;
    }
    const [parent, commit] = between;
    const compared = { commit, folder, ...(parent && { parent }) };
    const { left, right, title } = comparison({ path: file, kind: 'modified' }, compared);
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
}
