/** What a person says of a merge: for it, against it, not at all, or in spite of all. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { tell } from '../history/actions.js';
import type { Proposal, Verbs } from '../wire.js';
import { describeProposal, title } from './proposals.js';
import { accept, type Folder, type MergeContext, placed, waysOn } from './steps.js';

/** Says something of just the result that was looked at, and what stands in the way then. */
export async function vote(
    context: MergeContext,
    folder: Folder,
    proposal: Proposal,
    choice: Verbs['proposal.vote']['params']['choice'],
): Promise<unknown> {
    const reason = choice === 'reject' ? await ask(l10n.t('Vote against {0}', title(proposal))) : '';
    if (reason === undefined) {
        return undefined;
    }
    const { proposalId, tree } = proposal;
    const params = {
        ...placed(folder),
        proposal: proposalId,
        choice,
        ...(tree && { tree }),
        ...(reason && { reason }),
    };
    const result = await context.server.execute('proposal.vote', params);
    const said = {
        approve: l10n.t('You approve.'),
        reject: l10n.t('You are against it.'),
        withdraw: l10n.t('You took your vote back.'),
    }[choice];
    // Whoever is against it knows what stands in the way now.
    const text = choice === 'reject' ? `${title(proposal)}: ${said}` : `${said} ${describeProposal(result.proposal)}`;
    void tell(context, text, false, ...waysOn(context, folder, result.proposal));
    return result;
}

/** Ends a merge for good; its streams stay as they are. */
export async function reject(context: MergeContext, folder: Folder, { proposalId, ...it }: Proposal): Promise<unknown> {
    const reason = await ask(l10n.t('Reject {0}', title(it)));
    if (reason === undefined) {
        return undefined;
    }
    const params = { ...placed(folder), proposal: proposalId, ...(reason && { reason }) };
    const rejecting = () => context.server.execute('proposal.reject', params);
    const result = await context.results.end(proposalId, rejecting);
    void tell(context, l10n.t('Rejected: {0}', title(result.proposal)), false);
    return result;
}

/** Whether all that stands in the way of a merge may be passed over by a person. */
export function mayForce({ status, obstacles = [] }: Proposal): boolean {
    const isOpen = status === 'blocked' || status === 'open';
    return isOpen && obstacles.length > 0 && obstacles.every(({ canBeForced }) => canBeForced !== false);
}

/** Lets a merge land in spite of what stands in its way; why is recorded for good. */
export async function force(context: MergeContext, folder: Folder, proposal: Proposal): Promise<unknown> {
    const needed = l10n.t('Say why: it is recorded for good.');
    const reason = await ask(l10n.t('Accept {0} all the same', title(proposal)), (text) =>
        text.trim() ? undefined : needed,
    );
    return reason === undefined ? undefined : accept(context, folder, proposal, reason);
}

/** A reason, which may be empty unless it is refused so; undefined if the user would not go on. */
async function ask(heading: string, refused?: (text: string) => string | undefined): Promise<string | undefined> {
    const reason = await vscode.window.showInputBox({
        title: heading,
        prompt: refused ? l10n.t('Why? It is recorded for good.') : l10n.t('Why? You can leave it empty.'),
        ...(refused && { validateInput: refused }),
    });
    return reason?.trim();
}
