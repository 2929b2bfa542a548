/** The commands on merges: work one out, look at it file by file, let it land or end it. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { fileAt, shortId } from '../documents.js';
import { type Command, folderOf, type HistoryContext, pick, tell } from '../history/actions.js';
import type { Target } from '../history/row.js';
import { streamRows } from '../history/streams.js';
import { type Action, withProgress } from '../notify.js';
import { localProblem } from '../problem.js';
import type { Proposal } from '../wire.js';
import { describeProposal, type FileRow, fileRows, type ProposalRow, proposalRows, title } from './proposals.js';
import { enqueue } from './queue.js';

/** Every command of this file, by its id. */
export function mergeCommands(context: HistoryContext): Record<string, Command> {
    return {
        'anvcs.merge': (target) => merge(context, target),
        'anvcs.proposal.review': (target) => review(context, target),
    };
}

async function merge(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    const source = folder && (target?.stream ?? (await sourceOf(context, folder)));
    if (!folder || !source) {
        return undefined;
    }
    const result = await withProgress(l10n.t('Merge {0}', source), (token, report) =>
        context.server.execute('merge', { folder, sources: [source] }, token, report),
    );
    const { proposal } = result;
    if (!proposal) {
        void tell(context, l10n.t('{0} has all of {1} already.', result.target, source), false);
        return result;
    }
    const looks: Action = { label: l10n.t('Review'), run: () => show(context, folder, proposal) };
    const lands: Action = { label: l10n.t('Accept'), run: () => accept(context, folder, proposal) };
    const ready = proposal.status === 'ready';
    void tell(context, describeProposal(proposal), !ready, ...(ready ? [lands, looks] : [looks]));
    return result;
}

async function sourceOf(context: HistoryContext, folder: string): Promise<string | undefined> {
    const { streams = [] } = await context.server.execute('stream.list', { folder });
    const rows = streamRows(folder, streams, []).filter(({ words = [] }) => !words.includes('current'));
    if (rows.length === 0) {
        throw localProblem('stream', l10n.t('There is no other stream to merge.'), l10n.t('Create one first.'));
    }
    return (await pick(rows, l10n.t('Choose the stream to merge into this one')))?.stream;
}

async function review(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const { proposals = [] } = await context.server.execute('proposal.list', { folder });
    if (proposals.length === 0) {
        void tell(context, l10n.t('No merge is proposed.'), false);
        return undefined;
    }
    const rows = proposalRows(folder, proposals, Date.now(), vscode.env.language);
    const chosen = rows.length === 1 ? rows[0] : await pick(rows, l10n.t('Choose the merge to review'));
    if (!chosen) {
        return undefined;
    }
    const named = { folder, proposal: (chosen as ProposalRow).proposal };
    const { proposal } = await context.server.execute('proposal.show', named);
    return show(context, folder, proposal);
}

/** The files of a proposal, each opened beside what the target has, and what can be done with it. */
async function show(context: HistoryContext, folder: string, proposal: Proposal): Promise<unknown> {
    const accepts: FileRow = { id: ' accept', folder, label: l10n.t('Accept'), icon: { name: 'check-all' } };
    const rejects: FileRow = { id: ' reject', folder, label: l10n.t('Reject'), icon: { name: 'close' } };
    const ready = proposal.status === 'ready';
    const waits: FileRow = {
        id: ' queue',
        folder,
        label: l10n.t('Put into the Merge Queue'),
        icon: { name: 'list-ordered' },
    };
    const mayWait = (ready || proposal.status === 'open') && !proposal.queued;
    const asks: FileRow = { id: ' ask', folder, label: l10n.t('Suggest a Resolution'), icon: { name: 'sparkle' } };
    const first = [...(ready ? [accepts] : []), ...(mayWait ? [waits] : []), ...(proposal.canAssist ? [asks] : [])];
    const rows = [...first, ...fileRows(folder, proposal), rejects];
    const chosen: FileRow | undefined = await pick(rows, describeProposal(proposal));
    if (chosen?.id === accepts.id) {
        return accept(context, folder, proposal);
    }
    if (chosen?.id === waits.id) {
        return enqueue(context, folder, proposal);
    }
    if (chosen?.id === asks.id) {
        const target = { folder, proposal: proposal.proposalId };
        return vscode.commands.executeCommand('anvcs.proposal.suggest', target);
    }
    if (chosen?.id === rejects.id) {
        const result = await context.server.execute('proposal.reject', { folder, proposal: proposal.proposalId });
        void tell(context, l10n.t('Rejected: {0}', title(proposal)), false);
        return result;
    }
    return chosen?.path ? compare(folder, proposal, chosen.path) : undefined;
}

async function compare(folder: string, proposal: Proposal, path: string): Promise<void> {
    const { tree, targetCommit } = proposal;
    if (tree === undefined || targetCommit === undefined) {
        return;
    }
    const name = path.split('/').at(-1) ?? path;
    const before = fileAt(targetCommit, path, folder);
    const after = fileAt(`tree:${tree}`, path, folder);
    const heading = l10n.t('{0} ({1} ↔ merged)', name, shortId(targetCommit));
    await vscode.commands.executeCommand('vscode.diff', before, after, heading);
}

async function accept(context: HistoryContext, folder: string, proposal: Proposal): Promise<unknown> {
    const { proposalId, tree } = proposal;
    const params = { folder, proposal: proposalId, ...(tree && { tree }) };
    try {
        const result = await context.server.execute('proposal.accept', params);
        const undoes: Action = {
            label: l10n.t('Undo'),
            run: () => vscode.commands.executeCommand('anvcs.undo', { folder }),
        };
        void tell(context, l10n.t('Merged: {0}', title(proposal)), false, undoes);
        return result;
    } finally {
        void context.views.refresh();
    }
}
