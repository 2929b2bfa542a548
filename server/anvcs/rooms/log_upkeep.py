"""The room log's own housekeeping: packing, thinning, cutting what is damaged, dropping and erasing."""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import time as clock
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple, cast

import apsw

from anvcs.errors import DamagedEditError, LockedError
from anvcs.rooms import log_reading
from anvcs.rooms.entries import Edit, Gap, Snapshot
from anvcs.rooms.log import RoomLog, explained
from anvcs.rooms.packing import SPAN, checksum, encode_value, pack, pack_head, unpack_head, without_metas

KEEP_LOOSE = 2 * SPAN
"""Newest edits of a room that are not packed."""
KEEP_SNAPSHOTS = 2
"""Newest snapshots of a room that are kept as they are."""
SPACING = 10_000
"""Older ones are kept so far apart, and the farther the older the log is."""
PATIENCE = 10.0


class Cut(NamedTuple):
    """What was cut off a room's log, since it was not as it had been written."""

    first: int
    last: int


def packable(log: RoomLog, room: str, keep: int = KEEP_LOOSE) -> int:
    """How many edits could be packed now."""
    number = log.room_id(room)
    rows = log.rows("SELECT min(seq) FROM edits WHERE room = ?", number)
    head = cast("int", log.one("SELECT head FROM rooms WHERE id = ?", number))
    first = cast("int | None", rows[0][0])
    return 0 if first is None else max(0, (head - keep - first + 1) // SPAN * SPAN)


def pack_room(log: RoomLog, term: int, room: str, keep: int = KEEP_LOOSE) -> int:
    """Pack the oldest loose edits; how many, 0 if there is nothing to pack. One span in each transaction.

    Raises FencedError; DamagedEditError where one of them is not whole, which is then left as it is.
    """
    packed = 0
    while packable(log, room, keep):
        number = log.room_id(room)
        first = cast("int", log.rows("SELECT min(seq) FROM edits WHERE room = ?", number)[0][0])
        _pack_range(log, term, room, list(log_reading.edits(log, room, first - 1, first + SPAN - 1)))
        packed += SPAN
    return packed


def _pack_range(log: RoomLog, term: int, room: str, edits: list[Edit]) -> None:
    number = log.room_id(room)
    with log.writing(term) as db:
        insert_span(db, number, edits)
        sql = "DELETE FROM edits WHERE room = ? AND seq BETWEEN ? AND ?"
        db.execute(sql, (number, edits[0].seq, edits[-1].seq))


def thin_snapshots(log: RoomLog, term: int, room: str, protected: Iterable[int] = ()) -> int:
    """Drop snapshots that lie close to others, and the documents of old ones; how many were dropped."""
    number = log.room_id(room)
    seqs = [seq for (seq,) in log.rows("SELECT seq FROM snapshots WHERE room = ? ORDER BY seq", number)]
    old = seqs[:-KEEP_SNAPSHOTS]
    kept = set(protected)
    last = 0
    doomed: list[int] = []
    for seq in old:
        if seq in kept or seq - last >= max(SPACING, seq // 8):
            last = seq
        else:
            doomed.append(seq)
    with log.writing(term) as db:
        db.executemany("DELETE FROM snapshots WHERE room = ? AND seq = ?", ((number, seq) for seq in doomed))
        for seq in set(old) - set(doomed):
            _forget_document(db, number, seq)
    return len(doomed)


def _forget_document(db: apsw.Connection, number: int, seq: int) -> None:
    sql = "SELECT attribution, undo, hash FROM snapshots WHERE room = ? AND seq = ? AND state IS NOT NULL"
    row = db.execute(sql, (number, seq)).fetchone()
    if row is not None:
        crc = checksum(encode_value((seq, None, *row)))
        db.execute("UPDATE snapshots SET state = NULL, crc = ? WHERE room = ? AND seq = ?", (crc, number, seq))


# Damage


def cut(log: RoomLog, term: int, room: str, seq: int, time: int) -> Cut:
    """Set everything from a damaged edit on aside, as it is, so that the room goes on with what is whole.

    Raises FencedError.
    """
    number = log.room_id(room)
    with log.writing(term) as db:
        last = cast("int", log.one("SELECT head FROM rooms WHERE id = ?", number))
        keep = "INSERT INTO damaged (room, seq, time, content) VALUES (?, ?, ?, ?)"
        for row in log.rows("SELECT * FROM edits WHERE room = ? AND seq >= ?", number, seq):
            db.execute(keep, (number, row[1], time, encode_value(row)))
        for row in log.rows("SELECT * FROM spans WHERE room = ? AND last >= ?", number, seq):
            db.execute(keep, (number, row[1], time, encode_value(row)))
            if row[1] < seq:
                # A damaged span cannot be read in part, but what was before the edit is in a snapshot.
                gap = "INSERT INTO gaps (room, first, last, reason, actor, time) VALUES (?, ?, ?, 'damage', '', ?)"
                db.execute(gap, (number, row[1], seq - 1, time))
        db.execute("DELETE FROM edits WHERE room = ? AND seq >= ?", (number, seq))
        db.execute("DELETE FROM spans WHERE room = ? AND last >= ?", (number, seq))
        db.execute("DELETE FROM snapshots WHERE room = ? AND seq >= ?", (number, seq))
        db.execute("UPDATE rooms SET head = ? WHERE id = ?", (seq - 1, number))
    return Cut(seq, last)


def check(log: RoomLog, room: str) -> list[DamagedEditError]:
    """The first edit that is not whole, if one is not."""
    try:
        for _ in log_reading.edits(log, room, _first_kept(log, room) - 1):
            pass
    except DamagedEditError as error:
        return [error]
    return []


def _first_kept(log: RoomLog, room: str) -> int:
    return max((gap.last for gap in log_reading.gaps(log, room)), default=0) + 1


# Dropping


def pack_all(log: RoomLog, term: int, room: str, first: int, last: int) -> None:
    """Pack every edit of a range, in spans that do not reach beyond it. Raises FencedError, DamagedEditError."""
    number = log.room_id(room)
    rows = log.rows("SELECT min(seq) FROM edits WHERE room = ? AND seq >= ?", number, first)
    loose = cast("int | None", rows[0][0])
    if loose is not None and loose <= last:
        edits = log_reading.edits(log, room, loose - 1, last)
        while part := list(islice(edits, SPAN)):
            _pack_range(log, term, room, part)
    _split_span(log, term, room, first - 1)
    _split_span(log, term, room, last)


def _split_span(log: RoomLog, term: int, room: str, last: int) -> None:
    """Make a span end at ``last`` where one reaches beyond."""
    number = log.room_id(room)
    sql = "SELECT first, last FROM spans WHERE room = ? AND first <= ? AND last > ? AND body IS NOT NULL"
    for first, end in log.rows(sql, number, last, last):
        edits = list(log_reading.edits(log, room, first - 1, end))
        with log.writing(term) as db:
            db.execute("DELETE FROM spans WHERE room = ? AND first = ?", (number, first))
            for part in (edits[: last - first + 1], edits[last - first + 1 :]):
                insert_span(db, number, part)


def insert_span(db: apsw.Connection, number: int, edits: list[Edit]) -> None:
    """Write neighbouring edits as a span."""
    span = pack(edits)
    db.execute(
        "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            edits[0].seq,
            edits[-1].seq,
            span.head,
            checksum(span.head),
            span.body,
            checksum(span.body),
        ),
    )


def drop(log: RoomLog, term: int, room: str, last: int, snapshots: Sequence[Snapshot], gap: Gap) -> int:
    """Drop the text of a room's edits up to ``last``: who wrote when stays. How many edits.

    The snapshots take the place of what is dropped, the gap tells of it. Raises FencedError, DamagedEditError.
    """
    number = log.room_id(room)
    pack_all(log, term, room, 1, last)
    kept = frozenset(each.seq for each in snapshots)
    with log.writing(term) as db:
        log.add((*snapshots, gap))
        sql = "SELECT coalesce(sum(last - first + 1), 0) FROM spans WHERE room = ? AND last <= ? AND body IS NOT NULL"
        dropped = cast("int", log.one(sql, number, last))
        db.execute("UPDATE spans SET body = NULL, body_crc = NULL WHERE room = ? AND last <= ?", (number, last))
        for (seq,) in log.rows("SELECT seq FROM snapshots WHERE room = ? AND seq < ?", number, last):
            if seq not in kept:
                db.execute("DELETE FROM snapshots WHERE room = ? AND seq = ?", (number, seq))
    return dropped


def erase(log: RoomLog, number: int, first: int, last: int) -> int:
    """Erase a range that was packed, and all that may hold its text, within ``writing``; how many edits.

    Who wrote when stays, so that living text keeps its author; what was said beside the edits goes.
    """
    erased = 0
    sql = "SELECT first, last, head, body IS NOT NULL FROM spans WHERE room = ? AND first >= ? AND last <= ?"
    db = log.db
    for start, end, head, had in log.rows(sql, number, first, last):
        bare = pack_head(without_metas(unpack_head(head)))
        erased += (end - start + 1) if had else 0
        db.execute(
            "UPDATE spans SET head = ?, head_crc = ?, body = NULL, body_crc = NULL WHERE room = ? AND first = ?",
            (bare, checksum(bare), number, start),
        )
    for table in ("snapshots", "texts", "damaged"):
        db.execute(f"DELETE FROM {table} WHERE room = ? AND seq >= ?", (number, first))  # noqa: S608 - as above
    db.execute("DELETE FROM aside WHERE room = ?", (number,))
    return erased


def replace_behind(log: RoomLog, number: int, last: int, edits: Sequence[Edit]) -> None:
    """Put these edits in place of all behind ``last``, and begin a new document, within ``writing``."""
    log.db.execute("DELETE FROM edits WHERE room = ? AND seq > ?", (number, last))
    log.db.execute("DELETE FROM spans WHERE room = ? AND first > ?", (number, last))
    for start in range(0, len(edits), SPAN):
        insert_span(log.db, number, list(edits[start : start + SPAN]))
    log.db.execute("UPDATE rooms SET document = document + 1 WHERE id = ?", (number,))


def scrub(log: RoomLog) -> None:
    """Write the file anew and empty its write-ahead log, so that what was erased is in neither.

    Raises LockedError while another process reads for too long.
    """
    with explained(log.path):
        _checkpoint(log)
        log.db.execute("VACUUM")
        _checkpoint(log)


def _checkpoint(log: RoomLog) -> None:
    deadline = clock.monotonic() + PATIENCE
    while True:
        try:
            log.db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            if clock.monotonic() > deadline:
                raise LockedError(f"{log.path} is being read by another process.", "Try again.") from None
        else:
            return
