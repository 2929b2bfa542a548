"""The rooms that are open in this process, loaded once and let go when nobody has been in them for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from anvcs.errors import AnvcsError, FencedError, RelayError
from anvcs.relay.live import LiveRoom
from anvcs.relay.reading import Reader
from anvcs.relay.spool import Spool
from anvcs.relay.writer import Writer, reject, resolve
from anvcs.rooms import log_reading, log_upkeep, pending
from anvcs.rooms.log import RoomLog
from anvcs.rooms.room import open_room
from anvcs.rooms.running import Runs

KEEP = 60.0
"""Seconds for which a room stays in memory after its last client left."""
ANEW = 4411
"""With what connections are closed whose document is no more: the room begins with a fresh one."""
LEFT = 4408, "left"
"""With what the connections of an actor are closed who left."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Hub:
    """Every open room, on the event loop."""

    def __init__(
        self,
        log: RoomLog,
        term: int,
        reader: Reader,
        state: Path,
        *,
        report: Callable[[str, dict[str, Any]], None],
        lost: Callable[[FencedError], None],
    ) -> None:
        self._log = log
        self.term = term
        """With which this process writes."""
        self.reader = reader
        self.report = report
        self.counts: Counter[str] = Counter()
        """What went wrong with clients, by kind."""
        self.paused_actors: set[str] = set()
        self.left: set[str] = set()
        """Actors who left and stay out until they come back."""
        self.runs = Runs()
        """Programs that run in somebody's name."""
        self.spool = Spool(state, self.runs)
        """What agents' hooks note."""
        self.editors = pending.folder(state)
        """Where editors keep what they have shown."""
        self.live: dict[str, LiveRoom] = {}
        self.stopping: str | None = None
        """Why no room is opened any more."""
        self.writer = Writer(lambda batch: log.append(term, batch), fenced=lost, stalled=self._stalled)
        self._loading: dict[str, asyncio.Task[LiveRoom]] = {}

    async def get(self, room: str) -> LiveRoom:
        """An open room. Raises RoomError for one that is not known, RelayError while the relay ends."""
        if self.stopping is not None:
            raise RelayError(f"The relay ends: {self.stopping}.", "Connect again.")
        found = self.live.get(room)
        if found is not None:
            return found
        task = self._loading.get(room)
        if task is None:
            task = self._loading[room] = asyncio.create_task(self._load(room))
            task.add_done_callback(lambda _: self._loading.pop(room, None))
        # One who gives up must not take the others' room away.
        return await asyncio.shield(task)

    async def _load(self, name: str) -> LiveRoom:
        room, replayed = await self.reader.run(open_room, name)
        if replayed.damage is not None:
            seq = replayed.damage.seq
            _log.error("room %s: %s", name, replayed.damage)
            cut = await self.writer.call(
                lambda: log_upkeep.cut(self._log, self.term, name, seq, time.time_ns() // 10**6)
            )
            self.report("damage", {"room": name, "first": cut.first, "last": cut.last})
            room, _ = await self.reader.run(open_room, name)
        live = LiveRoom(room, self.writer, report=self.report, paused=self.paused_actors, broken=self._broken)
        self.live[name] = live
        await self.reconsider(live)
        return live

    async def reconsider(self, live: LiveRoom) -> None:
        """What had been set aside enters the room if it can by now."""
        asides = await self.reader.run(log_reading.asides, live.id)
        if asides and live.reconsider(asides):
            _log.info("room %s took in what had been set aside", live.id)

    async def anew(self, live: LiveRoom, work: Callable[[RoomLog, int], T], reason: str) -> T:
        """Change a room's log while nobody is in it; whoever comes meanwhile waits and finds it as it is then."""
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        async def change() -> LiveRoom:
            try:
                resolve(outcome, await self.writer.call(lambda: work(self._log, self.term)))
            except AnvcsError as error:
                reject(outcome, error)
            return await self._load(live.id)

        self.forget(live)
        live.dismiss(ANEW, reason)
        task = self._loading[live.id] = asyncio.create_task(change())
        task.add_done_callback(lambda _: self._loading.pop(live.id, None))
        await asyncio.shield(task)
        return await outcome

    def forget(self, live: LiveRoom) -> None:
        """Let go of a room; the next who comes loads it anew."""
        live.dead = True
        if self.live.get(live.id) is live:
            del self.live[live.id]

    def unused(self, now: float, keep: float = KEEP) -> list[LiveRoom]:
        """The rooms in which nobody is and whose edits are durable."""
        return [
            live for live in self.live.values() if not live.members and not live.pending and now - live.used >= keep
        ]

    def tell_all(self, **body: Any) -> None:
        """Tell every client of ours in every room."""
        for live in self.live.values():
            for member in live.members:
                member.tell(**body)

    def _stalled(self, reason: str | None) -> None:
        self.report("durable", {"stalled": reason})
        self.tell_all(stalled=reason)

    def _broken(self, live: LiveRoom, error: Exception) -> None:
        """An edit could not be made durable: memory is ahead of the log, so the room is loaded anew."""
        if self.live.get(live.id) is not live:
            return
        _log.error("room %s is loaded anew: %s", live.id, error)
        self.counts["reloaded"] += 1
        self.forget(live)
        live.dismiss(1012, "The room is loaded anew.")


def now() -> float:
    """Seconds that only go forward."""
    return time.monotonic()
