"""What is done to the log beside its edits: erasing what must not be kept, packing what is old, letting go of rooms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from anvcs.errors import AnvcsError, RelayError
from anvcs.relay.control import Asker, Method, read_params
from anvcs.relay.hub import Hub, now
from anvcs.relay.places import Places
from anvcs.rooms import log_reading, log_upkeep, retention, shown
from anvcs.rooms.log import RoomLog
from anvcs.rooms.retention import Policy, Purged

T = TypeVar("T")

PACK_EVERY = 2048
"""New edits of an open room after which old ones are packed."""

_log = logging.getLogger(__name__)


class Trimmed(NamedTuple):
    """What a retention setting let go."""

    edits: int
    upto: int
    """The last of them."""


class Purge(msgspec.Struct, frozen=True, kw_only=True):
    """Edits of a file's room are to be erased."""

    worktree: str
    path: str
    actor: str
    since: int = 0
    until: int | None = None


class Upkeep:
    """Looks after the log while rooms are open, and when they are let go of."""

    def __init__(self, hub: Hub, places: Places, policy: Callable[[], Policy]) -> None:
        self._hub = hub
        self._places = places
        self._policy = policy
        self._packed: dict[str, int] = {}

    def table(self) -> dict[str, Method]:
        """The methods by name."""
        return {"purge": self._purge}

    async def _purge(self, asker: Asker, raw: msgspec.Raw) -> Mapping[str, Any]:
        if asker.bound is not None:
            raise RelayError("A token for one actor cannot erase anything.", "Ask with the relay's own token.")
        params: Purge = read_params(raw, Purge)
        _, tracked, live = await self._places.open(Path(params.worktree), params.path)
        # What is remembered of the file may hold what is to be erased; it is read anew with the room.
        self._places.release(live)

        def erase(log: RoomLog, term: int) -> Purged:
            return retention.purge(log, term, tracked.room, params.since, params.until, actor=params.actor, now=_time())

        done = await self._hub.anew(live, erase, "Edits were erased; the room begins anew.")
        await asyncio.to_thread(shown.forget, self._hub.editors, tracked.path)
        self._hub.report("purged", {"room": live.id, "actor": params.actor, "document": done.document})
        return {
            "room": live.id,
            "erased": done.erased,
            "epoch": done.epoch,
            "document": done.document,
            "replayableFrom": done.replayable_from,
            "seq": done.seq,
        }

    async def sweep(self) -> None:
        """Let go of rooms that nobody uses, and pack what is old."""
        for live in self._hub.unused(now()):
            self._places.release(live)
            self._hub.forget(live)
            self._packed.pop(live.id, None)
            trimmed = await self._run(_settle, live.id, self._policy())
            if trimmed is not None and trimmed.edits:
                await self._places.trimmed(live.id, live.room.record.path, trimmed.edits, trimmed.upto)
        for live in list(self._hub.live.values()):
            packed = self._packed.setdefault(live.id, live.room.seq)
            if live.room.seq - packed >= PACK_EVERY:
                self._packed[live.id] = live.room.seq
                await self._run(_pack, live.id)

    async def _run(self, work: Callable[..., T], room: str, *arguments: Any) -> T | None:
        try:
            # In the reader's thread: the writer's must not wait for it, and SQLite keeps them apart.
            return await self._hub.reader.run(work, self._hub.term, room, *arguments)
        except AnvcsError as error:
            _log.warning("the log of room %s is left as it is: %s", room, error)
            return None


def _pack(log: RoomLog, term: int, room: str) -> None:
    log_upkeep.pack_room(log, term, room)
    protected = [epoch.seq for epoch in log_reading.epochs(log, room)]
    log_upkeep.thin_snapshots(log, term, room, protected)


def _settle(log: RoomLog, term: int, room: str, policy: Policy) -> Trimmed:
    _pack(log, term, room)
    edits = retention.trim(log, term, room, policy, _time())
    return Trimmed(edits, max((gap.last for gap in log_reading.gaps(log, room)), default=0))


def _time() -> int:
    return time.time_ns() // 1_000_000
