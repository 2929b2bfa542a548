"""Messages about rooms: switching them on and off, and what is recorded."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import ActorId, Message, Params, Path, Request

Mode = Literal["off", "local"]
"""off: nothing is recorded; local: live, on this machine only."""
Retention = Literal["forever", "90d", "until-committed"]
RoomId = Annotated[str, Meta(min_length=1, description="A room's id, stable through renames of its file.")]
Sequence = Annotated[int, Meta(ge=0, description="The place of an edit in its room's log.")]


class RoomsOnParams(Params, frozen=True, kw_only=True):
    """Switch rooms on for this repository on this machine, for its user alone."""

    retention: Retention | None = None
    """How long edits are kept; as it is, if absent (``forever`` at first)."""
    exclude: tuple[str, ...] | None = None
    """Patterns, as in ``.gitignore``, of files that never become rooms; as they are, if absent."""


class RoomsOffParams(Params, frozen=True, kw_only=True):
    """Switch rooms off: recording stops within a second, files stay as they are on the screen."""


class RoomsPauseParams(Params, frozen=True, kw_only=True):
    """Stop recording for a while, or go on."""

    actor: ActorId | None = None
    """Pause only what this actor writes; the others go on."""
    resume: bool = False


class RoomsStatusParams(Params, frozen=True, kw_only=True):
    """Ask whether rooms are on, what they record and how much room it takes."""


class RoomActor(Message, frozen=True, kw_only=True):
    """Someone in a room."""

    actor: ActorId
    where: Literal["here", "elsewhere"] = "here"
    """elsewhere: in another worktree or stream, never merged live."""
    stream: str | None = None
    rooms: tuple[Path, ...] = ()
    """The files they are in."""
    last: int | None = None
    """When they wrote last, in milliseconds since 1970."""


class RoomInfo(Message, frozen=True, kw_only=True):
    """One room."""

    room: RoomId
    path: Path
    stream: str
    """The stream whose session it is in, or ``worktree:NAME``."""
    epoch: int = 0
    sequence: Sequence = 0
    """Of its newest edit."""
    unsaved: tuple[ActorId, ...] = ()
    """Whose text is in the room and not yet in the file."""
    url: str | None = None
    """Where any Yjs client joins it (with a token); absent while no relay runs."""


class RoomsStatus(Message, frozen=True, kw_only=True):
    """Whether rooms are on here, and what they record."""

    mode: Mode
    asked: bool = False
    """The user has answered whether rooms shall be on."""
    paused: bool = False
    paused_actors: tuple[ActorId, ...] = ()
    relay: bool = False
    """The relay runs."""
    retention: Retention = "forever"
    exclude: tuple[str, ...] = ()
    bytes: int = 0
    """What the room log takes on disk."""
    edits: int = 0
    rooms: tuple[RoomInfo, ...] = ()
    actors: tuple[RoomActor, ...] = ()
    notices: tuple[str, ...] = ()


class RoomsPurgeParams(Params, frozen=True, kw_only=True):
    """Erase edits of a room for good: text that must not be kept."""

    path: str
    since: Sequence = 0
    until: Sequence | None = None
    """The last edit to erase; the newest, if absent."""


class RoomsPurgeResult(Message, frozen=True, kw_only=True):
    """What was erased."""

    erased: int
    """Edits that are gone from every file of the room log."""
    epoch: int
    """The epoch that begins now."""
    replayable_from: Sequence
    """Playback begins here from now on."""
    notices: tuple[str, ...] = ()


ROOMS_ON = Request("rooms.on", "anvcs/rooms/on", RoomsOnParams, RoomsStatus)
ROOMS_OFF = Request("rooms.off", "anvcs/rooms/off", RoomsOffParams, RoomsStatus)
ROOMS_PAUSE = Request("rooms.pause", "anvcs/rooms/pause", RoomsPauseParams, RoomsStatus)
ROOMS_STATUS = Request("rooms.status", "anvcs/rooms/status", RoomsStatusParams, RoomsStatus)
ROOMS_PURGE = Request("rooms.purge", "anvcs/rooms/purge", RoomsPurgeParams, RoomsPurgeResult)
