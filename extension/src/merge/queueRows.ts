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
    const names = landed.map(sourceNames).join(', ');
    const said = [names ? l10n.t('Landed in {0}: {1}.', target, names) : l10n.t('Nothing landed in {0}.', target)];
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

/** What is said of a run that was stopped: nothing is lost. */
export function describeStop(target: string, waiting: readonly QueueEntry[]): string {
    const names = waiting.map(({ proposal }) => sourceNames(proposal)).join(', ');
    const said = l10n.t('The merge queue of {0} was stopped. What has landed has landed.', target);
    return names ? `${said} ${l10n.t('In line: {0}.', names)}` : said;
}

/** What guards printed that did not pass, with whose result it was. */
export function printed({ target, blocked = [], base = [] }: QueueResult): string {
    const of = (name: string, evidence: QueueResult['base'] = []) =>
        evidence
            .filter(({ outcome, output }) => outcome !== 'passed' && output)
            .map(({ guard, output }) => `${name}, ${guard}:\n${output}`);
    return [
        ...blocked.flatMap(({ proposal, evidence }) => of(sourceNames(proposal), evidence)),
        ...of(target, base),
    ].join('\n');
}
