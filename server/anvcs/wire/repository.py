"""Messages about the repository as a whole: init, status, add, doctor, uninstall."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import (
    ChangeId,
    CommitId,
    FileChange,
    GitId,
    Message,
    Notification,
    OperationId,
    Params,
    Path,
    Request,
)


class InitParams(Params, frozen=True, kw_only=True):
    """Put ANVCS beside a Git repository; makes the repository in a new folder."""

    merge_driver: bool | None = None
    """Have plain git merge by syntax where it finds a conflict, or no longer; absent leaves that as it is."""
    check_clean: bool | None = None
    """Have that driver look at what git merges without a conflict too, and warn; absent leaves that as it is."""


class InitResult(Message, frozen=True, kw_only=True):
    """What ``init`` did; repeating it changes nothing."""

    root: str
    """The work tree's absolute path."""
    state: str
    """The folder that holds ANVCS' state."""
    repository_created: bool = False
    already_initialized: bool = False
    operation_id: OperationId | None = None
    changed: tuple[str, ...] = ()
    """Every setting and file that was added, as one sentence each."""
    notices: tuple[str, ...] = ()


class StatusParams(Params, frozen=True, kw_only=True):
    """Ask for the state of the work tree and index."""


class HeadCommit(Message, frozen=True, kw_only=True):
    """The commit the work tree stands on."""

    commit_id: CommitId
    git_commit: GitId
    subject: str


InProgress = Literal["merge", "rebase", "cherry-pick", "revert", "bisect", "am"]


class Divergence(Message, frozen=True, kw_only=True):
    """A divergent change: several of its commits are live, since one was rewritten or picked and the other stayed."""

    change_id: ChangeId
    commits: tuple[GitId, ...]
    """Those that a stream or the HEAD of a worktree leads to, oldest first."""


class RepositoryStatus(Message, frozen=True, kw_only=True):
    """Where the work tree stands and what differs."""

    root: str
    initialized: bool
    stream: str | None = None
    """The stream (branch) that is checked out; absent when HEAD is detached."""
    head: HeadCommit | None = None
    """Absent before the first commit."""
    upstream: str | None = None
    ahead: int = 0
    behind: int = 0
    in_progress: InProgress | None = None
    staged: tuple[FileChange, ...] = ()
    unstaged: tuple[FileChange, ...] = ()
    untracked: tuple[Path, ...] = ()
    unmerged: tuple[Path, ...] = ()
    operations: int = 0
    """How many operations the ledger holds."""
    divergent: tuple[Divergence, ...] = ()
    notices: tuple[str, ...] = ()
    """What recovery found or what needs attention, one sentence each."""


class AddParams(Params, frozen=True, kw_only=True):
    """Stage paths: the same index as ``git add``."""

    paths: Annotated[tuple[str, ...], Meta(min_length=1)]


class AddResult(Message, frozen=True, kw_only=True):
    """What is staged now."""

    staged: tuple[FileChange, ...] = ()


class DoctorParams(Params, frozen=True, kw_only=True):
    """Examine the installation and the repository."""

    repair: bool = False
    """Put in order what can be; without it nothing changes."""


class Check(Message, frozen=True, kw_only=True):
    """One thing the doctor looked at."""

    id: str
    state: Literal["ok", "warning", "error"]
    message: str
    way_out: str = ""
    repaired: bool = False
    """It was wrong and is in order now; the message says what was done."""


class DoctorReport(Message, frozen=True, kw_only=True):
    """Everything the doctor looked at; ``healthy`` if no check is an error."""

    healthy: bool
    checks: tuple[Check, ...]


class UninstallParams(Params, frozen=True, kw_only=True):
    """Leave: export, then remove our refs, settings, exclude lines and state."""

    export: str | None = None
    """Where to write the export (a ``.jsonl`` file); ``anvcs-export.jsonl`` in the work tree if absent."""
    dry_run: bool = False


class UninstallResult(Message, frozen=True, kw_only=True):
    """What was exported and removed (or would be)."""

    exported: str | None = None
    records: int = 0
    removed: tuple[str, ...] = ()


class HistoryChanged(Message, frozen=True, kw_only=True):
    """Refs, HEAD, notes or the index changed, whoever changed them."""

    root: str
    head: GitId | None = None
    stream: str | None = None


class ForeignOperation(Message, frozen=True, kw_only=True):
    """What plain Git did, as the operation that it became in the ledger."""

    operation_id: OperationId
    kind: str
    """What was done: ``git-commit``, ``git-amend``, ``git-rebase``, ``git-reset`` and so on."""
    pointers: tuple[str, ...]
    """The pointers that moved, by their names in the view."""
    sentence: str


class ForeignChanged(Message, frozen=True, kw_only=True):
    """Plain Git moved pointers, and that is in the ledger now."""

    root: str
    operations: tuple[ForeignOperation, ...]
    """Oldest first."""


INIT = Request("init", None, InitParams, InitResult)
STATUS = Request("status", "anvcs/repository/status", StatusParams, RepositoryStatus)
ADD = Request("add", None, AddParams, AddResult)
DOCTOR = Request("doctor", None, DoctorParams, DoctorReport)
UNINSTALL = Request("uninstall", None, UninstallParams, UninstallResult)
HISTORY_CHANGED = Notification("anvcs/history/changed", HistoryChanged)
FOREIGN_CHANGED = Notification("anvcs/history/foreign", ForeignChanged)
