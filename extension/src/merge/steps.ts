/** What leads on from a proposal, wherever it is shown: look at a file, run the checks, let it land. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { fileAt } from '../documents.js';
import { type HistoryContext, tell } from '../history/actions.js';
import { type Action, withProgress } from '../notify.js';
import type { Proposal } from '../wire.js';
import { explainProposal, failures, mayCheck, sourceNames, title } from './proposals.js';
import type { Results } from './results.js';

/** What the commands on merges stand on. */
export interface MergeContext extends HistoryContext {
    readonly results: Pick<Results, 'end' | 'shown'>;
}

/** As the request that gave a proposal named its repository; absent for the first workspace folder's. */
export type Folder = string | undefined;

/** The buttons that lead on, the likeliest first. */
export function waysOn(context: MergeContext, folder: Folder, proposal: Proposal): Action[] {
    const accepts: Action = { label: l10n.t('Accept'), run: () => accept(context, folder, proposal) };
    const checks: Action = { label: l10n.t('Run the Checks'), run: () => check(context, folder, proposal) };
    const target = { ...placed(folder), proposal: proposal.proposalId };
    const looks: Action = {
        label: l10n.t('Review'),
        run: () => vscode.commands.executeCommand('anvcs.proposal.review', target),
    };
    const decides: Action = {
        label: l10n.t('Decide a Conflict'),
        run: () => vscode.commands.executeCommand('anvcs.proposal.resolve', target),
    };
    return [
        ...(proposal.status === 'ready' ? [accepts] : []),
        ...(mayCheck(proposal) ? [checks] : []),
        ...(proposal.conflicts ? [decides] : []),
        looks,
    ];
}

/** Both sides of a file of the result beside what the target has, and what is said above them. */
export interface Comparing {
    readonly before: vscode.Uri;
    readonly after: vscode.Uri;
    readonly heading: string;
}

/** What is compared to show a file of the result; nothing where there is no result. */
export function comparing(folder: Folder, proposal: Proposal, path: string): Comparing | undefined {
    const { tree, target, targetCommit } = proposal;
    if (tree === undefined || targetCommit === undefined) {
        return undefined;
    }
    const name = path.split('/').at(-1) ?? path;
    const before = fileAt(targetCommit, path, folder);
    const after = fileAt(`tree:${tree}`, path, folder);
    return { before, after, heading: l10n.t('{0} ({1} ↔ merged with {2})', name, target, sourceNames(proposal)) };
}

/** Opens a file of the result beside what the target has, at a line (from 1) if one is given. */
export async function compare(
    { results }: MergeContext,
    folder: Folder,
    proposal: Proposal,
    path: string,
    line?: number,
): Promise<void> {
    const found = comparing(folder, proposal, path);
    if (found) {
        results.shown(folder, proposal);
        const at = line ? [{ selection: new vscode.Range(line - 1, 0, line - 1, 0) }] : [];
        await vscode.commands.executeCommand('vscode.diff', found.before, found.after, found.heading, ...at);
    }
}

/** Runs the team's checks on the result, and says what came of it. */
export async function check(context: MergeContext, folder: Folder, { proposalId }: Proposal): Promise<unknown> {
    const params = { ...placed(folder), proposal: proposalId };
    const result = await withProgress(l10n.t('Running the checks of the merge'), (token, report) =>
        context.server.execute('proposal.check', params, token, report),
    );
    const { proposal } = result;
    const ready = proposal.status === 'ready';
    const passed = `${title(proposal)}: ${l10n.t('The checks passed.')} ${l10n.t('The merge can be accepted now.')}`;
    const printed = failures(proposal);
    const reads: Action = { label: l10n.t('Show Output'), run: () => context.log.show() };
    if (printed) {
        context.log.info(printed);
    }
    const ways = [...(printed ? [reads] : []), ...waysOn(context, folder, proposal)];
    void tell(context, ready ? passed : explainProposal(proposal), !ready, ...ways);
    return result;
}

/** Lets just the result land that was looked at; with a reason, in spite of what stands in its way. */
export async function accept(
    context: MergeContext,
    folder: Folder,
    proposal: Proposal,
    reason?: string,
): Promise<unknown> {
    const { proposalId, tree } = proposal;
    const forced = reason !== undefined && { force: true, reason };
    const params = { ...placed(folder), proposal: proposalId, ...(tree && { tree }), ...forced };
    try {
        const accepting = () => context.server.execute('proposal.accept', params);
        const result = await context.results.end(proposalId, accepting);
        const undoes: Action = {
            label: l10n.t('Undo'),
            run: () => vscode.commands.executeCommand('anvcs.undo', placed(folder)),
        };
        void tell(context, l10n.t('Merged: {0}', title(proposal)), false, undoes);
        return result;
    } finally {
        void context.views.refresh();
    }
}

/** A folder as a part of a request. */
export function placed(folder: Folder): { readonly folder?: string } {
    return folder === undefined ? {} : { folder };
}
