/** What operations did, and would do, in words. */
import { l10n } from 'vscode';
import { shortId } from '../documents.js';
import type {
    ConflictedStream,
    Divergence,
    MoveResult,
    Operation,
    PointerMove,
    PullResult,
    PushResult,
    StreamResult,
    SyncResult,
} from '../wire.js';

const LISTED = 8;

/** A pointer as people call it: `refs/heads/main` is `main`. */
export function pointerName(name: string): string {
    const head = /^worktrees\/(.+)\/HEAD$/.exec(name)?.[1];
    if (head !== undefined) {
        return l10n.t('HEAD of {0}', head);
    }
    return name === 'main-worktree/HEAD' ? 'HEAD' : name.replace(/^refs\/(heads|remotes|tags)\/|^refs\//, '');
}

/** Where a pointer points, as people call it. */
export function pointerValue(value: string | undefined): string {
    if (value === undefined) {
        return '∅';
    }
    return value.startsWith('ref: ') ? pointerName(value.slice(5)) : shortName(value);
}

/** An id as people read it. */
export function shortName(id: string): string {
    return id.startsWith('b3:') ? id.slice(3, 11) : shortId(id);
}

/** `a1b2c3d → d4e5f6a`. */
export function moveValues({ old, new: value }: PointerMove): string {
    return `${pointerValue(old)} → ${pointerValue(value)}`;
}

/** `main: a1b2c3d → d4e5f6a`, or that it is new or gone. */
export function moveText(move: PointerMove): string {
    const name = pointerName(move.name);
    if (move.old === undefined) {
        return l10n.t('{0}: new, at {1}', name, pointerValue(move.new));
    }
    return move.new === undefined
        ? l10n.t('{0}: removed, was at {1}', name, pointerValue(move.old))
        : `${name}: ${moveValues(move)}`;
}

/** An actor as people call it: `agent:foo` is `foo`. */
export function actorName(actor: string): string {
    return actor === 'system:git' ? 'git' : actor.replace(/^\w+:/, '').replace(/@.*$/, '');
}

/** The first few, and how many more there are. */
export function listed(lines: readonly string[], all = lines.length): string[] {
    const shown = lines.slice(0, LISTED);
    return all > shown.length ? [...shown, l10n.t('… and {0} more', all - shown.length)] : shown;
}

/** What going back would do, for the question before it. */
export function forecast({ moves = [], paths = [], left = [], leftPointers = [] }: MoveResult): string {
    const part = (heading: string, lines: readonly string[]) => (lines.length ? [heading, ...listed(lines), ''] : []);
    return [
        ...part(l10n.t('What moves:'), moves.map(moveText)),
        ...(paths.length ? part(l10n.t('Files that change ({0}):', paths.length), paths) : []),
        ...part(
            l10n.t('Files that stay as they are ({0}):', left.length),
            left.map(({ path, reason }) => `${path}: ${reason}`),
        ),
        ...part(l10n.t('What stays where it is:'), leftPointers),
        l10n.t('This is an operation of its own, which you can undo.'),
    ].join('\n');
}

/** What an undo, a redo or going back did. */
export function describeMove(done: string, result: MoveResult): string {
    const { moves = [], paths = [], left = [], notices = [] } = result;
    const files = [paths.length ? l10n.t('Changed files: {0}.', paths.length) : l10n.t('No file was changed.')];
    const kept = left.map(({ path, reason }) => l10n.t('{0} stays as it is: {1}.', path, reason));
    return sentences(`${done}.`, listed(moves.map(moveText)).join(', '), ...files, ...listed(kept), ...notices);
}

/** What an operation is about, short enough for a sentence. */
export function quoted(operation: Operation | undefined): string {
    return operation ? `“${operation.subject ?? operation.said}”` : '';
}

/** What switching, making or removing a stream did. */
export function describeStream(done: string, { paths = [], left = [], notices = [] }: StreamResult): string {
    const files = paths.length ? [l10n.t('Changed files: {0}.', paths.length)] : [];
    const kept = left.map(({ path, reason }) => l10n.t('{0} stays as it is: {1}.', path, reason));
    return sentences(`${done}.`, ...files, ...listed(kept), ...notices);
}

/** What a push did. */
export function describePush({ remote, stream, upToDate, old, new: value, notices = [] }: PushResult): string {
    const moved = old ? `${shortId(old)} → ${shortId(value)}` : shortId(value);
    const done = upToDate
        ? l10n.t('{0}/{1} has everything already.', remote, stream)
        : l10n.t('Pushed {0} to {1}: {2}.', stream, remote, moved);
    return sentences(done, ...notices);
}

/** What a pull did. */
export function describePull({ remote, stream, outcome, new: value, files = [], notices = [] }: PullResult): string {
    const said: Record<PullResult['outcome'], string> = {
        'up-to-date': l10n.t('{0} has everything of {1} already.', stream, remote),
        created: l10n.t('{0} is here now, from {1}.', stream, remote),
        'fast-forward': l10n.t('Pulled {0} from {1}: it is at {2}.', stream, remote, shortId(value)),
        merge: l10n.t('Pulled {0} from {1} and merged: it is at {2}.', stream, remote, shortId(value)),
        ahead: l10n.t('{0} has everything of {1}, and more.', stream, remote),
    };
    return sentences(said[outcome], ...(files.length ? [l10n.t('Changed files: {0}.', files.length)] : []), ...notices);
}

/** What an exchange with other clones did. */
export function describeSync({ place, sent, received, notices = [] }: SyncResult): string {
    const done = l10n.t('Exchanged operations through {0}: {1} sent, {2} received.', place, sent, received);
    return sentences(done, ...notices);
}

/** That a stream was moved two ways. */
export function describeConflict({ stream, ours, theirs, actor, replica }: ConflictedStream): string {
    const who = actor ? actorName(actor) : replica.slice(0, 8);
    return l10n.t('{0} was moved two ways: to {1} here, to {2} by {3}.', stream, shortId(ours), shortId(theirs), who);
}

/** That a change has several live commits. */
export function describeDivergence({ commits }: Divergence): string {
    return l10n.t('One change has several live commits: {0}.', commits.map(shortId).join(', '));
}

function sentences(...parts: readonly string[]): string {
    return parts
        .filter(Boolean)
        .map((part) => (/[.!?:…]$/.test(part) ? part : `${part}.`))
        .join(' ');
}
