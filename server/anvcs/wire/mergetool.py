"""Messages about merging single files for plain git: conflicts that it left in the work tree, and three files."""

from __future__ import annotations

from typing import Literal

from anvcs.wire.base import Message, Params, Path, Request


class MergetoolParams(Params, frozen=True, kw_only=True):
    """Try what git left in conflict here with merging by syntax."""

    only: tuple[str, ...] = ()
    """Files and folders; everything in conflict if empty."""
    force: bool = False
    """Take files too that were changed since git left them."""
    stage: bool = True
    """Stage what is clean and safe afterwards, as ``git mergetool`` does."""
    dry_run: bool = False


class LeftConflict(Message, frozen=True, kw_only=True):
    """A conflict that needs a person."""

    line: int = 0
    """Where its markers begin in the file as it is now, from 1; 0 if that is not known."""
    entity: str = ""
    """The function, class, member or key it is in."""
    rule: str
    reason: str


class ToolFile(Message, frozen=True, kw_only=True):
    """What became of a file in conflict."""

    path: Path
    outcome: Literal["merged", "fewer", "left"]
    """Without conflict and safe; with fewer conflicts than before; as it was."""
    staged: bool = False
    reason: str = ""
    """Why it was left, as a sentence."""
    conflicts: tuple[LeftConflict, ...] = ()
    findings: tuple[str, ...] = ()
    """What the guards saw."""


class MergetoolResult(Message, frozen=True, kw_only=True):
    """What became of each file in conflict."""

    files: tuple[ToolFile, ...] = ()
    dry_run: bool = False


class MergedFile(Message, frozen=True, kw_only=True):
    """What merging three files gave."""

    clean: bool
    """Without conflict and safe."""
    by: Literal["git", "anvcs"]
    """Whose result it is."""
    count: int = 0
    """How many conflicts are left."""
    conflicts: tuple[LeftConflict, ...] = ()
    findings: tuple[str, ...] = ()
    text: str | None = None
    """The result, where it is not written to a file; bytes that are not UTF-8 are replaced."""


MERGETOOL = Request("mergetool", None, MergetoolParams, MergetoolResult)
