"""The binding: an editor and a room's copy come together whatever happens in between."""

from __future__ import annotations

from typing import NamedTuple

from anvcs.rooms.binding import Binding, Push
from anvcs.rooms.delta import Delta, apply


class Position(NamedTuple):
    """As in the protocol."""

    line: int
    character: int


class Range(NamedTuple):
    """As in the protocol."""

    start: Position
    end: Position


class Change(NamedTuple):
    """As in the protocol."""

    range: Range | None
    text: str


def replace(start: tuple[int, int], end: tuple[int, int], text: str) -> Change:
    return Change(Range(Position(*start), Position(*end)), text)


def insert(line: int, character: int, text: str) -> Change:
    return replace((line, character), (line, character), text)


class Pair:
    """A binding with the room's copy beside it, and an editor that does what it is asked."""

    def __init__(self, text: str) -> None:
        self.binding = Binding.open(text, 1, text, text).binding
        self.room = text

    def wrote(self, delta: Delta) -> None:
        """The user's edit reaches the room's copy."""
        self.room = apply(self.room, delta)

    def event(self, *changes: Change, dirty: bool | None = True, reason: str | None = None) -> str:
        """The editor reports; gives what it was taken for."""
        assert reason in (None, "undo", "redo")
        found = self.binding.changed(self.binding.version + 1, changes, dirty=dirty, reason=reason)
        self.wrote(found.delta)
        return found.kind

    def remote(self, delta: Delta) -> None:
        """Others write."""
        self.room = apply(self.room, delta)
        self.binding.remote(delta)

    def push(self) -> Push:
        """What goes to the editor now."""
        push = self.binding.push()
        assert push is not None
        return push

    def echo(self, push: Push) -> str:
        """The editor does what it was asked."""
        return self.event(*(replace(*edit) for edit in reversed(push.edits)))

    def settle(self) -> None:
        """The editor takes all that there is."""
        while push := self.binding.push():
            assert self.echo(push) == "echo"
            self.wrote(self.binding.answered(push, applied=True))
        assert self.binding.settled
        assert self.binding.text == self.room


def test_what_others_write_reaches_the_editor_and_comes_back_as_an_echo() -> None:
    pair = Pair("a\nb\n")
    pair.remote((2, "x\n"))
    push = pair.push()
    assert push == Push(1, (((1, 0), (1, 0), "x\n"),))
    assert pair.binding.push() is None
    assert pair.echo(push) == "echo"
    assert pair.wrote(pair.binding.answered(push, applied=True)) is None
    assert pair.binding.settled
    assert pair.binding.text == pair.room == "a\nx\nb\n"
