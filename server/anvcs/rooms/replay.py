"""A room as it was at any edit: the newest snapshot that fits, and what came after it.

Text and attribution are replayed from what each edit changed, without the CRDT engine; only a room that is to live on
gets its document back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from blake3 import blake3

from anvcs.errors import BadUpdateError, CorruptStoreError, DamagedEditError, NotKeptError
from anvcs.rooms import log_reading
from anvcs.rooms.attribution import Attribution, Restores
from anvcs.rooms.delta import Delta
from anvcs.rooms.entries import Edit, How, Meta, Snapshot
from anvcs.rooms.log import RoomLog
from anvcs.rooms.stacks import Stacks
from anvcs.rooms.text import TextDoc, merge

TOGETHER = 64
"""Updates that the engine gets as one."""
RESTORES = "restores"
"""The field of an edit's meta that says which deleted text came back."""


class Replayed(NamedTuple):
    """A room, ready to live on."""

    doc: TextDoc
    text: str
    attribution: Attribution
    seq: int
    stacks: Stacks
    snapshot: int
    """The edit of the snapshot that it was read from, 0 without one."""
    damage: DamagedEditError | None
    """Why it ends before the newest edit, where one is not whole."""


class Moment(NamedTuple):
    """A room as it was."""

    seq: int
    attribution: Attribution

    @property
    def text(self) -> str:
        """Its text."""
        return self.attribution.text()


class Frame(NamedTuple):
    """One step of a playback."""

    seq: int
    actor: str
    time: int
    how: How
    delta: Delta


def text_hash(text: str) -> bytes:
    """BLAKE3 of a text in UTF-8."""
    return blake3(text.encode()).digest()


def restores_of(meta: Meta | None) -> Restores | None:
    """What an edit brings back, as its meta says."""
    found = meta.get(RESTORES) if meta else None
    return tuple(tuple(each) for each in found) if found else None


def load(log: RoomLog, room: str, upto: int | None = None, *, client: int | None = None) -> Replayed:
    """A room with its document, at its newest edit or at ``upto``.

    A damaged edit ends it early and is named in the result. Raises NotKeptError for what is not kept any more,
    RoomError for an unknown room, CorruptStoreError.
    """
    doc, attribution, stacks, start = TextDoc(client), Attribution(), Stacks(), 0
    for snapshot in log_reading.snapshots(log, room, upto, document=True):
        found = _from_snapshot(snapshot, client)
        if found is not None:
            doc, attribution, stacks = found
            start = snapshot.seq
            break
    seq, damage = start, None
    waiting: list[bytes] = []
    try:
        for edit in log_reading.edits(log, room, start, upto):
            _apply(attribution, edit)
            stacks.note(edit.seq, edit.actor, edit.how, edit.time, edit.meta)
            waiting.append(edit.update)
            if len(waiting) == TOGETHER:
                doc.apply(merge(waiting))
                waiting = []
            seq = edit.seq
    except DamagedEditError as error:
        damage = error
    if waiting:
        doc.apply(merge(waiting))
    if len(doc) != len(attribution):
        raise CorruptStoreError(
            f"Room {room} has {len(doc)} characters and the writers of {len(attribution)}.",
            "Run ai-vcs doctor to see what is wrong.",
        )
    return Replayed(doc, doc.text, attribution, seq, stacks, start, damage)


def _from_snapshot(snapshot: Snapshot, client: int | None) -> tuple[TextDoc, Attribution, Stacks] | None:
    """What a snapshot holds, if it is what it says."""
    try:
        doc = TextDoc.restored(snapshot.state or b"\0\0", client)
    except BadUpdateError:
        return None
    if text_hash(doc.text) != snapshot.hash:
        return None
    attribution = Attribution.decode(snapshot.attribution)
    return (doc, attribution, Stacks.decode(snapshot.undo)) if len(attribution) == len(doc) else None


def _apply(attribution: Attribution, edit: Edit) -> None:
    try:
        attribution.apply(edit.delta, edit.seq, restores=restores_of(edit.meta))
    except ValueError as error:
        raise DamagedEditError(
            f"Edit {edit.seq} does not fit the text that it follows.", "Run ai-vcs doctor.", seq=edit.seq
        ) from error


def at(log: RoomLog, room: str, seq: int) -> Moment:
    """A room as it was after an edit. Raises NotKeptError, DamagedEditError, RoomError."""
    attribution, start = Attribution(), 0
    for snapshot in log_reading.snapshots(log, room, seq):
        attribution, start = Attribution.decode(snapshot.attribution), snapshot.seq
        break
    for edit in log_reading.edits(log, room, start, seq):
        _apply(attribution, edit)
        start = edit.seq
    return Moment(start, attribution)


def frames(log: RoomLog, room: str, after: int = 0, upto: int | None = None) -> Iterator[Frame]:
    """The steps from the text after one edit to that after another. Raises NotKeptError, DamagedEditError."""
    for edit in log_reading.edits(log, room, after, upto):
        yield Frame(edit.seq, edit.actor, edit.time, edit.how, edit.delta)


def first_kept(log: RoomLog, room: str) -> int:
    """The earliest edit from whose text on everything to the newest can be played back; 0 for all of it."""
    first = 0
    for gap in log_reading.gaps(log, room):
        first = max(first, gap.last)
    return first


def is_kept(log: RoomLog, room: str, seq: int) -> bool:
    """Whether the room as it was after an edit can still be shown."""
    try:
        at(log, room, seq)
    except NotKeptError:
        return False
    return True
