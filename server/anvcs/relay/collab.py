"""What commands about working together ask on the control socket: where to join, who is where, taking edits back."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from anvcs.errors import UsageError
from anvcs.link.discovery import HOST
from anvcs.relay.control import Asker, Method, read_params
from anvcs.relay.hub import Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.places import Places

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
        }

    async def _address(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {"url": f"ws://{HOST}:{self._port()}"}

    async def _presence(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {"rooms": [self._present(live) for live in self._hub.live.values() if live.members]}

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
