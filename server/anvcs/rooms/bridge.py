"""The rules between a room and its file on disk: who wrote, from which version, what to write, when to wait.

Pure: whoever watches the disk says what is there and asks what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from anvcs.rooms import outside
from anvcs.rooms.entries import Version

LOCKED_QUIET = 0.15
"""Seconds of stillness after git let go of a lock or moved HEAD, until its work is believed to be over."""
MARKED_QUIET = 1.5
"""The same while git is in the middle of a merge or rebase: it pauses between steps, or stopped for its user."""
TORN = 5000
"""Milliseconds for which a file that was cut off may still be completed."""
LEASE = 5.0
"""Seconds for which a save may last."""
APART = 1.0
"""Seconds between the saves of two editors.

Editors empty a file before they write it, and VS Code looks at a file once more right after its own save: it would show
it empty, and what is typed into that goes nowhere.
"""
SETTLED = 0.3
"""Seconds from a change of a file's times until other windows have looked at it because of that; as above."""
SAVING = 10.0
"""Seconds from a text that an editor shows while it saves to its last chance to write that."""


class Signs(NamedTuple):
    """What shows in a worktree's Git folder that git is at work."""

    head: str | None
    """What HEAD says."""
    commit: str | None
    """What it comes to."""
    locks: frozenset[str] = frozenset()
    """``index.lock`` and its like that are there."""
    marks: frozenset[tuple[str, int]] = frozenset()
    """``MERGE_HEAD``, ``rebase-merge`` and their like, with the time each last changed."""
    staged: tuple[int, ...] | None = None
    """The index file's stamp."""


class Epoch(NamedTuple):
    """HEAD went elsewhere; what stood there before and what stands there now."""

    before: Signs
    after: Signs


class GitPhase:
    """Follows git's work in one worktree. Times are seconds of any clock that only goes forward."""

    def __init__(self, signs: Signs, now: float) -> None:
        self.settled = signs
        """How things stood when git was last at rest."""
        self._signs = signs
        self._changed = now - MARKED_QUIET

    def observe(self, signs: Signs, now: float) -> None:
        """What shows now."""
        if signs != self._signs:
            # The index is written by `git add` too; alone it tells of no work on files.
            if signs._replace(staged=None) != self._signs._replace(staged=None) or signs.marks:
                self._changed = now
            self._signs = signs

    def at_work(self, now: float) -> str | None:
        """What git is doing, in words for a user; nothing if it is at rest."""
        signs = self._signs
        if signs.locks:
            return f"git holds {min(signs.locks)}"
        if now - self._changed < self._quiet():
            return "git is in the middle of a merge or rebase" if signs.marks else "git has just moved HEAD"
        return None

    def wait(self, now: float) -> float | None:
        """Seconds until it may be at rest if nothing more happens; nothing while a lock is held or it is at rest."""
        if self._signs.locks:
            return None
        left = self._quiet() - (now - self._changed)
        return left if left > 0 else None

    def settle(self, now: float) -> Epoch | None:
        """HEAD moved since git was last at rest and is at rest now: the epoch that begins."""
        if self.at_work(now) is not None:
            return None
        before, self.settled = self.settled, self._signs
        moved = (before.head, before.commit) != (self._signs.head, self._signs.commit)
        return Epoch(before, self._signs) if moved else None

    def _quiet(self) -> float:
        return MARKED_QUIET if self._signs.marks else LOCKED_QUIET


class MaySave:
    """What editors have shown since they began to save: each may write any of that, late. Times as above."""

    def __init__(self) -> None:
        self._shown: dict[bytes, float] = {}

    def note(self, digest: bytes, now: float) -> None:
        """An editor that saves shows this now."""
        self._shown = {each: until for each, until in self._shown.items() if now < until}
        self._shown[digest] = now + SAVING

    def has(self, digest: bytes, now: float) -> bool:
        """Whether a text with this hash can be an editor's save."""
        return now < self._shown.get(digest, now)

    def is_busy(self, now: float) -> bool:
        """Whether an editor may be writing just now."""
        return any(now < until for until in self._shown.values())


class Finding(Enum):
    """What a look at the disk comes to."""

    SAME = "same"
    """The disk is as it was."""
    SAVED = "saved"
    """It has just what the room has: a version to remember, no edit."""
    WRITTEN = "written"
    """Somebody wrote: their change enters the room."""


def judge(disk: str, known: Sequence[Version], room: str) -> Finding:
    """What stands on disk now, beside the versions known of it (newest first) and the room's text."""
    if known and known[0].text == disk:
        return Finding.SAME
    return Finding.SAVED if disk == room else Finding.WRITTEN


def is_cut_off(disk: str, known: Sequence[Version]) -> bool:
    """What stands on disk is the beginning of what stood there before: somebody may be in the middle of writing it."""
    return bool(known) and len(disk) < len(known[0].text) and known[0].text.startswith(disk)


def base_of(written: str, known: Sequence[Version], read: bytes | None = None, now: int = 0) -> str:
    """The text that the writer of ``written`` had read: the version it reported, else the likeliest of those known."""
    for version in known:
        if read is not None and version.hash == read:
            return version.text
    if not known:
        return written
    torn = len(known) > 1 and now - known[0].time < TORN and is_cut_off(known[0].text, (known[1],))
    if torn and written.startswith(known[0].text):
        # A write that was seen half goes on from there, whatever its writer had read.
        return known[0].text
    return known[outside.guess_base([each.text for each in known], written)].text


class Save(Enum):
    """How a room's text gets into its file."""

    NOTHING = "nothing"
    """It is there."""
    WRITE = "write"
    """The bridge writes it."""
    EDITOR = "editor"
    """An editor holds unsaved text of it and is the one to save."""
    LOOK = "look"
    """The disk has what the room has not seen; that comes first."""


def plan_save(disk: str | None, known: Sequence[Version], room: str, *, held: bool) -> Save:
    """What to do so that the file holds the room's text. ``disk`` is the text that is there, if any is."""
    if disk is not None and disk != room and (not known or known[0].text != disk):
        return Save.LOOK
    if disk == room:
        return Save.NOTHING
    return Save.EDITOR if held else Save.WRITE


class Lease(NamedTuple):
    """The right to save a file: until it is given back, its holder's save is nobody else's write."""

    number: int
    holder: str
    until: float


class Leases:
    """The one lease of a room and who waits for it is the caller's; this says who has it."""

    def __init__(self) -> None:
        self._number = 0
        self._lease: Lease | None = None
        self._saved: tuple[str, float] | None = None

    def current(self, now: float) -> Lease | None:
        """The lease that counts now."""
        lease = self._lease
        return lease if lease is not None and now < lease.until else None

    def take(self, holder: str, now: float, seconds: float = LEASE) -> Lease | None:
        """The lease, unless another holder has it."""
        current = self.current(now)
        if current is not None and current.holder != holder:
            return None
        self._number += 1
        self._lease = Lease(self._number, holder, now + seconds)
        return self._lease

    def give_back(self, number: int) -> bool:
        """End a lease; false if it was not this one any more."""
        if self._lease is None or self._lease.number != number:
            return False
        self._lease = None
        return True

    def saved(self, holder: str, now: float) -> None:
        """A holder has written the file."""
        self._saved = holder, now

    def wait(self, holder: str, now: float) -> float:
        """Seconds that a holder waits before it writes, since another one just has."""
        if self._saved is None or self._saved[0] == holder:
            return 0.0
        return max(0.0, self._saved[1] + APART - now)

    def drop(self, holder: str) -> bool:
        """A holder is gone."""
        if self._lease is None or self._lease.holder != holder:
            return False
        self._lease = None
        return True
