/** The operation log as rows. */
import { l10n } from 'vscode';
import { shortAgo } from '../time.js';
import type { Operation, OperationDetails, PointerMove } from '../wire.js';
import type { Fact, Icon, Row } from './row.js';
import { actorName, listed, moveText, moveValues, pointerName, pointerValue, shortName } from './texts.js';

/** Icons by kind; what plain Git did has that of the same thing done by us. */
const ICONS: Readonly<Record<string, string>> = {
    'actor-enroll': 'key',
    'actor-revoke': 'key',
    'actor-rotate': 'key',
    amend: 'edit',
    branch: 'git-branch',
    checkpoint: 'bookmark',
    'cherry-pick': 'git-commit',
    clone: 'repo-clone',
    commit: 'git-commit',
    fetch: 'repo-fetch',
    gc: 'archive',
    import: 'search',
    init: 'rocket',
    merge: 'git-merge',
    'op-restore': 'history',
    pull: 'repo-pull',
    purge: 'trash',
    push: 'repo-push',
    rebase: 'git-compare',
    redo: 'redo',
    reset: 'debug-step-back',
    resolve: 'check-all',
    restore: 'files',
    revert: 'debug-reverse-continue',
    stash: 'archive',
    'stream-create': 'git-branch',
    'stream-delete': 'trash',
    'stream-rename': 'edit',
    switch: 'arrow-swap',
    sync: 'sync',
    tag: 'tag',
    undo: 'discard',
};

/** The most pointers that a row names; the rows below it name all. */
const NAMED = 2;

/** What of the log is shown, and where its reader stands in it. */
export interface Log {
    readonly folder: string;
    /** Newest first. */
    readonly operations: readonly Operation[];
    readonly more: boolean;
    /** The one that undo takes back next. */
    readonly undo?: string;
    /** The one that redo does again next. */
    readonly redo?: string;
    readonly language: string;
    /** Milliseconds since 1970. */
    readonly now: number;
}

/** The rows of the Operations view. */
export function operationRows(log: Log): Row[] {
    const known = new Map(log.operations.map((operation) => [operation.operationId, operation]));
    const rows = log.operations.map((operation, index) => row(operation, log, known, index === 0));
    const more: Row = {
        id: 'more',
        label: l10n.t('More…'),
        icon: { name: 'ellipsis' },
        command: 'anvcs.operations.more',
        folder: log.folder,
    };
    return log.more ? [...rows, more] : rows;
}

type Known = ReadonlyMap<string, Operation>;

function row(operation: Operation, log: Log, known: Known, newest: boolean): Row {
    const { operationId, gitCommit, undone = false } = operation;
    const words = [
        'operation',
        ...(operationId === log.undo ? ['undo'] : []),
        ...(operationId === log.redo ? ['redo'] : []),
        // After the newest everything is as it is now.
        ...(newest || operation.state !== 'published' ? [] : ['back']),
        ...(gitCommit ? ['commit'] : []),
    ];
    return {
        id: operationId,
        folder: log.folder,
        operation: operationId,
        ...(gitCommit && { commit: gitCommit }),
        label: title(operation, known),
        description: describe(operation, log),
        facts: facts(operation, log.language),
        icon: icon(operation),
        words,
        faded: undone || operation.state === 'aborted',
        rows: details(operation, log.folder),
    };
}

function icon({ kind, undone, foreign, state }: Operation): Icon {
    const name = ICONS[kind.replace(/^git-/, '')] ?? 'circle-outline';
    if (state === 'unknown') {
        return { name: 'question', color: 'list.warningForeground' };
    }
    const color = undone ? 'disabledForeground' : foreign ? 'descriptionForeground' : undefined;
    return { name, ...(color && { color }) };
}

/** What an operation did, in a line: the subject of its commit, else its kind and what it was about. */
export function title(operation: Operation, known: Known = new Map()): string {
    if (operation.subject) {
        return operation.subject;
    }
    const aim = aimOf(operation, known);
    switch (aim && operation.kind) {
        case 'undo':
            return l10n.t('Undo: {0}', aim);
        case 'redo':
            return l10n.t('Redo: {0}', aim);
        case 'op-restore':
            return l10n.t('Back to: {0}', aim);
        case 'checkpoint':
            return l10n.t('Checkpoint: {0}', aim);
        case 'switch':
        case 'git-switch':
            return l10n.t('Switch to {0}', aim);
        case 'stream-create':
            return l10n.t('New stream {0}', aim);
    }
    // That it was plain git stands beside it already.
    const words = operation.said.replace(/^plain git /, '');
    const said = words.charAt(0).toUpperCase() + words.slice(1);
    return aim ? `${said}: ${aim}` : said;
}

function aimOf({ details = {}, moves = [] }: Operation, known: Known): string {
    const target = details.undoes ?? details.redoes ?? details.restores;
    if (typeof target === 'string') {
        const operation = known.get(target);
        return operation ? title(operation, known) : shortName(target);
    }
    if (typeof details.checkpoint === 'string') {
        return details.checkpoint;
    }
    // What a stream did says more than what followed it, such as a remote's copy or HEAD.
    const streams = moves.filter(({ name }) => name.startsWith('refs/heads/'));
    const named = (streams.length ? streams : moves.filter(({ name }) => !name.endsWith('/HEAD'))).map(({ name }) =>
        pointerName(name),
    );
    const [head] = moves;
    return named.length > NAMED ? '' : named.join(', ') || (head ? pointerValue(head.new) : '');
}

function describe(operation: Operation, { language, now }: Log): string {
    const streams = (operation.moves ?? []).filter(({ name }) => name.startsWith('refs/heads/'));
    const { state } = operation;
    return [
        ...(operation.undone ? [l10n.t('undone')] : []),
        ...(state === 'published' ? [] : [stateName(state)]),
        ...(operation.subject ? streams.slice(0, 1).map(({ name }) => pointerName(name)) : []),
        operation.foreign ? l10n.t('plain git') : actorName(operation.actor),
        shortAgo(operation.time / 1000, language, now / 1000),
        ...(operation.reversibility === 'irreversible' ? [l10n.t('irreversible')] : []),
    ].join(' · ');
}

function stateName(state: Exclude<Operation['state'], 'published'>): string {
    return {
        prepared: l10n.t('under way'),
        aborted: l10n.t('did not happen'),
        unknown: l10n.t('outcome unknown'),
    }[state];
}

/** Whether an operation can be undone, as a sentence. */
export function reversibility({ reversibility }: Pick<Operation, 'reversibility'>): string {
    return {
        reversible: l10n.t('It can be undone.'),
        compensable: l10n.t('It cannot be undone, but made up for by another operation.'),
        irreversible: l10n.t('It cannot be undone.'),
    }[reversibility];
}

/** Everything there is to say about an operation; the details are asked for only where somebody looks. */
export function facts(operation: Operation, language: string, details?: OperationDetails): Fact[] {
    const { moves = [], paths = [], pathCount = paths.length, tier } = operation;
    const time = new Date(operation.time).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
    const all: readonly (readonly [string, string | undefined])[] = [
        [l10n.t('What'), [operation.said, ...(operation.undone ? [l10n.t('undone')] : [])].join(', ')],
        [l10n.t('By'), operation.actor],
        [l10n.t('When'), time],
        [l10n.t('Worktree'), operation.worktree],
        [l10n.t('Pointers'), listed(moves.map(moveText)).join(', ')],
        [l10n.t('Files'), listed(paths, pathCount).join(', ')],
        [l10n.t('Undo'), details?.undo || reversibility(operation)],
        [l10n.t('Replay'), tierName(tier)],
        [l10n.t('Confidence'), percentage(details?.confidence, language)],
        [l10n.t('Prompt'), details?.prompt],
        [l10n.t('Causes'), details?.causes?.map(shortName).join(', ')],
        [l10n.t('Signature'), details && signatureName(details.signature ?? 'unknown')],
        [l10n.t('Git commit'), operation.gitCommit],
        [l10n.t('Change'), operation.changeId],
        [l10n.t('Operation'), operation.operationId.slice(0, 15)],
    ];
    return all.flatMap(([label, value]) => (value ? [[label, value] as const] : []));
}

function tierName(tier: Operation['tier']): string {
    return {
        green: l10n.t('green: can be done again from what was recorded'),
        yellow: l10n.t('yellow: with recorded snapshots'),
        red: l10n.t('red: cannot be replayed'),
    }[tier];
}

function signatureName(signature: NonNullable<OperationDetails['signature']>): string {
    return {
        known: l10n.t('by a known key'),
        unknown: l10n.t('by an unknown key'),
        revoked: l10n.t('by a key that was revoked since'),
        bad: l10n.t('does not fit'),
    }[signature];
}

function percentage(basisPoints: number | undefined, language: string): string | undefined {
    return basisPoints === undefined
        ? undefined
        : (basisPoints / 10_000).toLocaleString(language, { style: 'percent', maximumFractionDigits: 2 });
}

/** The rows below an operation: pointers that moved, then files. */
function details(operation: Operation, folder: string): Row[] {
    const { operationId, moves = [], paths = [], pathCount = paths.length } = operation;
    const between = comparable(moves);
    const pointers = moves.map(
        (move): Row => ({
            id: `${operationId} ${move.name}`,
            label: pointerName(move.name),
            description: moveValues(move),
            icon: { name: pointerIcon(move.name) },
        }),
    );
    const files = paths.map(
        (path): Row => ({
            id: `${operationId} /${path}`,
            folder,
            label: path.split('/').at(-1) ?? path,
            ...(path.includes('/') && { description: path.slice(0, path.lastIndexOf('/')) }),
            file: path,
            ...(between && { between }),
            command: 'anvcs.operation.file',
        }),
    );
    const rest = pathCount - paths.length;
    const unlisted: Row = {
        id: `${operationId} rest`,
        label: l10n.t('… and {0} more', rest),
        icon: { name: 'ellipsis' },
    };
    return [...pointers, ...files, ...(rest > 0 ? [unlisted] : [])];
}

const GIT_ID = /^[0-9a-f]{40}$/;

/** The commits between which an operation's files differ: those a stream, or else HEAD, moved between. */
function comparable(moves: readonly PointerMove[]): Row['between'] {
    const move = moves.find(({ name, new: value }) => /^refs\/heads\/|\/HEAD$/.test(name) && GIT_ID.test(value ?? ''));
    return move?.new && (move.old === undefined || GIT_ID.test(move.old)) ? [move.old, move.new] : undefined;
}

function pointerIcon(name: string): string {
    const [, kind] = /^refs\/(heads|tags|remotes)\//.exec(name) ?? [];
    const icons: Record<string, string> = { heads: 'git-branch', tags: 'tag', remotes: 'cloud' };
    return icons[kind ?? ''] ?? (name.startsWith('checkpoints/') ? 'bookmark' : 'circle-filled');
}
