"""What is known about rooms here: whether they are on, what is recorded, who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import settings
from anvcs.errors import AnvcsError

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.rooms.entries import RoomRecord
    from anvcs.rooms.log import RoomLog

DATABASE = "rooms.db"
WARN_BYTES = 1 << 30
"""From this size on, users are told how to make the log smaller."""
_MOST = 200
"""Rooms that are listed."""
_LOOKED_AT = 5000
"""Edits behind a save whose authors are looked for."""


def rooms_status(caller: Caller, params: wire.RoomsStatusParams) -> wire.RoomsStatus:
    """Whether rooms are on, what they record and how much room it takes."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        return describe(workspace)


def describe(workspace: Workspace) -> wire.RoomsStatus:
    """The state of rooms in a repository; works while a relay writes."""
    caller = workspace.caller
    known = settings.read(caller.config_home, workspace.repo.common_dir)
    running, notices = _running(workspace)
    path = workspace.folder / DATABASE
    size, edits, rooms = _recorded(path, running) if path.exists() else (0, 0, ())
    if size >= WARN_BYTES:
        notices.append(
            "The room log takes more than 1 GB. ai-vcs rooms on --retention 90d keeps less; ai-vcs rooms purge erases."
        )
    return wire.RoomsStatus(
        mode=known.mode,
        asked=known.asked,
        paused=known.paused,
        paused_actors=known.paused_actors,
        relay=running is not None,
        retention=known.retention,
        exclude=known.exclude,
        bytes=size,
        edits=edits,
        rooms=rooms,
        actors=_actors(running, rooms),
        notices=tuple(notices),
    )


def _running(workspace: Workspace) -> tuple[Mapping[str, Any] | None, list[str]]:
    """What the relay says of its rooms; nothing if none runs."""
    relay = workspace.caller.relay
    if relay is None:
        return None, []
    try:
        rooms = relay.ask(workspace.folder, "rooms", {})
    except AnvcsError as error:
        return None, [str(error)]
    return rooms, []


def _recorded(path: Path, running: Mapping[str, Any] | None) -> tuple[int, int, tuple[wire.RoomInfo, ...]]:
    from anvcs.rooms import log_reading
    from anvcs.rooms.log import RoomLog

    urls = {each["room"]: each.get("url") for each in (running or {}).get("rooms", ())}
    with closing(RoomLog(path)) as log:
        records = sorted(log.rooms(), key=lambda record: record.path)
        rooms = tuple(_room(log, record, urls.get(record.room)) for record in records[:_MOST] if not record.closed)
        return log_reading.size(log), log_reading.count(log), rooms


def _room(log: RoomLog, record: RoomRecord, url: str | None) -> wire.RoomInfo:
    return wire.RoomInfo(
        room=record.room,
        path=record.path,
        stream=record.session.removeprefix("stream:"),
        epoch=record.epoch,
        sequence=record.head,
        unsaved=unsaved_authors(log, record),
        url=url,
    )


def unsaved_authors(log: RoomLog, record: RoomRecord) -> tuple[str, ...]:
    """Whose text is in a room and was never in its file, in the order in which they began."""
    from anvcs.rooms import log_reading

    save = log_reading.last_save(log, record.room)
    newest = next(iter(log_reading.versions(log, record.room, 1)), None)
    gone = max((gap.last for gap in log_reading.gaps(log, record.room)), default=0)
    after = max(save.seq if save else 0, newest.seq if newest else 0, gone)
    if record.head <= after:
        return ()
    edits = islice(log_reading.edits(log, record.room, after), _LOOKED_AT)
    return tuple(dict.fromkeys(edit.actor for edit in edits if edit.how != "base"))


def _actors(running: Mapping[str, Any] | None, rooms: tuple[wire.RoomInfo, ...]) -> tuple[wire.RoomActor, ...]:
    paths = {room.room: room.path for room in rooms}
    found: dict[str, list[str]] = {}
    for room in (running or {}).get("rooms", ()):
        for actor in room.get("actors", ()):
            found.setdefault(actor, []).append(str(paths.get(room["room"]) or room.get("path", "")))
    return tuple(
        wire.RoomActor(actor=actor, rooms=tuple(sorted(filter(None, where)))) for actor, where in sorted(found.items())
    )
