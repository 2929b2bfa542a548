/** The commands on merges: work one out, look at it file by file, let it land or end it. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { folderNamed } from '../documents.js';
import { type Command, folderOf, type HistoryContext, pick, tell } from '../history/actions.js';
import type { Row, Target } from '../history/row.js';
import { streamRows } from '../history/streams.js';
import { withProgress } from '../notify.js';
import { localProblem } from '../problem.js';
import type { Proposal } from '../wire.js';
import { type Group, type Listing, pickLive } from './live.js';
import {
    describeResult,
    ended,
    explainProposal,
    type FileRow,
    fileRows,
    findingRows,
    mayCheck,
    type ProposalRow,
    proposalRows,
    title,
} from './proposals.js';
import { dequeue, enqueue, runInto } from './queue.js';
import { force, mayForce, reject, vote } from './saying.js';
import { accept, check, compare, type MergeContext, waysOn } from './steps.js';

/** A row that does something once it is chosen. */
interface Step extends Row {
    run(): unknown;
}

/** Every command of this file, by its id. */
export function mergeCommands(context: MergeContext): Record<string, Command> {
    return {
        'anvcs.merge': (target) => merge(context, target),
        'anvcs.proposal.review': (target) => review(context, target),
    };
}

async function merge(context: MergeContext, target?: Target): Promise<unknown> {
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
    void tell(context, explainProposal(proposal), proposal.status !== 'ready', ...waysOn(context, folder, proposal));
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

async function review(context: MergeContext, target?: Target | vscode.Uri): Promise<unknown> {
    // A button of a result's document hands over where that is.
    const meantFolder = target && 'query' in target ? { folder: folderNamed(target.query) } : target;
    const folder = await folderOf(context, meantFolder as Target | undefined);
    if (folder === undefined) {
        return undefined;
    }
    const meant = (target as Partial<ProposalRow> | undefined)?.proposal ?? (await proposalOf(context, folder));
    if (meant === undefined) {
        return undefined;
    }
    const { proposal } = await context.server.execute('proposal.show', { folder, proposal: meant });
    return show(context, folder, proposal);
}

async function proposalOf(context: HistoryContext, folder: string): Promise<string | undefined> {
    const { proposals = [] } = await context.server.execute('proposal.list', { folder });
    if (proposals.length === 0) {
        void tell(context, l10n.t('No merge is proposed.'), false);
        return undefined;
    }
    const rows = proposalRows(folder, proposals, Date.now(), vscode.env.language);
    const chosen = rows.length === 1 ? rows[0] : await pick(rows, l10n.t('Choose the merge to review'));
    return (chosen as ProposalRow | undefined)?.proposal;
}

/** The files of a proposal, each opened beside what the target has, and what can be done with it. */
async function show(context: MergeContext, folder: string, first: Proposal): Promise<unknown> {
    const named = { folder, proposal: first.proposalId };
    const changed: vscode.Event<unknown> = (listener) =>
        context.server.onDidChangeProposals(({ proposals }) => {
            if (proposals.some(({ proposalId }) => proposalId === first.proposalId)) {
                listener(undefined);
            }
        });
    const now = async () => {
        const { proposal } = await context.server.execute('proposal.show', named);
        return listing(context, folder, proposal);
    };
    return (await pickLive(listing(context, folder, first), changed, now))?.run();
}

function listing(context: MergeContext, folder: string, proposal: Proposal): Listing<Step> {
    const opened = <R extends FileRow>(row: R) => ({
        ...row,
        run: () => compare(context, folder, proposal, row.path ?? row.id, row.line),
    });
    const isOpen = ended(proposal) === undefined;
    const groups: Group<Step>[] = [
        { heading: '', rows: isOpen ? steps(folder, leading(context, folder, proposal)) : [] },
        { heading: l10n.t('Found in the Result'), rows: findingRows(folder, proposal).map(opened) },
        { heading: l10n.t('Files'), rows: fileRows(folder, proposal).map(opened) },
        { heading: l10n.t('Say Something of It'), rows: isOpen ? steps(folder, said(context, folder, proposal)) : [] },
    ];
    return { title: title(proposal), said: describeResult(proposal), groups };
}

/** Something that can be done: whether it can now, its name, its icon. */
type Doable = readonly [may: boolean, label: string, icon: string, run: () => unknown];

function steps(folder: string, all: readonly Doable[]): Step[] {
    return all
        .filter(([may]) => may)
        .map(([, label, icon, run]) => ({ id: ` ${icon}`, folder, label, icon: { name: icon }, run }));
}

/** What leads on, the likeliest first. */
function leading(context: MergeContext, folder: string, proposal: Proposal): Doable[] {
    const { status, queued, conflicts, canAssist, obstacles = [], target, proposalId } = proposal;
    const command = (id: string) => () => vscode.commands.executeCommand(id, { folder, proposal: proposalId });
    const isFine = status === 'ready' || status === 'open';
    const isMissed = obstacles.some(({ code }) => code === 'approvals');
    return [
        [status === 'ready', l10n.t('Accept'), 'check-all', () => accept(context, folder, proposal)],
        [mayCheck(proposal), l10n.t('Run the Checks'), 'beaker', () => check(context, folder, proposal)],
        [isMissed, l10n.t('Approve'), 'thumbsup', () => vote(context, folder, proposal, 'approve')],
        [
            isFine && !queued,
            l10n.t('Put into the Merge Queue'),
            'list-ordered',
            () => enqueue(context, folder, proposal),
        ],
        [Boolean(queued), l10n.t('Run the Queue'), 'run-all', () => runInto(context, folder, target)],
        [Boolean(queued), l10n.t('Take out of the Merge Queue'), 'remove', () => dequeue(context, folder, proposal)],
        [Boolean(conflicts), l10n.t('Decide a Conflict'), 'checklist', command('anvcs.proposal.resolve')],
        [Boolean(canAssist), l10n.t('Suggest a Resolution'), 'sparkle', command('anvcs.proposal.suggest')],
    ];
}

/** What can be said of it. */
function said(context: MergeContext, folder: string, proposal: Proposal): Doable[] {
    const { votes = [], conflicts, obstacles = [] } = proposal;
    const isMissed = obstacles.some(({ code }) => code === 'approvals');
    const voting = (choice: 'approve' | 'reject' | 'withdraw') => () => vote(context, folder, proposal, choice);
    return [
        [!conflicts && !isMissed, l10n.t('Approve'), 'thumbsup', voting('approve')],
        [true, l10n.t('Vote against It…'), 'thumbsdown', voting('reject')],
        [votes.length > 0, l10n.t('Take My Vote Back'), 'discard', voting('withdraw')],
        [mayForce(proposal), l10n.t('Accept All the Same…'), 'warning', () => force(context, folder, proposal)],
        [true, l10n.t('Reject…'), 'close', () => reject(context, folder, proposal)],
    ];
}
