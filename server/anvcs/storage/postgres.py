"""A store in PostgreSQL: one schema, many machines; needs the extra ``team``.

Writers are serial through a lock on the one row of ``versions``, which the server drops when a writer's connection
ends, and after 60 idle seconds of a writer that hangs. Readers see one snapshot and wait for nobody. A transaction
costs one trip to the server to begin, one for each step and one to commit. A lost connection is opened anew by the
next transaction; where it was lost in the middle, the transaction did not happen, and where it was lost while
committing, a token that the transaction wrote says whether it did. Tokens are kept for a month.

Values are limited by PostgreSQL to 1 GiB. Durability is the server's: ``check`` names settings that give it up.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, cast

from anvcs.errors import (
    AnvcsError,
    CorruptStoreError,
    DiskError,
    LockedError,
    OutcomeUnknownError,
    StoreError,
    StoreUnreachableError,
)
from anvcs.storage.protocol import FORMAT, Versions, object_conflict, swap_conflict

try:
    import psycopg
    from psycopg import Connection, Cursor, conninfo, errors, sql
    from psycopg.rows import TupleRow
except ImportError as missing:
    raise StoreError(
        "A team store in PostgreSQL needs the psycopg package.", "Run pip install 'anvcs[team]'."
    ) from missing

PATIENCE = 10.0
"""Seconds to wait for another writer, for the server to answer, and for one that restarts."""
MINIMUM_SERVER = 130_000
"""The oldest server, as it numbers itself: 13.0."""
IDLE = 60
"""Seconds that a transaction may do nothing before the server ends it, so that a hung writer frees the store."""

_SCHEMA: LiteralString = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE {schema}.versions (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), format int NOT NULL, min_reader int NOT NULL,
    min_writer int NOT NULL);
CREATE TABLE {schema}.objects (kind bytea, key bytea, value bytea NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE {schema}.refs (name bytea PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE {schema}.logs (log bytea, sequence bigint, value bytea NOT NULL, PRIMARY KEY (log, sequence));
CREATE TABLE {schema}.transactions (token bytea PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
INSERT INTO {schema}.versions (format, min_reader, min_writer) VALUES ({format}, 1, 1)
"""
_READ: LiteralString = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT format, min_reader, min_writer FROM {schema}.versions
"""
# Not REPEATABLE READ: its snapshot would be taken before the wait for the lock, and so be out of date after it.
_WRITE: LiteralString = """
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = {wait};
SET LOCAL idle_in_transaction_session_timeout = {idle};
SET LOCAL synchronous_commit = {commit};
SELECT format, min_reader, min_writer FROM {schema}.versions FOR UPDATE
"""
_COMMIT: LiteralString = """
INSERT INTO {schema}.transactions (token) VALUES ({token});
COMMIT
"""
_FORGET: LiteralString = "DELETE FROM {schema}.transactions WHERE at < now() - interval '1 month'"
_LAX: LiteralString = "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'"
_GAPS: LiteralString = """
SELECT convert_from(log, 'UTF8') FROM {schema}.logs GROUP BY log HAVING count(*) <> max(sequence) OR min(sequence) <> 1
"""


class PostgresStore:
    """A store in a schema of a PostgreSQL database; several threads, processes and machines may have it open."""

    def __init__(self, dsn: str, schema: str = "anvcs") -> None:
        try:
            parts = conninfo.conninfo_to_dict(dsn)
        except psycopg.Error:
            # The parser's words quote the setting, which may hold a password.
            raise StoreError(
                "The address of the PostgreSQL team store cannot be read.",
                "Write it as postgresql://user:password@host:5432/database or as host=... user=... dbname=...",
            ) from None
        self._dsn = dsn
        self._secret = str(parts.get("password") or "")
        self.place = f"The team store {schema} at {parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
        self._schema = schema
        self._lock = threading.RLock()
        self._current: PostgresTransaction | None = None
        self._connection = self._connect()
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @property
    def versions(self) -> Versions:
        """What the store says about itself now."""
        with self._held():
            if self._current is not None:
                return self._current.versions
            with self._transaction(writes=False) as transaction:
                return transaction.versions

    @contextmanager
    def read(self) -> Generator[PostgresTransaction]:
        """A reading transaction. Raises StoreUnreachableError too."""
        with self._held():
            if self._current is not None:
                yield self._current
                return
            with self._transaction(writes=False) as transaction:
                yield transaction

    @contextmanager
    def write(self, *, durable: bool = True) -> Generator[PostgresTransaction]:
        """A writing transaction. Raises StoreUnreachableError (it did not happen) and OutcomeUnknownError too."""
        with self._held():
            if self._current is not None:
                raise RuntimeError("a writing transaction cannot begin inside another transaction")
            with self._transaction(writes=True, durable=durable) as transaction:
                yield transaction

    def happened(self, token: bytes) -> bool:
        """Whether the transaction of an OutcomeUnknownError took place; definite, for a month."""
        with self._held(), self._explained():
            self._begin(writes=True)
            try:
                # The lock that beginning took is free only when the lost connection's transaction is at its end.
                found = self._run("SELECT 1 FROM {schema}.transactions WHERE token = %b", (token,)).fetchone()
            finally:
                self._roll_back()
        return found is not None

    def scrub(self) -> None:
        """Have the server drop deleted rows; its write-ahead log and backups are its administrator's."""
        with self.write():
            self._run(_FORGET)
        with self._held():
            self._run("VACUUM {schema}.objects, {schema}.refs, {schema}.transactions")

    def check(self) -> list[str]:
        """What is wrong with the store or with its server's settings."""
        try:
            with self.read():
                gaps = self._run(_GAPS).fetchall()
                lax = self._run(_LAX).fetchall()
        except AnvcsError as error:
            return [error.message]
        return [f"{self.place} lacks entries of its log {row[0]}." for row in gaps] + [
            f"{self.place} can lose acknowledged work in a power failure: its server has {row[0]} = off." for row in lax
        ]

    def close(self) -> None:
        """Let go of the connection."""
        with self._held():
            self._connection.close()

    @contextmanager
    def _transaction(self, *, writes: bool, durable: bool = True) -> Generator[PostgresTransaction]:
        with self._explained():
            versions = self._begin(writes=writes, durable=durable)
            transaction = PostgresTransaction(self._run, versions, writes=writes)
            try:
                versions.check_reader(self.place)
                if writes:
                    versions.check_writer(self.place)
                self._current = transaction
                yield transaction
                transaction.end()
                self._current = None
                self._commit(changed=transaction.changed)
            finally:
                self._current = None
                transaction.end()
                self._roll_back()

    def _begin(self, *, writes: bool, durable: bool = True) -> Versions:
        """Open a transaction, over a new connection where the old one is lost; nothing has been done by then."""
        query = self._query(_WRITE if writes else _READ, self._commit_level if durable else "off")
        if not self._connection.closed:
            try:
                return self._open(query)
            except psycopg.OperationalError as error:
                if not _is_lost(error, self._connection):
                    raise
        self._reconnect()
        return self._open(query)

    def _open(self, query: sql.Composed) -> Versions:
        try:
            row = _last_result(self._connection.execute(query)).fetchone()
        except BaseException:
            self._roll_back()
            raise
        if row is None:
            self._roll_back()
            raise CorruptStoreError(f"{self.place} does not say which versions it is for.", _RESTORE)
        return Versions(*cast("tuple[int, int, int]", row))

    def _commit(self, *, changed: bool) -> None:
        """End the transaction; raises unless it is certain that it took effect."""
        if not changed:
            self._connection.execute("COMMIT")
            return
        token = secrets.token_bytes(16)
        try:
            done = _last_result(self._connection.execute(self._query(_COMMIT, token=token)))
        except psycopg.Error as error:
            if not _is_lost(error, self._connection):
                raise
            self._settle(token)
            return
        if done.statusmessage != "COMMIT":
            raise self._spoilt()

    def _settle(self, token: bytes) -> None:
        """Find out what became of a transaction whose commit was not answered."""
        try:
            happened = self.happened(token)
        except AnvcsError as error:
            raise OutcomeUnknownError(
                f"The connection to {_inside(self.place)} was lost while saving;"
                " whether it was saved is not known yet.",
                "When the server answers again, ask the store about this transaction before you repeat it.",
                token=token,
            ) from error
        if not happened:
            raise self._lost() from None

    def _roll_back(self) -> None:
        idle = psycopg.pq.TransactionStatus.IDLE
        if not self._connection.closed and self._connection.info.transaction_status != idle:
            try:
                self._connection.execute("ROLLBACK")
            except psycopg.OperationalError:
                # The server rolls back what a lost connection leaves.
                self._connection.close()

    def _connect(self) -> Connection[TupleRow]:
        try:
            made = psycopg.connect(
                self._dsn,
                autocommit=True,
                prepare_threshold=None,  # a pooler in between may change servers from one transaction to the next
                connect_timeout=max(int(PATIENCE), 2),
                application_name="anvcs",
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=30_000,
            )
        except psycopg.Error as error:
            reason = self._words(error)
            # libpq hands on no code for a refusal at the door, only what the server said.
            if "FATAL" in reason:
                raise StoreError(
                    f"{self.place} let nobody in: {reason}.", "Check user, password and database in team.dsn."
                ) from None
            raise StoreUnreachableError(
                f"{self.place} does not answer: {reason}.", "Check team.dsn, the network and the server."
            ) from None
        if made.info.server_version < MINIMUM_SERVER:
            version = made.info.parameter_status("server_version")
            made.close()
            raise StoreError(f"{self.place} runs PostgreSQL {version}, which is too old.", "Upgrade it to 13 or newer.")
        return made

    def _reconnect(self) -> None:
        """A new connection; a server that was there a moment ago gets time to come back."""
        self._connection.close()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection = self._connect()
                return
            except StoreError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _prepare(self) -> None:
        """Make the schema if it is not there, and read what the session needs to know."""
        row = self._connection.execute("SHOW synchronous_commit").fetchone()
        level = row[0] if row else "on"
        # What a server demands beyond its own disk stays demanded.
        self._commit_level = "on" if level == "off" else str(level)
        if self._exists():
            self.versions.check_reader(self.place)
            return
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"anvcs {self._schema}",))
            if not self._exists():
                self._connection.execute(self._query(_SCHEMA))

    def _exists(self) -> bool:
        # From the tables themselves: to_regclass may remember for a while that there was nothing.
        query = "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = 'versions'"
        return self._connection.execute(query, (self._schema,)).fetchone() is not None

    def _query(self, text: LiteralString, commit: str = "on", token: bytes = b"") -> sql.Composed:
        return sql.SQL(text).format(
            token=sql.Literal(token),
            schema=sql.Identifier(self._schema),
            format=sql.Literal(FORMAT),
            wait=sql.Literal(int(PATIENCE * 1000)),
            idle=sql.Literal(IDLE * 1000),
            commit=sql.Literal(commit),
        )

    def _run(self, text: LiteralString, arguments: Sequence[object] | None = None) -> Cursor[TupleRow]:
        with self._explained():
            return self._connection.execute(self._query(text), arguments, binary=True)

    def _spoilt(self) -> StoreError:
        return StoreError(f"{self.place} refused an earlier step, so nothing was changed.", "Try again.")

    def _lost(self) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"The connection to {_inside(self.place)} was lost in the middle; nothing was changed.",
            "Try again when the server answers.",
        )

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turn PostgreSQL's errors into ours, without the password."""
        try:
            yield
        except psycopg.Error as error:
            raise self._error(error) from None

    def _error(self, error: psycopg.Error) -> AnvcsError:
        if _is_lost(error, self._connection):
            return self._lost()
        reason = self._words(error)
        match error:
            case errors.InFailedSqlTransaction():
                return self._spoilt()
            case errors.LockNotAvailable():
                return LockedError(f"{self.place} is in use by another writer.", "Wait for it, then try again.")
            case errors.InsufficientPrivilege():
                return StoreError(
                    f"{self.place} refused: {reason}.", "Ask its administrator for the right to read and write it."
                )
            case errors.ReadOnlySqlTransaction():
                return StoreError(f"{self.place} is on a read-only server.", "Set team.dsn to the primary server.")
            case errors.DiskFull() | errors.OutOfMemory():
                return DiskError(f"{self.place} has no room: {reason}; nothing was changed.", "Free some space there.")
            case errors.UndefinedTable() | errors.UndefinedColumn() | errors.InvalidSchemaName():
                return CorruptStoreError(f"{self.place} is damaged or not ours: {reason}.", _RESTORE)
            case _:
                return StoreError(f"{self.place} refused: {reason}.", "Run ai-vcs doctor to see what is wrong.")

    def _words(self, error: psycopg.Error) -> str:
        """What the server said, in one line and without the password."""
        words = " ".join(str(error).split()).rstrip(".")
        return words.replace(self._secret, "***") if self._secret else words

    @contextmanager
    def _held(self) -> Generator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise LockedError(f"{self.place} is busy.", "Another thread has held it for too long; try again.")
        try:
            yield
        finally:
            self._lock.release()


_RESTORE = "Restore it from a backup, or name another schema; every clone still has its own history."


def _inside(place: str) -> str:
    """The place as it stands within a sentence."""
    return place[0].lower() + place[1:]


def _is_lost(error: psycopg.Error, connection: Connection[TupleRow]) -> bool:
    """Whether the connection is gone; one that the server is about to close is closed here."""
    ending = errors.AdminShutdown | errors.CrashShutdown | errors.CannotConnectNow
    if isinstance(error, ending | errors.IdleInTransactionSessionTimeout):
        connection.close()
    return connection.closed


def _last_result(cursor: Cursor[TupleRow]) -> Cursor[TupleRow]:
    while cursor.nextset():
        pass
    return cursor


def _ended(*_: object) -> Any:
    raise RuntimeError("the transaction has ended")


class PostgresTransaction:
    """A transaction of a PostgresStore."""

    def __init__(self, run: Any, versions: Versions, *, writes: bool) -> None:
        self._run = run
        self._writes = writes
        self.versions = versions
        self.changed = False
        """Whether there is anything to commit."""

    def end(self) -> None:
        """Refuse any further use."""
        self._run = _ended

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The object, if it is there."""
        return self._value("SELECT value FROM {schema}.objects WHERE kind = %b AND key = %b", kind.encode(), key)

    def ref(self, name: str) -> bytes | None:
        """A ref's value, if it is set."""
        return self._value("SELECT value FROM {schema}.refs WHERE name = %b", name.encode())

    def refs(self, prefix: str = "") -> dict[str, bytes]:
        """Every ref whose name starts with the prefix, in order of names."""
        # Names are UTF-8 bytes, whose order is that of characters and in which 0xff ends no name.
        low = prefix.encode()
        rows = self._run(
            "SELECT name, value FROM {schema}.refs WHERE name >= %b AND name < %b ORDER BY name", (low, low + b"\xff")
        )
        return {name.decode(): value for name, value in rows.fetchall()}

    def entries(
        self, log: str, after: int = 0, limit: int | None = None, *, backwards: bool = False
    ) -> list[tuple[int, bytes]]:
        """A log's entries with their sequences."""
        query = "SELECT sequence, value FROM {schema}.logs WHERE log = %b AND sequence "
        if backwards:
            query += "< %s ORDER BY sequence DESC LIMIT %s"
            after = after or 1 << 62
        else:
            query += "> %s ORDER BY sequence LIMIT %s"
        return self._run(query, (log.encode(), after, limit)).fetchall()

    def last(self, log: str) -> int:
        """The sequence of a log's newest entry."""
        row = self._run("SELECT max(sequence) FROM {schema}.logs WHERE log = %b", (log.encode(),)).fetchone()
        return row[0] or 0

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep an object."""
        query = "INSERT INTO {schema}.objects VALUES (%b, %b, %b) ON CONFLICT DO NOTHING"
        if self._change(query, kind.encode(), key, value).rowcount == 0 and self.get(kind, key) != value:
            raise object_conflict(kind, key)

    def delete(self, kind: str, key: bytes) -> None:
        """Forget an object, if it is there."""
        self._change("DELETE FROM {schema}.objects WHERE kind = %b AND key = %b", kind.encode(), key)

    def swap(self, name: str, old: bytes | None, new: bytes | None) -> None:
        """Set a ref if its value is ``old``."""
        self._writable()
        if self.ref(name) != old:
            raise swap_conflict(name)
        if new is None:
            self._change("DELETE FROM {schema}.refs WHERE name = %b", name.encode())
        else:
            query = "INSERT INTO {schema}.refs VALUES (%b, %b) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value"
            self._change(query, name.encode(), new)

    def append(self, log: str, value: bytes) -> int:
        """Add an entry to a log and give its sequence."""
        query = (
            "INSERT INTO {schema}.logs SELECT %b, coalesce(max(sequence), 0) + 1, %b FROM {schema}.logs"
            " WHERE log = %b RETURNING sequence"
        )
        return self._change(query, log.encode(), value, log.encode()).fetchone()[0]

    def _writable(self) -> None:
        if self._run is _ended:
            _ended()
        if not self._writes:
            raise RuntimeError("a reading transaction cannot write")

    def _change(self, query: str, *arguments: bytes) -> Any:
        self._writable()
        self.changed = True
        return self._run(query, arguments)

    def _value(self, query: str, *arguments: bytes) -> bytes | None:
        row = self._run(query, arguments).fetchone()
        return None if row is None else row[0]
