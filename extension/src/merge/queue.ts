/** The commands on merge queues: put a proposal in line, run what waits. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { type Command, folderOf, type HistoryContext, pick, tell } from '../history/actions.js';
import type { Target } from '../history/row.js';
import { type Action, withProgress } from '../notify.js';
import { hasCode } from '../problem.js';
import type { Proposal, QueueResult } from '../wire.js';
import { sourceNames, title } from './proposals.js';
import { describeRun, describeStop, printed, queueRows } from './queueRows.js';

/** Every command of this file, by its id. */
export function queueCommands(context: HistoryContext): Record<string, Command> {
    const commands: Record<string, Command> = {
        'anvcs.queue.run': (target) => run(context, target),
    };
    return commands;
}

/** Puts a proposal at the end of its line. */
export async function enqueue(context: HistoryContext, folder: string, proposal: Proposal): Promise<unknown> {
    const place = await context.server.execute('queue.add', { folder, proposal: proposal.proposalId });
    const said = l10n.t('{0} waits, number {1} in line.', title(place.proposal), place.position);
    void tell(context, said, false, {
        label: l10n.t('Run the Queue'),
        run: () => runInto(context, folder, proposal.target),
    });
    return place;
}

/** Takes a proposal out of its line. */
export async function dequeue(context: HistoryContext, folder: string, { proposalId }: Proposal): Promise<unknown> {
    const result = await context.server.execute('queue.remove', { folder, proposal: proposalId });
    void tell(context, l10n.t('{0} waits no more.', title(result.proposal)), false);
    return result;
}

async function run(context: HistoryContext, target?: Target): Promise<unknown> {
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const { entries = [] } = await context.server.execute('queue.list', { folder });
    const rows = queueRows(folder, entries);
    if (rows.length === 0) {
        void tell(context, l10n.t('No merge waits in a queue.'), false);
        return undefined;
    }
    const chosen = rows.length === 1 ? rows[0] : await pick(rows, l10n.t('Choose the stream whose queue is to run'));
    return chosen && runInto(context, folder, chosen.id);
}

/** Runs the queue of a stream, with progress. */
export async function runInto(context: HistoryContext, folder: string, into: string): Promise<unknown> {
    try {
        const result = await withProgress(l10n.t('Running the merge queue of {0}', into), (token, report) =>
            context.server.execute('queue.run', { folder, into }, token, report),
        );
        const failed = Boolean(result.blocked?.length || result.stopped);
        void tell(context, describeRun(result), failed, ...waysOn(context, folder, result));
        return result;
    } catch (error) {
        if (!hasCode(error, 'cancelled')) {
            throw error;
        }
        const { entries = [] } = await context.server.execute('queue.list', { folder });
        const waiting = entries.filter(({ proposal }) => proposal.target === into);
        void tell(context, describeStop(into, waiting), false, {
            label: l10n.t('Run the Queue'),
            run: () => runInto(context, folder, into),
        });
        return undefined;
    } finally {
        void context.views.refresh();
    }
}

/** What the guards printed, and a look at each culprit. */
function waysOn({ log }: HistoryContext, folder: string, result: QueueResult): Action[] {
    const output = printed(result);
    if (output) {
        log.info(output);
    }
    const reads: Action[] = output ? [{ label: l10n.t('Show Output'), run: () => log.show() }] : [];
    const looks = (result.blocked ?? []).slice(0, MOST_BUTTONS).map(
        ({ proposal }): Action => ({
            label: l10n.t('Review {0}', sourceNames(proposal)),
            run: () =>
                vscode.commands.executeCommand('anvcs.proposal.review', { folder, proposal: proposal.proposalId }),
        }),
    );
    return [...looks, ...reads];
}

const MOST_BUTTONS = 2;
