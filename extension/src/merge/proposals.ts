/** Merge proposals and their files as rows and sentences. */
import { l10n } from 'vscode';
import type { Row } from '../history/row.js';
import { shortAgo } from '../time.js';
import type { MergeFile, MergeFinding, Proposal, ProposalSummary, Resolution } from '../wire.js';

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
    /** From 1. */
    readonly line?: number;
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
        description: [
            status(each),
            ...(each.queued ? [l10n.t('in the queue')] : []),
            shortAgo(each.updated / 1000, language, now / 1000),
        ].join(' · '),
        icon: each.status === 'blocked' ? { name: 'warning', color: WARNING } : { name: 'git-merge' },
    }));
}

/** The rows of a proposal's files: what needs somebody first, each with who decided it and why. */
export function fileRows(folder: string, proposal: Proposal): FileRow[] {
    const { files = [] } = proposal;
    const open = (file: MergeFile) => (file.open ? 0 : 1);
    return [...files]
        .sort((a, b) => open(a) - open(b) || a.path.localeCompare(b.path))
        .map((file) => ({
            id: file.path,
            folder,
            path: file.path,
            label: file.path,
            description: decided(file),
            detail: why(file, proposal),
            icon: file.open ? { name: 'warning', color: WARNING } : { name: 'check' },
        }));
}

/** The rows of what was found in a result: what makes it unsafe first. */
export function findingRows(folder: string, { findings = [] }: Proposal): FileRow[] {
    const soft = ({ severity }: MergeFinding) => (severity === 'hard' ? 0 : 1);
    return [...findings]
        .sort((a, b) => soft(a) - soft(b))
        .map(({ path, line = 0, kind, message, severity }) => ({
            id: `finding ${path} ${line} ${kind} ${message}`,
            folder,
            path,
            ...(line > 0 && { line }),
            label: line > 0 ? `${path}:${line}` : path,
            description: severity === 'hard' ? l10n.t('not safe') : l10n.t('worth a look'),
            detail: message,
            icon: severity === 'hard' ? { name: 'error', color: WARNING } : { name: 'info' },
        }));
}

/** What became of a merge, in a sentence or two. */
export function describeProposal(proposal: Proposal): string {
    return `${title(proposal)}: ${describeResult(proposal)}`;
}

/** The same, where it stands below its title. */
export function describeResult(proposal: Proposal): string {
    const { changed = 0, files = [], obstacles = [] } = proposal;
    const syntax = files.filter(({ how }) => how === 'engine').length;
    const counts = [
        changed === 1 ? l10n.t('1 file changes') : l10n.t('{0} files change', changed),
        ...(syntax ? [l10n.t('{0} merged by syntax', syntax)] : []),
    ];
    const said = ended(proposal);
    return [`${counts.join(', ')}.`, ...(said ? [said] : obstacles.map(({ message }) => message))].join(' ');
}

/** How a merge ended, in a sentence; nothing while it is open. */
export function ended({ status: name, target, reason }: ProposalSummary): string | undefined {
    const why = reason ? ` ${reason}` : '';
    switch (name) {
        case 'accepted':
            return l10n.t('It was accepted and is in {0} now.', target);
        case 'rejected':
            return l10n.t('It was rejected.') + why;
        case 'superseded':
            return l10n.t('{0} has all of it already.', target) + why;
        default:
            return undefined;
    }
}

/** Where an open merge stands, and what it waits for first. */
export function standing(proposal: ProposalSummary): string {
    const [first] = proposal.obstacles ?? [];
    return proposal.conflicts || !first ? status(proposal) : [status(proposal), first.message].join('. ');
}

/** The same, with the files that need a decision, or else those that were merged by syntax, and why. */
export function explainProposal(proposal: Proposal): string {
    const { files = [] } = proposal;
    const open = files.filter((file) => file.open);
    const told = open.length ? open : files.filter(({ how }) => how === 'engine');
    const named = told.slice(0, NAMED).map((file) => [file.path, why(file, proposal)].filter(Boolean).join(': '));
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
    const parts = conflicts.flatMap((conflict) => conflict.resolved ?? []);
    if (open) {
        return parts.length
            ? l10n.t('needs you, {0} of {1} decided', parts.length, conflicts.length)
            : l10n.t('needs you');
    }
    const decisions = resolved ? [resolved] : parts;
    const carried = decisions.find(({ carriedFrom }) => carriedFrom);
    if (carried?.carriedFrom) {
        return l10n.t('decided by {0} in proposal {1}', carried.actor, carried.carriedFrom.slice(3, 11));
    }
    if (decisions.length) {
        return l10n.t('decided by {0}', [...new Set(decisions.map(({ actor }) => actor))].join(', '));
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

/** Why a file still needs somebody, or what was decided in it, or why it is as it is. */
function why({ reason, open, conflicts = [], resolved }: MergeFile, proposal: Proposal): string {
    if (open || !(resolved || conflicts.length)) {
        const first = conflicts.find((conflict) => !conflict.resolved);
        return [first?.entity, first?.reason ?? reason].filter(Boolean).join(': ');
    }
    if (resolved) {
        return taken(resolved, proposal);
    }
    const parts = conflicts.map(({ entity, number, resolved: part }) =>
        part ? `${entity ?? number}: ${taken(part, proposal)}` : '',
    );
    const more = parts.length > NAMED ? [l10n.t('{0} more', parts.length - NAMED)] : [];
    return [...parts.slice(0, NAMED), ...more].join('; ');
}

/** What a decision put there. */
function taken({ take, model = '' }: Resolution, proposal: Proposal): string {
    switch (take) {
        case 'left':
            return l10n.t('what {0} has', proposal.target);
        case 'right':
            return l10n.t('what {0} has', sourceNames(proposal));
        case 'both':
            return l10n.t('both versions');
        case 'base':
            return l10n.t('as it was before both');
        case 'delete':
            return l10n.t('removed');
        case 'suggestion':
            return l10n.t('what {0} suggested', model);
        case 'text':
            return l10n.t('written by hand');
    }
}
