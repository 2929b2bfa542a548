"""An event loop in a thread of its own, for callers that have none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import TimeoutError as NotInTime
from typing import TypeVar

T = TypeVar("T")

_GRACE = 5.0
"""Seconds for which the thread may take to end."""


class Loop:
    """Runs coroutines one beside the other while its owner waits for them, never for longer than they were given."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Awaitable[T], timeout: float | None) -> T:
        """What it gives. Raises TimeoutError when the time is over; the work is ended then."""

        async def limited() -> T:
            async with asyncio.timeout(timeout):
                return await work

        future = asyncio.run_coroutine_threadsafe(limited(), self._loop)
        try:
            # The loop itself may be stuck.
            return future.result(None if timeout is None else timeout + _GRACE)
        except NotInTime:
            future.cancel()
            raise TimeoutError from None
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_GRACE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
