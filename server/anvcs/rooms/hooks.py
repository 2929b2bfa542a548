"""What follows from the notes of agents' hooks: which texts stood in a file, who wrote one, and what they had read.

Each note tells what stood in a file at a moment. In order they are looks at the disk that nobody else took, and those
after a tool has written tell whose text it is. Times are nanoseconds since 1970, hashes the SHA-256 of a file's bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from anvcs import actors
from anvcs.errors import UsageError
from anvcs.rooms.running import TICK

WHOLE = frozenset({"Write"})
"""Tools that replace a file by what the agent made of the text that it read; others change what stands there then."""
READ_KEPT = 12 * 3600 * 10**9
"""For how long an agent is believed to write on the ground of what it read."""
OPEN_KEPT = 600 * 10**9
"""How long a write may take: its user may be asked first."""

Kind: TypeAlias = Literal["read", "before", "after", "run", "ran", "start", "end"]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a hook noted; ``path`` is the worktree's root where it is about no file."""

    kind: Kind
    path: str
    time: int
    agent: str
    session: str | None = None
    helper: str | None = None
    """The agent within the agent."""
    model: str | None = None
    tool: str | None = None
    call: str | None = None
    """The use of the tool: the same before and after it."""
    hash: str | None = None
    """Nothing where there is no file, or one too large for rooms."""
    expected: str | None = None
    """What will stand there, where that can be told before."""
    name: str = ""
    """Where the note itself is kept."""

    @property
    def actor(self) -> str:
        """As whom the agent writes."""
        return actors.agent(self.agent)

    @property
    def who(self) -> tuple[str, str | None, str | None]:
        """One that remembers what it read."""
        return self.agent, self.session, self.helper


class Shown(NamedTuple):
    """A text that stood in a file before somebody read or changed it."""

    hash: str
    time: int


class Write(NamedTuple):
    """An agent wrote a file, or is about to."""

    actor: str
    base: str | None
    """What it had read, if that is known."""
    firm: bool
    """It cannot have read anything newer."""
    new: str | None
    """What stood there afterwards; before that, what is expected."""
    began: int
    time: int
    meta: dict[str, Any]
    read: int = 0
    """When it read that, as the hook before it saw; nothing where that is what it wrote, or what stood there then."""


Step: TypeAlias = Shown | Write


def read_note(data: bytes, name: str) -> Note | None:
    """A note as a hook wrote it; nothing if it is none."""
    try:
        note = msgspec.structs.replace(msgspec.json.decode(data, type=Note), name=name)
        actors.agent(note.agent)
    except (msgspec.DecodeError, UsageError):
        return None
    return note


class Claims:
    """The notes about files that are still of use."""

    def __init__(self) -> None:
        self._notes: dict[str, list[Note]] = {}
        """By path, in the order of their times."""
        self._settled: dict[str, int] = {}
        """Up to which time the notes of a path have been acted upon."""
        self._models: dict[str, str] = {}
        """By session, where a note said it."""

    def add(self, note: Note) -> None:
        """One more note; a file's notes may come in any order."""
        if note.session and note.model:
            self._models[note.session] = note.model
        if note.kind in ("read", "before", "after"):
            notes = self._notes.setdefault(note.path, [])
            notes.append(note)
            notes.sort(key=lambda each: each.time)

    def due(self, path: str) -> list[Step]:
        """What is to be acted upon, in order."""
        after = self._settled.get(path, 0)
        return [step for step in self._steps(path) if step.time > after]

    def paths(self) -> list[str]:
        """The files of which something is due."""
        return [path for path in self._notes if self.due(path)]

    def settle(self, path: str, step: Step) -> None:
        """A step has been acted upon, and so have those before it."""
        self._settled[path] = max(step.time, self._settled.get(path, 0))

    def open(self, path: str, now: int) -> Write | None:
        """The write that has begun last and has not been noted as done."""
        notes = self._notes.get(path, [])
        done = {self._use(note) for note in notes if note.kind == "after"}
        for note in reversed(notes):
            if note.kind == "before" and self._use(note) not in done and now - note.time < OPEN_KEPT:
                return self._write(note, note.expected, note.time)
        return None

    def during(self, path: str, moment: int) -> Write | None:
        """The write that was under way at a moment, done by now or not: what stood there then may be its text."""
        notes = self._notes.get(path, [])
        done = {self._use(note): note.time for note in notes if note.kind == "after"}
        for note in reversed(notes):
            if note.kind == "before" and note.time - TICK <= moment <= done.get(self._use(note), note.time + OPEN_KEPT):
                return self._write(note, note.expected, note.time)
        return None

    def writer(self, path: str, new: str, now: int) -> Write | None:
        """Who wrote a text: the newest write that left it and was not acted upon, or one that is to leave it."""
        for step in reversed(self.due(path)):
            if isinstance(step, Write) and step.new == new:
                return step
        write = self.open(path, now)
        return write if write is not None and write.new == new else None

    def spent(self, now: int, most: int) -> list[str]:
        """The names of notes that are of no more use, or more than ``most``; they are forgotten."""
        notes = [note for each in self._notes.values() for note in each]
        needed = {note.name for path in self._notes for note in self._needed(path, now)}
        if len(needed) > most:
            needed = {note.name for note in sorted(notes, key=lambda note: note.time)[-most:]} & needed
        gone = [note.name for note in notes if note.name not in needed]
        if gone:
            kept = {path: [note for note in each if note.name in needed] for path, each in self._notes.items()}
            self._notes = {path: each for path, each in kept.items() if each}
            self._settled = {path: time for path, time in self._settled.items() if path in self._notes}
        return gone

    def texts(self) -> set[str]:
        """The hashes of texts that may still be asked for."""
        return {note.hash for notes in self._notes.values() for note in notes if note.hash is not None}

    def _steps(self, path: str) -> list[Step]:
        return list(self._walk(path))

    def _walk(self, path: str) -> Iterator[Step]:
        begun: dict[object, Note] = {}
        for note in self._notes.get(path, ()):
            if note.kind != "after":
                begun[self._use(note)] = note
                if note.hash is not None:
                    yield Shown(note.hash, note.time)
            elif (before := begun.get(self._use(note))) is not None and note.hash is not None:
                yield self._write(before, note.hash, note.time)

    def _write(self, before: Note, new: str | None, time: int) -> Write:
        said = {"session": before.session, "model": before.model or self._models.get(before.session or "")}
        meta = {name: value for name, value in {**said, "helper": before.helper, "tool": before.tool}.items() if value}
        firm = before.tool in WHOLE
        last = self._last_read(before) if firm else None
        if last is None or last.hash is None:
            return Write(before.actor, before.hash, firm, new, before.time, time, meta)
        read = last.time if last.kind == "read" else 0
        return Write(before.actor, last.hash, firm, new, before.time, time, meta, read)

    def _last_read(self, before: Note) -> Note | None:
        """The note of what the same agent had read of the file, or written, before a write."""
        found: Note | None = None
        for note in self._notes.get(before.path, ()):
            if note.time >= before.time:
                break
            if note.kind != "before" and note.who == before.who and before.time - note.time < READ_KEPT:
                found = note
        return found

    def _needed(self, path: str, now: int) -> Iterator[Note]:
        """Notes not yet acted upon, writes that are open, and what each agent knows of the file."""
        settled = self._settled.get(path, 0)
        notes = self._notes[path]
        done = {self._use(note): note.time for note in notes if note.kind == "after"}
        known: dict[object, Note] = {}
        for note in notes:
            ended = done.get(self._use(note)) if note.kind == "before" else None
            is_open = note.kind == "before" and ended is None and now - note.time < OPEN_KEPT
            if max(note.time, ended or 0) > settled or is_open:
                yield note
            if note.kind != "before" and now - note.time < READ_KEPT:
                known[note.who] = note
        yield from known.values()

    @staticmethod
    def _use(note: Note) -> object:
        """What is the same before and after one use of a tool on one file."""
        return note.call or (*note.who, note.tool)
