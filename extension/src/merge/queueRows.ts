/** Merge queues as rows and sentences. */
import { l10n } from 'vscode';
import type { Row } from '../history/row.js';
import type { QueueEntry, QueueResult } from '../wire.js';
import { sourceNames } from './proposals.js';

/** One row for each stream that something waits for. */
export function queueRows(folder: string, entries: readonly QueueEntry[]): Row[] {
    const targets = [...new Set(entries.map(({ proposal }) => proposal.target))];
    return targets.map((target) => {
        const waiting = entries.filter(({ proposal }) => proposal.target === target);
        const description = waiting.map(({ proposal }) => sourceNames(proposal)).join(', ');
        return { id: target, folder, label: target, description, icon: { name: 'git-branch' } };
    });
}

/** What became of everything that waited, in one sentence for each kind. */
export function describeRun({
    target,
    landed = [],
    blocked = [],
    waiting = [],
    flaky = [],
    stopped,
}: QueueResult): string {
    const said = [l10n.t('{0}: {1} landed.', target, landed.length)];
    for (const { proposal, reason } of blocked) {
        said.push(l10n.t('{0} left the queue: {1}', sourceNames(proposal), reason));
    }
    for (const { guard } of flaky) {
        said.push(l10n.t('The guard {0} is flaky.', guard));
    }
    if (stopped === 'base') {
        said.push(l10n.t('{0} does not pass its guards itself.', target));
    }
    if (waiting.length > 0) {
        said.push(l10n.t('{0} still wait.', waiting.length));
    }
    return said.join(' ');
}
