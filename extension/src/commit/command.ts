/** "ANVCS: Commit". */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { showProblem, withProgress } from '../notify.js';
import type { RepositoryChooser } from '../repositories.js';
import type { Server } from '../server/server.js';
import { CommitRequest, type CommitResult, StatusRequest } from '../wire.js';
import { type CommitArguments, type CommitPorts, commit, describeResult } from './flow.js';
import * as ui from './window.js';

const MODEL = 'commit.model';
const AGENT = 'commit.agent';

/** What the command stands on. */
export interface CommitContext {
    readonly server: Server;
    readonly chooser: RepositoryChooser;
    readonly memory: vscode.Memento;
    readonly log: vscode.LogOutputChannel;
}

/** Commits, asking for what the arguments leave open; gives the result, or undefined if nothing was committed. */
export async function commitCommand(
    context: CommitContext,
    args: CommitArguments | undefined,
): Promise<CommitResult | undefined> {
    const known = isArguments(args) ? args : {};
    const folder = known.folder ?? (await context.chooser.choose());
    if (folder === undefined) {
        return undefined;
    }
    try {
        const result = await commit(ports(context, folder), { ...known, folder });
        if (result) {
            void announce(context, folder, result);
        }
        return result;
    } catch (error) {
        void showProblem(error, context.log);
        return undefined;
    }
}

/** A menu hands its command things of its own (the Source Control view, for one), which are not arguments of ours. */
function isArguments(args: unknown): args is CommitArguments {
    const { message, folder } = (args ?? {}) as CommitArguments;
    return typeof message === 'string' || typeof folder === 'string';
}

function ports({ server, memory }: CommitContext, folder: string): CommitPorts {
    return {
        status: () => server.request(StatusRequest, { folder }),
        init: () => server.execute('init', { folder }),
        commit: (params) => withProgress(l10n.t('Committing'), (token) => server.request(CommitRequest, params, token)),
        ask: ui.ask,
        confirmInit: ui.confirmInit,
        unsaved: (root) => ui.unsavedIn(root).length,
        askUnsaved: ui.askUnsaved,
        saveAll: ui.saveAll,
        draft: ui.draftOf,
        askForDetails: vscode.workspace
            .getConfiguration('anvcs.commit', vscode.Uri.file(folder))
            .get<boolean>('askForDetails', true),
        remembered: { model: memory.get(MODEL, ''), agent: memory.get(AGENT, '') },
        remember: async ({ model, agent }) => {
            await memory.update(MODEL, model);
            await memory.update(AGENT, agent);
        },
    };
}

async function announce({ log }: CommitContext, folder: string, result: CommitResult): Promise<void> {
    const text = describeResult(result);
    log.info(text);
    const showCommit = l10n.t('Show Commit');
    const showGraph = l10n.t('Show Graph');
    const showOutput = l10n.t('Show Output');
    if (result.hookOutput) {
        log.info(result.hookOutput);
    }
    const buttons = [showCommit, showGraph, ...(result.hookOutput ? [showOutput] : [])];
    const show = result.redacted?.length ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    switch (await show(text, ...buttons)) {
        case showCommit:
            await vscode.commands.executeCommand('anvcs.commit.show', { folder, commit: result.gitCommit });
            break;
        case showGraph:
            await vscode.commands.executeCommand('anvcs.graph.show', { folder });
            break;
        case showOutput:
            log.show();
            break;
    }
}
