"""The room log in ``rooms.db``: every edit of every room, in sequence, durable before anyone is told of it.

One process owns the log: it takes a term, and each transaction that writes compares it first, so an owner that was
replaced while it slept writes nothing. Others may read at any time. One connection is for one thread at a time.
"""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

import apsw

from anvcs.errors import (
    AnvcsError,
    CorruptStoreError,
    DiskError,
    FencedError,
    LockedError,
    RoomError,
    StoreConflictError,
    StoreError,
)
from anvcs.rooms.entries import (
    Aside,
    AsideDone,
    Edit,
    Entry,
    Epoch,
    Gap,
    NewEdit,
    Owner,
    RoomChange,
    RoomRecord,
    Save,
    Session,
    Snapshot,
    Version,
)
from anvcs.rooms.packing import checksum, compress, edit_crc, encode_value
from anvcs.storage.sqlite import connect, read_versions

__all__ = ["Edit", "NewEdit", "RoomLog"]

VERSIONS = 50
"""Texts of the disk that are kept for each room."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS owner (term INTEGER PRIMARY KEY, pid INTEGER, boot TEXT, started INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS sessions (session TEXT PRIMARY KEY, worktree TEXT, stream TEXT, created INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS rooms (
    id INTEGER PRIMARY KEY, room TEXT UNIQUE, session TEXT, path TEXT, eol TEXT, bom INTEGER, created INTEGER,
    head INTEGER, epoch INTEGER, document INTEGER, closed INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS rooms_by_path ON rooms (session, path);
CREATE TABLE IF NOT EXISTS edits (room INTEGER, seq INTEGER, content BLOB, crc INTEGER, PRIMARY KEY (room, seq))
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spans (
    room INTEGER, first INTEGER, last INTEGER, head BLOB, head_crc INTEGER, body BLOB, body_crc INTEGER,
    PRIMARY KEY (room, first)
) STRICT;
CREATE TABLE IF NOT EXISTS snapshots (
    room INTEGER, seq INTEGER, state BLOB, attribution BLOB, undo BLOB, hash BLOB, crc INTEGER, PRIMARY KEY (room, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY, room INTEGER, seq INTEGER, hash BLOB, time INTEGER, content BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS texts_by_room ON texts (room, id);
CREATE TABLE IF NOT EXISTS saves (
    id INTEGER PRIMARY KEY, room INTEGER, seq INTEGER, hash BLOB, actor TEXT, time INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS saves_by_room ON saves (room, id);
CREATE TABLE IF NOT EXISTS clients (room INTEGER, client INTEGER, actor TEXT, PRIMARY KEY (room, client))
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aside (
    id INTEGER PRIMARY KEY, room INTEGER, actor TEXT, client INTEGER, content BLOB, time INTEGER, reason TEXT,
    done INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS epochs (
    room INTEGER, epoch INTEGER, git_commit TEXT, seq INTEGER, time INTEGER, PRIMARY KEY (room, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gaps (
    id INTEGER PRIMARY KEY, room INTEGER, first INTEGER, last INTEGER, reason TEXT, actor TEXT, time INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS damaged (
    id INTEGER PRIMARY KEY, room INTEGER, seq INTEGER, time INTEGER, content BLOB
) STRICT;
"""
_ROOM = "room, session, path, eol, bom, created, head, epoch, document, closed"
Value: TypeAlias = str | int | bytes | None


class RoomLog:
    """The log in one database file, made where it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ids: dict[str, int] = {}
        with explained(path):
            self.db = connect(path, durable=True)
            try:
                if not self.one("SELECT count(*) FROM sqlite_schema WHERE name = 'damaged'"):
                    read_versions(self.db).check_writer(str(path))
                    self.db.execute("BEGIN IMMEDIATE")
                    self.db.execute(_SCHEMA)
                    self.db.execute("COMMIT")
            except BaseException:
                self.db.close()
                raise

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    # Owning

    def own(self, pid: int, boot: str, started: int) -> int:
        """Become the owner: the term with which to write. Whoever owned it before cannot write any more."""
        with self._transaction():
            read_versions(self.db).check_writer(str(self.path))
            self.db.execute("INSERT INTO owner (pid, boot, started) VALUES (?, ?, ?)", (pid, boot, started))
            return self.db.last_insert_rowid()

    def owner(self) -> Owner | None:
        """Who owns the log now."""
        rows = self.rows("SELECT term, pid, boot, started FROM owner ORDER BY term DESC LIMIT 1")
        return Owner(*rows[0]) if rows else None

    @contextmanager
    def writing(self, term: int) -> Generator[apsw.Connection]:
        """A transaction of the owner. Raises FencedError, with nothing written, if there is another one by now."""
        with self._transaction():
            if self.one("SELECT max(term) FROM owner") != term:
                raise FencedError(
                    "Another relay owns the room log now; nothing was written.",
                    "Connect again: the editor finds the new one by itself.",
                )
            yield self.db

    # Appending

    def append(self, term: int, batch: Sequence[Entry]) -> list[int]:
        """Write entries of any rooms in one durable transaction; the sequences of the edits among them, in order.

        Raises FencedError, StoreConflictError where an edit would not get the sequence it must have, DiskError.
        """
        try:
            with self.writing(term):
                return self.add(batch)
        except BaseException:
            self._ids.clear()
            raise

    def add(self, batch: Sequence[Entry]) -> list[int]:
        """The same within ``writing``."""
        seqs: list[int] = []
        rows: list[tuple[Value, ...]] = []
        binds: list[tuple[int, int, str]] = []
        heads: dict[int, int] = {}
        later: list[Entry] = []
        for entry in batch:
            if isinstance(entry, NewEdit):
                room = self.room_id(entry.room)
                head = heads.get(room)
                heads[room] = seq = _following(entry, self._head(room) if head is None else head)
                rows.append(_row(room, seq, entry))
                seqs.append(seq)
                if entry.binds:
                    binds += [(room, client, actor) for client, actor in entry.binds]
            elif isinstance(entry, RoomRecord | Session):
                self._write(self.db, entry)
            else:
                later.append(entry)
        if rows:
            self._insert(rows)
            self.db.executemany("UPDATE rooms SET head = ?2 WHERE id = ?1", heads.items())
        if binds:
            self.db.executemany("INSERT OR IGNORE INTO clients VALUES (?, ?, ?)", binds)
        for entry in later:
            self._write(self.db, entry)
        return seqs

    def _insert(self, rows: list[tuple[Value, ...]]) -> None:
        # Few statements: each lets other threads have the interpreter, and must wait until it gets it back.
        whole = len(rows) // _MANY * _MANY
        for start in range(0, whole, _MANY):
            self.db.execute(_INSERT_MANY, [value for row in rows[start : start + _MANY] for value in row])
        if whole < len(rows):
            self.db.executemany(_INSERT, rows[whole:])

    def _write(self, db: apsw.Connection, entry: Entry) -> None:
        match entry:
            case Session():
                db.execute(
                    "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)",
                    (entry.session, entry.worktree, entry.stream, entry.created),
                )
            case RoomRecord():
                db.execute(
                    f"INSERT INTO rooms ({_ROOM}) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",  # noqa: S608 - column names
                    (
                        entry.room,
                        entry.session,
                        entry.path,
                        entry.eol,
                        int(entry.bom),
                        entry.created,
                        entry.epoch,
                        entry.document,
                        int(entry.closed),
                    ),
                )
            case RoomChange():
                self._change(db, entry)
            case Version():
                self._write_version(db, entry)
            case Snapshot():
                db.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?)", self._snapshot_row(entry))
            case _:
                sql, values = self._small(entry)
                db.execute(sql, values)

    def _small(self, entry: Entry) -> tuple[str, tuple[Value, ...]]:
        match entry:
            case Save():
                sql = "INSERT INTO saves (room, seq, hash, actor, time) VALUES (?, ?, ?, ?, ?)"
                values = entry.seq, entry.hash, entry.actor, entry.time
            case Aside():
                sql = (
                    "INSERT INTO aside (room, actor, client, content, time, reason, done) VALUES (?, ?, ?, ?, ?, ?, 0)"
                )
                values = entry.actor, entry.client, entry.update, entry.time, entry.reason
            case AsideDone():
                sql = "UPDATE aside SET done = 1 WHERE room = ? AND id = ?"
                values = (entry.id,)
            case Epoch():
                sql = "INSERT INTO epochs VALUES (?, ?, ?, ?, ?)"
                values = entry.epoch, entry.commit, entry.seq, entry.time
            case Gap():
                sql = "INSERT INTO gaps (room, first, last, reason, actor, time) VALUES (?, ?, ?, ?, ?, ?)"
                values = entry.first, entry.last, entry.reason, entry.actor, entry.time
            case _:
                raise TypeError(f"no entry of a room: {entry!r}")
        if isinstance(entry, Epoch):
            self.db.execute("UPDATE rooms SET epoch = ? WHERE id = ?", (entry.epoch, self.room_id(entry.room)))
        return sql, (self.room_id(entry.room), *values)

    def _change(self, db: apsw.Connection, entry: RoomChange) -> None:
        room = self.room_id(entry.room)
        for column in ("path", "session", "eol", "bom", "closed"):
            value = cast("str | bool | None", getattr(entry, column))
            if value is not None:
                sql = f"UPDATE rooms SET {column} = ? WHERE id = ?"  # noqa: S608 - a column's name from the line above
                db.execute(sql, (int(value) if isinstance(value, bool) else value, room))

    def _write_version(self, db: apsw.Connection, entry: Version) -> None:
        room = self.room_id(entry.room)
        newest = db.execute("SELECT hash FROM texts WHERE room = ? ORDER BY id DESC LIMIT 1", (room,)).fetchone()
        if newest is not None and newest[0] == entry.hash:
            return
        text = compress(entry.text.encode(), 3)
        sql = "INSERT INTO texts (room, seq, hash, time, content) VALUES (?, ?, ?, ?, ?)"
        db.execute(sql, (room, entry.seq, entry.hash, entry.time, text))
        db.execute(
            "DELETE FROM texts WHERE room = ?1 AND id <= "
            "(SELECT id FROM texts WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (room, VERSIONS),
        )

    def _snapshot_row(self, entry: Snapshot) -> tuple[Value, ...]:
        state = None if entry.state is None else compress(entry.state, 3)
        attribution, undo = compress(entry.attribution, 3), compress(entry.undo, 3)
        crc = snapshot_crc(entry.seq, state, attribution, undo, entry.hash)
        return self.room_id(entry.room), entry.seq, state, attribution, undo, entry.hash, crc

    def _head(self, room: int) -> int:
        return cast("int", self.one("SELECT head FROM rooms WHERE id = ?", room))

    # Reading: more of it in log_reading

    def room_id(self, room: str) -> int:
        """A room's number in the tables. Raises RoomError."""
        number = self._ids.get(room)
        if number is None:
            found = self.rows("SELECT id FROM rooms WHERE room = ?", room)
            if not found:
                raise RoomError(f"There is no room {room}.", "Open the file again.")
            self._ids[room] = number = cast("int", found[0][0])
        return number

    def room(self, room: str) -> RoomRecord:
        """A room. Raises RoomError."""
        found = self._records("room = ?", room)
        if not found:
            raise RoomError(f"There is no room {room}.", "Open the file again.")
        return found[0]

    def rooms(self, session: str | None = None) -> list[RoomRecord]:
        """Every room, or those of a session; closed ones too."""
        return self._records("1") if session is None else self._records("session = ?", session)

    def find(self, session: str, path: str) -> RoomRecord | None:
        """The room of a file in a session, closed or not."""
        found = self._records("session = ? AND path = ? ORDER BY closed, id DESC LIMIT 1", session, path)
        return found[0] if found else None

    def _records(self, condition: str, *values: Value) -> list[RoomRecord]:
        rows = self.rows(f"SELECT {_ROOM} FROM rooms WHERE {condition}", *values)  # noqa: S608 - no values are put in
        return [
            RoomRecord(
                room=room,
                session=session,
                path=path,
                eol=eol,
                bom=bool(bom),
                created=created,
                head=head,
                epoch=epoch,
                document=document,
                closed=bool(closed),
            )
            for room, session, path, eol, bom, created, head, epoch, document, closed in rows
        ]

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """The rows of a query, all of one moment."""
        with explained(self.path):
            return cast("list[tuple[Any, ...]]", self.db.execute(sql, values).fetchall())

    def one(self, sql: str, *values: Value) -> Any:
        """The one value of a query that has it."""
        return self.rows(sql, *values)[0][0]

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with explained(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise


_ROW = "(?, ?, ?, ?)"
_MANY = 32
_INSERT = f"INSERT INTO edits VALUES {_ROW}"  # noqa: S608 - question marks
_INSERT_MANY = f"INSERT INTO edits VALUES {', '.join([_ROW] * _MANY)}"  # noqa: S608 - question marks


def _following(entry: NewEdit, head: int) -> int:
    seq = head + 1
    if entry.seq not in {0, seq}:
        raise StoreConflictError(
            f"Edit {entry.seq} of room {entry.room} cannot follow edit {head}.", "The room is read again from the log."
        )
    return seq


def _row(room: int, seq: int, entry: NewEdit) -> tuple[Value, ...]:
    content = encode_value(
        (
            entry.epoch,
            entry.actor,
            entry.client,
            entry.time,
            entry.how,
            entry.update,
            entry.delta,
            entry.meta or None,
        )
    )
    return room, seq, content, edit_crc(room, seq, content)


def snapshot_crc(seq: int, state: bytes | None, attribution: bytes, undo: bytes, hash_: bytes) -> int:
    """The checksum of a snapshot."""
    return checksum(encode_value((seq, state, attribution, undo, hash_)))


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except apsw.Error as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: apsw.Error) -> AnvcsError:
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return LockedError(f"{path} is in use by another process.", "Try again.")
        case apsw.CorruptError() | apsw.NotADBError():
            return CorruptStoreError(
                f"{path} is damaged: {error}.", "Move it away: the files themselves are not touched by that."
            )
        case apsw.FullError() | apsw.IOError() | apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return DiskError(f"{path} cannot be written: {error}.", "Free some space, or check who may write there.")
        case _:
            return StoreError(f"{path} cannot be used: {error}.", "Run ai-vcs doctor to see what is wrong.")
