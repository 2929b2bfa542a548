"""Reading the room log beside its writer: a connection and a thread of its own, so that neither waits for the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from anvcs.rooms.log import RoomLog

P = ParamSpec("P")
R = TypeVar("R")


class Reader:
    """Runs functions over the log, one after the other."""

    def __init__(self, path: Path) -> None:
        self._pool = ThreadPoolExecutor(1, "room log reader")
        self._path = path
        self._log: RoomLog | None = None

    async def run(self, function: Callable[Concatenate[RoomLog, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function gives, called with the log in the reader's thread."""

        def call() -> R:
            if self._log is None:
                self._log = RoomLog(self._path)
            return function(self._log, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Let go of the log when what runs has ended."""
        self._pool.submit(self._close)
        self._pool.shutdown(wait=True)

    def _close(self) -> None:
        if self._log is not None:
            self._log.close()
