/** The commands on streams and on other repositories: switch, create, rename, delete, resolve, push, pull, sync. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { type Action, type Report, withProgress } from '../notify.js';
import { hasCode, localProblem, problemOf } from '../problem.js';
import type { StreamResult } from '../wire.js';
import { type Command, folderOf, type HistoryContext, pick, tell, within } from './actions.js';
import type { Row, Target } from './row.js';
import { streamRows } from './streams.js';
import { describePull, describePush, describeStream, describeSync, shortName } from './texts.js';

const VIEW = 'anvcs.streams';

/** Every command of this file, by its id. */
export function streamCommands(context: HistoryContext): Record<string, Command> {
    return {
        'anvcs.stream.switch': (target) => switchTo(context, target),
        'anvcs.stream.create': (target) => create(context, target),
        'anvcs.stream.rename': (target) => rename(context, target),
        'anvcs.stream.delete': (target) => remove(context, target),
        'anvcs.stream.keepOurs': (target) => resolve(context, 'ours', target),
        'anvcs.stream.keepTheirs': (target) => resolve(context, 'theirs', target),
        'anvcs.push': (target) => push(context, target),
        'anvcs.pull': (target) => pull(context, target),
        'anvcs.sync': (target) => sync(context, target),
    };
}

/** The repository and stream that are meant, asked for where the target leaves them open. */
async function streamOf(
    context: HistoryContext,
    target: Target | undefined,
    question: string,
    fits: (words: readonly string[]) => boolean,
): Promise<{ folder: string; name: string } | undefined> {
    const folder = await folderOf(context, target);
    if (folder === undefined || target?.stream) {
        return folder && target?.stream ? { folder, name: target.stream } : undefined;
    }
    const { streams = [] } = await context.server.execute('stream.list', { folder });
    const rows = streamRows(folder, streams, []).filter(({ words = [] }) => fits(words));
    if (rows.length === 0) {
        throw localProblem('stream', l10n.t('There is no such stream.'), l10n.t('See the Streams view.'));
    }
    const name = (await pick(rows, question))?.stream;
    return name ? { folder, name } : undefined;
}

const undoing = (folder: string): Action => ({
    label: l10n.t('Undo'),
    run: () => vscode.commands.executeCommand('anvcs.undo', { folder }),
});

function done(context: HistoryContext, folder: string, said: string, result: StreamResult): StreamResult {
    if (result.hookOutput) {
        context.log.info(result.hookOutput);
    }
    void tell(context, describeStream(said, result), (result.left ?? []).length > 0, undoing(folder));
    return result;
}

async function switchTo(context: HistoryContext, target?: Target): Promise<unknown> {
    const found = await streamOf(context, target, l10n.t('Choose the stream to switch to'), (words) =>
        words.includes('other'),
    );
    if (!found) {
        return undefined;
    }
    const result = await within(context, VIEW, () => context.server.execute('stream.switch', found));
    return done(context, found.folder, l10n.t('Switched to {0}', result.name), result);
}

function askName(title: string, value = ''): Thenable<string | undefined> {
    return vscode.window.showInputBox({
        title,
        value,
        placeHolder: l10n.t('A name, such as fix/tides'),
        validateInput: (name) => (name.trim() ? undefined : l10n.t('A stream needs a name.')),
    });
}

async function create(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const name = folder && (await askName(l10n.t('Create Stream')))?.trim();
    if (!folder || !name) {
        return undefined;
    }
    const start = target?.stream ?? target?.commit;
    const params = { folder, name, switch: true, ...(start && { start }) };
    const result = await within(context, VIEW, () => context.server.execute('stream.create', params));
    return done(context, folder, l10n.t('Created {0} and switched to it', result.name), result);
}

async function rename(context: HistoryContext, target?: Target): Promise<unknown> {
    const found = await streamOf(context, target, l10n.t('Choose the stream to rename'), () => true);
    const name = found && (await askName(l10n.t('Rename {0}', found.name), found.name))?.trim();
    if (!found || !name || name === found.name) {
        return undefined;
    }
    const params = { folder: found.folder, old: found.name, new: name };
    const result = await within(context, VIEW, () => context.server.execute('stream.rename', params));
    return done(context, found.folder, l10n.t('Renamed {0} to {1}', found.name, result.name), result);
}

/** Deletes at once, for it can be undone; where commits are in no other stream, after a question. */
async function remove(context: HistoryContext, target?: Target): Promise<unknown> {
    const found = await streamOf(context, target, l10n.t('Choose the stream to delete'), (words) =>
        words.includes('other'),
    );
    if (!found) {
        return undefined;
    }
    const perform = (force: boolean) =>
        within(context, VIEW, () => context.server.execute('stream.delete', { ...found, force }));
    const result = await perform(false).catch(async (error: unknown) => {
        if (!hasCode(error, 'stream')) {
            throw error;
        }
        const deletes = l10n.t('Delete');
        const detail = `${problemOf(error).message} ${l10n.t('Its commits are kept, and undo brings it back.')}`;
        const message = l10n.t('Delete {0}?', found.name);
        const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, deletes);
        return chosen === deletes ? perform(true) : undefined;
    });
    return result && done(context, found.folder, l10n.t('Deleted {0}', result.name), result);
}

async function resolve(context: HistoryContext, keep: 'ours' | 'theirs', target?: Target): Promise<unknown> {
    if (!target?.folder || !target.stream) {
        return undefined;
    }
    const { folder, stream, replica } = target;
    const params = { folder, stream, keep, ...(replica && { replica }) };
    const result = await within(context, VIEW, () => context.server.execute('stream.resolve', params));
    const text = l10n.t('{0} is at {1} for everyone now.', result.stream, shortName(result.new));
    void tell(context, [text, ...(result.notices ?? [])].join(' '), false, undoing(folder));
    return result;
}

/** Runs something that waits for another machine, with what it says of its progress and a way to stop it. */
async function remotely<T>(
    context: HistoryContext,
    title: string,
    work: (token: vscode.CancellationToken, report: Report) => Promise<T>,
): Promise<T> {
    try {
        return await withProgress(title, work);
    } finally {
        void context.views.refresh();
    }
}

async function push(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const { stream } = named(target);
    const params = { folder, ...(stream && { stream }) };
    const result = await remotely(context, l10n.t('Push'), (token, report) =>
        context.server.execute('push', params, token, report),
    );
    printed(context, result.output);
    void tell(context, describePush(result), false);
    return result;
}

async function pull(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const { stream } = named(target);
    const params = { folder, ...(stream && { stream }) };
    const result = await remotely(context, l10n.t('Pull'), (token, report) =>
        context.server.execute('pull', params, token, report),
    );
    printed(context, result.output);
    void tell(context, describePull(result), false, ...(result.operationId ? [undoing(folder)] : []));
    return result;
}

async function sync(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const result = await remotely(context, l10n.t('Exchange'), (token, report) =>
        context.server.execute('sync', { folder }, token, report),
    );
    void tell(context, describeSync(result), false);
    return result;
}

/** The stream of a row; that of the row that is checked out goes by Git's configuration, without a name. */
function named(target: Target | undefined): { readonly stream?: string } {
    const { stream, words = [] } = (target ?? {}) as Partial<Row>;
    return stream && !words.includes('current') ? { stream } : {};
}

function printed({ log }: HistoryContext, output: string | undefined): void {
    if (output) {
        log.info(output);
    }
}
