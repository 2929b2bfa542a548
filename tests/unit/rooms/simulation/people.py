"""Who writes: people in windows, by lines or by keys, and an agent that writes the file."""

from __future__ import annotations

import re
from random import Random

from tests.unit.rooms.simulation.clock import Clock
from tests.unit.rooms.simulation.disk import Disk
from tests.unit.rooms.simulation.window import Edit, Window

TOKEN = re.compile(r"[auvw]\d_\d{3}")
COMPLETE = re.compile(r"^([auvw]\d_\d{3})(?: = |=)1(?:é中😀)?$")


class Book:
    """What everybody meant to do."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.wrote: list[str] = []
        """All that was inserted."""
        self.deleted: set[str] = set()
        self.doubtful: set[str] = set()
        """Removed by the agent, which may not be meant, or by an editor's own undo, where the room's counts."""
        self._number = 0

    def line(self, prefix: str, tail: str = "") -> str:
        """The next line, with a unique word."""
        self._number += 1
        token = f"{prefix}_{self._number:03d}"
        self.typed.append(token)
        line = f"{token}=1{tail}\n"
        self.wrote.append(line)
        return line


def starts(text: str) -> list[int]:
    """Where lines begin that something may be put before: not the first, and not the end."""
    return [match.end() for match in re.finditer(r"\n(?=.)", text)]


def complete(text: str) -> list[tuple[int, int, str]]:
    """The lines that are finished and not the last: start, end with the line end, word."""
    found: list[tuple[int, int, str]] = []
    place = 0
    for line in text.split("\n")[:-1]:
        if match := COMPLETE.match(line):
            found.append((place, place + len(line) + 1, match[1]))
        place += len(line) + 1
    return found


class Person:
    """Somebody at a window."""

    def __init__(
        self,
        clock: Clock,
        rng: Random,
        book: Book,
        window: Window,
        name: str,
        end: float,
        *,
        keys: bool,
        undoes: bool,
        deletes: bool,
        calm: bool,
    ) -> None:
        self._clock, self._rng, self._book, self._window = clock, rng, book, window
        self._name, self._end, self._keys, self._undoes, self._deletes = name, end, keys, undoes, deletes
        self._saves = 0.4 if calm else 0.08
        self._calm = calm
        self._rest = ""
        clock.soon(0, 50, self._step)

    def _step(self) -> None:
        rng = self._rng
        if self._rest:
            self._key()
            self._clock.soon(2, 30, self._step)
            return
        if self._clock.now > self._end:
            return
        self._act()
        busy = rng.random() < (0.1 if self._calm else 0.7)
        pause = (2, 30) if self._rest else (10, 50) if busy else (300, 800) if self._calm else (200, 400)
        self._clock.soon(*pause, self._step)

    def _act(self) -> None:
        rng, window = self._rng, self._window
        chance = rng.random()
        places = starts(window.text)
        if rng.random() < self._saves:
            window.save()
        elif chance < 0.12 and self._deletes and (lines := complete(window.text)):
            start, end, token = rng.choice(lines)
            self._book.deleted.add(token)
            window.type([(start, end, "")])
        elif chance < 0.2 and self._undoes:
            before = set(TOKEN.findall(window.text))
            window.undo()
            self._book.doubtful |= before ^ set(TOKEN.findall(window.text))
        elif self._keys:
            self._rest = self._book.line(self._name, rng.choice(("", "é中😀")))
            window.cursor = rng.choice(places)
            self._key()
        else:
            count = rng.choice((1, 1, 1, 2, 3))
            chosen = rng.sample(places, min(count, len(places)))
            edits: list[Edit] = [(place, place, self._book.line(self._name)) for place in chosen]
            window.type(edits)

    def _key(self) -> None:
        window = self._window
        cursor = window.cursor
        assert cursor is not None
        key, self._rest = self._rest[0], self._rest[1:]
        window.type([(cursor, cursor, key)])
        window.cursor = cursor + len(key) if self._rest else None


class Agent:
    """Reads the file, thinks, writes it as a whole."""

    def __init__(
        self,
        clock: Clock,
        rng: Random,
        book: Book,
        disk: Disk,
        end: float,
        *,
        stale: float,
        reports: bool,
        deletes: bool,
    ) -> None:
        self._clock, self._rng, self._book, self._disk = clock, rng, book, disk
        self._end, self._stale, self._reports, self._deletes = end, stale, reports, deletes
        clock.soon(20, 300, self._read)

    def _read(self) -> None:
        if self._clock.now > self._end:
            return
        text = self._disk.text
        if self._stale:
            self._clock.soon(0, self._stale, lambda: self._write(text))
        else:
            self._write(text)

    def _write(self, read: str) -> None:
        rng = self._rng
        places = starts(read)
        edits = {place: self._book.line("a9") for place in rng.sample(places, min(rng.randint(2, 3), len(places)))}
        gone = rng.choice(complete(read)) if self._deletes and rng.random() < 0.25 and complete(read) else None
        if gone:
            self._book.doubtful.add(gone[2])
        new, place = "", 0
        for start in sorted({*edits, *(gone[:1] if gone else ())}):
            new += read[place:start] + edits.get(start, "")
            place = gone[1] if gone and start == gone[0] else start
        self._disk.write(new + read[place:], foreign=True, read=read if self._reports else None)
        self._clock.soon(50, 400, self._read)
