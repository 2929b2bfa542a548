"""What an editor is known to show: its text with LF line ends, and how its own changes read as deltas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from blake3 import blake3

from anvcs.rooms.delta import IDENTITY, Delta, compose, from_edits, replaced
from anvcs.rooms.diffing import fine_diff
from anvcs.rooms.lines import Lines

Place: TypeAlias = tuple[int, int]
"""A line and a UTF-16 column, as in the Language Server Protocol."""
Replacement: TypeAlias = tuple[Place, Place, str]
"""What an editor is asked to replace: from, up to, by what; all on the same text."""
_ENDS = re.compile(r"\r\n?")
_HALVES = re.compile("[\ud800-\udfff]")


class Position(Protocol):
    """A place as an editor says it."""

    @property
    def line(self) -> int:
        """Counted from 0."""
        ...

    @property
    def character(self) -> int:
        """In UTF-16 units."""
        ...


class Range(Protocol):
    """From a place up to another."""

    @property
    def start(self) -> Position:
        """Where it begins."""
        ...

    @property
    def end(self) -> Position:
        """Where it ends."""
        ...


class Change(Protocol):
    """One change of an event: what replaces a range, or the whole text."""

    @property
    def range(self) -> Range | None:
        """What is replaced; everything if there is none."""
        ...

    @property
    def text(self) -> str:
        """By what."""
        ...


class Taken(NamedTuple):
    """What an event did to the text."""

    delta: Delta
    inverse: Delta
    """What takes it back."""


def plain(text: str) -> str:
    """The text as rooms have it: LF line ends, and whole characters (an editor writes half a pair as U+FFFD too)."""
    if "\r" in text:
        text = _ENDS.sub("\n", text)
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def text_hash(text: str) -> str:
    """What names a text among all: BLAKE3 of it in UTF-8, as the room log has it."""
    return blake3(text.encode("utf-8", "surrogatepass")).hexdigest()


class Shadow:
    """A text with its version, and an index of its lines."""

    def __init__(self, text: str, version: int) -> None:
        self.version = version
        self._lines = Lines(text)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._lines.text

    def take(self, version: int, changes: Sequence[Change]) -> Taken:
        """Follow an event; each of its changes is on the text that those before it left."""
        done, undone = IDENTITY, IDENTITY
        for change in changes:
            for start, end, text in self._read(change):
                gone = self._lines.slice(start, end)
                self._lines.splice(start, end, text)
                done = compose(done, from_edits([(start, end, text)]))
                undone = compose(from_edits([(start, start + len(text), gone)]), undone)
        self.version = version
        return Taken(done, undone)

    def replace(self, version: int, text: str) -> None:
        """Show another text."""
        self._lines = Lines(text)
        self.version = version

    def edits(self, delta: Delta) -> tuple[Replacement, ...]:
        """A delta on this text as an editor can be asked for it, from first to last; empty where nothing changes."""
        where = self._lines.position
        return tuple((where(start), where(end), text) for start, end, text in self._tidy(delta))

    def tidy(self, delta: Delta) -> Delta:
        """The delta without what it replaces by the same."""
        return from_edits(self._tidy(delta))

    def resolve(self, edits: Sequence[Replacement]) -> Delta | None:
        """What edits meant for an older text do to this one; nothing if they overlap here."""
        where = self._lines.offset
        try:
            return self.tidy(from_edits((where(*start), where(*end), text) for start, end, text in edits))
        except ValueError:
            return None

    def _tidy(self, delta: Delta) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for start, end, text in replaced(delta):
            first, last, new = _trimmed(self._lines.slice(start, end), start, text)
            if first < last or new:
                found.append((first, last, new))
        return found

    def _read(self, change: Change) -> list[tuple[int, int, str]]:
        """A change as replacements of code points, the last in the text first, as small as the texts allow."""
        if change.range is None:
            start, end = 0, len(self._lines)
        else:
            begin, until = change.range.start, change.range.end
            start = self._lines.offset(begin.line, begin.character)
            end = max(start, self._lines.offset(until.line, until.character))
        first, last, new = _trimmed(self._lines.slice(start, end), start, plain(change.text))
        if first == last or not new:
            return [(first, last, new)]
        # A formatter, a paste over a selection: others may be writing in what only seems replaced.
        inner = replaced(fine_diff(self._lines.slice(first, last), new))
        return [(first + begin, first + until, text) for begin, until, text in reversed(inner)]


def _trimmed(gone: str, start: int, text: str) -> tuple[int, int, str]:
    """A replacement without the end and the beginning that both texts have in common."""
    end = start + len(gone)
    size = min(len(gone), len(text))
    same = 0
    while same < size and gone[-1 - same] == text[-1 - same]:
        same += 1
    if same:
        gone, text, end = gone[:-same], text[:-same], end - same
    size, same = size - same, 0
    while same < size and gone[same] == text[same]:
        same += 1
    return start + same, end, text[same:]
