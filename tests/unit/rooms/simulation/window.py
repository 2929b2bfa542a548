"""A window of VS Code: its main thread with the text, and the extension host that is always a little behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, Protocol

from anvcs.rooms.binding import Push, Reason
from anvcs.rooms.delta import Delta, apply, from_edits, invert, replaced
from anvcs.rooms.diffing import fine_diff
from anvcs.rooms.lines import Lines
from tests.unit.rooms.simulation.clock import Clock
from tests.unit.rooms.simulation.disk import Disk

HEADER = "#fmt\n"
_UNFORMATTED = re.compile(r"^([auvw]\d_\d{3})=(?=1$|1é中😀$)", re.MULTILINE)
Edit = tuple[int, int, str]


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


class Event(NamedTuple):
    """What the main thread tells of a change."""

    version: int
    changes: Sequence[Change]
    dirty: bool
    reason: Reason | None


class Server(Protocol):
    """What the extension tells its server."""

    def changed(self, event: Event) -> None:
        """The document changed."""
        ...

    def will_save(self, reply: Callable[[], None]) -> None:
        """The document is about to be saved."""
        ...

    def did_save(self, version: int, *, followed: bool) -> None:
        """The document was saved."""
        ...


class Host:
    """The extension: says what changed, applies what comes if the document is still the same as far as it knows."""

    server: Server

    def __init__(self, clock: Clock, window: Window, *, overtaking: bool) -> None:
        self._window = window
        self.version = window.version
        self.inbound = clock.channel(1, 6)
        self._events = clock.channel(1, 6)
        self._replies = clock.channel(0.5, 3) if overtaking else self._events

    def event(self, event: Event) -> None:
        """The main thread told a change."""
        self.version = event.version
        self._events(lambda: self.server.changed(event))

    def edit(self, push: Push, reply: Callable[[bool], None]) -> None:
        """The server asks for an edit."""
        if self.version != push.version:
            self._replies(lambda: reply(False))
            return
        self._window.down(
            lambda: self._window.asked(
                push, lambda applied: self._window.up(lambda: self._replies(lambda: reply(applied)))
            )
        )

    def will_save(self, go_on: Callable[[], None]) -> None:
        """The main thread is about to save."""
        self._events(lambda: self.server.will_save(lambda: self.inbound(lambda: self._window.down(go_on))))

    def did_save(self, *, followed: bool) -> None:
        """The main thread saved."""
        version = self.version
        self._events(lambda: self.server.did_save(version, followed=followed))


class Window:
    """The main thread."""

    def __init__(
        self,
        clock: Clock,
        rng: Random,
        disk: Disk,
        *,
        eol: str,
        race: bool,
        overtaking: bool,
        formats: bool,
        hasty: bool,
    ) -> None:
        self._clock, self._rng, self._disk = clock, rng, disk
        self._eol, self._race, self._formats, self._hasty = eol, race, formats, hasty
        self.text = disk.text
        self.version = 1
        self.dirty = False
        self.cursor: int | None = None
        self.saving = False
        self.dialogs = 0
        self.refused = 0
        self.reloads = 0
        self.known = disk.stat
        self.up, self.down = clock.channel(1, 6), clock.channel(1, 6)
        self.host = Host(clock, self, overtaking=overtaking)
        self._stack: list[Delta] = []
        disk.watchers.append(self._disk_changed)

    # Changes

    def type(self, edits: list[Edit]) -> None:
        """The user changes the text; a cursor follows the first insertion."""
        self._change(from_edits(edits))

    def undo(self) -> bool:
        """The editor's own undo, which knows nothing of who wrote what."""
        if not self._stack:
            return False
        self._change(self._stack.pop(), reason="undo")
        return True

    def asked(self, push: Push, reply: Callable[[bool], None]) -> None:
        """The extension asks for an edit."""
        if push.version != self.version:
            reply(False)
            return

        def write() -> None:
            lines = Lines(self.text)
            try:
                delta = from_edits((lines.offset(*start), lines.offset(*end), text) for start, end, text in push.edits)
            except ValueError:
                reply(False)
                return
            self._change(delta)
            reply(True)

        if self._race:
            self._clock.soon(0, 3, write)
        else:
            write()

    def _change(self, delta: Delta, *, dirty: bool = True, reason: Reason | None = None) -> None:
        lines, edits = Lines(self.text), replaced(delta)
        if self.cursor is not None:
            self.cursor = _moved(self.cursor, edits)
        where = lines.position
        changes = [
            Change(Range(Position(*where(start)), Position(*where(end))), text.replace("\n", self._eol))
            for start, end, text in reversed(edits)
        ]
        if reason is None:
            self._stack.append(invert(delta, self.text))
        self.text = apply(self.text, delta)
        self.version += 1
        self.dirty = dirty
        event = Event(self.version, changes, dirty, reason)
        self.up(lambda: self.host.event(event))

    # The file

    def _disk_changed(self) -> None:
        if not self.dirty and not self.saving:
            self._clock.soon(1, 3, self._read)

    def _read(self) -> None:
        if self.dirty or self.saving:
            return
        text = self._disk.text
        self.known = self._disk.stat
        if text != self.text:
            self.reloads += 1
            self._change(fine_diff(self.text, text), dirty=False)

    def save(self, *, followed: bool = False) -> None:
        """Save: ask, format, ask again, write; or, in haste, ask, format without waiting for the answer, write."""
        if self.saving:
            return
        self.saving = True
        if self._hasty:
            self.up(lambda: self.host.will_save(lambda: self._ready(followed=followed)))
            self._format()
            return
        self.up(
            lambda: self.host.will_save(lambda: self._clock.soon(1, 3, lambda: self._format_first(followed=followed)))
        )

    def follow(self, version: int) -> None:
        """Somebody else saved what this window shows."""
        if self.dirty and self.version == version:
            self.save(followed=True)

    def _format_first(self, *, followed: bool) -> None:
        self._format()
        self.up(lambda: self.host.will_save(lambda: self._ready(followed=followed)))

    def _ready(self, *, followed: bool) -> None:
        self._clock.soon(1, 3, lambda: self._write(followed=followed))

    def _format(self) -> None:
        edits: list[Edit] = [(0, 0, HEADER)] if not self.text.startswith(HEADER) else []
        if self._formats:
            edits += [(match.end() - 1, match.end(), " = ") for match in _UNFORMATTED.finditer(self.text)]
        if edits:
            self._change(from_edits(edits))

    def _write(self, *, followed: bool) -> None:
        disk = self._disk
        self.saving = False
        now, size = disk.stat, len(self.text.encode())
        unseen = disk.foreign > disk.prepared
        # Without `unseen` this is VS Code's rule. It does not notice a text of the same size, which nobody can help.
        if self.known.mtime < now.mtime and (self.known.size != now.size or unseen) and self.text != disk.text:
            # Rightly refused only where somebody wrote after everything had been made ready.
            if unseen:
                self.refused += 1
            else:
                self.dialogs += 1
            return
        if size != now.size or self.text != disk.text or self.dirty:
            disk.write(self.text)
        self.known = disk.stat
        self.dirty = False
        self.up(lambda: self.host.did_save(followed=followed))


def _moved(cursor: int, edits: Sequence[Edit]) -> int:
    """Where a cursor is after edits; what is inserted right at it comes after it."""
    shift = 0
    for start, end, text in edits:
        if end < cursor or (end == cursor and end > start):
            shift += len(text) - (end - start)
        elif start < cursor:
            shift += start - cursor
    return cursor + shift
