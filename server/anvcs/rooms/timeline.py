"""Which edits of a room were made when and by whom, without their text.

Clocks step back; wherever order counts it is the order of the log, and times only say where in it one begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.errors import CorruptStoreError
from anvcs.rooms import log_reading
from anvcs.rooms.entries import Source
from anvcs.rooms.log import RoomLog
from anvcs.rooms.packing import sources as unpacked


def sources(log: RoomLog, room: str, after: int = 0, upto: int | None = None) -> Iterator[Source]:
    """Who made each edit behind ``after`` and when, in sequence; those that nothing is known of are left out."""
    last = log_reading.NEWEST if upto is None else upto
    seq = after
    for head in log_reading.heads(log, room, after):
        for each in unpacked(head):
            if seq < each.seq <= last:
                seq = each.seq
                yield each
    for edit in log_reading.loose(log, room, seq, last):
        yield Source(edit.seq, edit.actor, edit.how, edit.time, edit.epoch, edit.meta)


def at_time(log: RoomLog, room: str, time: int) -> int:
    """The last edit that was made by then (milliseconds since 1970); 0 if none was."""
    found = 0
    for each in sources(log, room):
        if each.time <= time:
            found = each.seq
    return found


def recent(log: RoomLog, room: str, head: int, since: int, most: int = 5000) -> list[Source]:
    """The newest edits, oldest first, back to the first that was made before ``since``; ``most`` at most.

    ``head`` is the room's newest edit. What is damaged is left out.
    """
    found: list[Source] = []
    step = 64
    upto = head
    while upto > 0 and len(found) < most:
        after = max(0, upto - step)
        try:
            page = list(sources(log, room, after, upto))
        except CorruptStoreError:
            break
        fresh = [each for each in page if each.time >= since]
        found[:0] = fresh
        if len(fresh) < upto - after:
            break
        upto, step = after, min(step * 4, 4096)
    return found[-most:]


def since_commit(log: RoomLog, room: str, commit: str) -> int | None:
    """The newest edit when a room came to stand on a commit (a real Git id); nothing if it never did."""
    found = [each.seq for each in log_reading.epochs(log, room) if each.commit == commit]
    return found[-1] if found else None


def uncommitted(log: RoomLog, room: str) -> int:
    """The newest edit when the room came to stand on the commit it stands on now; 0 for a new one."""
    return max((each.seq for each in log_reading.epochs(log, room)), default=0)
