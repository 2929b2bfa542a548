"""Writes edits down before they are sent, in a thread of its own, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from anvcs.rooms.pending import SUFFIX, PendingLog, Unsent

logger = logging.getLogger(__name__)


class Journal:
    """The pending logs of this server, one for each document in a room."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, work: Callable[[], object]) -> None:
        """Have something small written in the journal's thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="anvcs-journal", daemon=True)
            self._thread.start()
        self._work.put(work)

    def open(self, folder: Path, room: str, client: int) -> JournalPage:
        """The page of one document; there from now on, so that others see that its window lives."""
        return JournalPage(self.put, folder / f"{room}-{client}{SUFFIX}")

    def close(self) -> None:
        """Finish what is waiting."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(5)
            self._thread = None

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except OSError:
                # A full disk: the edit is in memory and goes to the relay all the same.
                logger.exception("An edit could not be written down")


class JournalPage:
    """One document's pending log, written in the journal's thread."""

    def __init__(self, put: Callable[[Callable[[], object]], None], path: Path) -> None:
        self._put = put
        self._path = path
        self._log: PendingLog | None = None
        self._waiting = 0
        put(self._open)

    def write(self, entry: Unsent, then: Callable[[], None]) -> None:
        """Write an edit down, then call back on the loop."""
        loop = asyncio.get_running_loop()
        self._waiting += 1

        def done() -> None:
            self._waiting -= 1
            then()

        def work() -> None:
            try:
                self._open().append(entry)
            finally:
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(done)

        self._put(work)

    def _open(self) -> PendingLog:
        if self._log is None:
            self._log = PendingLog(self._path)
        return self._log

    @property
    def waiting(self) -> int:
        """Edits that are not written down yet."""
        return self._waiting

    def clear(self) -> None:
        """Everything is acknowledged."""
        self._put(lambda: self._log.clear() if self._log is not None else None)

    def close(self, *, keep: bool) -> None:
        """Let go; what is not acknowledged stays for the next server."""

        def work() -> None:
            if self._log is not None:
                self._log.close(keep=keep)

        self._put(work)
