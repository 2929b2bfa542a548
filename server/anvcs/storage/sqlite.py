"""A store in one SQLite file: several processes at once, durable, one disk synchronisation for each transaction."""

# pyright: reportUnknownMemberType=false
# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import apsw

from anvcs.errors import AnvcsError, CorruptStoreError, DiskError, LockedError, StoreError
from anvcs.storage.protocol import FORMAT, Versions, object_conflict, swap_conflict

PATIENCE = 10.0
"""Seconds to wait for another thread's or process's transaction."""
MINIMUM_SQLITE = (3, 51, 3)
"""Older ones can corrupt a database in WAL mode when two connections write and checkpoint at once."""
APPLICATION_ID = 0x414E5643
"""Stands in the file's header: ``ANVC``."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (kind TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (kind, key))
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refs (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS logs (log TEXT, sequence INTEGER, value BLOB NOT NULL, PRIMARY KEY (log, sequence))
    STRICT, WITHOUT ROWID;
"""


def version() -> str:
    """The version of the SQLite that the binding brings along."""
    return apsw.sqlite_lib_version()


def connect(path: Path, *, durable: bool) -> apsw.Connection:
    """A tuned connection to an ANVCS database, made if it is not there; for one thread at a time.

    ``durable`` transactions survive a power loss; others may vanish then, but never do harm. Raises StoreTooNewError,
    CorruptStoreError for a file that is not ours, LockedError and StoreError.
    """
    if tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) < MINIMUM_SQLITE:
        raise StoreError(
            f"SQLite {apsw.sqlite_lib_version()} can damage databases that several processes write.",
            "Install the apsw package from PyPI, which brings its own newer SQLite.",
        )
    with _explained(path):
        if path.exists() and not os.access(path.parent, os.W_OK):
            return _connect_to_read(path)
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(int(PATIENCE * 1000))
            _tune(connection, durable=durable)
            _claim(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _connect_to_read(path: Path) -> apsw.Connection:
    """A connection to a database in a folder that cannot be written: SQLite's own needs files beside it.

    Nobody can write there, so it stands still; but what its write-ahead log holds counts, and is read from a copy in
    memory.
    """
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size == 0:
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"{path.resolve().as_uri()}?immutable=1", flags=flags)
    else:
        with tempfile.TemporaryDirectory(prefix="anvcs-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
            source = apsw.Connection(str(copy))
            connection = apsw.Connection(":memory:")
            with connection.backup("main", source, "main") as backup:
                backup.step()
            source.close()
        connection.pragma("query_only", True)
    try:
        connection.pragma("trusted_schema", False)
        _claim(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _tune(connection: apsw.Connection, *, durable: bool) -> None:
    connection.pragma("trusted_schema", False)
    connection.pragma("synchronous", "FULL" if durable else "NORMAL")
    if durable:
        # Deleted values are overwritten, so that what was purged is gone from the file.
        connection.pragma("secure_delete", True)
        # On macOS fsync alone leaves data in the drive's cache; elsewhere these two do nothing.
        connection.pragma("fullfsync", True)
        connection.pragma("checkpoint_fullfsync", True)


def _claim(connection: apsw.Connection, path: Path) -> None:
    """Make sure that the database is ours and readable; make it ours if it is new."""
    # In this order, because another process that makes it does both at once.
    tables = _one(connection, "SELECT count(*) FROM sqlite_schema")
    owner = connection.pragma("application_id")
    if owner != APPLICATION_ID:
        if tables or owner:
            raise CorruptStoreError(f"{path} is another program's database.", _MOVE_AWAY)
        _make(connection)
    read_versions(connection).check_reader(str(path))


def _make(connection: apsw.Connection) -> None:
    _use_wal(connection)
    with _immediate(connection):
        if connection.pragma("application_id") == APPLICATION_ID:
            return
        connection.execute("CREATE TABLE versions (format INTEGER, min_reader INTEGER, min_writer INTEGER) STRICT")
        connection.execute("INSERT INTO versions VALUES (?, 1, 1)", (FORMAT,))
        connection.pragma("application_id", APPLICATION_ID)


def _use_wal(connection: apsw.Connection) -> None:
    # SQLite does not wait for the lock this takes when two processes make the same file at once.
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            mode = connection.pragma("journal_mode", "wal")
            break
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
    if mode != "wal":
        raise StoreError(
            "The file system cannot hold a database that several processes write.",
            "Keep the repository on a local disk.",
        )


def read_versions(connection: apsw.Connection) -> Versions:
    """What the database says about itself."""
    row = connection.execute("SELECT format, min_reader, min_writer FROM versions").fetchone()
    if row is None:
        raise CorruptStoreError("The database does not say which versions it is for.", _MOVE_AWAY)
    return Versions(*cast("tuple[int, int, int]", row))


def _one(connection: apsw.Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return None if row is None else row[0]


@contextmanager
def _immediate(connection: apsw.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_LITTLE = 1 << 20
"""Bytes below which a disk counts as full."""
_MOVE_AWAY = "Move the file away and run ai-vcs doctor."


@contextmanager
def _explained(path: Path) -> Generator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except apsw.Error as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: apsw.Error) -> AnvcsError:
    match error:
        case apsw.BusyError():
            return LockedError(
                f"{path} is in use by another process.",
                "Wait for the other ANVCS command or editor, then try again.",
            )
        case apsw.NotADBError() | apsw.CorruptError() | apsw.SQLError():
            return CorruptStoreError(f"{path} is damaged or not an ANVCS database: {error}.", _MOVE_AWAY)
        case apsw.FullError() | apsw.IOError() if isinstance(error, apsw.FullError) or _is_full(path):
            way_out = "Free some space, then try again. Nothing is lost."
            return DiskError(f"The disk that holds {path} is full.", way_out)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return StoreError(
                f"{path} cannot be opened for writing: {error}.",
                "Check that the folder exists and is yours to write.",
            )
        case _:
            return StoreError(f"{path} cannot be used: {error}.", "Run ai-vcs doctor to see what is wrong.")


def _is_full(path: Path) -> bool:
    # Where even its shared memory finds no room, SQLite speaks of an I/O error.
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free < _LITTLE
    return False


class SqliteStore:
    """A store in a file; several threads and processes may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._current: SqliteTransaction | None = None
        self._versions = Versions()
        self._newest: dict[str, int] = {}
        self._known: int | None = None
        """At which of the connection's counts of changes the two above were true; ours are counted as well."""
        self._connection = connect(path, durable=True)
        try:
            with _explained(path):
                if not _one(self._connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'logs'"):
                    read_versions(self._connection).check_writer(str(path))
                    with _immediate(self._connection):
                        self._connection.execute(_SCHEMA)
        except BaseException:
            self._connection.close()
            raise

    @property
    def versions(self) -> Versions:
        """What the store says about itself now."""
        with self.read(), _explained(self.path):
            return read_versions(self._connection)

    def read(self) -> _Block:
        """A reading transaction."""
        return _Block(self, writes=False, durable=True)

    def write(self, *, durable: bool = True) -> _Block:
        """A writing transaction."""
        return _Block(self, writes=True, durable=durable)

    def enter(self, *, writes: bool, durable: bool) -> tuple[SqliteTransaction, bool]:
        """Begin a transaction for a block, or join the one that runs; and which of both."""
        self._take_turn()
        try:
            if self._current is not None and not writes:
                return self._current, True
            return self._begin(writes=writes, durable=durable), False
        except BaseException:
            self._lock.release()
            raise

    def _begin(self, *, writes: bool, durable: bool) -> SqliteTransaction:
        if self._current is not None:
            raise RuntimeError("a writing transaction cannot begin inside another transaction")
        connection = self._connection
        try:
            if not durable:
                connection.pragma("synchronous", "NORMAL")
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            # Only a lock or a look at the file makes the moment, so a count before would be an old one.
            if not writes or connection.data_version() != self._known:
                self._learn(connection)
            if writes:
                self._versions.check_writer(str(self.path))
        except BaseException as error:
            self._abandon(durable=durable)
            if isinstance(error, apsw.Error):
                raise _explain(self.path, error) from error
            raise
        self._current = SqliteTransaction(connection, self._newest, writes=writes)
        return self._current

    def leave(self, error: BaseException | None, *, writes: bool, durable: bool) -> None:
        """End the transaction of a block: commit it where there is no error."""
        connection = self._connection
        try:
            if self._current is not None:
                self._current.end()
                self._current = None
            if error is None:
                connection.execute("COMMIT")
                if writes:
                    self._known = connection.data_version()
        except apsw.Error as failed:
            error = failed
        finally:
            if error is not None:
                # SQLite may have rolled back by itself; then what was learned in between is not true either.
                self._known = None
            if error is not None or not durable:
                self._abandon(durable=durable)
            self._lock.release()
        if isinstance(error, apsw.Error):
            raise _explain(self.path, error) from error

    def leave_joined(self) -> None:
        """Leave a block inside another one, which goes on."""
        self._lock.release()

    def _abandon(self, *, durable: bool) -> None:
        """Roll back what is not committed."""
        if self._connection.in_transaction:
            self._known = None
            self._connection.execute("ROLLBACK")
        if not durable:
            self._connection.pragma("synchronous", "FULL")

    def _learn(self, connection: apsw.Connection) -> None:
        """Take notice of what others wrote: they may have migrated the store, or added to logs."""
        self._versions = read_versions(connection)
        self._versions.check_reader(str(self.path))
        if self._known != (now := connection.data_version()):
            self._newest.clear()
            self._known = now

    def scrub(self) -> None:
        """Write the file anew from what is in it, and empty the write-ahead log; takes as much room as the file."""
        with self._held(), _explained(self.path):
            # What is deleted is overwritten, but pages keep copies of what was moved within or between them before.
            self._connection.execute("VACUUM")
        self.checkpoint()

    def checkpoint(self) -> None:
        """Take everything from the write-ahead log into the file, and empty the log."""
        with self._held(), _explained(self.path):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def check(self) -> list[str]:
        """What is wrong with the file."""
        try:
            with self._held(), _explained(self.path):
                found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check(20)")]
        except CorruptStoreError as error:
            return [error.message]
        return [] if found == ["ok"] else [f"{self.path}: {problem}." for problem in found]

    def close(self) -> None:
        """Let go of the file."""
        with self._held():
            self._connection.close()

    @contextmanager
    def _held(self) -> Generator[None]:
        self._take_turn()
        try:
            yield
        finally:
            self._lock.release()

    def _take_turn(self) -> None:
        if not self._lock.acquire(timeout=PATIENCE):
            raise LockedError(f"{self.path} is busy.", "Another thread has held it for too long; try again.")


class _Block:
    """The block of a transaction.

    A class, because a durable transaction takes hardly longer than the disk, and the layers of generators that would
    be shorter to write add a tenth to it.
    """

    __slots__ = ("_durable", "_joined", "_store", "_writes")

    def __init__(self, store: SqliteStore, *, writes: bool, durable: bool) -> None:
        self._store = store
        self._writes = writes
        self._durable = durable

    def __enter__(self) -> SqliteTransaction:
        transaction, self._joined = self._store.enter(writes=self._writes, durable=self._durable)
        return transaction

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if self._joined:
            self._store.leave_joined()
        else:
            self._store.leave(error, writes=self._writes, durable=self._durable)


def _ended(*_: object) -> Any:
    raise RuntimeError("the transaction has ended")


def _read_only(*_: object) -> Any:
    raise RuntimeError("a reading transaction cannot write")


class SqliteTransaction:
    """A transaction of a SqliteStore."""

    def __init__(self, connection: apsw.Connection, newest: dict[str, int], *, writes: bool) -> None:
        self._newest = newest
        self._query: Callable[..., apsw.Cursor] = connection.execute
        self._change: Callable[..., apsw.Cursor] = connection.execute if writes else _read_only
        self._changes = connection.changes

    def end(self) -> None:
        """Refuse any further use."""
        self._query = self._change = _ended

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The object, if it is there."""
        return self._value("SELECT value FROM objects WHERE kind = ? AND key = ?", kind, key)

    def ref(self, name: str) -> bytes | None:
        """A ref's value, if it is set."""
        return self._value("SELECT value FROM refs WHERE name = ?", name)

    def refs(self, prefix: str = "") -> dict[str, bytes]:
        """Every ref whose name starts with the prefix, in order of names."""
        # The range lets the index do the work; U+10FFFF is above any character that a name continues with.
        rows = self._query(
            "SELECT name, value FROM refs WHERE name >= ?1 AND name <= ?1 || char(0x10FFFF) ORDER BY name", (prefix,)
        )
        return cast("dict[str, bytes]", dict(rows))

    def entries(
        self, log: str, after: int = 0, limit: int | None = None, *, backwards: bool = False
    ) -> list[tuple[int, bytes]]:
        """A log's entries with their sequences."""
        bound = -1 if limit is None else limit
        if backwards:
            sql = "SELECT sequence, value FROM logs WHERE log = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?"
            rows = self._query(sql, (log, after or 1 << 62, bound))
        else:
            sql = "SELECT sequence, value FROM logs WHERE log = ? AND sequence > ? ORDER BY sequence LIMIT ?"
            rows = self._query(sql, (log, after, bound))
        return cast("list[tuple[int, bytes]]", rows.fetchall())

    def last(self, log: str) -> int:
        """The sequence of a log's newest entry."""
        known = self._newest.get(log)
        if known is None or self._query is _ended:
            row = self._query("SELECT max(sequence) FROM logs WHERE log = ?", (log,)).fetchone()
            known = self._newest[log] = cast("tuple[int | None]", row)[0] or 0
        return known

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep an object."""
        self._change("INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", (kind, key, value))
        if self._changes() == 0 and self.get(kind, key) != value:
            raise object_conflict(kind, key)

    def delete(self, kind: str, key: bytes) -> None:
        """Forget an object, if it is there."""
        self._change("DELETE FROM objects WHERE kind = ? AND key = ?", (kind, key))

    def swap(self, name: str, old: bytes | None, new: bytes | None) -> None:
        """Set a ref if its value is ``old``."""
        if self.ref(name) != old:
            raise swap_conflict(name)
        if new is None:
            self._change("DELETE FROM refs WHERE name = ?", (name,))
        else:
            self._change("INSERT OR REPLACE INTO refs VALUES (?, ?)", (name, new))

    def append(self, log: str, value: bytes) -> int:
        """Add an entry to a log and give its sequence."""
        sequence = self.last(log) + 1
        self._change("INSERT INTO logs VALUES (?, ?, ?)", (log, sequence, value))
        self._newest[log] = sequence
        return sequence

    def _value(self, sql: str, *arguments: str | bytes) -> bytes | None:
        row = self._query(sql, arguments).fetchone()
        return None if row is None else cast("bytes", row[0])
