// Generated from protocol/anvcs.schema.json by scripts/generate.mjs: do not edit.
import { NotificationType, RequestType } from 'vscode-jsonrpc';

/** The protocol this extension speaks; the server's must be equal. */
export const PROTOCOL_VERSION = 1;

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

/** One thing the doctor looked at. */
export interface Check {
    readonly id: string;
    readonly state: 'error' | 'ok' | 'warning';
    readonly message: string;
    readonly wayOut?: string;
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
    /** none: foreign; full: verified against the trailer; missing: trailer without a record here; mismatch: it fails. */
    readonly metadataState?: 'full' | 'mismatch' | 'missing' | 'none';
    readonly redacted?: readonly string[];
    readonly hooksSkipped?: boolean;
    readonly signed?: boolean;
    /** An operation's BLAKE3 id. */
    readonly operationId?: string;
    readonly files?: readonly FileChange[];
}

/** Make a commit of the given paths, else of what is staged, else of every change. */
export interface CommitParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    /** Needed unless `amend` keeps the old one or a merge is being concluded. */
    readonly message?: string;
    readonly paths?: readonly string[];
    readonly amend?: boolean;
    readonly allowEmpty?: boolean;
    /** Skip pre-commit and commit-msg; recorded. */
    readonly noVerify?: boolean;
    /** Overrides `commit.gpgSign`. */
    readonly sign?: boolean;
    readonly metadata?: Metadata;
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
    readonly notices?: readonly string[];
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
}

/** What differs, as a list and as a patch git can apply. */
export interface DiffResult {
    readonly files?: readonly FileChange[];
    readonly patch?: string;
}

/** Examine the installation and the repository. */
export interface DoctorParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
}

/** Everything the doctor looked at; `healthy` if no check is an error. */
export interface DoctorReport {
    readonly healthy: boolean;
    readonly checks: readonly Check[];
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

/** A line that comes in from the page above. */
export type OpenLane = readonly [number, string];

/** An author or committer, as Git records one. */
export interface Person {
    readonly name: string;
    readonly email: string;
    /** Seconds since 1970. */
    readonly time: number;
    /** Minutes east of UTC. */
    readonly offset?: number;
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

/** A name that points at a row. */
export interface Ref {
    readonly name: string;
    readonly kind: 'head' | 'remote' | 'stream' | 'tag';
    /** It is what the work tree stands on. */
    readonly current?: boolean;
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
    /** What recovery found or what needs attention, one sentence each. */
    readonly notices?: readonly string[];
}

/** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
export interface ShowParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
    readonly commit?: string;
}

/** Ask for the state of the work tree and index. */
export interface StatusParams {
    /** URI or path of anything in the repository meant; the first workspace folder if absent. */
    readonly folder?: string;
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

/** Ask for the state of the work tree and index. */
export const StatusRequest = new RequestType<StatusParams, RepositoryStatus, Problem>('anvcs/repository/status');

/** Make a commit of the given paths, else of what is staged, else of every change. */
export const CommitRequest = new RequestType<CommitParams, CommitResult, Problem>('anvcs/commit');

/** Which part of the history to show; filters combine with *and*. */
export const GraphRequest = new RequestType<GraphParams, GraphPage, Problem>('anvcs/graph');

/** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
export const ShowRequest = new RequestType<ShowParams, CommitDetails, Problem>('anvcs/commit/show');

/** Refs, HEAD, notes or the index changed, whoever changed them. */
export const HistoryChangedNotification = new NotificationType<HistoryChanged>('anvcs/history/changed');

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
    /** Which part of the history to show; filters combine with *and*. */
    graph: { params: GraphParams; result: GraphPage };
    /** Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision. */
    show: { params: ShowParams; result: CommitDetails };
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
    graph: 'ai-vcs.graph',
    show: 'ai-vcs.show',
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
    /** ANVCS' own state cannot be read or written. */
    | 'store'
    /** `ai-vcs.config.yaml` or a Git setting cannot be used as written. */
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
    | 'ambiguous-operation';
