"""What of a room's edits is kept, and erasing what must not be.

Trimming drops the text of old edits: who wrote when stays, and each commit keeps its text and attribution. A purge
erases a range from the file itself and gives the room a fresh document, since the old one holds what was erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from anvcs.errors import NotKeptError, UsageError
from anvcs.rooms import log_reading, log_upkeep
from anvcs.rooms.attribution import Attribution
from anvcs.rooms.entries import SYSTEM, Edit, Epoch, Gap, NewEdit, Snapshot
from anvcs.rooms.log import RoomLog
from anvcs.rooms.replay import Moment, at, load, restores_of, text_hash
from anvcs.rooms.stacks import Stacks
from anvcs.rooms.text import seed
from anvcs.rooms.updates import clients

Policy = Literal["forever", "90d", "until-committed"]
DAYS = 90
DAY = 86_400_000


class Purged(NamedTuple):
    """What a purge did."""

    erased: int
    epoch: int
    document: int
    replayable_from: int
    """Playback begins at the text after this edit."""
    seq: int
    """The newest edit now."""


def cutoff(log: RoomLog, room: str, policy: Policy, now: int) -> int:
    """The last edit that the policy does not keep; 0 for none."""
    match policy:
        case "forever":
            return 0
        case "90d":
            return _last_before(log, room, now - DAYS * DAY)
        case "until-committed":
            return max((epoch.seq for epoch in log_reading.epochs(log, room) if epoch.commit), default=0)


def _last_before(log: RoomLog, room: str, oldest: int) -> int:
    """The last of the edits at the beginning that are all older; a clock that stepped back only keeps more."""
    last = 0
    for head in log_reading.heads(log, room):
        for seq, time in _times(head.first, head.times):
            if time >= oldest:
                return last
            last = seq
    for edit in log_reading.loose(log, room, last, log_reading.NEWEST):
        if edit.time >= oldest:
            return last
        last = edit.seq
    return last


def _times(first: int, differences: Iterable[int]) -> Iterable[tuple[int, int]]:
    time = 0
    for seq, difference in enumerate(differences, first):
        time += difference
        yield seq, time


def trim(log: RoomLog, term: int, room: str, policy: Policy, now: int) -> int:
    """Drop what the policy does not keep; how many edits. Not for a room that is being written to meanwhile.

    Raises FencedError, DamagedEditError.
    """
    last = cutoff(log, room, policy, now)
    before = max((gap.last for gap in log_reading.gaps(log, room)), default=0)
    if last <= before:
        return 0
    snapshots: list[Snapshot] = []
    for seq in sorted({epoch.seq for epoch in log_reading.epochs(log, room)} - {0}):
        if seq < last:
            try:
                snapshots.append(_bare(room, at(log, room, seq)))
            except NotKeptError:
                continue
    # What follows may bring back what was deleted before, and the living room is read from here.
    loaded = load(log, room, last)
    snapshots.append(
        Snapshot(
            room=room,
            seq=last,
            state=loaded.doc.since(),
            attribution=loaded.attribution.encode(),
            undo=loaded.stacks.encode(),
            hash=text_hash(loaded.text),
        )
    )
    gap = Gap(room=room, first=before + 1, last=last, reason="retention", actor=SYSTEM, time=now)
    return log_upkeep.drop(log, term, room, last, snapshots, gap)


def _bare(room: str, moment: Moment) -> Snapshot:
    """A commit's text and attribution, without what had been deleted by then."""
    living = moment.attribution.living()
    return Snapshot(
        room=room,
        seq=moment.seq,
        state=None,
        attribution=living.encode(),
        undo=Stacks().encode(),
        hash=text_hash(living.text()),
    )


def purge(log: RoomLog, term: int, room: str, first: int, last: int | None, *, actor: str, now: int) -> Purged:
    """Erase edits from the file and its write-ahead log. The text on the screen stays; clients must begin anew.

    What came after the range can still be played back: text from the range stands in it as black squares. Not for a
    room that is open. Raises UsageError for an empty range, FencedError, DamagedEditError, LockedError.
    """
    record = log.room(room)
    first, end = max(first, 1), record.head if last is None else min(last, record.head)
    if first > end:
        raise UsageError(f"The room has no edits from {first} to {end}.", f"Its newest edit is {record.head}.")
    loaded = load(log, room)
    if loaded.damage is not None:
        raise loaded.damage
    masked = at(log, room, end).attribution.masked(range(first, end + 1))
    later = _later(log, room, masked, end)
    log_upkeep.pack_all(log, term, room, first, end)
    number = log.room_id(room)
    with log.writing(term):
        erased = log_upkeep.erase(log, number, first, end)
        log_upkeep.replace_behind(log, number, end, later)
        update = seed(loaded.text)
        begin = NewEdit(
            room=room,
            actor=SYSTEM,
            update=update,
            delta=(),
            time=now,
            how="base",
            epoch=record.epoch + 1,
            meta={"purge": [first, end]},
            binds=tuple((client, SYSTEM) for client in clients(update)),
        )
        log.add(
            (
                Gap(room=room, first=first, last=end, reason="purge", actor=actor, time=now),
                Epoch(room=room, epoch=record.epoch + 1, commit="", seq=record.head, time=now),
                begin,
                _snapshot(room, end, masked),
                _snapshot(room, record.head + 1, loaded.attribution.living(), update),
            )
        )
    log_upkeep.scrub(log)
    return Purged(erased, record.epoch + 1, record.document + 1, end, record.head + 1)


def _snapshot(room: str, seq: int, attribution: Attribution, state: bytes | None = None) -> Snapshot:
    return Snapshot(
        room=room,
        seq=seq,
        state=state,
        attribution=attribution.encode(),
        undo=Stacks().encode(),
        hash=text_hash(attribution.text()),
    )


def _later(log: RoomLog, room: str, masked: Attribution, end: int) -> list[Edit]:
    """What came after the range as it can still be played: without updates, and with what it brings back masked."""
    moving = Attribution.decode(masked.encode())
    found: list[Edit] = []
    for edit in log_reading.edits(log, room, end):
        restores = restores_of(edit.meta)
        delta = moving.restored(edit.delta, restores) if restores else edit.delta
        moving.apply(delta, edit.seq, restores=restores)
        found.append(Edit(edit.seq, edit.epoch, edit.actor, edit.client, edit.time, edit.how, b"", delta, edit.meta))
    return found
