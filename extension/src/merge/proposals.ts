/** Merge proposals and their files as rows and sentences. */
import { l10n } from 'vscode';
import type { Row } from '../history/row.js';
import { shortAgo } from '../time.js';
import type { MergeFile, Proposal, ProposalSummary } from '../wire.js';

const WARNING = 'list.warningForeground';
/** Files that a notification names. */
const NAMED = 3;

/** A row that says which proposal it is of. */
export interface ProposalRow extends Row {
    readonly proposal: string;
}

/** A row of a proposal's file, or of what can be done with the proposal. */
export interface FileRow extends Row {
    readonly path?: string;
}

/** What is merged into what. */
export function title({ sources, target }: Pick<ProposalSummary, 'sources' | 'target'>): string {
    return l10n.t('{0} into {1}', sourceNames({ sources }), target);
}

/** What a proposal merges. */
export function sourceNames({ sources }: Pick<ProposalSummary, 'sources'>): string {
    return sources.map(({ name }) => name).join(', ');
}

/** The rows of a list of proposals. */
export function proposalRows(
    folder: string,
    proposals: readonly ProposalSummary[],
    now: number,
    language: string,
): ProposalRow[] {
    return proposals.map((each) => ({
        id: each.proposalId,
        proposal: each.proposalId,
        folder,
        label: title(each),
        description: [status(each), shortAgo(each.updated / 1000, language, now / 1000)].join(' · '),
        icon: each.status === 'blocked' ? { name: 'warning', color: WARNING } : { name: 'git-merge' },
    }));
}

/** The rows of a proposal's files: what needs somebody first, each with who decided it and why. */
export function fileRows(folder: string, { files = [] }: Proposal): FileRow[] {
    const open = (file: MergeFile) => (file.open ? 0 : 1);
    return [...files]
        .sort((a, b) => open(a) - open(b) || a.path.localeCompare(b.path))
        .map((file) => ({
            id: file.path,
            folder,
            path: file.path,
            label: file.path,
            description: decided(file),
            detail: why(file),
            icon: file.open ? { name: 'warning', color: WARNING } : { name: 'check' },
        }));
}

/** What became of a merge, in a sentence or two. */
export function describeProposal(proposal: Proposal): string {
    const { changed = 0, files = [], obstacles = [] } = proposal;
    const syntax = files.filter(({ how }) => how === 'engine').length;
    const counts = [
        changed === 1 ? l10n.t('1 file changes') : l10n.t('{0} files change', changed),
        ...(syntax ? [l10n.t('{0} merged by syntax', syntax)] : []),
    ];
    const done = `${title(proposal)}: ${counts.join(', ')}.`;
    return [done, ...obstacles.map(({ message }) => message)].join(' ');
}

/** The same, with the files that need a decision, or else those that were merged by syntax, and why. */
export function explainProposal(proposal: Proposal): string {
    const { files = [] } = proposal;
    const open = files.filter((file) => file.open);
    const told = open.length ? open : files.filter(({ how }) => how === 'engine');
    const named = told.slice(0, NAMED).map((file) => [file.path, why(file)].filter(Boolean).join(': '));
    const more = told.length > NAMED ? [l10n.t('{0} more', told.length - NAMED)] : [];
    return [describeProposal(proposal), [...named, ...more].join('; ')].filter(Boolean).join(' ');
}

/** Whether nothing but the team's checks is missing, or they failed and may be run again. */
export function mayCheck({ conflicts = 0, obstacles = [] }: Proposal): boolean {
    return conflicts === 0 && obstacles.some(({ code }) => code === 'guard-missing' || code === 'guard-failed');
}

/** What the checks printed that did not pass. */
export function failures({ evidence = [] }: Proposal): string {
    return evidence
        .filter(({ outcome, output }) => outcome !== 'passed' && output)
        .map(({ guard, output }) => `${guard}:\n${output}`)
        .join('\n');
}

function status({ status: name, conflicts = 0 }: ProposalSummary): string {
    switch (name) {
        case 'blocked':
            return conflicts === 1
                ? l10n.t('1 file in conflict')
                : conflicts
                  ? l10n.t('{0} files in conflict', conflicts)
                  : l10n.t('blocked');
        case 'ready':
            return l10n.t('ready');
        case 'checking':
            return l10n.t('being checked');
        default:
            return l10n.t('open');
    }
}

function decided({ how, open, conflicts = [], resolved }: MergeFile): string {
    if (open) {
        return l10n.t('needs you');
    }
    const decision = resolved ?? conflicts.find((conflict) => conflict.resolved?.carriedFrom)?.resolved;
    if (decision?.carriedFrom) {
        return l10n.t('decided by {0} in proposal {1}', decision.actor, decision.carriedFrom.slice(3, 11));
    }
    if (resolved) {
        return l10n.t('decided by {0}', resolved.actor);
    }
    switch (how) {
        case 'engine':
            return l10n.t('merged by syntax');
        case 'git':
            return l10n.t('merged by git');
        case 'driver':
            return l10n.t('merged by its driver');
        default:
            return l10n.t('as one side has it');
    }
}

function why({ reason, conflicts = [] }: MergeFile): string {
    const first = conflicts.find(({ resolved }) => !resolved);
    return [first?.entity, first?.reason ?? reason].filter(Boolean).join(': ');
}
