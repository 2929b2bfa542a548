"""What a room log holds: rooms, edits, and what is known beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from anvcs.rooms.delta import Delta

How = Literal["live", "reported", "inferred", "base"]
"""How an edit's writer is known: typed here, told by a hook or the API, guessed from a difference, an older commit."""
Meta: TypeAlias = Mapping[str, Any]
SYSTEM = "system:anvcs"
"""Whose are the client ids under which the owner itself writes into documents."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Times are milliseconds since 1970; nothing is ever ordered by them."""


class Session(_Entry, frozen=True):
    """The live work on a stream or in a detached worktree."""

    session: str
    worktree: str
    stream: str
    created: int = 0


class RoomRecord(_Entry, frozen=True):
    """A room as the log knows it; an entry that makes one."""

    room: str
    session: str
    path: str
    eol: str = "\n"
    bom: bool = False
    created: int = 0
    head: int = 0
    """The sequence of its newest edit."""
    epoch: int = 1
    document: int = 1
    """Raised by a purge: clients of an older document must begin anew."""
    closed: bool = False


class RoomChange(_Entry, frozen=True):
    """A room is renamed, closed or opened again; what is None stays."""

    room: str
    path: str | None = None
    session: str | None = None
    eol: str | None = None
    bom: bool | None = None
    closed: bool | None = None


class NewEdit(_Entry, frozen=True):
    """An edit to be appended."""

    room: str
    actor: str
    update: bytes
    delta: Delta
    """What the update changes in the text that it meets here."""
    time: int
    how: How = "live"
    client: int = 0
    meta: Meta | None = None
    epoch: int = 1
    seq: int = 0
    """The sequence that it must get; 0 takes what comes next."""
    binds: tuple[tuple[int, str], ...] = ()
    """Client ids that are these actors' from now on."""


class Edit(msgspec.Struct, frozen=True, gc=False):
    """An edit of the log."""

    seq: int
    epoch: int
    actor: str
    client: int
    time: int
    how: How
    update: bytes
    delta: Delta
    meta: Meta | None


class Source(NamedTuple):
    """Where text came from."""

    seq: int
    actor: str
    how: How
    time: int
    epoch: int
    meta: Meta | None


class Aside(_Entry, frozen=True):
    """An update that was not taken, kept so that nothing is lost."""

    room: str
    actor: str
    client: int
    update: bytes
    time: int
    reason: str
    id: int = 0


class AsideDone(_Entry, frozen=True):
    """An update that had been set aside is settled: taken in the end, or dismissed by its author."""

    room: str
    id: int


class Save(_Entry, frozen=True):
    """A room's text was written to its file."""

    room: str
    seq: int
    hash: bytes
    """BLAKE3 of the text in UTF-8."""
    actor: str
    time: int


class Version(_Entry, frozen=True):
    """A text that was on the disk."""

    room: str
    seq: int
    """The room's newest edit at that time."""
    hash: bytes
    text: str
    time: int


class Epoch(_Entry, frozen=True):
    """A room stands on another commit from here on."""

    room: str
    epoch: int
    commit: str
    seq: int
    """The newest edit of the epoch before."""
    time: int


class Snapshot(_Entry, frozen=True):
    """A room at one edit, so that opening it need not replay what was before."""

    room: str
    seq: int
    state: bytes | None
    """The document as one update; None where only the text and its attribution are kept."""
    attribution: bytes
    undo: bytes
    hash: bytes
    """BLAKE3 of the text in UTF-8."""


class Gap(_Entry, frozen=True):
    """Edits that cannot be replayed any more."""

    room: str
    first: int
    last: int
    reason: Literal["retention", "purge", "damage"]
    actor: str
    time: int


class Owner(NamedTuple):
    """Who may write."""

    term: int
    pid: int
    boot: str
    started: int


Entry: TypeAlias = (
    Session | RoomRecord | RoomChange | NewEdit | Aside | AsideDone | Save | Version | Epoch | Snapshot | Gap
)
