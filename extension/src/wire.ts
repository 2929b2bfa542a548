// Generated from protocol/anvcs.schema.json by scripts/generate.mjs: do not edit.
import { NotificationType, RequestType } from 'vscode-jsonrpc';

/** The protocol this extension speaks; the server's must be equal. */
export const PROTOCOL_VERSION = 1;

/** A file somebody works on. */
export interface ActiveFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Where their cursor is, if they say so. */
    readonly line?: number;
    /** In the last minutes. */
    readonly edits?: number;
    /** When they wrote last, in milliseconds since 1970. */
    readonly last?: number;
}

/** Vouch for an actor's key: by a human who is enrolled, or by the actor itself with a key it has. */
export interface ActorEnrollParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Whose key it is: `human:ada@example.org`, `agent:foo`. */
    readonly actor: string;
    /** The line of its `.pub` file: `ssh-ed25519 AAAA... [comment]`. */
    readonly key: string;
}

/** One key of an actor, and how far its signatures count now. */
export interface ActorKey {
    /** Who acts. */
    readonly actor: string;
    /** An Ed25519 public key as it stands in .pub files. */
    readonly key: string;
    /** `SHA256:...`, as OpenSSH and git show it. */
    readonly fingerprint: string;
    /** unknown: named in the registry by someone who may not, or beside another first key of the actor. */
    readonly state: 'known' | 'revoked' | 'unknown';
    /** Who acts. */
    readonly by: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
    /** It was the actor's first key, for which nobody else vouched. */
    readonly onTrust?: boolean;
    /** From when it counts no more, in milliseconds since 1970. */
    readonly revokedSince?: number;
    /** Why it was revoked or replaced. */
    readonly reason?: string;
    /** Its private half is on this machine and signs for the actor. */
    readonly mine?: boolean;
}

/** Ask whose keys are whose. */
export interface ActorListParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Only this actor's; an agent with or without `agent:`. */
    readonly actor?: string;
}

/** Every key that the registry names. */
export interface ActorListResult {
    readonly keys?: readonly ActorKey[];
    /** What is wrong with entries that cannot be read, one sentence each. */
    readonly damaged?: readonly string[];
}

/** What became of the key. */
export interface ActorResult {
    readonly key: ActorKey;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    readonly notices?: readonly string[];
}

/** Let a key count no more: one of the actor's own, or, for a human who is enrolled, anyone's. */
export interface ActorRevokeParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** `ssh-ed25519 AAAA...`, its `SHA256:...` fingerprint, or an actor who has one key only. */
    readonly key: string;
    /** What it signed from then on is refused, in milliseconds since 1970; now, if absent. */
    readonly since?: number;
    readonly reason?: string;
}

/** Make a new key for the actor who acts; the old one vouches for it and counts for what it signed before. */
export interface ActorRotateParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly reason?: string;
}

/** Stage paths: the same index as `git add`. */
export interface AddParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly paths: readonly string[];
}

/** What is staged now. */
export interface AddResult {
    readonly staged?: readonly FileChange[];
}

/** Add our hook to an agent's own settings, for all repositories of this user, or take it out again. */
export interface AgentsConnectParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly agent: 'claude' | 'codex';
    readonly remove?: boolean;
    /** Only show what would change. */
    readonly dryRun?: boolean;
}

/** What was changed in an agent's settings, or would be. */
export interface AgentsConnected {
    readonly agent: 'claude' | 'codex';
    /** The agent's settings file. */
    readonly file: string;
    /** The agent calls our hook now, or would. */
    readonly connected: boolean;
    /** How the file changes, as a patch; nothing if it is as it should be. */
    readonly diff?: string;
    readonly notices?: readonly string[];
}

/** Have the editor's own language model answer a prompt; only editors that say they can are asked. */
export interface AssistCompleteParams {
    readonly messages: readonly PromptMessage[];
    /** The longest answer; 0 leaves it to the model. */
    readonly maxTokens?: number;
}

/** What the editor's model answered. */
export interface AssistCompleteResult {
    readonly content: string;
    /** Its name. */
    readonly model: string;
}

/** All that is sent about one conflict, and nothing else is. */
export interface AssistPrompt {
    readonly messages: readonly PromptMessage[];
    /** The BLAKE3 hash of it. */
    readonly promptHash: string;
    /** In bytes. */
    readonly size: number;
    /** How many likely secrets were taken out of it. */
    readonly redacted?: number;
}

/** What came of asking about one conflict. */
export interface Assisted {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Absent where the file can only be decided as a whole, which no model is asked. */
    readonly conflict?: number;
    /** Where only that was asked for. */
    readonly prompt?: AssistPrompt;
    readonly suggestion?: Suggestion;
    /** Just this was asked before; nothing was sent. */
    readonly reused?: boolean;
    /** The team's settings let it be applied, and it was. */
    readonly applied?: boolean;
    /** Why there is no suggestion. */
    readonly problem?: Problem;
}

/** A run of text of one origin. */
export interface AttributedRange {
    readonly range: TextRange;
    /** Absent for text that was there before rooms were. */
    readonly actor?: string;
    readonly how?: 'base' | 'inferred' | 'live' | 'reported';
    readonly sequence?: number;
    /** Milliseconds since 1970. */
    readonly time?: number;
    /** The agent's session or task, if it said so. */
    readonly task?: string;
}

/** One operation with all that its signature covers. */
export interface AuditEntry {
    readonly operation: Operation;
    readonly parents?: readonly string[];
    /** An operation's BLAKE3 id. */
    readonly viewBefore: string;
    /** An operation's BLAKE3 id. */
    readonly viewAfter: string;
    readonly causes?: readonly string[];
    readonly confidence?: number;
    /** An operation's BLAKE3 id. */
    readonly promptHash?: string;
    /** An operation's BLAKE3 id. */
    readonly argumentsHash?: string;
    /** When it took effect or ended otherwise, in milliseconds since 1970. */
    readonly finished?: number;
    readonly publicKey: string;
    /** Base64, over the operation's id and the key. */
    readonly signature: string;
    readonly standing: 'bad' | 'known' | 'revoked' | 'unknown';
    /** Base64 of the canonical bytes that the id is made from. */
    readonly body: string;
}

/** A part of the log, oldest first. */
export interface AuditPage {
    readonly entries?: readonly AuditEntry[];
    readonly more?: boolean;
}

/** Ask for the log of everything in its order, to be kept or examined elsewhere. */
export interface AuditParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Begin after this sequence. */
    readonly after?: number;
    readonly limit?: number;
    /** Another clone's log instead of our own. */
    readonly replica?: string;
}

/** One thing the doctor looked at. */
export interface Check {
    readonly id: string;
    readonly state: 'error' | 'ok' | 'warning';
    readonly message: string;
    readonly wayOut?: string;
    /** It was wrong and is in order now; the message says what was done. */
    readonly repaired?: boolean;
}

/** A named operation to go back to. */
export interface Checkpoint {
    readonly name: string;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** Who acts. */
    readonly actor?: string;
    readonly time?: number;
    readonly message?: string;
}

/** Name the present state. */
export interface CheckpointCreateParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly name: string;
    readonly message?: string;
}

/** Ask for all checkpoints. */
export interface CheckpointListParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** Go back to a checkpoint, as `op restore` does. */
export interface CheckpointRestoreParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly name: string;
    readonly allWorktrees?: boolean;
    readonly dryRun?: boolean;
}

/** The checkpoint that was made. */
export interface CheckpointResult {
    readonly checkpoint: Checkpoint;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
}

/** All checkpoints, by name. */
export interface Checkpoints {
    readonly checkpoints?: readonly Checkpoint[];
}

/** Copy a repository with its metadata into a new folder. */
export interface CloneParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly url: string;
    /** The new folder; named after the URL if absent. */
    readonly path?: string;
}

/** The new repository. */
export interface CloneResult {
    readonly root: string;
    readonly url: string;
    readonly stream?: string;
    /** Absent if the repository is empty. */
    readonly head?: string;
    readonly notes?: number;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    readonly notices?: readonly string[];
}

/** Take this actor's editors out of their rooms until the next start. */
export interface CollabLeaveParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
}

/** Who left. */
export interface CollabLeft {
    /** Who acts. */
    readonly actor: string;
    /** In how many rooms they were. */
    readonly rooms?: number;
    readonly notices?: readonly string[];
}

/** How a file's text came to be. */
export interface CollabPlayback {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    /** The place of an edit in its room's log. */
    readonly newest: number;
    /** The place of an edit in its room's log. */
    readonly keptFrom?: number;
    /** The place of an edit in its room's log. */
    readonly start?: number;
    /** At the edit that was asked for, or before the first step. */
    readonly text: string;
    readonly frames?: readonly PlaybackFrame[];
    /** There are more steps behind these. */
    readonly more?: boolean;
    /** Steps within what was asked for that are gone. */
    readonly notKept?: readonly NotKept[];
    readonly notices?: readonly string[];
}

/** Ask how a file's text came to be: at one edit, or step by step. */
export interface CollabPlaybackParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    readonly path: string;
    /** The place of an edit in its room's log. */
    readonly since?: number;
    /** The last step; the newest, if absent. */
    readonly until?: number;
    /** Only the text at this edit, or at this time (`10m`, `2h`, `3d` ago or ISO). */
    readonly at?: string;
    /** Each step with the whole text. */
    readonly texts?: boolean;
    readonly limit?: number;
}

/** Take back what one actor changed in rooms, and nothing of others. */
export interface CollabRevertParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    /** Who acts. */
    readonly actor: string;
    readonly task?: string;
    /** As in a review; else what was not looked at yet. */
    readonly since?: string;
    readonly paths?: readonly string[];
    /** Only these: their ids, or their numbers in the actor's review. */
    readonly hunks?: readonly string[];
    readonly dryRun?: boolean;
}

/** What was taken back, or would be. */
export interface CollabReverted {
    /** Who acts. */
    readonly actor: string;
    readonly files?: readonly RevertedFile[];
    readonly refused?: readonly RefusedFile[];
    readonly dryRun?: boolean;
    readonly notices?: readonly string[];
}

/** What others changed, by actor and task. */
export interface CollabReview {
    readonly runs?: readonly ReviewRun[];
    readonly notices?: readonly string[];
}

/** Ask what others changed since the user last looked and still stands. */
export interface CollabReviewParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    /** Only this actor; else everybody but the one who asks. */
    readonly actor?: string;
    /** Only this task or session of theirs. */
    readonly task?: string;
    /** An edit's number, a time (`10m`, `2h`, `3d` or ISO), or a commit; else what was looked at last. */
    readonly since?: string;
    readonly paths?: readonly string[];
    /** All that is shown has been looked at now, and is not shown again. */
    readonly seen?: boolean;
    /** Hunks (their ids) that are good and not to be shown again. */
    readonly keep?: readonly string[];
}

/** See to it that the relay runs, come back if the actor had left, and open rooms for files. */
export interface CollabStartParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    /** Files, or folders for the files below that Git knows. */
    readonly paths?: readonly string[];
    /** Make a token with which any Yjs client joins as this actor, until the relay ends. */
    readonly token?: boolean;
}

/** The relay runs, and what can be joined. */
export interface CollabStarted {
    /** Who acts. */
    readonly actor: string;
    /** Of the relay; its rooms are below `/rooms/`. */
    readonly url: string;
    readonly token?: string;
    readonly rooms?: readonly OpenedRoom[];
    readonly refused?: readonly RefusedFile[];
    readonly notices?: readonly string[];
}

/** Who works on what, here and elsewhere. */
export interface CollabStatus {
    /** Who acts. */
    readonly actor: string;
    readonly mode: 'local' | 'off';
    readonly paused?: boolean;
    /** The actor's editors stay out of rooms. */
    readonly left?: boolean;
    readonly relay?: boolean;
    readonly stream: string;
    readonly minutes: number;
    readonly collaborators?: readonly Collaborator[];
    readonly unsaved?: readonly UnsavedRoom[];
    readonly warnings?: readonly EarlyWarning[];
    readonly notices?: readonly string[];
}

/** Ask who works on what, here and elsewhere. */
export interface CollabStatusParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    /** How far back edits are counted. */
    readonly minutes?: number;
}

/** Ask for the newest edits, or those after others. */
export interface CollabTailParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that asks, with or without `agent:`; else the human whom Git knows. */
    readonly agent?: string;
    /** One file, else all of this worktree's. */
    readonly path?: string;
    /** Those behind this edit of each room. */
    readonly since?: number;
    /** What the page before said to go on from. */
    readonly after?: string;
    readonly limit?: number;
}

/** Somebody at work. */
export interface Collaborator {
    /** Who acts. */
    readonly actor: string;
    /** elsewhere: on another stream or in another worktree, never merged live. */
    readonly where?: 'elsewhere' | 'here';
    /** The stream, or `worktree:NAME`. */
    readonly stream: string;
    /** The folder of the worktree, where it is another one. */
    readonly worktree?: string;
    /** In a room at this moment. */
    readonly connected?: boolean;
    readonly files?: readonly ActiveFile[];
}

/** A commit with everything known about why it exists. */
export interface CommitDetails {
    /** A commit's BLAKE3 id. */
    readonly commitId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    /** A real Git object id. */
    readonly tree: string;
    readonly author: Person;
    readonly committer: Person;
    readonly subject: string;
    readonly message: string;
    readonly parents?: readonly string[];
    /** The id that survives amend and rebase. */
    readonly changeId?: string;
    /** Who acts. */
    readonly agent?: string;
    readonly refs?: readonly string[];
    /** Absent for foreign commits. */
    readonly metadata?: Metadata;
    /** none: foreign; full: verified against the trailer; missing: trailer without a record here; mismatch: it fails;
     * inherited: it has no trailer, and the metadata is that of `inheritedFrom`. */
    readonly metadataState?: 'full' | 'inherited' | 'mismatch' | 'missing' | 'none';
    /** The commit that this one was rewritten from, where the metadata was recorded for that one's tree or message.
     * Tests count only if the trees are equal. */
    readonly inheritedFrom?: string;
    /** The other live commits of the same change. */
    readonly divergent?: readonly string[];
    readonly redacted?: readonly string[];
    readonly hooksSkipped?: boolean;
    readonly signed?: boolean;
    /** known: by a key of an actor or one that git trusts; unknown: nothing says whose key; revoked: made when the key
     * counted no more; bad: it is false. */
    readonly signature?: 'bad' | 'known' | 'none' | 'revoked' | 'unknown';
    /** Whose key signed it; absent where no actor of the registry has it. */
    readonly signer?: string;
    /** From when that key counts no more, in milliseconds since 1970. */
    readonly revokedSince?: number;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    readonly files?: readonly FileChange[];
}

/** Make a commit of the given paths, else of what is staged, else of every change. */
export interface CommitParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Needed unless `amend` keeps the old one or a merge is being concluded. */
    readonly message?: string;
    readonly paths?: readonly string[];
    readonly amend?: boolean;
    readonly allowEmpty?: boolean;
    /** Skip pre-commit and commit-msg; recorded. */
    readonly noVerify?: boolean;
    /** Overrides `commit.gpgSign`. */
    readonly sign?: boolean;
    /** Its `prompt` and `agentId`, if given, go before `prompt` and `agent` here. */
    readonly metadata?: Metadata;
    /** First save the text of all rooms here, as they are at one moment. */
    readonly live?: boolean;
    /** Take only what this agent wrote in rooms since the last commit; refused where others wrote in the same place. */
    readonly onlyAgent?: string;
}

/** The commit that was made. */
export interface CommitResult {
    /** A commit's BLAKE3 id. */
    readonly commitId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    /** The id that survives amend and rebase. */
    readonly changeId: string;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** Absent when HEAD is detached. */
    readonly stream?: string;
    readonly parents?: readonly string[];
    readonly subject?: string;
    readonly files?: readonly FileChange[];
    /** The metadata fields in which likely secrets were replaced by a marker. */
    readonly redacted?: readonly string[];
    readonly hookOutput?: string;
    /** Whether it can be taken back; a pushed commit only by another one that reverts it. */
    readonly reversibility?: 'compensable' | 'irreversible' | 'reversible';
    /** Live text that was left out. */
    readonly unsaved?: readonly UnsavedRoom[];
    /** Live text that was saved first. */
    readonly saved?: readonly SavedRoom[];
    readonly notices?: readonly string[];
}

/** A stream that two clones moved two ways. */
export interface ConflictedStream {
    readonly stream: string;
    /** The random id of one clone. */
    readonly replica: string;
    /** A real Git object id. */
    readonly ours: string;
    /** A real Git object id. */
    readonly theirs: string;
    /** The other commit is here; else it comes with the next fetch or pull from where it was pushed to. */
    readonly fetched: boolean;
    /** Who moved it there. */
    readonly actor?: string;
    /** The other clone's operation. */
    readonly operationId?: string;
    /** Of the other commit, if it is here. */
    readonly subject?: string;
}

/** Where others meet what changes here. */
export interface ConflictsFound {
    /** Those that meet it. */
    readonly streams?: readonly StreamConflicts[];
    /** How many were looked at. */
    readonly compared?: number;
    readonly notices?: readonly string[];
}

/** Ask what others change that meets what changes here. */
export interface ConflictsParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Only these: streams, streams of remotes, or commits; else all that moved lately, and other worktrees. */
    readonly streams?: readonly string[];
    /** Only what is likely to break in a merge. */
    readonly hard?: boolean;
}

/** One thing that takes room. */
export interface Cost {
    /** `ledger`, `cache`, `notes`, `keep`, `logs`, `actors`, `projections`, `mirror`, `scratch`. */
    readonly name: string;
    /** What it is, in a few words. */
    readonly said: string;
    readonly bytes: number;
    /** Of what it holds: operations, notes, commits, files. */
    readonly count?: number;
}

/** How much of one kind of thing was recomputed. */
export interface Covered {
    /** operations, operation signatures, views, commits, commit signatures, records, notes, keys, segments, replicas. */
    readonly subject: string;
    readonly checked: number;
    readonly total: number;
    /** Why not all could be, in a sentence. */
    readonly said?: string;
}

/** Where the user's selections are. */
export interface CursorMoved {
    readonly uri: string;
    readonly version: number;
    readonly selections?: readonly Selection[];
}

/** A place that a push had sent the value to, where only its owner can remove it. */
export interface Departed {
    readonly remote: string;
    readonly url: string;
    /** What to do there. */
    readonly said: string;
}

/** The editor has saved. */
export interface DidSave {
    readonly uri: string;
    readonly version: number;
    /** It only followed somebody else's save, and must not be followed again. */
    readonly followed?: boolean;
    /** What is shown now is not what was saved. */
    readonly dirty?: boolean;
}

/** Compare: work tree with index, index with HEAD (`staged`), or two commits. */
export interface DiffParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly paths?: readonly string[];
    readonly staged?: boolean;
    /** A commit to compare from (to the work tree unless `new` is given). */
    readonly old?: string;
    readonly new?: string;
    /** The commits' names are understood as of this operation. */
    readonly atOp?: string;
}

/** What differs, as a list and as a patch git can apply. */
export interface DiffResult {
    readonly files?: readonly FileChange[];
    readonly patch?: string;
}

/** A divergent change: several of its commits are live, since one was rewritten or picked and the other stayed. */
export interface Divergence {
    /** The id that survives amend and rebase. */
    readonly changeId: string;
    /** Those that a stream or the HEAD of a worktree leads to, oldest first. */
    readonly commits: readonly string[];
}

/** Examine the installation and the repository. */
export interface DoctorParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Put in order what can be; without it nothing changes. */
    readonly repair?: boolean;
}

/** Everything the doctor looked at; `healthy` if no check is an error. */
export interface DoctorReport {
    readonly healthy: boolean;
    readonly checks: readonly Check[];
}

/** Who wrote what, in the order of the text. */
export interface DocumentAttribution {
    /** The editor's version that the ranges are in. */
    readonly version: number;
    readonly ranges?: readonly AttributedRange[];
}

/** Comes right before the `didChange` that leads to this version, and says what that cannot. */
export interface DocumentChanged {
    readonly uri: string;
    readonly version: number;
    /** Whether the document has unsaved changes now; a reload from disk leaves none. */
    readonly dirty: boolean;
    readonly reason?: 'redo' | 'undo';
}

/** Whether a document is in its room, and why not. */
export interface DocumentRoomState {
    readonly uri: string;
    readonly state: 'connecting' | 'desync' | 'joined' | 'off' | 'offline' | 'paused' | 'refused';
    /** One sentence for the user where the state needs one. */
    readonly reason?: string;
    /** As whom this editor writes. */
    readonly actor?: string;
    /** Edits of this editor that the relay has not yet made durable. */
    readonly undurable?: number;
    /** An unsaved text of the editor's own that could not be joined with the room's; for the user to choose from. */
    readonly copy?: string;
}

/** Ask what ANVCS keeps here and how much room it takes. */
export interface DuParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** Everything that ANVCS keeps, the largest first. */
export interface DuReport {
    readonly costs: readonly Cost[];
    readonly total: number;
}

/** Somebody elsewhere changes a file that holds changes here. */
export interface EarlyWarning {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    readonly mine: 'uncommitted' | 'unsaved';
    /** Who acts. */
    readonly actor: string;
    readonly stream: string;
    /** That they made and did not commit, or made in the last minutes. */
    readonly edits: number;
    /** When the newest of them was made, in milliseconds since 1970. */
    readonly last: number;
}

/** A line that starts at a row: it enters `lane` below the row and stays there down to `parent`'s row. */
export type Edge = readonly [number, string, boolean?];

/** One path that differs. */
export interface FileChange {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** added, modified, deleted, renamed, copied, type-changed, unmerged or untracked. */
    readonly kind: string;
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly oldPath?: string;
    /** Lines added; absent for binary files and where nobody counted. */
    readonly additions?: number;
    readonly deletions?: number;
    readonly binary?: boolean;
}

/** A file as one side has it. */
export interface FileVersion {
    /** As git writes it: 100644, 100755, 120000 (symlink), 160000 (submodule). */
    readonly mode: string;
    /** A real Git object id. */
    readonly oid: string;
}

/** Plain Git moved pointers, and that is in the ledger now. */
export interface ForeignChanged {
    readonly root: string;
    /** Oldest first. */
    readonly operations: readonly ForeignOperation[];
}

/** What plain Git did, as the operation that it became in the ledger. */
export interface ForeignOperation {
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** What was done: `git-commit`, `git-amend`, `git-rebase`, `git-reset` and so on. */
    readonly kind: string;
    /** The pointers that moved, by their names in the view. */
    readonly pointers: readonly string[];
    readonly sentence: string;
}

/** Compact old operations and merge proposals that ended long ago: what was done and said stays, signed. */
export interface GcParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Those older than so many days; `retention.operations` and `retention.proposals` of the configuration if
     * absent. */
    readonly days?: number;
    readonly dryRun?: boolean;
}

/** What was compacted. */
export interface GcResult {
    /** Absent for a dry run, or if there was nothing to do. */
    readonly operationId?: string;
    /** Merge proposals of which only the events are left now. */
    readonly proposals?: number;
    /** Operations that are compacted now and were not before. */
    readonly compacted?: number;
    /** Old operations that are whole still: checkpoints, and what is not pushed yet. */
    readonly kept?: number;
    /** Commits that git's collector may take from now on. */
    readonly released?: number;
    /** Bytes of the ledger. */
    readonly before?: number;
    readonly after?: number;
    readonly notices?: readonly string[];
}

/** A page of the graph. */
export interface GraphPage {
    readonly rows: readonly GraphRow[];
    readonly openLanes?: readonly OpenLane[];
    readonly nextCursor?: string;
    /** git: the row index is still being built, so this page came straight from git. */
    readonly source?: 'git' | 'index';
}

/** Which part of the history to show; filters combine with *and*. */
export interface GraphParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The most rows to return. */
    readonly limit?: number;
    /** `nextCursor` of the page before, with the same filters. */
    readonly cursor?: string;
    /** A date or a span as git reads it: `2026-11-01`, `2w`, `3.days.ago`. */
    readonly since?: string;
    /** `foo` or `agent:foo`; `*` for any agent. */
    readonly agent?: string;
    /** Part of the author's name or address, in any case. */
    readonly author?: string;
    /** Commits that change this file or folder. */
    readonly path?: string;
    readonly tests?: 'failed' | 'passed' | 'unknown';
    /** The graph that the pointers led to after this operation. */
    readonly atOp?: string;
}

/** One commit, newest first, children always above parents. */
export interface GraphRow {
    /** A commit's BLAKE3 id. */
    readonly commitId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    readonly lane: number;
    readonly author: Person;
    readonly subject: string;
    readonly edges?: readonly Edge[];
    readonly refs?: readonly Ref[];
    /** The id that survives amend and rebase. */
    readonly changeId?: string;
    /** Who acts. */
    readonly agent?: string;
    /** The badge: full if a metadata record is at hand, missing if the commit names one that is not. */
    readonly metadata?: 'full' | 'missing' | 'none';
    readonly tests?: 'failed' | 'passed' | 'unknown';
}

/** The recorded result of one guard on the result tree. */
export interface GuardEvidence {
    readonly guard: string;
    readonly outcome: 'cancelled' | 'error' | 'failed' | 'passed' | 'timed-out';
    readonly required?: boolean;
    readonly command?: readonly string[];
    readonly exitCode?: number;
    readonly milliseconds?: number;
    /** The end of what it printed. */
    readonly output?: string;
    /** It was run on this very tree before. */
    readonly cached?: boolean;
    /** It failed first and passed when it was run again. */
    readonly flaky?: boolean;
    /** What to know beside the output, such as that a submodule was missing. */
    readonly notes?: readonly string[];
    /** Who acts. */
    readonly actor: string;
    readonly time: number;
}

/** The commit the work tree stands on. */
export interface HeadCommit {
    /** A commit's BLAKE3 id. */
    readonly commitId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    readonly subject: string;
}

/** Refs, HEAD, notes or the index changed, whoever changed them. */
export interface HistoryChanged {
    readonly root: string;
    /** A real Git object id. */
    readonly head?: string;
    readonly stream?: string;
}

/** Put ANVCS beside a Git repository; makes the repository in a new folder. */
export interface InitParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Have plain git merge by syntax where it finds a conflict, or no longer; absent leaves that as it is. */
    readonly mergeDriver?: boolean;
    /** Have that driver look at what git merges without a conflict too, and warn; absent leaves that as it is. */
    readonly checkClean?: boolean;
}

/** What `init` did; repeating it changes nothing. */
export interface InitResult {
    /** The work tree's absolute path. */
    readonly root: string;
    /** The folder that holds ANVCS' state. */
    readonly state: string;
    readonly repositoryCreated?: boolean;
    readonly alreadyInitialized?: boolean;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    /** Every setting and file that was added, as one sentence each. */
    readonly changed?: readonly string[];
    readonly notices?: readonly string[];
}

/** What accepting made of it. */
export interface Landed {
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    /** Of the merge commit; absent where the target only moved on. */
    readonly commitId?: string;
    /** The target does not have it any more: it was undone, or reset. */
    readonly takenBack?: boolean;
}

/** A conflict that needs a person. */
export interface LeftConflict {
    /** Where its markers begin in the file as it is now, from 1; 0 if that is not known. */
    readonly line?: number;
    /** The function, class, member or key it is in. */
    readonly entity?: string;
    readonly rule: string;
    readonly reason: string;
}

/** A file that was left as it is, and why. */
export interface LeftFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    readonly reason: string;
}

/** Ask who wrote what in a document. */
export interface LineAttributionParams {
    readonly uri: string;
}

/** One conflict in a file: what each side has there, and why nobody could decide it. */
export interface MergeConflict {
    /** What `resolve` calls it; it stays the same while others are resolved. */
    readonly number: number;
    /** Where its markers begin in the result as it is now, from 1; 0 once it is resolved. */
    readonly line: number;
    /** Where they end. */
    readonly endLine?: number;
    /** Stable name of the rule that refused. */
    readonly rule?: string;
    readonly reason?: string;
    /** The function, class, member or key it is in. */
    readonly entity?: string;
    readonly base?: string;
    readonly left?: string;
    readonly right?: string;
    readonly resolved?: Resolution;
    /** What a language model would put there, or why it could not say; the newest, if one was asked about just this. */
    readonly suggestion?: Suggestion;
}

/** What became of one path that both sides have to do with, or that somebody decided. */
export interface MergeFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Who decided it: both sides agree, one side alone changed it, git's merge, our engine, a driver, or nobody yet. */
    readonly how: 'conflict' | 'driver' | 'engine' | 'git' | 'left' | 'right' | 'same';
    /** content, add/add, modify/delete, rename/rename, binary, submodule, mode ... */
    readonly kind?: string;
    readonly reason?: string;
    readonly base?: FileVersion;
    readonly left?: FileVersion;
    readonly right?: FileVersion;
    /** As it stands in the result; absent where it is gone. */
    readonly result?: FileVersion;
    readonly conflicts?: readonly MergeConflict[];
    /** The file as a whole was decided. */
    readonly resolved?: Resolution;
    /** It still needs somebody. */
    readonly open?: boolean;
    readonly trace?: readonly MergeStep[];
}

/** Something that was seen in the result. */
export interface MergeFinding {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Stable name: syntax, duplicate, lost, doubled, dangling ... */
    readonly kind: string;
    readonly message: string;
    /** A hard one makes the result unsafe. */
    readonly severity: 'hard' | 'soft';
    /** From 1; 0 for the file as a whole. */
    readonly line?: number;
    readonly column?: number;
    /** The file on the other side of it, e.g. where the symbol was removed. */
    readonly other?: string;
}

/** Work out the merge of streams, as a proposal; land it at once only where nothing stands in the way. */
export interface MergeParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Streams, or anything `show` takes for a commit. */
    readonly sources: readonly string[];
    /** The stream that is to have them; the one that is checked out, if absent. */
    readonly into?: string;
    /** Accept it if it is clean and safe, and every guard and rule allows it. */
    readonly auto?: boolean;
    /** Run the guards. */
    readonly testCheck?: boolean;
    /** Make a merge commit even where the target could just move on. */
    readonly noFf?: boolean;
    /** Of the merge commit. */
    readonly message?: string;
    /** Skip the hooks that may refuse; this is recorded. */
    readonly noVerify?: boolean;
}

/** What came of it. */
export interface MergeResult {
    readonly outcome: 'accepted' | 'proposed' | 'up-to-date';
    readonly target: string;
    /** Absent if the target has it all already. */
    readonly proposal?: Proposal;
    /** Why it could not land although nothing in the proposal stood in the way. */
    readonly refused?: Problem;
    readonly hookOutput?: string;
    readonly notices?: readonly string[];
}

/** What is to be merged. */
export interface MergeSource {
    /** As it was called: a stream, a remote's stream, a tag or a commit. */
    readonly name: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    /** It is a ref: when it moves, the merge is worked out anew. */
    readonly follows?: boolean;
}

/** One region that a rule of the engine decided. */
export interface MergeStep {
    /** lines, entity, hunk, moved or markers. */
    readonly stage: string;
    readonly rule: string;
    /** The first line of the base that it is about, from 1. */
    readonly line: number;
    readonly entity?: string;
}

/** Try what git left in conflict here with merging by syntax. */
export interface MergetoolParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Files and folders; everything in conflict if empty. */
    readonly only?: readonly string[];
    /** Take files too that were changed since git left them. */
    readonly force?: boolean;
    /** Stage what is clean and safe afterwards, as `git mergetool` does. */
    readonly stage?: boolean;
    readonly dryRun?: boolean;
}

/** What became of each file in conflict. */
export interface MergetoolResult {
    readonly files?: readonly ToolFile[];
    readonly dryRun?: boolean;
}

/** Why a commit exists; the seed's `ai-meta`. */
export interface Metadata {
    readonly prompt?: string;
    readonly model?: string;
    readonly testsPassed?: boolean;
    readonly testReportRef?: string;
    /** Percent; kept to a hundredth. */
    readonly coverage?: number;
    readonly env?: Record<string, string>;
    /** Who acts. */
    readonly agentId?: string;
    readonly artifacts?: readonly (Record<string, unknown>)[];
    readonly schemaVersion?: number;
    /** Fields this version does not know, kept as they came. */
    readonly extra?: Record<string, unknown>;
}

/** What undo, redo or restore did. */
export interface MoveResult {
    /** Absent if nothing had to be done, or for a dry run. */
    readonly operationId?: string;
    /** What was taken back, done again, or gone back to. */
    readonly target?: Operation;
    readonly moves?: readonly PointerMove[];
    /** The files that were changed. */
    readonly paths?: readonly string[];
    /** The files that were not, because they have changed since. */
    readonly left?: readonly LeftFile[];
    /** Pointers that were left as they are, one sentence each. */
    readonly leftPointers?: readonly string[];
    readonly reversibility?: 'compensable' | 'irreversible' | 'reversible';
    readonly notices?: readonly string[];
}

/** Steps that are gone. */
export interface NotKept {
    /** The place of an edit in its room's log. */
    readonly first: number;
    /** The place of an edit in its room's log. */
    readonly last: number;
    readonly reason: 'damage' | 'purge' | 'retention';
}

/** An answer that says only that it was done. */
export interface Nothing {
}

/** The pointers that differ. */
export interface OpDiff {
    readonly moves?: readonly PointerMove[];
}

/** Compare the pointers around one operation, or between two. */
export interface OpDiffParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** `@` (the newest), `@{n}` (n before it), an operation's id or its start. */
    readonly operation?: string;
    /** The later one; without it, before and after `operation`. */
    readonly to?: string;
}

/** A page of the operation log. */
export interface OpLogPage {
    readonly operations: readonly Operation[];
    readonly more?: boolean;
    readonly notices?: readonly string[];
}

/** Ask for a page of the operation log, newest first. */
export interface OpLogParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly limit?: number;
    /** Begin with the one before this operation. */
    readonly before?: string;
    /** Only this actor's: `agent:foo`, `human:ada@example.org`; a bare name is an agent's. */
    readonly actor?: string;
    /** The log as it was then: this operation and those before it. */
    readonly atOp?: string;
}

/** Bring the pointers back to what they were after an operation. */
export interface OpRestoreParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** `@` (the newest), `@{n}` (n before it), an operation's id or its start. */
    readonly operation: string;
    /** Other worktrees too; otherwise what they have checked out is left as it is. */
    readonly allWorktrees?: boolean;
    readonly dryRun?: boolean;
}

/** Name an operation. */
export interface OpShowParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** `@` (the newest), `@{n}` (n before it), an operation's id or its start. */
    readonly operation?: string;
}

/** A line that comes in from the page above. */
export type OpenLane = readonly [number, string];

/** A room that can be joined. */
export interface OpenedRoom {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    /** Where any Yjs client joins it; with the token if one was asked for. */
    readonly url: string;
}

/** One entry of the operation log. */
export interface Operation {
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    readonly kind: string;
    /** What it did, in a few words. */
    readonly said: string;
    /** Who acts. */
    readonly actor: string;
    /** Milliseconds since 1970. */
    readonly time: number;
    readonly state: 'aborted' | 'prepared' | 'published' | 'unknown';
    /** Whether it can be undone; `compensable` ones are made up for by another operation. */
    readonly reversibility: 'compensable' | 'irreversible' | 'reversible';
    /** green: re-executable from recorded inputs; yellow: with recorded snapshots; red: not replayable. */
    readonly tier: 'green' | 'red' | 'yellow';
    /** Its place in the log of its replica. */
    readonly sequence: number;
    readonly replica: string;
    readonly worktree?: string;
    /** Plain git did it, and we found it. */
    readonly foreign?: boolean;
    /** It was taken back and not done again. */
    readonly undone?: boolean;
    /** Of the commit it made. */
    readonly subject?: string;
    /** A real Git object id. */
    readonly gitCommit?: string;
    /** A commit's BLAKE3 id. */
    readonly commitId?: string;
    /** The id that survives amend and rebase. */
    readonly changeId?: string;
    readonly moves?: readonly PointerMove[];
    readonly paths?: readonly string[];
    /** Given where the paths are too many to list. */
    readonly pathCount?: number;
    readonly details?: Record<string, string | number | boolean>;
}

/** Everything that an operation says. */
export interface OperationDetails {
    readonly operation: Operation;
    readonly parents?: readonly string[];
    /** An operation's BLAKE3 id. */
    readonly viewBefore: string;
    /** An operation's BLAKE3 id. */
    readonly viewAfter: string;
    /** The operations that brought what it read. */
    readonly causes?: readonly string[];
    readonly confidence?: number;
    /** A salted hash. */
    readonly promptHash?: string;
    /** What the verb was called with, unless it was purged. */
    readonly arguments?: Record<string, unknown>;
    /** The prompt itself, unless it was purged or is not here. */
    readonly prompt?: string;
    readonly rewrites?: readonly RewriteLink[];
    /** `ssh-ed25519 ...` of the key that signed it. */
    readonly publicKey?: string;
    readonly signature?: 'bad' | 'known' | 'revoked' | 'unknown';
    /** What taking it back would do, or why that cannot be. */
    readonly undo?: string;
}

/** Somebody else in a room. */
export interface Participant {
    /** Who acts. */
    readonly actor: string;
    readonly name: string;
    /** Tells two windows of one actor apart. */
    readonly client: number;
    readonly where?: 'elsewhere' | 'here';
    /** Which of the editor's participant colours, stable for an actor. */
    readonly colour?: number;
    readonly selections?: readonly Selection[];
}

/** An author or committer, as Git records one. */
export interface Person {
    readonly name: string;
    readonly email: string;
    /** Seconds since 1970. */
    readonly time: number;
    /** Minutes east of UTC. */
    readonly offset?: number;
}

/** What a step changed in one place of the text before it. */
export interface PlaybackEdit {
    /** A line's number, from 1. */
    readonly line: number;
    readonly deleted?: string;
    readonly inserted?: string;
}

/** One step. */
export interface PlaybackFrame {
    /** The place of an edit in its room's log. */
    readonly sequence: number;
    /** Who acts. */
    readonly actor: string;
    readonly how: 'base' | 'inferred' | 'live' | 'reported';
    /** Milliseconds since 1970. */
    readonly time: number;
    readonly task?: string;
    readonly edits?: readonly PlaybackEdit[];
    /** The whole text after it, if asked for. */
    readonly text?: string;
}

/** A pointer that moved: a stream, tag, stash, HEAD of a worktree, or checkpoint. */
export interface PointerMove {
    /** As a view names it, e.g. `refs/heads/main` or `main-worktree/HEAD`. */
    readonly name: string;
    readonly old?: string;
    readonly new?: string;
}

/** Everybody else who is in a document's room. */
export interface Presence {
    readonly uri: string;
    readonly others?: readonly Participant[];
}

/** A refusal, as every surface shows it. */
export interface Problem {
    /** Stable name of the error (docs/errors in protocol/README.md). */
    readonly code: string;
    readonly message: string;
    readonly wayOut?: string;
    /** What a hook or program printed. */
    readonly output?: string;
    /** Set for internal errors only: the entry to look for in the server's log. */
    readonly logId?: string;
}

/** One part of what a language model is sent. */
export interface PromptMessage {
    readonly role: 'system' | 'user';
    readonly content: string;
}

/** A merge proposal: a merge worked out, waiting for evidence, votes and a decision. */
export interface Proposal {
    /** A merge proposal's BLAKE3 id. */
    readonly proposalId: string;
    readonly status: 'accepted' | 'blocked' | 'checking' | 'open' | 'ready' | 'rejected' | 'superseded';
    readonly target: string;
    readonly sources: readonly MergeSource[];
    readonly revision?: number;
    /** A stream moved since; looking at it works it out anew. */
    readonly moved?: boolean;
    /** Files that need somebody. */
    readonly conflicts?: number;
    readonly obstacles?: readonly ProposalObstacle[];
    /** Who acts. */
    readonly actor: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
    readonly updated: number;
    /** Why it was rejected or superseded. */
    readonly reason?: string;
    /** It waits in the merge queue since then, in milliseconds since 1970. */
    readonly queued?: number;
    readonly landed?: Landed;
    /** Where the target stood when it was worked out. */
    readonly targetCommit?: string;
    readonly bases?: readonly string[];
    /** The result; evidence and votes name it. */
    readonly tree?: string;
    /** Nothing has to be merged: the target moves on to the source. */
    readonly fastForward?: boolean;
    /** Nothing is in conflict. */
    readonly clean?: boolean;
    /** Clean, and no hard finding. */
    readonly safe?: boolean;
    readonly engine?: string;
    /** Given for the merge commit. */
    readonly message?: string;
    /** How many files differ from the target. */
    readonly changed?: number;
    readonly files?: readonly MergeFile[];
    readonly findings?: readonly MergeFinding[];
    readonly evidence?: readonly GuardEvidence[];
    readonly votes?: readonly ProposalVote[];
    /** Commands that lead on from here. */
    readonly next?: readonly string[];
    /** It ended long ago: only what was said of it is kept, and `files` and `findings` are empty. */
    readonly compacted?: boolean;
    /** A language model is set up here to be asked about what is in conflict. */
    readonly canAssist?: boolean;
}

/** Let it land: what was tested, byte for byte. */
export interface ProposalAcceptParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    /** The result that was looked at; refused if it is another one now. */
    readonly tree?: string;
    readonly message?: string;
    /** Let pass what a person may let pass; never for agents. */
    readonly force?: boolean;
    /** Why; needed with `force`, and recorded. */
    readonly reason?: string;
    readonly noVerify?: boolean;
}

/** It landed. */
export interface ProposalAccepted {
    readonly proposal: Proposal;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** A real Git object id. */
    readonly gitCommit: string;
    /** The files that were changed here. */
    readonly paths?: readonly string[];
    readonly hookOutput?: string;
    readonly notices?: readonly string[];
}

/** Ask a language model how to decide conflicts; what it suggests is shown and recorded, and decides nothing. */
export interface ProposalAssistParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    /** Only in this file; in all that are in conflict, if absent. */
    readonly path?: string;
    /** Only this conflict of the file, which may be left out where just one is in conflict. */
    readonly conflict?: number;
    /** Which model: that of `merge.assist.url` or the editor's own; the editor's if it offers one, if absent. */
    readonly provider?: 'editor' | 'endpoint';
    /** Run the team's guards on the result with all suggestions in it. */
    readonly check?: boolean;
    /** Ask again what has been asked already, word for word. */
    readonly fresh?: boolean;
    /** Only say what would be sent; nothing is. */
    readonly showPrompt?: boolean;
}

/** What a language model suggests, beside the proposal as it stands now. */
export interface ProposalAssisted {
    readonly proposal: Proposal;
    readonly asked?: readonly Assisted[];
    /** Where it was sent, or would be; empty where no model is set up. */
    readonly place?: string;
    /** The model that was asked for; empty where the editor chooses. */
    readonly model?: string;
    /** The result with all suggestions in it, where it is whole. */
    readonly tree?: string;
    /** What guards say of that. */
    readonly evidence?: readonly GuardEvidence[];
    /** Why the team's settings did not let them be applied, where they might have. */
    readonly notApplied?: string;
    /** The proposal was worked out anew, since a stream had moved. */
    readonly renewed?: boolean;
    readonly notices?: readonly string[];
}

/** Run guards on the result. */
export interface ProposalCheckParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    /** Only these; all that are configured, if empty. */
    readonly guards?: readonly string[];
    /** Run what has been run on this very tree too. */
    readonly fresh?: boolean;
}

/** Ask for merge proposals, newest first. */
export interface ProposalListParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Closed ones too. */
    readonly all?: boolean;
}

/** One thing that stands in the way of landing. */
export interface ProposalObstacle {
    /** conflict, unsafe, guard-failed, guard-missing, vote-against, approvals, not-computed, config. */
    readonly code: string;
    readonly message: string;
    /** Nobody objects: something is merely still to come. */
    readonly waits?: boolean;
    /** A person may let it pass, giving a reason. */
    readonly canBeForced?: boolean;
}

/** Decide against it; its streams stay as they are. */
export interface ProposalRejectParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    readonly reason?: string;
}

/** Decide a file of the result, or one conflict of it: by a version, by a text, or by removing the file. */
export interface ProposalResolveParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    readonly path: string;
    /** Which conflict of the file; if absent, `take` is for all that are open, and all else for the whole file. */
    readonly conflict?: number;
    readonly take?: 'base' | 'both' | 'left' | 'right' | 'suggestion';
    /** `take` is for the whole file, also for what is not in conflict in it. */
    readonly whole?: boolean;
    /** What stands there instead, for the whole file or for that conflict. */
    readonly text?: string;
    readonly delete?: boolean;
    /** With `take: suggestion`, the one that was looked at; refused if there is a newer one. */
    readonly suggestion?: string;
}

/** A proposal as it stands now. */
export interface ProposalResult {
    readonly proposal: Proposal;
    /** It was worked out anew, since a stream had moved. */
    readonly renewed?: boolean;
    readonly notices?: readonly string[];
}

/** Look at a proposal; if its streams moved, it is worked out anew first. */
export interface ProposalShowParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
}

/** A merge proposal in a line. */
export interface ProposalSummary {
    /** A merge proposal's BLAKE3 id. */
    readonly proposalId: string;
    readonly status: 'accepted' | 'blocked' | 'checking' | 'open' | 'ready' | 'rejected' | 'superseded';
    readonly target: string;
    readonly sources: readonly MergeSource[];
    readonly revision?: number;
    /** A stream moved since; looking at it works it out anew. */
    readonly moved?: boolean;
    /** Files that need somebody. */
    readonly conflicts?: number;
    readonly obstacles?: readonly ProposalObstacle[];
    /** Who acts. */
    readonly actor: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
    readonly updated: number;
    /** Why it was rejected or superseded. */
    readonly reason?: string;
    /** It waits in the merge queue since then, in milliseconds since 1970. */
    readonly queued?: number;
    readonly landed?: Landed;
}

/** What an actor says of the result. */
export interface ProposalVote {
    /** Who acts. */
    readonly actor: string;
    readonly choice: 'approve' | 'reject';
    /** A real Git object id. */
    readonly tree: string;
    /** It is about the result as it is now (or stays by the settings), and the key is known. */
    readonly counts: boolean;
    readonly reason?: string;
    readonly time: number;
}

/** Say what you think of the result. */
export interface ProposalVoteParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    readonly choice: 'approve' | 'reject' | 'withdraw';
    readonly reason?: string;
    /** The result that was looked at; refused if it is another one now. */
    readonly tree?: string;
}

/** Merge proposals, newest first. */
export interface Proposals {
    readonly proposals?: readonly ProposalSummary[];
    readonly notices?: readonly string[];
}

/** Somebody did something to merge proposals: here, in another editor, at the command line, or an agent. */
export interface ProposalsChanged {
    readonly root: string;
    /** Those that it was done to, as they stand now. */
    readonly proposals: readonly ProposalSummary[];
}

/** Bring a remote's stream and metadata here, and join them with ours. */
export interface PullParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Its name or URL; the stream's own remote if absent. */
    readonly remote?: string;
    /** The stream that is checked out if absent. */
    readonly stream?: string;
}

/** What is here now. */
export interface PullResult {
    readonly remote: string;
    readonly url: string;
    /** Its name here. */
    readonly stream: string;
    /** ahead: we have all the remote has, and more. */
    readonly outcome: 'ahead' | 'created' | 'fast-forward' | 'merge' | 'up-to-date';
    /** A real Git object id. */
    readonly new: string;
    /** A real Git object id. */
    readonly old?: string;
    /** The paths that changed, at most 1000. */
    readonly files?: readonly string[];
    /** How many commits' notes came or grew. */
    readonly notes?: number;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    readonly output?: string;
    readonly notices?: readonly string[];
}

/** Forget a value wherever ANVCS keeps it here; its salted hash stays, so that everything still verifies. */
export interface PurgeParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The commit whose metadata holds it, as `show` takes it; this or `operation`. */
    readonly commit?: string;
    /** The operation whose arguments or prompt are meant. */
    readonly operation?: string;
    /** `prompt`, `env.NAME`, `extra.NAME` ... of a commit; `prompt` or `arguments` of an operation. */
    readonly field?: string;
    readonly dryRun?: boolean;
}

/** What was forgotten, and where the value may still be. */
export interface PurgeResult {
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    /** A commit's BLAKE3 id. */
    readonly commitId?: string;
    /** A real Git object id. */
    readonly gitCommit?: string;
    readonly field: string;
    /** What is left of the value: its salted hash. */
    readonly hash?: string;
    /** Where it was, one sentence each. */
    readonly removed?: readonly string[];
    readonly departed?: readonly Departed[];
    readonly notices?: readonly string[];
}

/** Send a stream, with as much of its metadata as `provenance.push` allows, to a remote. */
export interface PushParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Its name or URL; the stream's own remote if absent. */
    readonly remote?: string;
    /** The stream that is checked out if absent. */
    readonly stream?: string;
}

/** What the remote has now. */
export interface PushResult {
    readonly remote: string;
    /** Without user name and password. */
    readonly url: string;
    /** Its name at the remote. */
    readonly stream: string;
    /** A real Git object id. */
    readonly new: string;
    /** Where the remote's stream stood; absent if it had none. */
    readonly old?: string;
    /** There was nothing to send. */
    readonly upToDate?: boolean;
    /** What was sent of metadata (`provenance.push`). */
    readonly mode?: 'full' | 'hashes' | 'none';
    /** How many commits' notes were sent. */
    readonly notes?: number;
    /** Set if the stream follows this remote stream from now on. */
    readonly upstream?: string;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    /** What the remote and the pre-push hook printed. */
    readonly output?: string;
    readonly notices?: readonly string[];
}

/** What waits, line by line. */
export interface Queue {
    readonly entries?: readonly QueueEntry[];
    /** The streams whose queue somebody runs now. */
    readonly running?: readonly string[];
    readonly notices?: readonly string[];
}

/** Put a proposal in line for its target; nothing but tests may be missing. */
export interface QueueAddParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
}

/** A proposal that left the queue because something is wrong with it. */
export interface QueueBlocked {
    readonly proposal: ProposalSummary;
    readonly reason: string;
    /** What this run had let land before; without them it may be fine. */
    readonly after?: readonly string[];
    /** The result on which guards failed. */
    readonly tree?: string;
    /** What they said of it. */
    readonly evidence?: readonly GuardEvidence[];
}

/** A proposal that waits. */
export interface QueueEntry {
    readonly proposal: ProposalSummary;
    /** In the line of its target. */
    readonly position: number;
    /** Who acts. */
    readonly actor: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
    /** What keeps it from being tested, such as an approval. */
    readonly awaits?: string;
}

/** A guard that failed and passed when it was run again on the same tree; nobody is blamed. */
export interface QueueFlake {
    readonly guard: string;
    /** A real Git object id. */
    readonly tree: string;
    /** What was tested together. */
    readonly proposals?: readonly string[];
}

/** Ask what waits. */
export interface QueueListParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Only for this stream. */
    readonly into?: string;
}

/** Where a proposal stands now. */
export interface QueuePlace {
    readonly proposal: ProposalSummary;
    /** In the line of its target, from 1; 0 if it is not in it. */
    readonly position: number;
    readonly notices?: readonly string[];
}

/** Take a proposal out of line; it stays open. */
export interface QueueRemoveParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The only open one, if absent. */
    readonly proposal?: string;
    readonly reason?: string;
}

/** What became of everything that waited. */
export interface QueueResult {
    readonly target: string;
    readonly landed?: readonly ProposalSummary[];
    readonly blocked?: readonly QueueBlocked[];
    readonly waiting?: readonly QueueEntry[];
    readonly flaky?: readonly QueueFlake[];
    /** How many results were tested, or known to be. */
    readonly tests?: number;
    /** Why the rest waits: the target does not pass its guards itself, or its streams kept moving. */
    readonly stopped?: 'base' | 'moved';
    /** What guards say of the target itself, where that stopped it. */
    readonly base?: readonly GuardEvidence[];
    readonly hookOutput?: string;
    readonly notices?: readonly string[];
}

/** Test what waits and let it land, in its order. */
export interface QueueRunParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** The stream whose queue is meant; the only one in which something waits, if absent. */
    readonly into?: string;
    /** Test at most so many together, where the target's `merge.batch` allows more. */
    readonly batch?: number;
}

/** Do again what the actor took back last in this worktree. */
export interface RedoParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly dryRun?: boolean;
}

/** A name that points at a row. */
export interface Ref {
    readonly name: string;
    readonly kind: 'head' | 'remote' | 'stream' | 'tag';
    /** It is what the work tree stands on. */
    readonly current?: boolean;
}

/** A file for which it could not be done, and why. */
export interface RefusedFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    readonly reason: string;
    readonly wayOut?: string;
}

/** Do operations again from what was recorded, in a scratch repository; nothing here changes. */
export interface ReplayParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** This one only; the newest ones if absent. */
    readonly operation?: string;
    readonly limit?: number;
}

/** What came of all of them. */
export interface ReplayReport {
    /** Executed again, with the same trees and pointers. */
    readonly same: number;
    readonly different: number;
    /** Commits: their content came from people, so only their hashes and trees could be made again. */
    readonly rehashed: number;
    readonly notComparable: number;
    /** Newest first; those that are the same are left out unless one was asked for. */
    readonly operations?: readonly Replayed[];
}

/** What came of one operation. */
export interface Replayed {
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    readonly kind: string;
    readonly tier: 'green' | 'red' | 'yellow';
    readonly outcome: 'different' | 'not-comparable' | 'rehashed' | 'same';
    /** What differs, or why it cannot be compared. */
    readonly message?: string;
}

/** Another clone, as the team's place knows it. */
export interface ReplicaHeard {
    /** The random id of one clone. */
    readonly replica: string;
    /** How many operations of it are known here. */
    readonly operations: number;
    /** How many of these this exchange brought. */
    readonly new?: number;
    /** Who acted there last. */
    readonly actor?: string;
    /** When, by that machine's clock, in milliseconds since 1970. */
    readonly time?: number;
}

/** Where the work tree stands and what differs. */
export interface RepositoryStatus {
    readonly root: string;
    readonly initialized: boolean;
    /** The stream (branch) that is checked out; absent when HEAD is detached. */
    readonly stream?: string;
    /** Absent before the first commit. */
    readonly head?: HeadCommit;
    readonly upstream?: string;
    readonly ahead?: number;
    readonly behind?: number;
    readonly inProgress?: 'am' | 'bisect' | 'cherry-pick' | 'merge' | 'rebase' | 'revert';
    readonly staged?: readonly FileChange[];
    readonly unstaged?: readonly FileChange[];
    readonly untracked?: readonly string[];
    readonly unmerged?: readonly string[];
    /** How many operations the ledger holds. */
    readonly operations?: number;
    readonly divergent?: readonly Divergence[];
    /** What recovery found or what needs attention, one sentence each. */
    readonly notices?: readonly string[];
}

/** How somebody decided a conflict or a whole file. */
export interface Resolution {
    readonly take: 'base' | 'both' | 'delete' | 'left' | 'right' | 'suggestion' | 'text';
    /** Who acts. */
    readonly actor: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
    /** The proposal in which it was decided, if it was carried over because the conflict is the same: an earlier one for
     * the same streams, or an earlier revision of this one. */
    readonly carriedFrom?: string;
    /** Which language model suggested it. */
    readonly model?: string;
    /** The team's settings let it be applied (`merge.assist.apply`). */
    readonly byPolicy?: boolean;
}

/** One place where two streams meet. */
export interface ResourceOverlap {
    readonly kind: 'both-add' | 'both-change' | 'depends';
    /** hard: a merge without a look is likely to break something. */
    readonly severity: 'hard' | 'soft';
    /** A resource's BLAKE3 id, which survives rename and move. */
    readonly id: string;
    /** Its qualified name, or its path for a whole file. */
    readonly resource: string;
    /** function, method, class, interface, enum, type, constant, field, module, key, table, column, view, index ... */
    readonly resourceKind: string;
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly defined: string;
    /** Who changes it; for what both change, the other. */
    readonly changer: 'other' | 'you';
    /** What the changer does to it. */
    readonly deeds: readonly ('added' | 'body' | 'moved' | 'removed' | 'renamed' | 'signature')[];
    /** Its qualified name on the changer's side; absent if it is gone. */
    readonly now?: string;
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly nowPath?: string;
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    readonly line: number;
    /** Bytes from the beginning of the line. */
    readonly column?: number;
    /** The qualified name of what depends on it there; empty for the top of the file. */
    readonly user?: string;
    /** It did not before. */
    readonly newly?: boolean;
    /** Told by the name alone. */
    readonly guessed?: boolean;
    /** All of it as a sentence. */
    readonly message: string;
}

/** Give files the content they have in a commit; what they hold now is recorded first. */
export interface RestoreParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly paths: readonly string[];
    /** The commit, as `show` takes it. */
    readonly source?: string;
    /** Names are understood as of this operation. */
    readonly atOp?: string;
}

/** Compare the editor's text with the room, and repair what differs; loses nothing. */
export interface ResyncParams {
    readonly uri: string;
    readonly version: number;
    readonly text: string;
}

/** Make a commit that takes back what another one changed. */
export interface RevertParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** A commit as `show` takes it, or the operation that made it. */
    readonly commit?: string;
    readonly noVerify?: boolean;
}

/** What was taken back in a file. */
export interface RevertedFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    readonly hunks: number;
    /** The edit that takes it back; absent in a dry run. */
    readonly sequence?: number;
    /** The file on disk has it too; else an editor, or the user, is to save it. */
    readonly saved?: boolean;
    /** Text of others in the same place, which stays. */
    readonly overlaps?: readonly ReviewOverlap[];
}

/** What an actor changed in a file. */
export interface ReviewFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    /** The place of an edit in its room's log. */
    readonly sequence: number;
    readonly hunks: readonly ReviewHunk[];
}

/** Lines that an actor changed. */
export interface ReviewHunk {
    /** The same as long as the hunk is the same, wherever its lines are. */
    readonly id: string;
    /** Among the actor's hunks. */
    readonly number: number;
    /** A line's number, from 1. */
    readonly line: number;
    /** The lines as they would be without the actor's edits. */
    readonly old?: string;
    /** The lines as they are. */
    readonly new?: string;
    /** The least that is known of any of its edits. */
    readonly how: 'base' | 'inferred' | 'live' | 'reported';
    readonly edits: number;
    /** When the newest of them was made, in milliseconds since 1970. */
    readonly last: number;
    readonly overlaps?: readonly ReviewOverlap[];
}

/** Text of others in the same place. */
export interface ReviewOverlap {
    readonly actors: readonly string[];
    /** A line's number, from 1. */
    readonly line: number;
    /** Shortened. */
    readonly text?: string;
}

/** What an actor changed for one task. */
export interface ReviewRun {
    /** Who acts. */
    readonly actor: string;
    /** The agent's task or session, if it said so. */
    readonly task?: string;
    readonly model?: string;
    /** Milliseconds since 1970. */
    readonly began: number;
    readonly ended: number;
    readonly files: readonly ReviewFile[];
}

/** One commit that was rewritten from another, and how that is known. */
export interface RewriteLink {
    /** A real Git object id. */
    readonly new: string;
    /** A real Git object id. */
    readonly old: string;
    /** post-rewrite, reflog, change-id, equal-tree or patch-id. */
    readonly evidence: string;
}

/** Someone in a room. */
export interface RoomActor {
    /** Who acts. */
    readonly actor: string;
    /** elsewhere: in another worktree or stream, never merged live. */
    readonly where?: 'elsewhere' | 'here';
    readonly stream?: string;
    /** The files they are in. */
    readonly rooms?: readonly string[];
    /** When they wrote last, in milliseconds since 1970. */
    readonly last?: number;
}

/** Apply edits if the document is still at this version. */
export interface RoomEditParams {
    readonly uri: string;
    readonly version: number;
    readonly edits: readonly TextReplacement[];
}

/** Whether the edits were applied. */
export interface RoomEditResult {
    readonly applied: boolean;
}

/** One room. */
export interface RoomInfo {
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** The stream whose session it is in, or `worktree:NAME`. */
    readonly stream: string;
    readonly epoch?: number;
    /** The place of an edit in its room's log. */
    readonly sequence?: number;
    /** Whose text is in the room and not yet in the file. */
    readonly unsaved?: readonly string[];
    /** Where any Yjs client joins it (with a token); absent while no relay runs. */
    readonly url?: string;
}

/** Somebody saved what the document shows at this version. */
export interface RoomSaved {
    readonly uri: string;
    readonly version: number;
    /** Who acts. */
    readonly actor?: string;
}

/** Take back the user's own last edits in the room, or do them again. */
export interface RoomUndoParams {
    readonly uri: string;
}

/** Whether there was anything to take back. */
export interface RoomUndone {
    readonly done: boolean;
}

/** Switch rooms off: recording stops within a second, files stay as they are on the screen. */
export interface RoomsOffParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** Switch rooms on for this repository on this machine, for its user alone. */
export interface RoomsOnParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** How long edits are kept; as it is, if absent (`forever` at first). */
    readonly retention?: '90d' | 'forever' | 'until-committed';
    /** Patterns, as in `.gitignore`, of files that never become rooms; as they are, if absent. */
    readonly exclude?: readonly string[];
}

/** Stop recording for a while, or go on. */
export interface RoomsPauseParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Pause only what this actor writes; the others go on. */
    readonly actor?: string;
    readonly resume?: boolean;
}

/** Erase edits of a room for good: text that must not be kept. */
export interface RoomsPurgeParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly path: string;
    /** The place of an edit in its room's log. */
    readonly since?: number;
    /** The last edit to erase; the newest, if absent. */
    readonly until?: number;
}

/** What was erased. */
export interface RoomsPurgeResult {
    /** Edits that are gone from every file of the room log. */
    readonly erased: number;
    /** The epoch that begins now. */
    readonly epoch: number;
    /** The place of an edit in its room's log. */
    readonly replayableFrom: number;
    readonly notices?: readonly string[];
}

/** Whether rooms are on here, and what they record. */
export interface RoomsStatus {
    readonly mode: 'local' | 'off';
    /** The user has answered whether rooms shall be on. */
    readonly asked?: boolean;
    readonly paused?: boolean;
    readonly pausedActors?: readonly string[];
    /** The relay runs. */
    readonly relay?: boolean;
    readonly retention?: '90d' | 'forever' | 'until-committed';
    readonly exclude?: readonly string[];
    /** What the room log takes on disk. */
    readonly bytes?: number;
    readonly edits?: number;
    readonly rooms?: readonly RoomInfo[];
    readonly actors?: readonly RoomActor[];
    readonly notices?: readonly string[];
}

/** Ask whether rooms are on, what they record and how much room it takes. */
export interface RoomsStatusParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** The save may go on. */
export interface SavePrepared {
    /** Milliseconds after which to ask once more and then save: other editors look at the file just now.
     * 
     * One that empties a file before it writes it would have them show it empty. */
    readonly wait?: number;
}

/** A room whose text was written into its file for a commit. */
export interface SavedRoom {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** The newest edit that is in it. */
    readonly sequence: number;
}

/** A selection, or a cursor where both ends are one. */
export interface Selection {
    readonly anchor: TextPosition;
    readonly active: TextPosition;
}

/** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
export interface ShowParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly commit?: string;
    /** Names are understood as of this operation. */
    readonly atOp?: string;
}

/** Ask for the state of the work tree and index. */
export interface StatusParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** A named pointer to a commit. */
export interface Stream {
    /** A stream's name, as `git branch` shows it. */
    readonly name: string;
    /** Absent for the stream of an empty repository, or one deleted by another replica. */
    readonly gitCommit?: string;
    readonly subject?: string;
    /** It is checked out in the worktree that asks. */
    readonly current?: boolean;
    /** The folder of another worktree that has it checked out. */
    readonly worktree?: string;
    readonly upstream?: string;
    readonly ahead?: number;
    readonly behind?: number;
    /** Where other clones moved it to, unlike this one. */
    readonly conflicts?: readonly ConflictedStream[];
}

/** Where another stream meets what changes here. */
export interface StreamConflicts {
    /** The stream, `worktree:NAME`, or what was asked for. */
    readonly stream: string;
    /** A real Git object id. */
    readonly gitCommit?: string;
    /** The commit from which both come. */
    readonly base?: string;
    /** The agents that its commits name, and who types there. */
    readonly actors?: readonly string[];
    /** Text that is typed or saved there, and not committed, is taken into account. */
    readonly live?: boolean;
    /** The hard ones first. */
    readonly overlaps?: readonly ResourceOverlap[];
    /** Other files that both change. */
    readonly files?: readonly string[];
}

/** Make a stream, and switch to it if asked. */
export interface StreamCreateParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** A stream's name, as `git branch` shows it. */
    readonly name: string;
    /** Where it begins: a commit as `show` takes it, or another stream. */
    readonly start?: string;
    readonly switch?: boolean;
}

/** Remove a stream; its commits are kept. */
export interface StreamDeleteParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** A stream's name, as `git branch` shows it. */
    readonly name: string;
    /** Also if commits of it are in no other stream. */
    readonly force?: boolean;
}

/** Ask for all streams. */
export interface StreamListParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** As they were after this operation. */
    readonly atOp?: string;
}

/** Give a stream another name, wherever it is checked out here. */
export interface StreamRenameParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** A stream's name, as `git branch` shows it. */
    readonly old: string;
    /** A stream's name, as `git branch` shows it. */
    readonly new: string;
}

/** Choose the value of a conflicted stream, for all clones. */
export interface StreamResolveParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    readonly stream: string;
    /** `ours`, `theirs`, or any name of a commit, such as a merge of both. */
    readonly keep: string;
    /** The start of the id of the clone whose value is meant; needed for `theirs` where several differ. */
    readonly replica?: string;
}

/** Where the stream stands now. */
export interface StreamResolveResult {
    readonly stream: string;
    /** A real Git object id. */
    readonly old: string;
    /** A real Git object id. */
    readonly new: string;
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** The conflicts that are left. */
    readonly conflicts?: readonly ConflictedStream[];
    readonly notices?: readonly string[];
}

/** What happened to a stream. */
export interface StreamResult {
    /** An operation's BLAKE3 id. */
    readonly operationId: string;
    /** A stream's name, as `git branch` shows it. */
    readonly name: string;
    /** A real Git object id. */
    readonly gitCommit?: string;
    /** The files that were changed. */
    readonly paths?: readonly string[];
    readonly left?: readonly LeftFile[];
    readonly reversibility?: 'compensable' | 'irreversible' | 'reversible';
    readonly hookOutput?: string;
    readonly notices?: readonly string[];
}

/** Check a stream out here: files, then rooms, then artifacts; nothing if any of them would lose work. */
export interface StreamSwitchParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** A stream's name, as `git branch` shows it. */
    readonly name: string;
    /** `name` is a commit to stand on without a stream. */
    readonly detach?: boolean;
}

/** All streams by name. */
export interface Streams {
    readonly streams?: readonly Stream[];
    readonly notices?: readonly string[];
}

/** What a language model suggested for a conflict; nothing is decided by it. */
export interface Suggestion {
    /** The id of a language model's suggestion. */
    readonly suggestionId: string;
    /** What would stand in the conflict's place; absent where the model could not decide. */
    readonly text?: string;
    /** The model's own words. */
    readonly rationale?: string;
    /** There is a text, and no guard has a hard finding in the result with it. */
    readonly safe?: boolean;
    /** What guards find in the result with it. */
    readonly findings?: readonly MergeFinding[];
    readonly provider: 'editor' | 'endpoint';
    /** Where the prompt was sent. */
    readonly place: string;
    /** Which model answered. */
    readonly model: string;
    /** The BLAKE3 hash of all that was sent. */
    readonly promptHash: string;
    /** Who acts. */
    readonly actor: string;
    /** When, in milliseconds since 1970. */
    readonly time: number;
}

/** Exchange operations with the other clones of the team. */
export interface SyncParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** A Git remote to exchange them through; the place that `storage.team` names if absent. */
    readonly remote?: string;
}

/** What was exchanged. */
export interface SyncResult {
    /** Through what, for people. */
    readonly place: string;
    /** How many of our operations the others did not have. */
    readonly sent: number;
    readonly received: number;
    readonly replicas?: readonly ReplicaHeard[];
    readonly conflicts?: readonly ConflictedStream[];
    readonly notices?: readonly string[];
}

/** One edit. */
export interface TailEdit {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** A room's id, stable through renames of its file. */
    readonly room: string;
    /** The place of an edit in its room's log. */
    readonly sequence: number;
    /** Who acts. */
    readonly actor: string;
    readonly how: 'base' | 'inferred' | 'live' | 'reported';
    /** Milliseconds since 1970. */
    readonly time: number;
    /** A line's number, from 1. */
    readonly line?: number;
    /** Shortened. */
    readonly inserted?: string;
    /** Shortened. */
    readonly deleted?: string;
    /** Characters, all of them. */
    readonly inserts?: number;
    readonly deletes?: number;
    /** The agent's task or session, if it said so. */
    readonly task?: string;
}

/** Edits, oldest first. */
export interface TailPage {
    readonly edits?: readonly TailEdit[];
    /** What to go on from. */
    readonly after: string;
    /** There are more already. */
    readonly more?: boolean;
    readonly notices?: readonly string[];
}

/** A place in a document, in UTF-16 units, as in the Language Server Protocol. */
export interface TextPosition {
    readonly line: number;
    readonly character: number;
}

/** From a place up to another. */
export interface TextRange {
    readonly start: TextPosition;
    readonly end: TextPosition;
}

/** What replaces a range. */
export interface TextReplacement {
    readonly range: TextRange;
    readonly newText: string;
}

/** What became of a file in conflict. */
export interface ToolFile {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Without conflict and safe; with fewer conflicts than before; as it was. */
    readonly outcome: 'fewer' | 'left' | 'merged';
    readonly staged?: boolean;
    /** Why it was left, as a sentence. */
    readonly reason?: string;
    readonly conflicts?: readonly LeftConflict[];
    /** What the guards saw. */
    readonly findings?: readonly string[];
}

/** Take back the actor's last operation in this worktree. */
export interface UndoParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** The agent that acts, with or without `agent:`; else the configured one, else the human whom Git knows. */
    readonly agent?: string;
    /** What the agent was asked; only a salted hash stands in the operation. */
    readonly prompt?: string;
    /** Basis points, as the agent judges itself. */
    readonly confidence?: number;
    /** Operations that led to this one, beside those that are found. */
    readonly causes?: readonly string[];
    /** Only say what would be done. */
    readonly dryRun?: boolean;
}

/** Leave: export, then remove our refs, settings, exclude lines and state. */
export interface UninstallParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Where to write the export (a `.jsonl` file); `anvcs-export.jsonl` in the work tree if absent. */
    readonly export?: string;
    readonly dryRun?: boolean;
}

/** What was exported and removed (or would be). */
export interface UninstallResult {
    readonly exported?: string;
    readonly records?: number;
    readonly removed?: readonly string[];
}

/** A file whose room holds text that is not in the file. */
export interface UnsavedRoom {
    /** A path from the repository's root with `/`; quoted as git does if not UTF-8. */
    readonly path: string;
    /** Whose text it is. */
    readonly actors: readonly string[];
}

/** Recompute every id, root, chain link, signature and note. */
export interface VerifyParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** What was recomputed, and what is wrong. */
export interface VerifyReport {
    readonly sound: boolean;
    readonly covered: readonly Covered[];
    readonly wrong?: readonly Wrong[];
    /** How many operations are signed by keys that are known, unknown, revoked since, or bad. */
    readonly signatures?: Record<string, number>;
}

/** The editor is about to save; it waits for the answer. */
export interface WillSaveParams {
    readonly uri: string;
    readonly version: number;
}

/** One thing that is not as it was written. */
export interface Wrong {
    readonly subject: string;
    /** Which one: an id, a sequence, a ref. */
    readonly name: string;
    readonly message: string;
}

/** Ask for the state of the work tree and index. */
export const StatusRequest = new RequestType<StatusParams, RepositoryStatus, Problem>('anvcs/repository/status');

/** Make a commit of the given paths, else of what is staged, else of every change. */
export const CommitRequest = new RequestType<CommitParams, CommitResult, Problem>('anvcs/commit');

/** Ask what others change that meets what changes here. */
export const ConflictsRequest = new RequestType<ConflictsParams, ConflictsFound, Problem>('anvcs/conflicts');

/** Which part of the history to show; filters combine with *and*. */
export const GraphRequest = new RequestType<GraphParams, GraphPage, Problem>('anvcs/graph');

/** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
export const ShowRequest = new RequestType<ShowParams, CommitDetails, Problem>('anvcs/commit/show');

/** Give files the content they have in a commit; what they hold now is recorded first. */
export const RestoreRequest = new RequestType<RestoreParams, MoveResult, Problem>('anvcs/files/restore');

/** Make a commit that takes back what another one changed. */
export const RevertRequest = new RequestType<RevertParams, CommitResult, Problem>('anvcs/commit/revert');

/** Take back the actor's last operation in this worktree. */
export const UndoRequest = new RequestType<UndoParams, MoveResult, Problem>('anvcs/operations/undo');

/** Do again what the actor took back last in this worktree. */
export const RedoRequest = new RequestType<RedoParams, MoveResult, Problem>('anvcs/operations/redo');

/** Ask for a page of the operation log, newest first. */
export const OpLogRequest = new RequestType<OpLogParams, OpLogPage, Problem>('anvcs/operations/list');

/** Name an operation. */
export const OpShowRequest = new RequestType<OpShowParams, OperationDetails, Problem>('anvcs/operations/show');

/** Compare the pointers around one operation, or between two. */
export const OpDiffRequest = new RequestType<OpDiffParams, OpDiff, Problem>('anvcs/operations/diff');

/** Bring the pointers back to what they were after an operation. */
export const OpRestoreRequest = new RequestType<OpRestoreParams, MoveResult, Problem>('anvcs/operations/restore');

/** Name the present state. */
export const CheckpointCreateRequest = new RequestType<CheckpointCreateParams, CheckpointResult, Problem>('anvcs/checkpoints/create');

/** Ask for all checkpoints. */
export const CheckpointListRequest = new RequestType<CheckpointListParams, Checkpoints, Problem>('anvcs/checkpoints/list');

/** Go back to a checkpoint, as `op restore` does. */
export const CheckpointRestoreRequest = new RequestType<CheckpointRestoreParams, MoveResult, Problem>('anvcs/checkpoints/restore');

/** Ask for all streams. */
export const StreamListRequest = new RequestType<StreamListParams, Streams, Problem>('anvcs/streams/list');

/** Make a stream, and switch to it if asked. */
export const StreamCreateRequest = new RequestType<StreamCreateParams, StreamResult, Problem>('anvcs/streams/create');

/** Check a stream out here: files, then rooms, then artifacts; nothing if any of them would lose work. */
export const StreamSwitchRequest = new RequestType<StreamSwitchParams, StreamResult, Problem>('anvcs/streams/switch');

/** Remove a stream; its commits are kept. */
export const StreamDeleteRequest = new RequestType<StreamDeleteParams, StreamResult, Problem>('anvcs/streams/delete');

/** Give a stream another name, wherever it is checked out here. */
export const StreamRenameRequest = new RequestType<StreamRenameParams, StreamResult, Problem>('anvcs/streams/rename');

/** Work out the merge of streams, as a proposal; land it at once only where nothing stands in the way. */
export const MergeRequest = new RequestType<MergeParams, MergeResult, Problem>('anvcs/proposals/create');

/** Ask for merge proposals, newest first. */
export const ProposalListRequest = new RequestType<ProposalListParams, Proposals, Problem>('anvcs/proposals/list');

/** Look at a proposal; if its streams moved, it is worked out anew first. */
export const ProposalShowRequest = new RequestType<ProposalShowParams, ProposalResult, Problem>('anvcs/proposals/get');

/** Run guards on the result. */
export const ProposalCheckRequest = new RequestType<ProposalCheckParams, ProposalResult, Problem>('anvcs/proposals/check');

/** Decide a file of the result, or one conflict of it: by a version, by a text, or by removing the file. */
export const ProposalResolveRequest = new RequestType<ProposalResolveParams, ProposalResult, Problem>('anvcs/proposals/resolve');

/** Ask a language model how to decide conflicts; what it suggests is shown and recorded, and decides nothing. */
export const ProposalAssistRequest = new RequestType<ProposalAssistParams, ProposalAssisted, Problem>('anvcs/proposals/assist');

/** Say what you think of the result. */
export const ProposalVoteRequest = new RequestType<ProposalVoteParams, ProposalResult, Problem>('anvcs/proposals/vote');

/** Let it land: what was tested, byte for byte. */
export const ProposalAcceptRequest = new RequestType<ProposalAcceptParams, ProposalAccepted, Problem>('anvcs/proposals/accept');

/** Decide against it; its streams stay as they are. */
export const ProposalRejectRequest = new RequestType<ProposalRejectParams, ProposalResult, Problem>('anvcs/proposals/reject');

/** Put a proposal in line for its target; nothing but tests may be missing. */
export const QueueAddRequest = new RequestType<QueueAddParams, QueuePlace, Problem>('anvcs/proposals/queue/add');

/** Ask what waits. */
export const QueueListRequest = new RequestType<QueueListParams, Queue, Problem>('anvcs/proposals/queue/list');

/** Take a proposal out of line; it stays open. */
export const QueueRemoveRequest = new RequestType<QueueRemoveParams, QueuePlace, Problem>('anvcs/proposals/queue/remove');

/** Test what waits and let it land, in its order. */
export const QueueRunRequest = new RequestType<QueueRunParams, QueueResult, Problem>('anvcs/proposals/queue/run');

/** Send a stream, with as much of its metadata as `provenance.push` allows, to a remote. */
export const PushRequest = new RequestType<PushParams, PushResult, Problem>('anvcs/push');

/** Bring a remote's stream and metadata here, and join them with ours. */
export const PullRequest = new RequestType<PullParams, PullResult, Problem>('anvcs/pull');

/** Ask what ANVCS keeps here and how much room it takes. */
export const DuRequest = new RequestType<DuParams, DuReport, Problem>('anvcs/repository/du');

/** Compact old operations and merge proposals that ended long ago: what was done and said stays, signed. */
export const GcRequest = new RequestType<GcParams, GcResult, Problem>('anvcs/repository/gc');

/** Forget a value wherever ANVCS keeps it here; its salted hash stays, so that everything still verifies. */
export const PurgeRequest = new RequestType<PurgeParams, PurgeResult, Problem>('anvcs/repository/purge');

/** Recompute every id, root, chain link, signature and note. */
export const VerifyRequest = new RequestType<VerifyParams, VerifyReport, Problem>('anvcs/repository/verify');

/** Ask for the log of everything in its order, to be kept or examined elsewhere. */
export const AuditRequest = new RequestType<AuditParams, AuditPage, Problem>('anvcs/operations/audit');

/** Do operations again from what was recorded, in a scratch repository; nothing here changes. */
export const ReplayRequest = new RequestType<ReplayParams, ReplayReport, Problem>('anvcs/operations/replay');

/** Add our hook to an agent's own settings, for all repositories of this user, or take it out again. */
export const AgentsConnectRequest = new RequestType<AgentsConnectParams, AgentsConnected, Problem>('anvcs/agents/connect');

/** Switch rooms on for this repository on this machine, for its user alone. */
export const RoomsOnRequest = new RequestType<RoomsOnParams, RoomsStatus, Problem>('anvcs/rooms/on');

/** Switch rooms off: recording stops within a second, files stay as they are on the screen. */
export const RoomsOffRequest = new RequestType<RoomsOffParams, RoomsStatus, Problem>('anvcs/rooms/off');

/** Stop recording for a while, or go on. */
export const RoomsPauseRequest = new RequestType<RoomsPauseParams, RoomsStatus, Problem>('anvcs/rooms/pause');

/** Ask whether rooms are on, what they record and how much room it takes. */
export const RoomsStatusRequest = new RequestType<RoomsStatusParams, RoomsStatus, Problem>('anvcs/rooms/status');

/** Erase edits of a room for good: text that must not be kept. */
export const RoomsPurgeRequest = new RequestType<RoomsPurgeParams, RoomsPurgeResult, Problem>('anvcs/rooms/purge');

/** See to it that the relay runs, come back if the actor had left, and open rooms for files. */
export const CollabStartRequest = new RequestType<CollabStartParams, CollabStarted, Problem>('anvcs/collab/start');

/** Ask who works on what, here and elsewhere. */
export const CollabStatusRequest = new RequestType<CollabStatusParams, CollabStatus, Problem>('anvcs/collab/status');

/** Take this actor's editors out of their rooms until the next start. */
export const CollabLeaveRequest = new RequestType<CollabLeaveParams, CollabLeft, Problem>('anvcs/collab/leave');

/** Ask for the newest edits, or those after others. */
export const CollabTailRequest = new RequestType<CollabTailParams, TailPage, Problem>('anvcs/collab/tail');

/** Ask what others changed since the user last looked and still stands. */
export const CollabReviewRequest = new RequestType<CollabReviewParams, CollabReview, Problem>('anvcs/collab/review');

/** Take back what one actor changed in rooms, and nothing of others. */
export const CollabRevertRequest = new RequestType<CollabRevertParams, CollabReverted, Problem>('anvcs/collab/revert');

/** Ask how a file's text came to be: at one edit, or step by step. */
export const CollabPlaybackRequest = new RequestType<CollabPlaybackParams, CollabPlayback, Problem>('anvcs/collab/playback');

/** The editor is about to save; it waits for the answer. */
export const RoomsWillSaveRequest = new RequestType<WillSaveParams, SavePrepared, Problem>('anvcs/rooms/willSave');

/** Take back the user's own last edits in the room, or do them again. */
export const RoomsUndoRequest = new RequestType<RoomUndoParams, RoomUndone, Problem>('anvcs/rooms/undo');

/** Take back the user's own last edits in the room, or do them again. */
export const RoomsRedoRequest = new RequestType<RoomUndoParams, RoomUndone, Problem>('anvcs/rooms/redo');

/** Compare the editor's text with the room, and repair what differs; loses nothing. */
export const RoomsResyncRequest = new RequestType<ResyncParams, Nothing, Problem>('anvcs/rooms/resync');

/** Ask who wrote what in a document. */
export const RoomsAttributionRequest = new RequestType<LineAttributionParams, DocumentAttribution, Problem>('anvcs/rooms/attribution');

/** Apply edits if the document is still at this version. */
export const RoomsEditRequest = new RequestType<RoomEditParams, RoomEditResult, Problem>('anvcs/rooms/edit');

/** Have the editor's own language model answer a prompt; only editors that say they can are asked. */
export const AssistCompleteRequest = new RequestType<AssistCompleteParams, AssistCompleteResult, Problem>('anvcs/assist/complete');

/** Refs, HEAD, notes or the index changed, whoever changed them. */
export const HistoryChangedNotification = new NotificationType<HistoryChanged>('anvcs/history/changed');

/** Plain Git moved pointers, and that is in the ledger now. */
export const HistoryForeignNotification = new NotificationType<ForeignChanged>('anvcs/history/foreign');

/** Somebody did something to merge proposals: here, in another editor, at the command line, or an agent. */
export const ProposalsChangedNotification = new NotificationType<ProposalsChanged>('anvcs/proposals/changed');

/** Whether a document is in its room, and why not. */
export const RoomsStateNotification = new NotificationType<DocumentRoomState>('anvcs/rooms/state');

/** Everybody else who is in a document's room. */
export const RoomsPresenceNotification = new NotificationType<Presence>('anvcs/rooms/presence');

/** Somebody saved what the document shows at this version. */
export const RoomsSavedNotification = new NotificationType<RoomSaved>('anvcs/rooms/saved');

/** Comes right before the `didChange` that leads to this version, and says what that cannot. */
export const RoomsChangedNotification = new NotificationType<DocumentChanged>('anvcs/rooms/changed');

/** The editor has saved. */
export const RoomsDidSaveNotification = new NotificationType<DidSave>('anvcs/rooms/didSave');

/** Where the user's selections are. */
export const RoomsCursorNotification = new NotificationType<CursorMoved>('anvcs/rooms/cursor');

/** What every verb takes and answers. */
export interface Verbs {
    /** Put ANVCS beside a Git repository; makes the repository in a new folder. */
    init: { params: InitParams; result: InitResult };
    /** Ask for the state of the work tree and index. */
    status: { params: StatusParams; result: RepositoryStatus };
    /** Stage paths: the same index as `git add`. */
    add: { params: AddParams; result: AddResult };
    /** Make a commit of the given paths, else of what is staged, else of every change. */
    commit: { params: CommitParams; result: CommitResult };
    /** Compare: work tree with index, index with HEAD (`staged`), or two commits. */
    diff: { params: DiffParams; result: DiffResult };
    /** Ask what others change that meets what changes here. */
    conflicts: { params: ConflictsParams; result: ConflictsFound };
    /** Which part of the history to show; filters combine with *and*. */
    graph: { params: GraphParams; result: GraphPage };
    /** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
    show: { params: ShowParams; result: CommitDetails };
    /** Give files the content they have in a commit; what they hold now is recorded first. */
    restore: { params: RestoreParams; result: MoveResult };
    /** Make a commit that takes back what another one changed. */
    revert: { params: RevertParams; result: CommitResult };
    /** Take back the actor's last operation in this worktree. */
    undo: { params: UndoParams; result: MoveResult };
    /** Do again what the actor took back last in this worktree. */
    redo: { params: RedoParams; result: MoveResult };
    /** Ask for a page of the operation log, newest first. */
    'op.log': { params: OpLogParams; result: OpLogPage };
    /** Name an operation. */
    'op.show': { params: OpShowParams; result: OperationDetails };
    /** Compare the pointers around one operation, or between two. */
    'op.diff': { params: OpDiffParams; result: OpDiff };
    /** Bring the pointers back to what they were after an operation. */
    'op.restore': { params: OpRestoreParams; result: MoveResult };
    /** Name the present state. */
    'checkpoint.create': { params: CheckpointCreateParams; result: CheckpointResult };
    /** Ask for all checkpoints. */
    'checkpoint.list': { params: CheckpointListParams; result: Checkpoints };
    /** Go back to a checkpoint, as `op restore` does. */
    'checkpoint.restore': { params: CheckpointRestoreParams; result: MoveResult };
    /** Ask for all streams. */
    'stream.list': { params: StreamListParams; result: Streams };
    /** Make a stream, and switch to it if asked. */
    'stream.create': { params: StreamCreateParams; result: StreamResult };
    /** Check a stream out here: files, then rooms, then artifacts; nothing if any of them would lose work. */
    'stream.switch': { params: StreamSwitchParams; result: StreamResult };
    /** Remove a stream; its commits are kept. */
    'stream.delete': { params: StreamDeleteParams; result: StreamResult };
    /** Give a stream another name, wherever it is checked out here. */
    'stream.rename': { params: StreamRenameParams; result: StreamResult };
    /** Work out the merge of streams, as a proposal; land it at once only where nothing stands in the way. */
    merge: { params: MergeParams; result: MergeResult };
    /** Try what git left in conflict here with merging by syntax. */
    mergetool: { params: MergetoolParams; result: MergetoolResult };
    /** Ask for merge proposals, newest first. */
    'proposal.list': { params: ProposalListParams; result: Proposals };
    /** Look at a proposal; if its streams moved, it is worked out anew first. */
    'proposal.show': { params: ProposalShowParams; result: ProposalResult };
    /** Run guards on the result. */
    'proposal.check': { params: ProposalCheckParams; result: ProposalResult };
    /** Decide a file of the result, or one conflict of it: by a version, by a text, or by removing the file. */
    'proposal.resolve': { params: ProposalResolveParams; result: ProposalResult };
    /** Ask a language model how to decide conflicts; what it suggests is shown and recorded, and decides nothing. */
    'proposal.assist': { params: ProposalAssistParams; result: ProposalAssisted };
    /** Say what you think of the result. */
    'proposal.vote': { params: ProposalVoteParams; result: ProposalResult };
    /** Let it land: what was tested, byte for byte. */
    'proposal.accept': { params: ProposalAcceptParams; result: ProposalAccepted };
    /** Decide against it; its streams stay as they are. */
    'proposal.reject': { params: ProposalRejectParams; result: ProposalResult };
    /** Put a proposal in line for its target; nothing but tests may be missing. */
    'queue.add': { params: QueueAddParams; result: QueuePlace };
    /** Ask what waits. */
    'queue.list': { params: QueueListParams; result: Queue };
    /** Take a proposal out of line; it stays open. */
    'queue.remove': { params: QueueRemoveParams; result: QueuePlace };
    /** Test what waits and let it land, in its order. */
    'queue.run': { params: QueueRunParams; result: QueueResult };
    /** Send a stream, with as much of its metadata as `provenance.push` allows, to a remote. */
    push: { params: PushParams; result: PushResult };
    /** Bring a remote's stream and metadata here, and join them with ours. */
    pull: { params: PullParams; result: PullResult };
    /** Copy a repository with its metadata into a new folder. */
    clone: { params: CloneParams; result: CloneResult };
    /** Exchange operations with the other clones of the team. */
    sync: { params: SyncParams; result: SyncResult };
    /** Choose the value of a conflicted stream, for all clones. */
    'stream.resolve': { params: StreamResolveParams; result: StreamResolveResult };
    /** Ask whose keys are whose. */
    'actor.list': { params: ActorListParams; result: ActorListResult };
    /** Vouch for an actor's key: by a human who is enrolled, or by the actor itself with a key it has. */
    'actor.enroll': { params: ActorEnrollParams; result: ActorResult };
    /** Make a new key for the actor who acts; the old one vouches for it and counts for what it signed before. */
    'actor.rotate': { params: ActorRotateParams; result: ActorResult };
    /** Let a key count no more: one of the actor's own, or, for a human who is enrolled, anyone's. */
    'actor.revoke': { params: ActorRevokeParams; result: ActorResult };
    /** Ask what ANVCS keeps here and how much room it takes. */
    du: { params: DuParams; result: DuReport };
    /** Compact old operations and merge proposals that ended long ago: what was done and said stays, signed. */
    gc: { params: GcParams; result: GcResult };
    /** Forget a value wherever ANVCS keeps it here; its salted hash stays, so that everything still verifies. */
    purge: { params: PurgeParams; result: PurgeResult };
    /** Recompute every id, root, chain link, signature and note. */
    verify: { params: VerifyParams; result: VerifyReport };
    /** Ask for the log of everything in its order, to be kept or examined elsewhere. */
    audit: { params: AuditParams; result: AuditPage };
    /** Do operations again from what was recorded, in a scratch repository; nothing here changes. */
    replay: { params: ReplayParams; result: ReplayReport };
    /** Add our hook to an agent's own settings, for all repositories of this user, or take it out again. */
    'agents.connect': { params: AgentsConnectParams; result: AgentsConnected };
    /** Switch rooms on for this repository on this machine, for its user alone. */
    'rooms.on': { params: RoomsOnParams; result: RoomsStatus };
    /** Switch rooms off: recording stops within a second, files stay as they are on the screen. */
    'rooms.off': { params: RoomsOffParams; result: RoomsStatus };
    /** Stop recording for a while, or go on. */
    'rooms.pause': { params: RoomsPauseParams; result: RoomsStatus };
    /** Ask whether rooms are on, what they record and how much room it takes. */
    'rooms.status': { params: RoomsStatusParams; result: RoomsStatus };
    /** Erase edits of a room for good: text that must not be kept. */
    'rooms.purge': { params: RoomsPurgeParams; result: RoomsPurgeResult };
    /** See to it that the relay runs, come back if the actor had left, and open rooms for files. */
    'collab.start': { params: CollabStartParams; result: CollabStarted };
    /** Ask who works on what, here and elsewhere. */
    'collab.status': { params: CollabStatusParams; result: CollabStatus };
    /** Take this actor's editors out of their rooms until the next start. */
    'collab.leave': { params: CollabLeaveParams; result: CollabLeft };
    /** Ask for the newest edits, or those after others. */
    'collab.tail': { params: CollabTailParams; result: TailPage };
    /** Ask what others changed since the user last looked and still stands. */
    'collab.review': { params: CollabReviewParams; result: CollabReview };
    /** Take back what one actor changed in rooms, and nothing of others. */
    'collab.revert': { params: CollabRevertParams; result: CollabReverted };
    /** Ask how a file's text came to be: at one edit, or step by step. */
    'collab.playback': { params: CollabPlaybackParams; result: CollabPlayback };
    /** Examine the installation and the repository. */
    doctor: { params: DoctorParams; result: DoctorReport };
    /** Leave: export, then remove our refs, settings, exclude lines and state. */
    uninstall: { params: UninstallParams; result: UninstallResult };
}

/** The command the server registers for each verb. */
export const VERB_COMMANDS = {
    init: 'ai-vcs.init',
    status: 'ai-vcs.status',
    add: 'ai-vcs.add',
    commit: 'ai-vcs.commit',
    diff: 'ai-vcs.diff',
    conflicts: 'ai-vcs.conflicts',
    graph: 'ai-vcs.graph',
    show: 'ai-vcs.show',
    restore: 'ai-vcs.restore',
    revert: 'ai-vcs.revert',
    undo: 'ai-vcs.undo',
    redo: 'ai-vcs.redo',
    'op.log': 'ai-vcs.op.log',
    'op.show': 'ai-vcs.op.show',
    'op.diff': 'ai-vcs.op.diff',
    'op.restore': 'ai-vcs.op.restore',
    'checkpoint.create': 'ai-vcs.checkpoint.create',
    'checkpoint.list': 'ai-vcs.checkpoint.list',
    'checkpoint.restore': 'ai-vcs.checkpoint.restore',
    'stream.list': 'ai-vcs.stream.list',
    'stream.create': 'ai-vcs.stream.create',
    'stream.switch': 'ai-vcs.stream.switch',
    'stream.delete': 'ai-vcs.stream.delete',
    'stream.rename': 'ai-vcs.stream.rename',
    merge: 'ai-vcs.merge',
    mergetool: 'ai-vcs.mergetool',
    'proposal.list': 'ai-vcs.proposal.list',
    'proposal.show': 'ai-vcs.proposal.show',
    'proposal.check': 'ai-vcs.proposal.check',
    'proposal.resolve': 'ai-vcs.proposal.resolve',
    'proposal.assist': 'ai-vcs.proposal.assist',
    'proposal.vote': 'ai-vcs.proposal.vote',
    'proposal.accept': 'ai-vcs.proposal.accept',
    'proposal.reject': 'ai-vcs.proposal.reject',
    'queue.add': 'ai-vcs.queue.add',
    'queue.list': 'ai-vcs.queue.list',
    'queue.remove': 'ai-vcs.queue.remove',
    'queue.run': 'ai-vcs.queue.run',
    push: 'ai-vcs.push',
    pull: 'ai-vcs.pull',
    clone: 'ai-vcs.clone',
    sync: 'ai-vcs.sync',
    'stream.resolve': 'ai-vcs.stream.resolve',
    'actor.list': 'ai-vcs.actor.list',
    'actor.enroll': 'ai-vcs.actor.enroll',
    'actor.rotate': 'ai-vcs.actor.rotate',
    'actor.revoke': 'ai-vcs.actor.revoke',
    du: 'ai-vcs.du',
    gc: 'ai-vcs.gc',
    purge: 'ai-vcs.purge',
    verify: 'ai-vcs.verify',
    audit: 'ai-vcs.audit',
    replay: 'ai-vcs.replay',
    'agents.connect': 'ai-vcs.agents.connect',
    'rooms.on': 'ai-vcs.rooms.on',
    'rooms.off': 'ai-vcs.rooms.off',
    'rooms.pause': 'ai-vcs.rooms.pause',
    'rooms.status': 'ai-vcs.rooms.status',
    'rooms.purge': 'ai-vcs.rooms.purge',
    'collab.start': 'ai-vcs.collab.start',
    'collab.status': 'ai-vcs.collab.status',
    'collab.leave': 'ai-vcs.collab.leave',
    'collab.tail': 'ai-vcs.collab.tail',
    'collab.review': 'ai-vcs.collab.review',
    'collab.revert': 'ai-vcs.collab.revert',
    'collab.playback': 'ai-vcs.collab.playback',
    doctor: 'ai-vcs.doctor',
    uninstall: 'ai-vcs.uninstall',
} as const satisfies Record<keyof Verbs, string>;

/** Every code a Problem can carry; a newer server may know more. */
export type ErrorCode =
    /** A refusal a person can act on: what happened (`message`) and what to do about it (`way_out`). */
    | 'anvcs'
    /** The request itself is malformed. */
    | 'usage'
    /** The caller cancelled; nothing was changed. */
    | 'cancelled'
    /** The repository cannot be used this way. */
    | 'repository'
    /** A path cannot be taken. */
    | 'path'
    /** The commit was refused; nothing was changed. */
    | 'commit'
    /** The name resolves to no commit. */
    | 'unknown-commit'
    /** An operation, an undo or a stream move was refused; nothing was changed. */
    | 'history'
    /** Commits cannot be merged as asked; nothing was changed. */
    | 'merge'
    /** A merge proposal does not allow it as it stands; nothing was changed. */
    | 'proposal'
    /** Commands that come with the repository would be run, and its workspace is not trusted. */
    | 'untrusted'
    /** A language model could not be asked, or what it answered cannot be used; nothing was changed. */
    | 'assist'
    /** Another repository cannot be reached, does not let us in, or broke off. */
    | 'remote'
    /** The registry of actors' keys does not allow it; nothing was changed. */
    | 'actor'
    /** A room cannot be had, or did not take what was given to it. */
    | 'room'
    /** ANVCS' own state cannot be read or written. */
    | 'store'
    /** `ai-vcs.config.yaml`, a Git setting or an agent's settings cannot be used as written. */
    | 'config'
    /** A provenance field has a value of the wrong kind. */
    | 'invalid-metadata'
    /** No Git repository contains the folder. */
    | 'not-a-repository'
    /** Git is here, ANVCS is not yet. */
    | 'not-initialized'
    /** The verb needs a work tree. */
    | 'bare-repository'
    /** A Git feature (object format, ref storage, index kind) that ANVCS cannot handle. */
    | 'unsupported-repository'
    /** State would lie on a file system whose locks cannot be trusted. */
    | 'unsafe-file-system'
    /** Git is in the middle of something that must be finished first. */
    | 'operation-in-progress'
    /** Conflicts are still in the index. */
    | 'unmerged-paths'
    /** Another process holds a lock for longer than we wait. */
    | 'locked'
    /** Someone moved the stream meanwhile and changed the same paths. */
    | 'stream-moved'
    /** The git program refused; its own words are in the message. */
    | 'git-failed'
    /** The path leaves the repository. */
    | 'path-outside'
    /** Nothing at that path, neither on disk nor in Git. */
    | 'path-not-found'
    /** The path is ignored by Git. */
    | 'path-ignored'
    /** The file exists but cannot be read. */
    | 'unreadable-file'
    /** No difference to record. */
    | 'nothing-to-commit'
    /** The message is empty after clean-up. */
    | 'empty-message'
    /** Git does not know who the author is. */
    | 'missing-identity'
    /** One of the user's hooks refused; `output` holds its own words. */
    | 'hook-failed'
    /** Git is set to sign commits and the signing program failed. */
    | 'signing-failed'
    /** The name resolves to several commits. */
    | 'ambiguous-commit'
    /** No operation goes by this name. */
    | 'unknown-operation'
    /** What was done cannot be taken back as it is. */
    | 'undo-refused'
    /** Files have changes, or stand in the way, that this would overwrite. */
    | 'would-lose-work'
    /** A stream does not exist, exists already, or cannot be what was asked. */
    | 'stream'
    /** No merge proposal goes by this name. */
    | 'unknown-proposal'
    /** The target or a source moved, so that the result is another one than was looked at. */
    | 'proposal-moved'
    /** Something stands in the way of landing; the message names it. */
    | 'proposal-blocked'
    /** One conflict cannot be asked about, or what was answered about it cannot be used. */
    | 'assist-conflict'
    /** No language model is set up to be asked here. */
    | 'assist-off'
    /** The remote has what we do not have, or does not take what we sent. */
    | 'push-rejected'
    /** Both sides went on, and the two cannot be joined without a person. */
    | 'diverged'
    /** The file cannot be a room; the message says why. */
    | 'room-refused'
    /** Rooms are off in this repository, or paused. */
    | 'rooms-off'
    /** The actor left the rooms of this repository and has not come back. */
    | 'rooms-left'
    /** The edit does not fit the text; nothing was changed. */
    | 'edit'
    /** The relay does not run, does not answer, or refuses. */
    | 'relay'
    /** Another relay owns the room log now; nothing was written. */
    | 'fenced'
    /** These edits were there and are not kept any more; `after` is the last of them. */
    | 'not-kept'
    /** The store was written by a newer ANVCS than this one can read or write. */
    | 'store-too-new'
    /** A compare-and-swap lost, or an immutable object was to be given another value. */
    | 'store-conflict'
    /** The server that holds the store does not answer, or the connection to it was lost; nothing was changed. */
    | 'store-unreachable'
    /** The connection was lost while a transaction was being committed; `token` asks the store about it later. */
    | 'outcome-unknown'
    /** The disk is full, read-only, or not ours to use. */
    | 'disk'
    /** What is stored does not match its own hash, signature or schema. */
    | 'corrupt-store'
    /** The start of an id fits several operations. */
    | 'ambiguous-operation'
    /** The operation stands in the log, but what going back to it needs is not kept any more. */
    | 'compacted'
    /** The start of an id fits several merge proposals. */
    | 'ambiguous-proposal'
    /** The bytes are no update of a room's document; the document is as it was. */
    | 'bad-update'
    /** A relay lives and cannot be reached; it is never pushed aside. */
    | 'relay-unreachable'
    /** An edit of a room's log is not as it was written; those before `seq` are whole. */
    | 'damaged-edit';
