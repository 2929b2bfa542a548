/** The commands on merge queues: put a proposal in line, run what waits. */
import { l10n } from 'vscode';
import { type Command, folderOf, type HistoryContext, pick, tell } from '../history/actions.js';
import type { Target } from '../history/row.js';
import { withProgress } from '../notify.js';
import type { Proposal } from '../wire.js';
import { title } from './proposals.js';
import { describeRun, queueRows } from './queueRows.js';

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

async function runInto(context: HistoryContext, folder: string, into: string): Promise<unknown> {
    try {
        const result = await withProgress(l10n.t('Run the Merge Queue of {0}', into), (token, report) =>
            context.server.execute('queue.run', { folder, into }, token, report),
        );
        void tell(context, describeRun(result), Boolean(result.blocked?.length || result.stopped));
        return result;
    } finally {
        void context.views.refresh();
    }
}
