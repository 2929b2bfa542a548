"""Reading the room log: edits in sequence, packed or not, and what is known beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, cast

from anvcs.errors import CorruptStoreError, DamagedEditError, NotKeptError
from anvcs.rooms.entries import Aside, Edit, Epoch, Gap, Save, Session, Snapshot, Source, Version
from anvcs.rooms.log import RoomLog, snapshot_crc
from anvcs.rooms.packing import (
    Head,
    Packed,
    checksum,
    edit_crc,
    expand,
    read_edit,
    sources,
    unpack,
    unpack_head,
)

PAGE = 512
NEWEST = 1 << 62
"""Behind every edit."""
_AGAIN = "What follows is set aside when the room is opened; those who wrote it still send it then."


def edits(log: RoomLog, room: str, after: int = 0, upto: int | None = None) -> Iterator[Edit]:
    """A room's edits behind ``after``, each checked. The log may grow meanwhile.

    Raises DamagedEditError at the first that is not whole or not there, NotKeptError where retention or a purge left
    none, RoomError for an unknown room.
    """
    number = log.room_id(room)
    seq = after
    while upto is None or seq < upto:
        page = _page(log, number, room, seq + 1)
        if not page:
            return
        for edit in page:
            if upto is not None and edit.seq > upto:
                return
            yield edit
        seq = page[-1].seq


def _page(log: RoomLog, number: int, room: str, wanted: int) -> list[Edit]:
    """Some edits from the wanted one on; none behind the newest."""
    # In this order, since edits move from here to the spans and never back.
    sql = "SELECT seq, content, crc FROM edits WHERE room = ? AND seq >= ? ORDER BY seq LIMIT ?"
    rows = log.rows(sql, number, wanted, PAGE)
    if rows and rows[0][0] == wanted:
        return _whole(room, number, wanted, rows)
    spans = log.rows(
        "SELECT first, last, head, head_crc, body, body_crc FROM spans WHERE room = ? AND first <= ? "
        "ORDER BY first DESC LIMIT 1",
        number,
        wanted,
    )
    if spans and spans[0][1] >= wanted:
        return _span(room, wanted, spans[0])
    if not rows and wanted > log.rows("SELECT head FROM rooms WHERE id = ?", number)[0][0]:
        return []
    for first, last in log.rows("SELECT first, last FROM gaps WHERE room = ?", number):
        if first <= wanted <= last:
            raise not_kept(room, wanted, last)
    raise _damaged(room, wanted, "is missing")


def _whole(room: str, number: int, wanted: int, rows: list[tuple[Any, ...]]) -> list[Edit]:
    """The edits up to the first that is not whole; raises where that is the very first."""
    found: list[Edit] = []
    for seq, content, crc in rows:
        if seq != wanted + len(found):
            break
        if edit_crc(number, seq, content) != crc:
            if not found:
                raise _damaged(room, wanted, "does not match its checksum")
            break
        found.append(read_edit(seq, content))
    return found


def _span(room: str, wanted: int, row: tuple[Any, ...]) -> list[Edit]:
    first, last, head, head_crc, body, body_crc = row
    if body is None:
        raise not_kept(room, wanted, last)
    if checksum(head) != head_crc or checksum(body) != body_crc:
        raise _damaged(room, wanted, f"lies in a span ({first} to {last}) that does not match its checksum")
    try:
        found = unpack(Packed(head, body))
    except CorruptStoreError as error:
        raise _damaged(room, wanted, f"lies in a span ({first} to {last}) that cannot be read") from error
    return found[wanted - first :]


def not_kept(room: str, seq: int, last: int) -> NotKeptError:
    """What is said where an edit is gone by intent."""
    return NotKeptError(
        f"Edit {seq} of room {room} is not kept any more.", f"What is kept begins after edit {last}.", after=last
    )


def _damaged(room: str, seq: int, what: str) -> DamagedEditError:
    return DamagedEditError(f"Edit {seq} of room {room} {what}.", _AGAIN, seq=seq)


def heads(log: RoomLog, room: str, after: int = 0) -> Iterator[Head]:
    """The columns of a room's packed spans that reach behind ``after``; damaged ones are left out."""
    for head, crc in log.rows(
        "SELECT head, head_crc FROM spans WHERE room = ? AND last > ? ORDER BY first", log.room_id(room), after
    ):
        if checksum(head) == crc:
            yield unpack_head(head)


def sources_of(log: RoomLog, room: str, seqs: Collection[int]) -> dict[int, Source]:
    """Where the text of these edits came from; those that nothing is known of are left out."""
    found: dict[int, Source] = {}
    if not seqs:
        return found
    wanted = frozenset(seqs)
    oldest = min(wanted)
    for head in heads(log, room, oldest - 1):
        if not wanted.isdisjoint(range(head.first, head.first + len(head.actor))):
            found.update((each.seq, each) for each in sources(head) if each.seq in wanted)
    for edit in loose(log, room, oldest - 1, max(wanted)):
        if edit.seq in wanted:
            found[edit.seq] = Source(edit.seq, edit.actor, edit.how, edit.time, edit.epoch, edit.meta)
    return found


def loose(log: RoomLog, room: str, after: int, upto: int) -> Iterator[Edit]:
    """The edits of a range that are not packed; those that are not whole are left out."""
    number = log.room_id(room)
    sql = "SELECT seq, content, crc FROM edits WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq"
    for seq, content, crc in log.rows(sql, number, after, upto):
        if edit_crc(number, seq, content) == crc:
            yield read_edit(seq, content)


def seqs_of(log: RoomLog, room: str, actor: str, since: int = 0) -> list[int]:
    """The edits of an actor behind ``since``."""
    found: list[int] = []
    for head in heads(log, room, since):
        if actor in head.actors:
            place = head.actors.index(actor)
            found += [seq for seq, each in enumerate(head.actor, head.first) if each == place and seq > since]
    found += [edit.seq for edit in loose(log, room, since, NEWEST) if edit.actor == actor]
    return found


def snapshots(log: RoomLog, room: str, upto: int | None = None, *, document: bool = False) -> Iterator[Snapshot]:
    """A room's snapshots that are whole, newest first; those that hold a document, or all."""
    number, seq = log.room_id(room), NEWEST if upto is None else upto + 1
    condition = " AND state IS NOT NULL" if document else ""
    while True:
        sql = (
            "SELECT seq, state, attribution, undo, hash, crc FROM snapshots WHERE room = ? AND seq < ?"  # noqa: S608
            f"{condition} ORDER BY seq DESC LIMIT 1"
        )
        rows = log.rows(sql, number, seq)
        if not rows:
            return
        seq, state, attribution, undo, hash_, crc = rows[0]
        if snapshot_crc(seq, state, attribution, undo, hash_) != crc:
            continue
        yield Snapshot(
            room=room,
            seq=seq,
            state=None if state is None else expand(state),
            attribution=expand(attribution),
            undo=expand(undo),
            hash=hash_,
        )


def versions(log: RoomLog, room: str, limit: int = 50) -> Iterator[Version]:
    """The texts that were on the disk, newest first."""
    sql = "SELECT seq, hash, time, content FROM texts WHERE room = ? ORDER BY id DESC LIMIT ?"
    for seq, hash_, time, text in log.rows(sql, log.room_id(room), limit):
        yield Version(room=room, seq=seq, hash=hash_, text=expand(text).decode(), time=time)


def version(log: RoomLog, room: str, hash_: bytes) -> Version | None:
    """The newest text of the disk with this hash."""
    sql = "SELECT seq, time, content FROM texts WHERE room = ? AND hash = ? ORDER BY id DESC LIMIT 1"
    rows = log.rows(sql, log.room_id(room), hash_)
    if not rows:
        return None
    seq, time, text = rows[0]
    return Version(room=room, seq=seq, hash=hash_, text=expand(text).decode(), time=time)


def version_hashes(log: RoomLog, room: str) -> list[bytes]:
    """The hashes of the texts that were on the disk, newest first."""
    rows = log.rows("SELECT hash FROM texts WHERE room = ? ORDER BY id DESC", log.room_id(room))
    return [cast("bytes", hash_) for (hash_,) in rows]


def saves(log: RoomLog, room: str, after: int = 0) -> list[Save]:
    """The saves of a room's text behind an edit, oldest first."""
    sql = "SELECT seq, hash, actor, time FROM saves WHERE room = ? AND seq > ? ORDER BY id"
    rows = log.rows(sql, log.room_id(room), after)
    return [Save(room=room, seq=seq, hash=hash_, actor=actor, time=time) for seq, hash_, actor, time in rows]


def last_save(log: RoomLog, room: str) -> Save | None:
    """The newest save of a room's text."""
    sql = "SELECT seq, hash, actor, time FROM saves WHERE room = ? ORDER BY id DESC LIMIT 1"
    rows = log.rows(sql, log.room_id(room))
    if not rows:
        return None
    seq, hash_, actor, time = rows[0]
    return Save(room=room, seq=seq, hash=hash_, actor=actor, time=time)


def clients(log: RoomLog, room: str) -> dict[int, str]:
    """Whose client ids are whose."""
    return dict(
        cast("list[tuple[int, str]]", log.rows("SELECT client, actor FROM clients WHERE room = ?", log.room_id(room)))
    )


def asides(log: RoomLog, room: str) -> list[Aside]:
    """The updates that were set aside and are not settled, oldest first."""
    sql = "SELECT id, actor, client, content, time, reason FROM aside WHERE room = ? AND done = 0 ORDER BY id"
    return [
        Aside(room=room, id=id_, actor=actor, client=client, update=update, time=time, reason=reason)
        for id_, actor, client, update, time, reason in log.rows(sql, log.room_id(room))
    ]


def epochs(log: RoomLog, room: str) -> list[Epoch]:
    """The epochs of a room, oldest first."""
    sql = "SELECT epoch, git_commit, seq, time FROM epochs WHERE room = ? ORDER BY epoch"
    return [
        Epoch(room=room, epoch=epoch, commit=commit, seq=seq, time=time)
        for epoch, commit, seq, time in log.rows(sql, log.room_id(room))
    ]


def gaps(log: RoomLog, room: str) -> list[Gap]:
    """What cannot be replayed any more."""
    sql = "SELECT first, last, reason, actor, time FROM gaps WHERE room = ? ORDER BY id"
    return [
        Gap(room=room, first=first, last=last, reason=reason, actor=actor, time=time)
        for first, last, reason, actor, time in log.rows(sql, log.room_id(room))
    ]


def sessions(log: RoomLog) -> list[Session]:
    """Every session."""
    return [
        Session(session=session, worktree=worktree, stream=stream, created=created)
        for session, worktree, stream, created in log.rows("SELECT session, worktree, stream, created FROM sessions")
    ]


def size(log: RoomLog) -> int:
    """The bytes of the log on the disk."""
    found = 0
    for suffix in ("", "-wal"):
        path = log.path.with_name(log.path.name + suffix)
        found += path.stat().st_size if path.exists() else 0
    return found


def count(log: RoomLog) -> int:
    """How many edits were ever logged."""
    return cast("int", log.rows("SELECT coalesce(sum(head), 0) FROM rooms")[0][0])
