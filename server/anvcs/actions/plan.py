"""What a prepared operation is about to do, written down with it so that a crash can be settled."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from anvcs import ids
from anvcs.gitmirror.index import IndexEntry
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import Entry
from anvcs.history.operations import SignedOperation

Order: TypeAlias = Literal["forward", "back", "checkout"]
"""forward: index, then refs; back: refs, then index; checkout: files and index, then refs."""


class IndexMove(msgspec.Struct, frozen=True, array_like=True):
    """What the publication does to one path of the index."""

    path: bytes
    old: IndexEntry | None
    new: IndexEntry | None


class FileMove(msgspec.Struct, frozen=True, array_like=True):
    """What the publication does to one file and not to the index."""

    path: bytes
    old: Entry | None
    """What the file was; it was written to Git before the file is touched."""
    new: Entry | None
    raw_old: bool = False
    """``old`` holds the file's bytes as they were, before any of git's filters."""
    raw_new: bool = False

    def back(self) -> FileMove:
        """The move that undoes this one."""
        return FileMove(self.path, self.new, self.old, self.raw_new, self.raw_old)


class Left(msgspec.Struct, frozen=True, array_like=True):
    """A path that differs between the trees of a checkout, whose file stays as somebody left it."""

    path: bytes
    staged: IndexEntry | None
    """What the user has staged there, which stays too."""


class Checkout(msgspec.Struct, frozen=True):
    """Files and index go from one tree to another."""

    old: str
    new: str
    left: tuple[Left, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """What happens in one worktree."""

    worktree: str
    """Its Git directory."""
    refs: tuple[RefMove, ...] = ()
    index: tuple[IndexMove, ...] = ()
    checkout: Checkout | None = None
    files: tuple[FileMove, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """What recovery needs to settle a prepared operation of a dead process."""

    parts: tuple[Part, ...]
    """The first is the worktree it was made in; the last ref there is the commit point."""
    order: Order = "forward"
    concludes: tuple[str, ...] = ()
    """Files of git's in the worktree's Git directory that the commit concludes, such as ``MERGE_HEAD``."""
    entry: bytes | None = None
    """The entry of the actor registry by which it takes effect, where no ref's move does."""

    @property
    def commit_point(self) -> RefMove | None:
        """The ref whose move makes the operation take effect; None where publishing alone does."""
        refs = self.parts[0].refs
        return refs[-1] if refs else None


def decode(raw: bytes) -> Plan:
    """The plan that is kept with an operation."""
    return msgspec.msgpack.decode(raw, type=Plan)


def reflog_message(operation: SignedOperation, summary: str = "") -> str:
    """What stands in the reflog; recovery looks for the operation in it.

    ``git checkout -`` looks for switches by the beginning of the message, so there the operation stands at its end.
    """
    mark = f"anvcs {ids.text(operation.id)}"
    if summary.startswith("checkout: "):
        return f"{summary} ({mark})"
    return mark + (f" {summary}" if summary else "")


def conclude(repo: GitRepository, names: tuple[str, ...]) -> None:
    """Remove git's own files about what the commit concluded, as ``git commit`` does."""
    for name in names:
        (repo.git_dir / name).unlink(missing_ok=True)
