"""The folder in which agents' hooks leave their notes: each is read once and kept as long as it is of use."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from anvcs import hook
from anvcs.rooms.hooks import Claims, Note, read_note
from anvcs.rooms.running import Run, Runs

MOST = 2000
"""Notes about files that are kept."""
SETTLING = 60.0
"""Seconds for which a text stays of which no note has come: its note may be on its way."""
_NAME = re.compile(r"[0-9a-f]{64}")
_OF_FILES = ("read", "before", "after")


class Spool:
    """What hooks left for one repository, on the event loop."""

    def __init__(self, state: Path, runs: Runs) -> None:
        self.folder = state / hook.SPOOL
        self.claims = Claims()
        self._runs = runs
        self._read: set[str] = set()
        self._lock = asyncio.Lock()

    def prepare(self) -> None:
        """Make the folder, so that it can be watched."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, exist_ok=True)

    async def refresh(self) -> None:
        """Take in what has come."""
        async with self._lock:
            names, notes = await asyncio.to_thread(_fetch, self.folder, frozenset(self._read))
            self._read &= names
            for note in notes:
                self._read.add(note.name)
                if note.kind in _OF_FILES:
                    self.claims.add(note)
                self._follow(note)

    async def tidy(self) -> None:
        """Remove what is of no more use."""
        spent = self.claims.spent(time.time_ns(), MOST)
        await asyncio.to_thread(_remove, self.folder, spent, self.claims.texts())

    async def text(self, digest: str) -> bytes | None:
        """The bytes of a text that a hook kept."""
        if not _NAME.fullmatch(digest):
            return None
        try:
            return await asyncio.to_thread((self.folder / hook.TEXTS / digest).read_bytes)
        except OSError:
            return None

    def _follow(self, note: Note) -> None:
        """Commands that an agent runs; one that failed is not noted as done, but whatever comes next shows that."""
        if note.kind == "run":
            self._runs.begin(note.who, Run(note.actor, note.path, (), note.session or note.agent, note.time))
        else:
            self._runs.end(note.who, note.time)


def _fetch(folder: Path, known: Collection[str]) -> tuple[set[str], list[Note]]:
    """The names of all notes, and those that are not known, in order; what is about no file is taken out."""
    notes: list[Note] = []
    try:
        names = {each.name for each in folder.iterdir() if each.suffix == ".json" and each.name[0] != "."}
    except OSError:
        return set(), []
    for name in sorted(names.difference(known)):
        with suppress(OSError):
            note = read_note((folder / name).read_bytes(), name)
            if note is not None:
                notes.append(note)
            if note is None or note.kind not in _OF_FILES:
                (folder / name).unlink()
    return names, notes


def _remove(folder: Path, spent: list[str], wanted: set[str]) -> None:
    for name in spent:
        with suppress(OSError):
            (folder / name).unlink()
    with suppress(OSError):
        for text in (folder / hook.TEXTS).iterdir():
            with suppress(OSError):
                if text.name not in wanted and time.time() - text.stat().st_mtime > SETTLING:
                    text.unlink()
