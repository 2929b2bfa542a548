/** Telling the user: problems with their way out, the log, long work. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { problemOf, sentence } from './problem.js';

/** An extra way out, as a button. */
export interface Action {
    readonly label: string;
    run(): unknown;
}

/** Shows what went wrong, with its way out; what a program printed is kept in the log. A cancellation is silent. */
export async function showProblem(
    error: unknown,
    log: vscode.LogOutputChannel,
    extra: readonly Action[] = [],
): Promise<void> {
    const problem = problemOf(error);
    if (problem.code === 'cancelled') {
        return;
    }
    log.error(`${problem.code}: ${sentence(problem)}${problem.logId ? ` [${problem.logId}]` : ''}`);
    if (problem.code === 'internal' && error instanceof Error && error.stack) {
        log.debug(error.stack);
    }
    const actions = [...extra, ...offers(problem.code)];
    if (problem.output) {
        log.info(problem.output);
        actions.push({ label: l10n.t('Show Output'), run: () => log.show() });
    } else if (problem.logId || ['internal', 'server-failed'].includes(problem.code)) {
        actions.push({ label: l10n.t('Show Logs'), run: () => log.show() });
    }
    const show =
        problem.code === 'nothing-to-commit' ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
    const chosen = await show(sentence(problem), ...actions.map(({ label }) => label));
    await actions.find(({ label }) => label === chosen)?.run();
}

/** The commands that lead out of a problem. */
function offers(code: string): Action[] {
    const run = (label: string, command: string) => ({ label, run: () => vscode.commands.executeCommand(command) });
    switch (code) {
        case 'no-server':
            return [run(l10n.t('Set Up'), 'anvcs.server.setup')];
        case 'not-initialized':
            return [run(l10n.t('Initialize'), 'anvcs.init')];
        case 'server-failed':
            return [run(l10n.t('Doctor'), 'anvcs.doctor')];
        case 'untrusted':
            return [run(l10n.t('Manage Trust'), 'workbench.trust.manage')];
        default:
            return [];
    }
}

/** Runs work under a progress notification that can cancel it. */
export function withProgress<T>(
    title: string,
    work: (token: vscode.CancellationToken, report: Report) => Promise<T>,
): Promise<T> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return Promise.resolve(vscode.window.withProgress(options, (report, token) => work(token, report)));
}

/** Where long work says how far it is. */
export type Report = vscode.Progress<{ message?: string }>;
