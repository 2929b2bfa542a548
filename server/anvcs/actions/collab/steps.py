"""The edits of a room with what each changed in the text before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from anvcs.rooms import delta, log_reading, replay
from anvcs.rooms.entries import Edit
from anvcs.rooms.log import RoomLog


class Change(NamedTuple):
    """What an edit changed in one place."""

    line: int
    """From 1, in the text before."""
    deleted: str
    inserted: str


class Step(NamedTuple):
    """One edit."""

    edit: Edit
    changes: tuple[Change, ...]
    text: str
    """After it."""


def steps(log: RoomLog, room: str, after: int, upto: int | None = None) -> Iterator[Step]:
    """From the text after one edit to that after another. Raises NotKeptError, DamagedEditError."""
    text = replay.at(log, room, after).text if after else ""
    for edit in log_reading.edits(log, room, after, upto):
        changes: list[Change] = []
        line, place = 1, 0
        for start, end, inserted in delta.replaced(edit.delta):
            line += text.count("\n", place, start)
            changes.append(Change(line, text[start:end], inserted))
            place = start
        text = delta.apply(text, edit.delta)
        yield Step(edit, tuple(changes), text)
