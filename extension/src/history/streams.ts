/** Streams, divergent changes and checkpoints as rows. */
import { l10n } from 'vscode';
import { shortId } from '../documents.js';
import { shortAgo } from '../time.js';
import type { Checkpoint, ConflictedStream, Divergence, Stream } from '../wire.js';
import type { Fact, Row } from './row.js';
import { actorName, describeConflict, describeDivergence, shortName } from './texts.js';

const WARNING = 'list.warningForeground';

/** The rows of the Streams view: what needs a decision is open. */
export function streamRows(folder: string, streams: readonly Stream[], divergent: readonly Divergence[]): Row[] {
    return [...streams.map((stream) => streamRow(folder, stream)), ...divergent.map((each) => changeRow(folder, each))];
}

function streamRow(folder: string, stream: Stream): Row {
    const { name, current = false, worktree, conflicts = [] } = stream;
    const icon = conflicts.length
        ? { name: 'warning', color: WARNING }
        : current
          ? { name: 'check', color: 'charts.green' }
          : { name: 'git-branch' };
    const words = ['stream', current ? 'current' : worktree ? 'elsewhere' : 'other'];
    return {
        // VS Code keeps a known row folded: one that needs a decision is another row.
        id: conflicts.length ? `conflict ${name}` : `stream ${name}`,
        folder,
        stream: name,
        ...(stream.gitCommit && { commit: stream.gitCommit }),
        label: name,
        description: describe(stream),
        facts: facts(stream),
        icon,
        words: conflicts.length ? [...words, 'conflicted'] : words,
        ...(conflicts.length
            ? { rows: values(folder, stream, conflicts), open: true }
            : !current && { command: 'anvcs.stream.switch' }),
    };
}

function describe({ current, worktree, ahead = 0, behind = 0, conflicts = [], subject }: Stream): string {
    const distance = [ahead ? `↑${ahead}` : '', behind ? `↓${behind}` : ''].filter(Boolean).join(' ');
    return [
        ...(conflicts.length ? [l10n.t('moved two ways')] : []),
        ...(current ? [l10n.t('current')] : []),
        ...(worktree ? [l10n.t('in {0}', worktree.split(/[\\/]/).at(-1) ?? worktree)] : []),
        distance,
        subject,
    ]
        .filter(Boolean)
        .join(' · ');
}

function facts({ gitCommit, subject, worktree, upstream, ahead = 0, behind = 0, conflicts = [] }: Stream): Fact[] {
    const all: readonly (readonly [string, string | undefined])[] = [
        [l10n.t('Commit'), [gitCommit && shortId(gitCommit), subject].filter(Boolean).join(' ')],
        [l10n.t('Worktree'), worktree],
        [l10n.t('Follows'), upstream && l10n.t('{0} ({1} ahead, {2} behind)', upstream, ahead, behind)],
        [l10n.t('Conflict'), conflicts.map(describeConflict).join(' ')],
    ];
    return all.flatMap(([label, value]) => (value ? [[label, value] as const] : []));
}

/** The values of a conflicted stream: ours first, then each other clone's. */
function values(folder: string, { name, subject }: Stream, conflicts: readonly ConflictedStream[]): Row[] {
    const [first] = conflicts;
    const ours: Row = {
        id: `stream ${name} ours`,
        folder,
        stream: name,
        ...(first && { commit: first.ours }),
        label: l10n.t('Ours'),
        description: [first && shortId(first.ours), subject].filter(Boolean).join(' · '),
        icon: { name: 'home' },
        words: ['ours', 'commit'],
        ...(first && { command: 'anvcs.commit.show' }),
    };
    return [ours, ...conflicts.map((conflict) => theirRow(folder, conflict))];
}

function theirRow(folder: string, conflict: ConflictedStream): Row {
    const { stream, replica, theirs, actor, subject, fetched } = conflict;
    return {
        id: `stream ${stream} ${replica}`,
        folder,
        stream,
        replica,
        ...(fetched && { commit: theirs }),
        label: l10n.t('Theirs'),
        description: [
            shortId(theirs),
            fetched ? subject : l10n.t('not fetched'),
            actor ? actorName(actor) : replica.slice(0, 8),
        ]
            .filter(Boolean)
            .join(' · '),
        facts: [[l10n.t('Replica'), replica]],
        icon: { name: 'cloud' },
        words: fetched ? ['theirs', 'commit'] : ['theirs'],
        ...(fetched && { command: 'anvcs.commit.show' }),
    };
}

function changeRow(folder: string, divergence: Divergence): Row {
    const { changeId, commits } = divergence;
    const rows = commits.map(
        (commit): Row => ({
            id: `change ${changeId} ${commit}`,
            folder,
            commit,
            label: shortId(commit),
            icon: { name: 'git-commit' },
            words: ['commit'],
            command: 'anvcs.commit.show',
        }),
    );
    return {
        id: `change ${changeId}`,
        label: l10n.t('Divergent change'),
        description: l10n.t('{0} live commits', commits.length),
        facts: [
            [l10n.t('Change'), changeId],
            [l10n.t('Conflict'), describeDivergence(divergence)],
        ],
        icon: { name: 'warning', color: WARNING },
        words: ['divergent'],
        rows,
        open: true,
    };
}

/** The rows of the Checkpoints view, newest first. */
export function checkpointRows(
    folder: string,
    checkpoints: readonly Checkpoint[],
    language: string,
    now: number,
): Row[] {
    const sorted = [...checkpoints].sort((one, other) => (other.time ?? 0) - (one.time ?? 0));
    return sorted.map(({ name, operationId, actor, time, message }) => ({
        id: `checkpoint ${name}`,
        folder,
        checkpoint: name,
        operation: operationId,
        label: name,
        description: [
            message,
            actor && actorName(actor),
            time !== undefined && shortAgo(time / 1000, language, now / 1000),
        ]
            .filter(Boolean)
            .join(' · '),
        facts: [
            ...(message ? [[l10n.t('Message'), message] as const] : []),
            [l10n.t('State after'), shortName(operationId)],
        ],
        icon: { name: 'bookmark' },
        words: ['checkpoint'],
    }));
}
