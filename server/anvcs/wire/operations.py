"""Messages about the operation log: looking at it, taking back, going back, checkpoints."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from anvcs.wire.base import (
    Acting,
    ActorId,
    ChangeId,
    CommitId,
    GitId,
    Message,
    OperationId,
    OperationName,
    Params,
    Path,
    Request,
)
from anvcs.wire.commit import CommitResult

Reversibility = Literal["reversible", "compensable", "irreversible"]


class PointerMove(Message, frozen=True, kw_only=True):
    """A pointer that moved: a stream, tag, stash, HEAD of a worktree, or checkpoint."""

    name: str
    """As a view names it, e.g. ``refs/heads/main`` or ``main-worktree/HEAD``."""
    old: str | None = None
    new: str | None = None


class RewriteLink(Message, frozen=True, kw_only=True):
    """One commit that was rewritten from another, and how that is known."""

    new: GitId
    old: GitId
    evidence: str
    """post-rewrite, reflog, change-id, equal-tree or patch-id."""


class Operation(Message, frozen=True, kw_only=True):
    """One entry of the operation log."""

    operation_id: OperationId
    kind: str
    said: str
    """What it did, in a few words."""
    actor: ActorId
    time: int
    """Milliseconds since 1970."""
    state: Literal["prepared", "published", "aborted", "unknown"]
    reversibility: Reversibility
    """Whether it can be undone; ``compensable`` ones are made up for by another operation."""
    tier: Literal["green", "yellow", "red"]
    """green: re-executable from recorded inputs; yellow: with recorded snapshots; red: not replayable."""
    sequence: int
    """Its place in the log of its replica."""
    replica: str
    worktree: str | None = None
    foreign: bool = False
    """Plain git did it, and we found it."""
    undone: bool = False
    """It was taken back and not done again."""
    subject: str | None = None
    """Of the commit it made."""
    git_commit: GitId | None = None
    commit_id: CommitId | None = None
    change_id: ChangeId | None = None
    moves: tuple[PointerMove, ...] = ()
    paths: tuple[Path, ...] = ()
    path_count: int | None = None
    """Given where the paths are too many to list."""
    details: dict[str, str | int | bool] = {}


class OpLogParams(Params, frozen=True, kw_only=True):
    """Ask for a page of the operation log, newest first."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    before: OperationName | None = None
    """Begin with the one before this operation."""
    actor: str | None = None
    """Only this actor's: ``agent:foo``, ``human:ada@example.org``; a bare name is an agent's."""
    at_op: OperationName | None = None
    """The log as it was then: this operation and those before it."""


class OpLogPage(Message, frozen=True, kw_only=True):
    """A page of the operation log."""

    operations: tuple[Operation, ...]
    more: bool = False
    notices: tuple[str, ...] = ()


class OpShowParams(Params, frozen=True, kw_only=True):
    """Name an operation."""

    operation: OperationName = "@"


class OperationDetails(Message, frozen=True, kw_only=True):
    """Everything that an operation says."""

    operation: Operation
    parents: tuple[OperationId, ...] = ()
    view_before: OperationId
    """The root of the view before it."""
    view_after: OperationId
    causes: tuple[OperationId, ...] = ()
    """The operations that brought what it read."""
    confidence: int | None = None
    prompt_hash: OperationId | None = None
    """A salted hash."""
    arguments: dict[str, Any] | None = None
    """What the verb was called with, unless it was purged."""
    prompt: str | None = None
    """The prompt itself, unless it was purged or is not here."""
    rewrites: tuple[RewriteLink, ...] = ()
    public_key: str = ""
    """``ssh-ed25519 ...`` of the key that signed it."""
    signature: Literal["known", "unknown", "revoked", "bad"] = "unknown"
    undo: str = ""
    """What taking it back would do, or why that cannot be."""


class OpDiffParams(Params, frozen=True, kw_only=True):
    """Compare the pointers around one operation, or between two."""

    operation: OperationName = "@"
    to: OperationName | None = None
    """The later one; without it, before and after ``operation``."""


class OpDiff(Message, frozen=True, kw_only=True):
    """The pointers that differ."""

    moves: tuple[PointerMove, ...] = ()


class LeftFile(Message, frozen=True, kw_only=True):
    """A file that was left as it is, and why."""

    path: Path
    reason: str


class UndoParams(Acting, frozen=True, kw_only=True):
    """Take back the actor's last operation in this worktree."""

    dry_run: bool = False
    """Only say what would be done."""


class RedoParams(Acting, frozen=True, kw_only=True):
    """Do again what the actor took back last in this worktree."""

    dry_run: bool = False


class OpRestoreParams(Acting, frozen=True, kw_only=True):
    """Bring the pointers back to what they were after an operation."""

    operation: OperationName
    all_worktrees: bool = False
    """Other worktrees too; otherwise what they have checked out is left as it is."""
    dry_run: bool = False


class MoveResult(Message, frozen=True, kw_only=True):
    """What undo, redo or restore did."""

    operation_id: OperationId | None = None
    """Absent if nothing had to be done, or for a dry run."""
    target: Operation | None = None
    """What was taken back, done again, or gone back to."""
    moves: tuple[PointerMove, ...] = ()
    paths: tuple[Path, ...] = ()
    """The files that were changed."""
    left: tuple[LeftFile, ...] = ()
    """The files that were not, because they have changed since."""
    left_pointers: tuple[str, ...] = ()
    """Pointers that were left as they are, one sentence each."""
    reversibility: Reversibility = "reversible"
    notices: tuple[str, ...] = ()


class RestoreParams(Acting, frozen=True, kw_only=True):
    """Give files the content they have in a commit; what they hold now is recorded first."""

    paths: Annotated[tuple[str, ...], Meta(min_length=1)]
    source: str = "HEAD"
    """The commit, as ``show`` takes it."""
    at_op: OperationName | None = None
    """Names are understood as of this operation."""


class RevertParams(Acting, frozen=True, kw_only=True):
    """Make a commit that takes back what another one changed."""

    commit: str = "HEAD"
    """A commit as ``show`` takes it, or the operation that made it."""
    no_verify: bool = False


class CheckpointCreateParams(Acting, frozen=True, kw_only=True):
    """Name the present state."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    message: str | None = None


class CheckpointListParams(Params, frozen=True, kw_only=True):
    """Ask for all checkpoints."""


class Checkpoint(Message, frozen=True, kw_only=True):
    """A named operation to go back to."""

    name: str
    operation_id: OperationId
    """The state it names."""
    actor: ActorId | None = None
    time: int | None = None
    message: str | None = None


class CheckpointResult(Message, frozen=True, kw_only=True):
    """The checkpoint that was made."""

    checkpoint: Checkpoint
    operation_id: OperationId


class Checkpoints(Message, frozen=True, kw_only=True):
    """All checkpoints, by name."""

    checkpoints: tuple[Checkpoint, ...] = ()


class CheckpointRestoreParams(Acting, frozen=True, kw_only=True):
    """Go back to a checkpoint, as ``op restore`` does."""

    name: str
    all_worktrees: bool = False
    dry_run: bool = False


OP_LOG = Request("op.log", "anvcs/operations/list", OpLogParams, OpLogPage)
OP_SHOW = Request("op.show", "anvcs/operations/show", OpShowParams, OperationDetails)
OP_DIFF = Request("op.diff", "anvcs/operations/diff", OpDiffParams, OpDiff)
OP_RESTORE = Request("op.restore", "anvcs/operations/restore", OpRestoreParams, MoveResult)
UNDO = Request("undo", "anvcs/operations/undo", UndoParams, MoveResult)
REDO = Request("redo", "anvcs/operations/redo", RedoParams, MoveResult)
RESTORE = Request("restore", "anvcs/files/restore", RestoreParams, MoveResult)
REVERT = Request("revert", "anvcs/commit/revert", RevertParams, CommitResult)
CHECKPOINT_CREATE = Request("checkpoint.create", "anvcs/checkpoints/create", CheckpointCreateParams, CheckpointResult)
CHECKPOINT_LIST = Request("checkpoint.list", "anvcs/checkpoints/list", CheckpointListParams, Checkpoints)
CHECKPOINT_RESTORE = Request("checkpoint.restore", "anvcs/checkpoints/restore", CheckpointRestoreParams, MoveResult)
