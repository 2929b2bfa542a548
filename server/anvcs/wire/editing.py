"""What an editor and the server say to each other about the documents that are in rooms."""

from __future__ import annotations

from typing import Literal

from anvcs.wire.base import ActorId, Exchange, Message, Notification

RoomState = Literal["off", "refused", "connecting", "joined", "offline", "paused", "desync"]
"""desync: the editor's text was found to differ and is being repaired."""


class TextPosition(Message, frozen=True, kw_only=True, omit_defaults=False):
    """A place in a document, in UTF-16 units, as in the Language Server Protocol."""

    line: int
    character: int


class TextRange(Message, frozen=True, kw_only=True):
    """From a place up to another."""

    start: TextPosition
    end: TextPosition


class TextReplacement(Message, frozen=True, kw_only=True, omit_defaults=False):
    """What replaces a range."""

    range: TextRange
    new_text: str


class Selection(Message, frozen=True, kw_only=True):
    """A selection, or a cursor where both ends are one."""

    anchor: TextPosition
    active: TextPosition


class DocumentParams(Message, frozen=True, kw_only=True):
    """One document that is in a room."""

    uri: str


class VersionParams(DocumentParams, frozen=True, kw_only=True):
    """One document in a room, at one version of the editor's."""

    version: int


class DocumentChanged(VersionParams, frozen=True, kw_only=True):
    """Comes right before the ``didChange`` that leads to this version, and says what that cannot."""

    dirty: bool
    """Whether the document has unsaved changes now; a reload from disk leaves none."""
    reason: Literal["undo", "redo"] | None = None


class WillSaveParams(VersionParams, frozen=True, kw_only=True):
    """The editor is about to save; it waits for the answer."""


class SavePrepared(Message, frozen=True, kw_only=True):
    """The save may go on."""

    wait: int = 0
    """Milliseconds after which to ask once more and then save: other editors look at the file just now.

    One that empties a file before it writes it would have them show it empty.
    """


class DidSave(VersionParams, frozen=True, kw_only=True):
    """The editor has saved."""

    followed: bool = False
    """It only followed somebody else's save, and must not be followed again."""
    dirty: bool = False
    """What is shown now is not what was saved."""


class CursorMoved(VersionParams, frozen=True, kw_only=True):
    """Where the user's selections are."""

    selections: tuple[Selection, ...] = ()


class Nothing(Message, frozen=True, kw_only=True):
    """An answer that says only that it was done."""


class RoomUndoParams(DocumentParams, frozen=True, kw_only=True):
    """Take back the user's own last edits in the room, or do them again."""


class RoomUndone(Message, frozen=True, kw_only=True, omit_defaults=False):
    """Whether there was anything to take back."""

    done: bool


class ResyncParams(VersionParams, frozen=True, kw_only=True):
    """Compare the editor's text with the room, and repair what differs; loses nothing."""

    text: str


class LineAttributionParams(DocumentParams, frozen=True, kw_only=True):
    """Ask who wrote what in a document."""


class AttributedRange(Message, frozen=True, kw_only=True):
    """A run of text of one origin."""

    range: TextRange
    actor: ActorId | None = None
    """Absent for text that was there before rooms were."""
    how: Literal["live", "reported", "inferred", "base"] = "live"
    sequence: int = 0
    time: int = 0
    """Milliseconds since 1970."""
    task: str | None = None
    """The agent's session or task, if it said so."""


class DocumentAttribution(Message, frozen=True, kw_only=True):
    """Who wrote what, in the order of the text."""

    version: int
    """The editor's version that the ranges are in."""
    ranges: tuple[AttributedRange, ...] = ()


class RoomEditParams(VersionParams, frozen=True, kw_only=True):
    """Apply edits if the document is still at this version."""

    edits: tuple[TextReplacement, ...]


class RoomEditResult(Message, frozen=True, kw_only=True, omit_defaults=False):
    """Whether the edits were applied."""

    applied: bool


class DocumentRoomState(DocumentParams, frozen=True, kw_only=True):
    """Whether a document is in its room, and why not."""

    state: RoomState
    reason: str = ""
    """One sentence for the user where the state needs one."""
    actor: ActorId | None = None
    """As whom this editor writes."""
    undurable: int = 0
    """Edits of this editor that the relay has not yet made durable."""
    copy: str | None = None
    """An unsaved text of the editor's own that could not be joined with the room's; for the user to choose from."""


class Participant(Message, frozen=True, kw_only=True):
    """Somebody else in a room."""

    actor: ActorId
    name: str
    client: int
    """Tells two windows of one actor apart."""
    where: Literal["here", "elsewhere"] = "here"
    colour: int = 0
    """Which of the editor's participant colours, stable for an actor."""
    selections: tuple[Selection, ...] = ()


class Presence(DocumentParams, frozen=True, kw_only=True):
    """Everybody else who is in a document's room."""

    others: tuple[Participant, ...] = ()


class RoomSaved(VersionParams, frozen=True, kw_only=True):
    """Somebody saved what the document shows at this version."""

    actor: ActorId | None = None


ROOM_WILL_SAVE = Exchange("anvcs/rooms/willSave", WillSaveParams, SavePrepared)
ROOM_UNDO = Exchange("anvcs/rooms/undo", RoomUndoParams, RoomUndone)
ROOM_REDO = Exchange("anvcs/rooms/redo", RoomUndoParams, RoomUndone)
ROOM_RESYNC = Exchange("anvcs/rooms/resync", ResyncParams, Nothing)
ROOM_ATTRIBUTION = Exchange("anvcs/rooms/attribution", LineAttributionParams, DocumentAttribution)
ROOM_EDIT = Exchange("anvcs/rooms/edit", RoomEditParams, RoomEditResult)
ROOM_CHANGED = Notification("anvcs/rooms/changed", DocumentChanged)
ROOM_DID_SAVE = Notification("anvcs/rooms/didSave", DidSave)
ROOM_CURSOR = Notification("anvcs/rooms/cursor", CursorMoved)
ROOM_STATE = Notification("anvcs/rooms/state", DocumentRoomState)
ROOM_PRESENCE = Notification("anvcs/rooms/presence", Presence)
ROOM_SAVED = Notification("anvcs/rooms/saved", RoomSaved)

EDITOR_REQUESTS: dict[str, Exchange[object, object]] = {
    exchange.method: exchange  # pyright: ignore[reportAssignmentType] - each with its own types
    for exchange in (ROOM_WILL_SAVE, ROOM_UNDO, ROOM_REDO, ROOM_RESYNC, ROOM_ATTRIBUTION)
}
"""What an editor asks about a document, by method."""
EDITOR_NOTIFICATIONS: dict[str, Notification[object]] = {
    notification.method: notification  # pyright: ignore[reportAssignmentType] - as above
    for notification in (ROOM_CHANGED, ROOM_DID_SAVE, ROOM_CURSOR)
}
"""What an editor tells the server, by method."""
