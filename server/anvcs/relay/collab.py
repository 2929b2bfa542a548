"""What commands about working together ask on the control socket.

Where to join, who is where, taking edits back, and in whose name a program runs.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from anvcs.errors import UsageError
from anvcs.link.discovery import HOST
from anvcs.relay.control import Asker, Method, read_params
from anvcs.relay.hub import Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.places import Places
from anvcs.rooms.running import Run

P = TypeVar("P", bound=msgspec.Struct)


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class Revert(msgspec.Struct, frozen=True):
    """Edits are to be taken back by ``actor``."""

    room: str
    actor: str
    seqs: tuple[int, ...]
    seq: int
    """The room's newest edit as the asker knows it; nothing is done if there are newer ones."""
    within: tuple[tuple[int, int], ...] | None = None
    """Only in these ranges of the text after that edit."""
    meta: dict[str, Any] | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A program runs in an actor's name, as long as it is not unclaimed and the connection lasts."""

    worktree: str
    actor: str
    paths: tuple[str, ...] = ()
    """The files and folders, from the worktree's root, that are its business; all, if none are named."""
    session: str = ""
    since: int | None = None
    """When it began, in nanoseconds since 1970; now, if absent."""


class CollabMethods:
    """The methods, over the rooms and worktrees of this process."""

    def __init__(self, hub: Hub, places: Places, port: Callable[[], int]) -> None:
        self._hub = hub
        self._places = places
        self._port = port

    def table(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "address": _method(Nothing, self._address),
            "presence": _method(Nothing, self._presence),
            "revert": _method(Revert, self._revert),
            "claim": _method(Claim, self._claim),
            "unclaim": _method(Nothing, self._unclaim),
        }

    async def _address(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {"url": f"ws://{HOST}:{self._port()}"}

    async def _presence(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {"rooms": [self._present(live) for live in self._hub.live.values() if live.members]}

    async def _claim(self, asker: Asker, params: Claim) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        # As the bridges name worktrees, and files have their times.
        root = await asyncio.to_thread(os.path.realpath, params.worktree)
        began = time.time_ns() if params.since is None else params.since
        self._hub.runs.begin(asker.number, Run(actor, root, params.paths, params.session, began))
        return {}

    async def _unclaim(self, asker: Asker, _: Nothing) -> Mapping[str, Any]:
        """The program has ended; what it wrote is in the rooms, durably, when this is answered."""
        run = self._hub.runs.end(asker.number, time.time_ns())
        if run is not None:
            await self._places.look_since(Path(run.root), run.began)
        return {}

    def gone(self, asker: Asker) -> None:
        """A control connection ended, and with it whatever ran in its name."""
        self._hub.runs.end(asker.number, time.time_ns())

    def _present(self, live: LiveRoom) -> dict[str, Any]:
        states = [msgspec.json.decode(each.state) for each in live.presence.snapshot()]
        said = {state["actor"] for state in states}
        silent = {member.actor for member in live.members} - said
        return {
            "room": live.id,
            "session": live.room.record.session,
            "members": [*states, *({"actor": actor} for actor in sorted(silent))],
        }

    async def _revert(self, asker: Asker, params: Revert) -> Mapping[str, Any]:
        """One actor's edits go, if the room is as the asker knows it; else the newest edit is told, durable."""
        actor = asker.may_speak_as(params.actor)
        live = await self._hub.get(params.room)
        if live.room.seq != params.seq:
            await live.settled()
            return {"moved": live.room.seq}
        if not params.seqs:
            raise UsageError("No edits are named.", "Name those to take back.")
        found = next((tracked for _, tracked in self._places.tracked((live.id,))), None)
        saved = found is not None and bool(found.versions) and found.versions[0].text == live.room.text
        reverted = live.room.revert(params.seqs, actor=actor, now=_now(), meta=params.meta, within=params.within)
        seq = await live.enter(reverted.taken)
        return {"seq": seq, "changed": reverted.taken is not None, "saved": saved}


def _method(kind: type[P], function: Callable[[Asker, P], Awaitable[Mapping[str, Any]]]) -> Method:
    async def call(asker: Asker, raw: msgspec.Raw) -> Mapping[str, Any]:
        return await function(asker, read_params(raw, kind))

    return call


def _now() -> int:
    return time.time_ns() // 1_000_000
