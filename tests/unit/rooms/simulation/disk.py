"""One file: its text, time and size, and who is told when it changes."""

from __future__ import annotations

from typing import NamedTuple

from tests.unit.rooms.simulation.clock import Clock, Work


class Stat(NamedTuple):
    """What an editor remembers of a file."""

    mtime: float
    size: int


class Disk:
    """The file. Its size counts bytes, its text has LF only."""

    def __init__(self, clock: Clock, text: str) -> None:
        self._clock = clock
        self.text = text
        self.mtime = 0.0
        self.prepared = 0.0
        """When a save was last made ready."""
        self.foreign = 0.0
        """When somebody last wrote who is no editor."""
        self.read: str | None = None
        """What the writer says it had read, if it says so."""
        self.watchers: list[Work] = []

    @property
    def stat(self) -> Stat:
        """As it is now."""
        return Stat(self.mtime, len(self.text.encode()))

    def write(self, text: str, *, foreign: bool = False, read: str | None = None) -> None:
        """Everybody who watches hears of it, some time later."""
        self.text, self.mtime, self.read = text, self._clock.now, read
        if foreign:
            self.foreign = self._clock.now
        for watcher in self.watchers:
            self._clock.soon(5, 60, watcher)

    def set_back(self) -> None:
        """Older than anything an editor remembers, so that its save is not refused."""
        self.mtime = -1.0
        self.prepared = self._clock.now
