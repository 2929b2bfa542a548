"""What waits for one client: merged while it is busy, bounded, and dropped for a fresh start when it does not read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from anvcs.rooms import frames, text
from anvcs.rooms.frames import State

LIMIT = 8 << 20
"""Bytes of updates that may wait for one client."""
_MERGE = 512
"""Updates that are merged at once, at most."""
_ALIKE = 64
"""Up to so many, others are likely to wait for just the same."""


class Outbox:
    """Sends in order: updates, then awareness (each client's newest), then what is told.

    ``send`` waits as long as the client does not read. ``resync`` is called when so much waited that it was dropped,
    once the client reads again; it puts the whole document.
    """

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        resync: Callable[[], None],
        *,
        limit: int = LIMIT,
    ) -> None:
        self._send = send
        self._resync = resync
        self._limit = limit
        self._ready = asyncio.Event()
        self._updates: list[bytes] = []
        self._size = 0
        self._frames: list[bytes] = []
        self._states: dict[int, State] = {}
        self._told: dict[str, Any] = {}
        self._dropped = False
        self._closing = False
        self.drops = 0
        """How often everything that waited was dropped."""

    def update(self, update: bytes) -> None:
        """An edit of somebody else."""
        if self._dropped:
            return
        self._updates.append(update)
        self._size += len(update)
        if self._size > self._limit:
            self._updates.clear()
            self._size = 0
            self._dropped = True
            self.drops += 1
        self._ready.set()

    def frame(self, frame: bytes) -> None:
        """Something that goes as it is, before the updates that come after it."""
        self._frames.append(frame)
        self._ready.set()

    def states(self, states: list[State]) -> None:
        """What clients say about themselves; only the newest of each goes out."""
        for each in states:
            self._states[each.client] = each
        self._ready.set()

    def tell(self, **body: Any) -> None:
        """Something for a client of ours; a newer value of one name replaces an older."""
        self._told |= body
        self._ready.set()

    @property
    def waiting(self) -> int:
        """Bytes of updates that wait."""
        return self._size

    def finish(self) -> None:
        """End :meth:`run` when all has gone out."""
        self._closing = True
        self._ready.set()

    async def run(self) -> None:
        """Send what comes, until cancelled or finished."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._frames or self._updates or self._states or self._told or self._dropped:
                await self._flush()
            if self._closing:
                return

    async def _flush(self) -> None:
        if self._dropped:
            self._dropped = False
            self._resync()
        whole, self._frames = self._frames, []
        for frame in whole:
            await self._send(frame)
        updates, self._updates = self._updates, []
        self._size = 0
        for first in range(0, len(updates), _MERGE):
            await self._send(_frame(updates[first : first + _MERGE]))
        if self._states:
            states, self._states = list(self._states.values()), {}
            await self._send(frames.awareness(states))
        if self._told:
            told, self._told = self._told, {}
            await self._send(frames.told(told))


def _frame(updates: list[bytes]) -> bytes:
    if len(updates) > _ALIKE:
        return frames.update(text.merge(updates))
    return _made(tuple(updates))


@lru_cache(maxsize=8)
def _made(updates: tuple[bytes, ...]) -> bytes:
    """One frame of a few updates. Most of a room wait for the same ones, so it is made once for all of them."""
    return frames.update(updates[0] if len(updates) == 1 else text.merge(updates))
