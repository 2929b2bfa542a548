"""What can be asked on the control socket: each method checks its parameters and does one thing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from anvcs.errors import PathError, RelayError, RoomError, RoomRefusedError, RoomsLeftError, UsageError
from anvcs.relay.access import Tokens
from anvcs.relay.control import Asker, Method, read_params
from anvcs.relay.disk import Bridge
from anvcs.relay.hub import Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.places import Places
from anvcs.relay.tracked import Author, Cut, Looked, Saying, Tracked
from anvcs.rooms import bridge, log_reading
from anvcs.rooms.stacks import ALONE

P = TypeVar("P", bound=msgspec.Struct)

PATIENCE = 0.8
"""Seconds for which a save waits until what stands in its file can be taken in; editors do not wait much longer."""
MAX_WAIT = 15.0
"""Seconds for which a save may wait for another one's lease."""

_log = logging.getLogger(__name__)


class _Params(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Parameters, in camelCase on the wire."""


class Nothing(_Params, frozen=True):
    """No parameters."""


class Open(_Params, frozen=True):
    """A file of a worktree is to be a room."""

    worktree: str
    path: str
    actor: str
    text: str | None = None
    """An editor's own unsaved text."""
    hash: str | None = None
    """Of the text on disk from which that came, in hexadecimal."""


class OfRoom(_Params, frozen=True):
    """One room."""

    room: str


class Showing(OfRoom, frozen=True):
    """An editor shows a text while it saves: it may write this one."""

    hash: str
    text: str | None = None
    """Somebody may read it in the file before anybody has seen it there; only the hash of a long one is told."""


class Lease(OfRoom, frozen=True):
    """The right to save it."""

    holder: str


class Saved(OfRoom, frozen=True):
    """An editor saved a text with this hash."""

    hash: str
    actor: str
    lease: int | None = None
    holder: str = ""
    followed: bool = False
    """The save only followed another one."""
    text: str | None = None
    """What was saved; the file may hold something else by the time this is heard."""
    shown: tuple[str, ...] = ()
    """Hashes of all that the editor showed since it began to save: it may have written any of these instead."""


class Recover(OfRoom, frozen=True):
    """An edit that an editor wrote and never got acknowledged; it is sent again by who found its log."""

    actor: str
    client: int
    update: str
    """In hexadecimal."""
    how: str = "live"


class Release(OfRoom, frozen=True):
    """A lease is given back without a save."""

    lease: int


class Look(_Params, frozen=True):
    """A file is to be read now."""

    worktree: str
    path: str


class Announce(Look, frozen=True):
    """The next write of a file is this actor's; ``base_hash`` is of the text that it read."""

    actor: str
    base_hash: str | None = None
    meta: dict[str, Any] | None = None


class Write(Look, frozen=True):
    """Outside text: what a writer made of the text that it had read."""

    text: str
    actor: str
    base_hash: str | None = None
    base_text: str | None = None
    how: str = "reported"
    meta: dict[str, Any] | None = None


class ByActor(OfRoom, frozen=True):
    """Somebody does something in a room."""

    actor: str


class SaveRooms(_Params, frozen=True):
    """Rooms are to be written into their files; all of them if none is named."""

    actor: str
    rooms: tuple[str, ...] | None = None
    live: bool = False
    """As they are at this moment, even where an editor holds unsaved text, which follows the save."""
    worktree: str | None = None
    """Only those of this worktree."""
    load: bool = False
    """Those too that nobody has opened."""


class Dirty(OfRoom, frozen=True):
    """An editor holds unsaved text of a room, or does not any more."""

    holder: str
    dirty: bool


class GrantToken(_Params, frozen=True):
    """A token for one actor."""

    actor: str
    seconds: float | None = None


class At(OfRoom, frozen=True):
    """A room as it was at an edit."""

    seq: int


class Restore(OfRoom, frozen=True):
    """A room is to be as it was at an edit."""

    worktree: str
    path: str
    seq: int
    actor: str


class Stop(_Params, frozen=True):
    """The relay is to end."""

    reason: str = "stop"


class Rename(OfRoom, frozen=True):
    """A room's file has another path now."""

    path: str


class Methods:
    """Every method, over the rooms and worktrees of this process."""

    def __init__(self, hub: Hub, places: Places, tokens: Tokens, stop: Callable[[str], None]) -> None:
        self._hub = hub
        self._places = places
        self._tokens = tokens
        self._stop = stop

    def table(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "open": _method(Open, self._open),
            "look": _method(Look, self._look),
            "announce": _method(Announce, self._announce),
            "write": _method(Write, self._write),
            "showing": _method(Showing, self._showing),
            "lease": _method(Lease, self._lease),
            "saved": _method(Saved, self._saved),
            "release": _method(Release, self._release),
            "dirty": _method(Dirty, self._dirty),
            "recover": _method(Recover, self._recover),
            "undo": _method(ByActor, self._undo),
            "redo": _method(ByActor, self._redo),
            "save": _method(SaveRooms, self._save),
            "restore": _method(Restore, self._restore),
            "rename": _method(Rename, self._rename),
            "rooms": _method(Nothing, self._rooms),
            "who": _method(Nothing, self._who),
            "heads": _method(Nothing, self._heads),
            "attribution": _method(OfRoom, self._attribution),
            "at": _method(At, self._at),
            "grant": _method(GrantToken, self._grant),
            "settings": self._settings,
            "pause": self._settings,
            "stop": _method(Stop, self._end),
            "subscribe": _method(Nothing, self._subscribe),
            "status": _method(Nothing, self._status),
        }

    async def _open(self, asker: Asker, params: Open) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        if actor in self._hub.left:
            raise RoomsLeftError(f"{actor} left the rooms of this repository.", "Come back with: ai-vcs collab start")
        try:
            place, tracked, live = await self._places.open(Path(params.worktree), params.path)
        except (RoomRefusedError, PathError) as error:
            return {"refused": error.message, "wayOut": error.way_out}
        looked = await place.look(tracked)
        merged = await self._merge_buffer(tracked, live, params, actor)
        room = live.room
        return {
            "room": live.id,
            "session": place.session,
            "path": tracked.path,
            "epoch": room.epoch,
            "document": room.record.document,
            "seq": room.seq,
            "eol": room.record.eol,
            "bom": room.record.bom,
            "url": f"/rooms/{live.id}",
            "hash": None if looked.hash is None else looked.hash.hex(),
            "held": looked.held,
            "saved": tracked.versions[0].text if tracked.versions else None,
            "merged": merged,
        }

    async def _merge_buffer(self, tracked: Tracked, live: LiveRoom, params: Open, actor: str) -> bool | None:
        """Take an editor's old unsaved text in; false if nobody knows from which text it came."""
        if params.text is None or params.hash is None:
            return None
        if params.text == live.room.text:
            return True
        base = await self._version(live, tracked, _hash(params.hash))
        if base is None:
            return False
        taken = live.room.take_outside(base, params.text, actor=actor, how="live", now=_now())
        await live.enter(taken)
        return True

    async def _version(self, live: LiveRoom, tracked: Tracked, digest: bytes) -> str | None:
        for version in tracked.versions:
            if version.hash == digest:
                return version.text
        found = await self._hub.reader.run(log_reading.version, live.id, digest)
        return None if found is None else found.text

    async def _look(self, _: Asker, params: Look) -> Mapping[str, Any]:
        place, tracked = await self._tracked(params.worktree, params.path)
        return _looked(await place.look(tracked))

    async def _announce(self, asker: Asker, params: Announce) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        _, tracked = await self._tracked(params.worktree, params.path)
        read = None if params.base_hash is None else _hash(params.base_hash)
        tracked.expected = Author(actor, "reported", read, params.meta)
        return {}

    async def _write(self, asker: Asker, params: Write) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        if params.how not in ("live", "reported", "inferred"):
            raise UsageError(f"An edit cannot be known as {params.how!r}.", "Say live, reported or inferred.")
        _, tracked = await self._tracked(params.worktree, params.path)
        async with tracked.lock:
            live = await self._hub.get(tracked.room)
            base = params.base_text
            if base is None and params.base_hash is not None:
                base = await self._version(live, tracked, _hash(params.base_hash))
                if base is None:
                    raise RoomError("Nobody knows the text with this hash any more.", "Send the text that was read.")
            if base is None:
                base = bridge.base_of(params.text, tracked.versions, now=_now())
            how = "reported" if params.how == "reported" else "live" if params.how == "live" else "inferred"
            taken = live.room.take_outside(base, params.text, actor=actor, how=how, meta=params.meta, now=_now())
            return {"seq": await live.enter(taken), "changed": taken is not None}

    async def _showing(self, _: Asker, params: Showing) -> Mapping[str, Any]:
        live, _place, tracked = await self._of(params.room)
        tracked.may_save.note(_hash(params.hash), time.monotonic())
        if params.text is not None:
            tracked.show(live.room, params.text)
        return {}

    async def _lease(self, asker: Asker, params: Lease) -> Mapping[str, Any]:
        live, place, tracked = await self._of(params.room)
        asker.holders.add(params.holder)
        deadline = time.monotonic() + MAX_WAIT
        while (lease := live.leases.take(params.holder, time.monotonic())) is None:
            current = live.leases.current(time.monotonic())
            live.released.clear()
            until = min(deadline, current.until if current is not None else deadline)
            try:
                async with asyncio.timeout(max(0.001, until - time.monotonic())):
                    await live.released.wait()
            except TimeoutError:
                if time.monotonic() >= deadline:
                    raise RoomError(f"{tracked.path} is being saved elsewhere.", "Save again.") from None
        was_aged = tracked.aged is not None
        # What is on the disk is in the room before the save replaces it.
        looked = await place.prepare_save(tracked)
        if looked.held is not None:
            # Git at work, or somebody in the middle of writing: it does not take long as a rule.
            with suppress(RoomError):
                await place.rest(PATIENCE)
            looked = await place.prepare_save(tracked)
        loop = asyncio.get_running_loop()
        loop.call_later(max(0.0, lease.until - time.monotonic()), lambda: self._expire(place, tracked, live, lease))
        is_news = tracked.aged is not None and not was_aged and len(live.members) > 1
        wait = max(live.leases.wait(params.holder, time.monotonic()), bridge.SETTLED if is_news else 0.0)
        return {"lease": lease.number, "seconds": bridge.LEASE, "wait": wait} | _looked(looked)

    def _expire(self, place: Bridge, tracked: Tracked, live: LiveRoom, lease: bridge.Lease) -> None:
        if live.leases.give_back(lease.number):
            live.released.set()
            place.spawn(self._unsaved(place, tracked))

    async def _unsaved(self, place: Bridge, tracked: Tracked) -> None:
        await place.restore_age(tracked)
        await place.look_and_log(tracked)

    async def _saved(self, asker: Asker, params: Saved) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        live, place, tracked = await self._of(params.room)
        shown = frozenset(map(_hash, params.shown))
        said = Saying(_hash(params.hash), actor, params.holder, params.lease, params.followed, params.text, shown)
        return _looked(await place.saved(tracked, live, said))

    async def _recover(self, asker: Asker, params: Recover) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        live = await self._hub.get(params.room)
        outcome = await live.recover(actor, params.client, _hash(params.update), params.how)
        return {"outcome": outcome}

    async def _release(self, _: Asker, params: Release) -> Mapping[str, Any]:
        live, place, tracked = await self._of(params.room)
        if live.leases.give_back(params.lease):
            live.released.set()
            await self._unsaved(place, tracked)
        return {}

    async def _dirty(self, asker: Asker, params: Dirty) -> Mapping[str, Any]:
        live = await self._hub.get(params.room)
        asker.holders.add(params.holder)
        if params.dirty:
            live.dirty[params.holder] = True
        else:
            live.dirty.pop(params.holder, None)
        return {}

    async def _undo(self, asker: Asker, params: ByActor) -> Mapping[str, Any]:
        live = await self._hub.get(params.room)
        taken = live.room.undo(asker.may_speak_as(params.actor), now=_now())
        return {"done": taken is not None, "seq": await live.enter(taken)}

    async def _redo(self, asker: Asker, params: ByActor) -> Mapping[str, Any]:
        live = await self._hub.get(params.room)
        taken = live.room.redo(asker.may_speak_as(params.actor), now=_now())
        return {"done": taken is not None, "seq": await live.enter(taken)}

    async def _save(self, asker: Asker, params: SaveRooms) -> Mapping[str, Any]:
        actor = asker.may_speak_as(params.actor)
        if params.load and params.worktree is not None:
            await self._places.open_all(Path(params.worktree))
        wanted = [
            (place, tracked)
            for place, tracked in self._places.tracked(params.rooms)
            if params.worktree is None or place.root == Path(params.worktree)
        ]
        cut = await self._cut(wanted) if params.live else {}
        saved: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for place, tracked in wanted:
            try:
                looked = await place.write(tracked, actor, cut.get(tracked.room))
            except (RoomError, OSError) as error:
                refused.append({"room": tracked.room, "path": tracked.path, "reason": str(error)})
            else:
                seq = cut[tracked.room].seq if tracked.room in cut else looked.seq
                saved.append({"room": tracked.room, "path": tracked.path} | _looked(looked) | {"seq": seq})
        return {"saved": saved, "refused": refused}

    async def _restore(self, asker: Asker, params: Restore) -> Mapping[str, Any]:
        """Take back every edit behind one, as an edit of its own; everybody keeps their name on what comes back."""
        actor = asker.may_speak_as(params.actor)
        place, tracked, live = await self._places.open(Path(params.worktree), params.path)
        if live.id != params.room:
            raise RoomError(f"{params.path} is another room now.", "Switch to its stream first.")
        await place.rest()
        await place.look(tracked)
        undo = live.room.attribution.undo(range(params.seq + 1, live.room.seq + 1))
        # An edit of theirs like any other, so that their undo brings back what went.
        meta = {ALONE: params.seq}
        taken = live.room.write(undo.delta, actor=actor, now=_now(), meta=meta, restores=undo.restores)
        return {"seq": await live.enter(taken), "changed": taken is not None}

    async def _cut(self, wanted: list[tuple[Bridge, Tracked]]) -> dict[str, Cut]:
        """The texts of rooms, all of one moment, when what stands in their files is in them."""
        for place, tracked in wanted:
            await place.look(tracked)
        lives = [await self._hub.get(tracked.room) for _, tracked in wanted]
        return {live.id: Cut(live.room.text, live.room.seq) for live in lives}

    async def _rename(self, _: Asker, params: Rename) -> Mapping[str, Any]:
        live, place, tracked = await self._of(params.room)
        await place.rename(tracked, live, params.path)
        return {}

    async def _rooms(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {"rooms": [self._describe(live) for live in self._hub.live.values()]}

    def _describe(self, live: LiveRoom) -> dict[str, Any]:
        room = live.room
        found = next(((place, tracked) for place, tracked in self._places.tracked((live.id,))), None)
        saved = found is not None and bool(found[1].versions) and found[1].versions[0].text == room.text
        return {
            "room": live.id,
            "path": found[1].path if found is not None else room.record.path,
            "session": room.record.session,
            "worktree": str(found[0].root) if found is not None else None,
            "epoch": room.epoch,
            "seq": room.seq,
            "url": f"/rooms/{live.id}",
            "actors": sorted({member.actor for member in live.members}),
            "dirty": sorted(live.dirty),
            "saved": saved,
            "pending": live.pending,
        }

    async def _who(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        rooms: dict[str, list[str]] = {}
        for live in self._hub.live.values():
            for member in live.members:
                rooms.setdefault(member.actor, [])
                if live.id not in rooms[member.actor]:
                    rooms[member.actor].append(live.id)
        return {"actors": [{"actor": actor, "rooms": where} for actor, where in sorted(rooms.items())]}

    async def _heads(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        """The head of every open room at one moment, durable when it is told."""
        rooms = list(self._hub.live.values())
        heads = {live.id: {"epoch": live.room.epoch, "seq": live.room.seq} for live in rooms}
        if rooms:
            await rooms[0].settled()
        return {"heads": heads}

    async def _attribution(self, _: Asker, params: OfRoom) -> Mapping[str, Any]:
        live = await self._hub.get(params.room)
        runs = live.room.attribution.runs()
        seq = live.room.seq
        sources = await self._hub.reader.run(log_reading.sources_of, live.id, {run.seq for run in runs})
        return {
            "seq": seq,
            "runs": [[run.length, run.seq] for run in runs],
            "sources": {
                str(each.seq): {"actor": each.actor, "how": each.how, "time": each.time, "meta": dict(each.meta or {})}
                for each in sources.values()
            },
        }

    async def _at(self, _: Asker, params: At) -> Mapping[str, Any]:
        text = await self._hub.reader.run(self._places.text_at, params.room, params.seq)
        return {"text": text, "seq": params.seq}

    async def _grant(self, asker: Asker, params: GrantToken) -> Mapping[str, Any]:
        if asker.bound is not None:
            raise RelayError("A token for one actor cannot make others.", "Ask with the relay's own token.")
        return {"token": self._tokens.grant(params.actor, params.seconds)}

    async def _settings(self, asker: Asker, raw: msgspec.Raw) -> Mapping[str, Any]:
        _only_owner(asker)
        self._places.configure(raw)
        return {}

    async def _end(self, asker: Asker, params: Stop) -> Mapping[str, Any]:
        _only_owner(asker)
        self._stop(params.reason)
        return {}

    async def _subscribe(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {}

    async def _status(self, _: Asker, __: Nothing) -> Mapping[str, Any]:
        return {
            "rooms": len(self._hub.live),
            "stalled": self._hub.writer.reason,
            "counts": dict(self._hub.counts),
            "waiting": sum(member.outbox.waiting for live in self._hub.live.values() for member in live.members),
            "drops": sum(member.outbox.drops for live in self._hub.live.values() for member in live.members),
            "paused": self._hub.stopping is None and self._places.paused,
        }

    def gone(self, asker: Asker) -> None:
        """A control connection ended: what it held is free."""
        for live in self._hub.live.values():
            for holder in asker.holders:
                live.dirty.pop(holder, None)
                if live.leases.drop(holder):
                    live.released.set()

    async def _tracked(self, worktree: str, path: str) -> tuple[Bridge, Tracked]:
        place, tracked, _ = await self._places.open(Path(worktree), path)
        return place, tracked

    async def _of(self, room: str) -> tuple[LiveRoom, Bridge, Tracked]:
        live = await self._hub.get(room)
        for place, tracked in self._places.tracked((room,)):
            return live, place, tracked
        raise RoomError("The room's file is not open in any worktree.", "Open the file again.")


def _method(kind: type[P], function: Callable[[Asker, P], Awaitable[Mapping[str, Any]]]) -> Method:
    async def call(asker: Asker, raw: msgspec.Raw) -> Mapping[str, Any]:
        return await function(asker, read_params(raw, kind))

    return call


def _only_owner(asker: Asker) -> None:
    if asker.bound is not None:
        raise RelayError("A token for one actor cannot do this.", "Ask with the relay's own token.")


def _looked(looked: Looked) -> dict[str, Any]:
    return {
        "hash": None if looked.hash is None else looked.hash.hex(),
        "seq": looked.seq,
        "held": looked.held,
    }


def _hash(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no hash.", "Send it in hexadecimal.") from error


def _now() -> int:
    return time.time_ns() // 1_000_000
