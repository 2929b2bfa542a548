"""What the disk bridge knows of each file, and the words in which it says what it saw and who wrote."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from anvcs.relay import fileio
from anvcs.relay.guard import Guard
from anvcs.rooms import bridge
from anvcs.rooms.entries import How, Version
from anvcs.rooms.replay import text_hash
from anvcs.rooms.room import Room

SHOWN = 24
"""Texts that editors showed while they saved, remembered for each room."""
KEPT = 20
"""Versions of the disk that are held in memory for each room."""
GIT, DISK = "system:git", "system:disk"


class Author(NamedTuple):
    """Whose a write is, and how that is known."""

    actor: str
    how: How
    read: bytes | None = None
    """The hash of the text that the writer had read."""
    meta: Mapping[str, Any] | None = None
    epoch: str | None = None
    """The commit on which the room stands from now on."""
    base: str | None = None
    """The text itself that the writer had read."""


UNKNOWN = Author(DISK, "inferred")


class Looked(NamedTuple):
    """What a look at the disk came to."""

    hash: bytes | None
    """Of the text on disk; nothing if there is no file."""
    seq: int
    held: str | None = None
    """Why what is there does not enter the room yet."""


class Saying(NamedTuple):
    """What is said of a save."""

    hash: bytes
    """Of the text that is in the file now."""
    actor: str
    holder: str = ""
    """The editor that saved; nobody, if the bridge did."""
    lease: int | None = None
    followed: bool = False
    text: str | None = None
    """What was saved, if that is told."""
    shown: frozenset[bytes] = frozenset()
    """Other texts that it may be in truth: an editor writes what it showed a moment ago."""


class Cut(NamedTuple):
    """A room's text at a moment."""

    text: str
    seq: int


class Tracked:
    """A room whose file this bridge keeps an eye on."""

    def __init__(self, room: str, path: str, versions: Iterable[Version]) -> None:
        self.room = room
        self.path = path
        self.versions = deque(versions, KEPT)
        """What was on disk, newest first."""
        self.shown: deque[Version] = deque(maxlen=SHOWN)
        """What editors showed while they saved, newest first: somebody may have read it in the file."""
        self.may_save = bridge.MaySave()
        self.lock = asyncio.Lock()
        self.inode = 0
        self.modified = 0
        """When the file was written that was read last, in nanoseconds."""
        self.gone = False
        self.aged: tuple[int, int] | None = None
        """The file's real times, while a lease makes it look old."""
        self.guard: Guard | None = None
        """Watches the file while an editor saves it."""
        self.staged: tuple[int, ...] | None = None
        """The stamp of git's index when the file was read last."""
        self.epoch: str | None = None
        """The commit on which the room is to stand as soon as its file has been read."""
        self.expected: Author | None = None
        """Who announced that the next write is theirs."""
        self._cut: tuple[tuple[int, int, int], float] | None = None
        """How the file looked when it was first seen cut off like this, and when that was."""
        self.hashes: dict[tuple[bytes, str, bool], str] = {}
        """The hash of a version's file, as hooks name it, by its text's hash and how the file is stored."""

    def goes_on(self, seen: fileio.Seen, now: float) -> bool:
        """Whether a file that looks cut off may still be being written: it has not looked just so for long.

        Its own times do not tell: systems make a file shorter before they say that it has changed.
        """
        stamp = seen.changed, seen.inode, len(seen.data)
        if self._cut is None or self._cut[0] != stamp:
            self._cut = stamp, now
        return now - self._cut[1] < fileio.FRESH

    def show(self, room: Room, text: str) -> None:
        """An editor shows this text while it saves."""
        if all(text != each.text for each in self.shown):
            version = Version(room=room.id, seq=room.seq, hash=text_hash(text), text=text, time=now_ms())
            self.shown.appendleft(version)


def now_ms() -> int:
    """The time as the log has it, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
