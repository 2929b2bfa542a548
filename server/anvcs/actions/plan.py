"""What a prepared operation is about to do, written down with it so that a crash can be settled."""

from __future__ import annotations

import msgspec

from anvcs import ids
from anvcs.gitmirror.index import IndexEntry
from anvcs.gitmirror.repository import GitRepository
from anvcs.history.operations import SignedOperation


class IndexMove(msgspec.Struct, frozen=True, array_like=True):
    """What the publication does to one path of the index."""

    path: bytes
    old: IndexEntry | None
    new: IndexEntry | None


class Plan(msgspec.Struct, frozen=True):
    """What recovery needs to settle a prepared operation of a dead process."""

    worktree: str
    """The Git directory of the worktree whose index moves."""
    ref: str
    """The commit-point ref as git names it in that worktree (``HEAD`` when detached)."""
    old: str | None
    new: str
    index: tuple[IndexMove, ...] = ()
    concludes: tuple[str, ...] = ()
    """Files of git's in the worktree's Git directory that the commit concludes, such as ``MERGE_HEAD``."""


def reflog_message(operation: SignedOperation, summary: str = "") -> str:
    """What stands in the reflog; recovery looks for its beginning."""
    return f"anvcs {ids.text(operation.id)}" + (f" {summary}" if summary else "")


def conclude(repo: GitRepository, names: tuple[str, ...]) -> None:
    """Remove git's own files about what the commit concluded, as ``git commit`` does."""
    for name in names:
        (repo.git_dir / name).unlink(missing_ok=True)
