"""Messages about where streams meet, by the functions, keys and tables that they change and depend on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import GitId, Message, Params, Path, Request

ResourceId = Annotated[
    str, Meta(pattern="^b3:[0-9a-f]{64}$", description="A resource's BLAKE3 id, which survives rename and move.")
]
Deed = Literal["added", "removed", "renamed", "moved", "signature", "body"]


class ConflictsParams(Params, frozen=True, kw_only=True):
    """Ask what others change that meets what changes here."""

    streams: tuple[str, ...] = ()
    """Only these: streams, streams of remotes, or commits; else all that moved lately, and other worktrees."""
    hard: bool = False
    """Only what is likely to break in a merge."""


class ResourceOverlap(Message, frozen=True, kw_only=True):
    """One place where two streams meet."""

    kind: Literal["both-change", "both-add", "depends"]
    severity: Literal["hard", "soft"]
    """hard: a merge without a look is likely to break something."""
    id: ResourceId
    resource: str
    """Its qualified name, or its path for a whole file."""
    resource_kind: str
    """function, method, class, interface, enum, type, constant, field, module, key, table, column, view, index ..."""
    defined: Path
    """Where it stood before both."""
    changer: Literal["you", "other"]
    """Who changes it; for what both change, the other."""
    deeds: tuple[Deed, ...]
    """What the changer does to it."""
    now: str | None = None
    """Its qualified name on the changer's side; absent if it is gone."""
    now_path: Path | None = None
    path: Path
    """Where the one who does not change it meets it, or where you change or add it."""
    line: Annotated[int, Meta(ge=1)]
    column: int = 0
    """Bytes from the beginning of the line."""
    user: str = ""
    """The qualified name of what depends on it there; empty for the top of the file."""
    newly: bool = False
    """It did not before."""
    guessed: bool = False
    """Told by the name alone."""
    message: str
    """All of it as a sentence."""


class StreamConflicts(Message, frozen=True, kw_only=True):
    """Where another stream meets what changes here."""

    stream: str
    """The stream, ``worktree:NAME``, or what was asked for."""
    git_commit: GitId | None = None
    base: GitId | None = None
    """The commit from which both come."""
    actors: tuple[str, ...] = ()
    """The agents that its commits name, and who types there."""
    live: bool = False
    """Text that is typed or saved there, and not committed, is taken into account."""
    overlaps: tuple[ResourceOverlap, ...] = ()
    """The hard ones first."""
    files: tuple[Path, ...] = ()
    """Other files that both change."""


class ConflictsFound(Message, frozen=True, kw_only=True):
    """Where others meet what changes here."""

    streams: tuple[StreamConflicts, ...] = ()
    """Those that meet it."""
    compared: int = 0
    """How many were looked at."""
    notices: tuple[str, ...] = ()


CONFLICTS = Request(verb="conflicts", method="anvcs/conflicts", params=ConflictsParams, result=ConflictsFound)
