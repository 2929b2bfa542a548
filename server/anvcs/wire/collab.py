"""Messages about working in rooms: joining and leaving, who is there, what was changed, taking it back, playback."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import ActorId, Message, Params, Path, Request
from anvcs.wire.commit import UnsavedRoom
from anvcs.wire.rooms import RoomId, Sequence

How = Literal["live", "reported", "inferred", "base"]
"""How an edit's writer is known: typed here, told by a hook or the API, guessed from a difference, from a commit."""
Line = Annotated[int, Meta(ge=1, description="A line's number, from 1.")]


class CollabParams(Params, frozen=True, kw_only=True):
    """What every request about rooms shares."""

    agent: str | None = None
    """The agent that asks, with or without ``agent:``; else the human whom Git knows."""


class CollabStartParams(CollabParams, frozen=True, kw_only=True):
    """See to it that the relay runs, come back if the actor had left, and open rooms for files."""

    paths: tuple[str, ...] = ()
    """Files, or folders for the files below that Git knows."""
    token: bool = False
    """Make a token with which any Yjs client joins as this actor, until the relay ends."""


class OpenedRoom(Message, frozen=True, kw_only=True):
    """A room that can be joined."""

    path: Path
    room: RoomId
    url: str
    """Where any Yjs client joins it; with the token if one was asked for."""


class RefusedFile(Message, frozen=True, kw_only=True):
    """A file for which it could not be done, and why."""

    path: Path
    reason: str
    way_out: str = ""


class CollabStarted(Message, frozen=True, kw_only=True):
    """The relay runs, and what can be joined."""

    actor: ActorId
    url: str
    """Of the relay; its rooms are below ``/rooms/``."""
    token: str | None = None
    rooms: tuple[OpenedRoom, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    notices: tuple[str, ...] = ()


class CollabLeaveParams(CollabParams, frozen=True, kw_only=True):
    """Take this actor's editors out of their rooms until the next start."""


class CollabLeft(Message, frozen=True, kw_only=True):
    """Who left."""

    actor: ActorId
    rooms: int = 0
    """In how many rooms they were."""
    notices: tuple[str, ...] = ()


class CollabStatusParams(CollabParams, frozen=True, kw_only=True):
    """Ask who works on what, here and elsewhere."""

    minutes: Annotated[int, Meta(ge=1, le=10_080)] = 10
    """How far back edits are counted."""


class ActiveFile(Message, frozen=True, kw_only=True):
    """A file somebody works on."""

    path: Path
    line: Line | None = None
    """Where their cursor is, if they say so."""
    edits: int = 0
    """In the last minutes."""
    last: int | None = None
    """When they wrote last, in milliseconds since 1970."""


class Collaborator(Message, frozen=True, kw_only=True):
    """Somebody at work."""

    actor: ActorId
    where: Literal["here", "elsewhere"] = "here"
    """elsewhere: on another stream or in another worktree, never merged live."""
    stream: str
    """The stream, or ``worktree:NAME``."""
    worktree: str | None = None
    """The folder of the worktree, where it is another one."""
    connected: bool = False
    """In a room at this moment."""
    files: tuple[ActiveFile, ...] = ()


class EarlyWarning(Message, frozen=True, kw_only=True):
    """Somebody elsewhere changes a file that holds changes here."""

    path: Path
    mine: Literal["unsaved", "uncommitted"]
    actor: ActorId
    stream: str
    edits: int
    """That they made and did not commit, or made in the last minutes."""
    last: int
    """When the newest of them was made, in milliseconds since 1970."""


class CollabStatus(Message, frozen=True, kw_only=True):
    """Who works on what, here and elsewhere."""

    actor: ActorId
    mode: Literal["off", "local"]
    paused: bool = False
    left: bool = False
    """The actor's editors stay out of rooms."""
    relay: bool = False
    stream: str
    minutes: int
    collaborators: tuple[Collaborator, ...] = ()
    unsaved: tuple[UnsavedRoom, ...] = ()
    warnings: tuple[EarlyWarning, ...] = ()
    notices: tuple[str, ...] = ()


class CollabTailParams(CollabParams, frozen=True, kw_only=True):
    """Ask for the newest edits, or those after others."""

    path: str | None = None
    """One file, else all of this worktree's."""
    since: Sequence | None = None
    """Those behind this edit of each room."""
    after: str | None = None
    """What the page before said to go on from."""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 20


class TailEdit(Message, frozen=True, kw_only=True):
    """One edit."""

    path: Path
    room: RoomId
    sequence: Sequence
    actor: ActorId
    how: How
    time: int
    """Milliseconds since 1970."""
    line: Line = 1
    """Where the first of it is."""
    inserted: str = ""
    """Shortened."""
    deleted: str = ""
    """Shortened."""
    inserts: int = 0
    """Characters, all of them."""
    deletes: int = 0
    task: str | None = None
    """The agent's task or session, if it said so."""


class TailPage(Message, frozen=True, kw_only=True):
    """Edits, oldest first."""

    edits: tuple[TailEdit, ...] = ()
    after: str
    """What to go on from."""
    more: bool = False
    """There are more already."""
    notices: tuple[str, ...] = ()


class CollabReviewParams(CollabParams, frozen=True, kw_only=True):
    """Ask what others changed since the user last looked and still stands."""

    actor: ActorId | None = None
    """Only this actor; else everybody but the one who asks."""
    task: str | None = None
    """Only this task or session of theirs."""
    since: str | None = None
    """An edit's number, a time (``10m``, ``2h``, ``3d`` or ISO), or a commit; else what was looked at last."""
    paths: tuple[str, ...] = ()
    seen: bool = False
    """All that is shown has been looked at now, and is not shown again."""
    keep: tuple[str, ...] = ()
    """Hunks (their ids) that are good and not to be shown again."""


class ReviewOverlap(Message, frozen=True, kw_only=True):
    """Text of others in the same place."""

    actors: tuple[ActorId, ...]
    line: Line
    text: str = ""
    """Shortened."""


class ReviewHunk(Message, frozen=True, kw_only=True):
    """Lines that an actor changed."""

    id: str
    """The same as long as the hunk is the same, wherever its lines are."""
    number: Annotated[int, Meta(ge=1)]
    """Among the actor's hunks."""
    line: Line
    """The first of its lines in the file now, or the one that what was deleted stood before."""
    old: str = ""
    """The lines as they would be without the actor's edits."""
    new: str = ""
    """The lines as they are."""
    how: How
    """The least that is known of any of its edits."""
    edits: int
    last: int
    """When the newest of them was made, in milliseconds since 1970."""
    overlaps: tuple[ReviewOverlap, ...] = ()


class ReviewFile(Message, frozen=True, kw_only=True):
    """What an actor changed in a file."""

    path: Path
    room: RoomId
    sequence: Sequence
    """The newest edit that was looked at."""
    hunks: tuple[ReviewHunk, ...]


class ReviewRun(Message, frozen=True, kw_only=True):
    """What an actor changed for one task."""

    actor: ActorId
    task: str | None = None
    """The agent's task or session, if it said so."""
    model: str | None = None
    began: int
    """Milliseconds since 1970."""
    ended: int
    files: tuple[ReviewFile, ...]


class CollabReview(Message, frozen=True, kw_only=True):
    """What others changed, by actor and task."""

    runs: tuple[ReviewRun, ...] = ()
    notices: tuple[str, ...] = ()


class CollabRevertParams(CollabParams, frozen=True, kw_only=True):
    """Take back what one actor changed in rooms, and nothing of others."""

    actor: ActorId
    task: str | None = None
    since: str | None = None
    """As in a review; else what was not looked at yet."""
    paths: tuple[str, ...] = ()
    hunks: tuple[str, ...] = ()
    """Only these: their ids, or their numbers in the actor's review."""
    dry_run: bool = False


class RevertedFile(Message, frozen=True, kw_only=True):
    """What was taken back in a file."""

    path: Path
    room: RoomId
    hunks: int
    sequence: Sequence | None = None
    """The edit that takes it back; absent in a dry run."""
    saved: bool = False
    """The file on disk has it too; else an editor, or the user, is to save it."""
    overlaps: tuple[ReviewOverlap, ...] = ()
    """Text of others in the same place, which stays."""


class CollabReverted(Message, frozen=True, kw_only=True):
    """What was taken back, or would be."""

    actor: ActorId
    files: tuple[RevertedFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    dry_run: bool = False
    notices: tuple[str, ...] = ()


class CollabPlaybackParams(CollabParams, frozen=True, kw_only=True):
    """Ask how a file's text came to be: at one edit, or step by step."""

    path: str
    since: Sequence = 0
    """The steps behind this edit."""
    until: Sequence | None = None
    """The last step; the newest, if absent."""
    at: str | None = None
    """Only the text at this edit, or at this time (``10m``, ``2h``, ``3d`` ago or ISO)."""
    texts: bool = False
    """Each step with the whole text."""
    limit: Annotated[int, Meta(ge=1, le=5000)] = 500


class PlaybackEdit(Message, frozen=True, kw_only=True):
    """What a step changed in one place of the text before it."""

    line: Line
    deleted: str = ""
    inserted: str = ""


class PlaybackFrame(Message, frozen=True, kw_only=True):
    """One step."""

    sequence: Sequence
    actor: ActorId
    how: How
    time: int
    """Milliseconds since 1970."""
    task: str | None = None
    edits: tuple[PlaybackEdit, ...] = ()
    text: str | None = None
    """The whole text after it, if asked for."""


class NotKept(Message, frozen=True, kw_only=True):
    """Steps that are gone."""

    first: Sequence
    last: Sequence
    reason: Literal["retention", "purge", "damage"]


class CollabPlayback(Message, frozen=True, kw_only=True):
    """How a file's text came to be."""

    path: Path
    room: RoomId
    newest: Sequence
    """The newest edit of the room."""
    kept_from: Sequence = 0
    """The first edit whose text can be shown and from which all steps can."""
    start: Sequence = 0
    """The edit whose text ``text`` is."""
    text: str
    """At the edit that was asked for, or before the first step."""
    frames: tuple[PlaybackFrame, ...] = ()
    more: bool = False
    """There are more steps behind these."""
    not_kept: tuple[NotKept, ...] = ()
    """Steps within what was asked for that are gone."""
    notices: tuple[str, ...] = ()


COLLAB_START = Request("collab.start", "anvcs/collab/start", CollabStartParams, CollabStarted)
COLLAB_STATUS = Request("collab.status", "anvcs/collab/status", CollabStatusParams, CollabStatus)
COLLAB_LEAVE = Request("collab.leave", "anvcs/collab/leave", CollabLeaveParams, CollabLeft)
COLLAB_TAIL = Request("collab.tail", "anvcs/collab/tail", CollabTailParams, TailPage)
COLLAB_REVIEW = Request("collab.review", "anvcs/collab/review", CollabReviewParams, CollabReview)
COLLAB_REVERT = Request("collab.revert", "anvcs/collab/revert", CollabRevertParams, CollabReverted)
COLLAB_PLAYBACK = Request("collab.playback", "anvcs/collab/playback", CollabPlaybackParams, CollabPlayback)
