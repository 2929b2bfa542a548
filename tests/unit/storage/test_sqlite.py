"""What only a store in a file has to promise: other processes, crashes, other people's files, versions."""

# pyright: reportUnknownMemberType=false
# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from anvcs.errors import CorruptStoreError, LockedError, StoreError, StoreTooNewError
from anvcs.storage import sqlite
from anvcs.storage.memory import MemoryStore
from anvcs.storage.protocol import FORMAT, Versions
from anvcs.storage.sqlite import SqliteStore, connect
from tests.unit.storage.stores import python


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as made:
        yield made


OPEN = """
import sys
from pathlib import Path
from anvcs.storage.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
"""

COUNT = (
    OPEN
    + """
for n in range(int(sys.argv[2])):
    with store.write() as tx:
        old = tx.ref("count")
        tx.swap("count", old, b"%d" % (int(old or b"0") + 1))
        tx.append("log", sys.argv[3].encode())
        tx.put("object", b"%s %d" % (sys.argv[3].encode(), n), b"x")
store.close()
"""
)


@pytest.mark.promise("storage.processes")
def test_several_processes_write_at_once_and_nothing_is_lost(path: Path) -> None:
    # The file does not exist yet: making it is part of the race.
    workers = [python(COUNT, path, "60", name) for name in "abcd"]
    assert [worker.wait(90) for worker in workers] == [0, 0, 0, 0]
    for worker in workers:
        worker.communicate()
    with closing(SqliteStore(path)) as store, store.read() as tx:
        assert tx.ref("count") == b"240"
        assert tx.last("log") == 240
        assert sorted(value for _, value in tx.entries("log")) == sorted([b"a", b"b", b"c", b"d"] * 60)
        assert all(
            tx.get("object", b"%s %d" % (name, n)) == b"x" for name in (b"a", b"b", b"c", b"d") for n in range(60)
        )


HANG = (
    OPEN
    + """
with store.write() as tx:
    tx.put("kind", b"new", b"value" * 100_000)
    tx.swap("ref", b"before", b"after")
    tx.append("log", b"second")
    print("in the middle", flush=True)
    sys.stdin.read()
"""
)


@pytest.mark.promise("storage.atomic")
def test_kill_in_the_middle_of_a_transaction_leaves_the_state_before(store: SqliteStore, path: Path) -> None:
    with store.write() as tx:
        tx.swap("ref", None, b"before")
        tx.append("log", b"first")
    with python(HANG, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in the middle\n"
        with store.read() as tx:  # a writer at work keeps nobody from reading
            assert tx.ref("ref") == b"before"
        other.kill()
    for reopened in (store, SqliteStore(path)):
        with closing(reopened), reopened.write() as tx:
            assert tx.ref("ref") == b"before"
            assert tx.get("kind", b"new") is None
            assert tx.entries("log") == [(1, b"first")]


ACKNOWLEDGE = (
    OPEN
    + """
while True:
    with store.write() as tx:
        n = tx.append("log", b"x" * 300)
        tx.put("object", b"%d" % n, b"y" * 300)
        tx.swap("last", tx.ref("last"), b"%d" % n)
    print(n, flush=True)
"""
)


@pytest.mark.promise("storage.durable")
@pytest.mark.parametrize("patience", [1, 40, 400])
def test_what_was_acknowledged_is_there_after_a_kill(path: Path, patience: int) -> None:
    with python(ACKNOWLEDGE, path) as other:
        assert other.stdout is not None
        for _ in range(patience):
            other.stdout.readline()
        other.kill()
        acknowledged = patience + other.stdout.read().count(b"\n")
    with closing(SqliteStore(path)) as store:
        assert store.check() == []
        with store.read() as tx:
            last = tx.last("log")
            assert last >= acknowledged
            assert tx.ref("last") == b"%d" % last
            assert all(tx.get("object", b"%d" % n) for n in range(1, last + 1))
            assert tx.get("object", b"%d" % (last + 1)) is None


def test_another_process_that_holds_the_store_too_long_is_named(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    with closing(SqliteStore(path)) as other, store.write():
        with pytest.raises(LockedError, match="in use by another process"), other.write():
            pass
        with other.read() as tx:
            assert tx.last("log") == 0


@pytest.mark.promise("storage.full-disk")
def test_a_full_disk_is_reported_and_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect_with_little_room(path: Path, *, durable: bool) -> apsw.Connection:
        connection = connect(path, durable=durable)
        connection.pragma("max_page_count", 20)
        return connection

    def write_much(store: SqliteStore) -> None:
        with store.write() as tx:
            tx.append("log", b"second")
            tx.put("kind", b"key", b"x" * 100_000)

    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "connect", connect_with_little_room)
        with closing(SqliteStore(path)) as store:
            with store.write() as tx:
                tx.append("log", b"first")
            with pytest.raises(StoreError, match="is full"):
                write_much(store)
            with store.write() as tx:
                assert tx.entries("log") == [(1, b"first")]
                assert tx.get("kind", b"key") is None
    with closing(SqliteStore(path)) as store:
        write_much(store)


@pytest.mark.promise("storage.versions")
def test_a_store_that_would_be_misread_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    _set_versions(path, FORMAT + 1, FORMAT + 1, FORMAT + 1)
    before = path.read_bytes()
    with pytest.raises(StoreTooNewError, match="newer ANVCS") as refused:
        SqliteStore(path)
    assert "Upgrade" in refused.value.way_out
    assert path.read_bytes() == before
    with pytest.raises(StoreTooNewError):
        connect(path, durable=False)
    with pytest.raises(StoreTooNewError):
        MemoryStore(Versions(FORMAT + 1, FORMAT + 1, FORMAT + 1))


@pytest.mark.promise("storage.versions")
def test_a_store_that_writing_would_harm_is_read_only(path: Path) -> None:
    with closing(SqliteStore(path)) as store, store.write() as tx:
        tx.append("log", b"first")
    _set_versions(path, FORMAT + 1, FORMAT, FORMAT + 1)
    with closing(SqliteStore(path)) as store:
        with store.read() as tx:
            assert tx.entries("log") == [(1, b"first")]
        with pytest.raises(StoreTooNewError, match="may only read"), store.write():
            pass
        assert store.versions == Versions(FORMAT + 1, FORMAT, FORMAT + 1)
    held = MemoryStore(Versions(FORMAT + 1, FORMAT, FORMAT + 1))
    with held.read() as tx:
        assert tx.last("log") == 0
    with pytest.raises(StoreTooNewError, match="may only read"), held.write():
        pass


@pytest.mark.promise("storage.versions")
def test_a_migration_by_another_process_is_noticed_by_an_open_store(store: SqliteStore, path: Path) -> None:
    _set_versions(path, FORMAT + 1, FORMAT, FORMAT + 1)
    with pytest.raises(StoreTooNewError), store.write():
        pass
    with store.read() as tx:
        assert tx.last("log") == 0
    _set_versions(path, FORMAT + 1, FORMAT + 1, FORMAT + 1)
    with pytest.raises(StoreTooNewError), store.read():
        pass


def _set_versions(path: Path, *versions: int) -> None:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("UPDATE versions SET format = ?, min_reader = ?, min_writer = ?", versions)


@pytest.mark.promise("storage.foreign-file")
def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(CorruptStoreError, match="another program") as refused:
        SqliteStore(path)
    assert refused.value.way_out
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.promise("storage.foreign-file")
@pytest.mark.parametrize(
    "content", [b"just text, long enough to be a header" * 10, b"SQLite format 3\x00" + bytes(5000)]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CorruptStoreError, match="damaged or not an ANVCS database"):
        SqliteStore(path)
    assert path.read_bytes() == content


@pytest.mark.promise("storage.foreign-file")
def test_damage_inside_the_file_is_found_and_said(path: Path) -> None:
    with closing(SqliteStore(path)) as store, store.write() as tx:
        for n in range(200):
            tx.put("kind", b"%d" % n, b"x" * 200)
    damaged = bytearray(path.read_bytes())
    for page in range(3, len(damaged) // 4096):
        damaged[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(damaged)
    with closing(SqliteStore(path)) as store:
        assert store.check()
        with pytest.raises(CorruptStoreError), store.read() as tx:
            tx.get("kind", b"199")


@pytest.mark.promise("storage.foreign-file")
@pytest.mark.parametrize("table", ["versions", "objects"])
def test_a_database_of_ours_that_lacks_a_table_is_refused(path: Path, table: str) -> None:
    SqliteStore(path).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(f"DROP TABLE {table}")
    with pytest.raises(CorruptStoreError), closing(SqliteStore(path)) as store, store.read() as tx:
        tx.get("kind", b"key")


def test_a_database_that_does_not_state_its_versions_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("DELETE FROM versions")
    with pytest.raises(CorruptStoreError, match="which versions"):
        SqliteStore(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing/store\.db cannot be opened"):
        SqliteStore(tmp_path / "missing" / "store.db")


@pytest.mark.promise("storage.sqlite-version")
def test_a_sqlite_that_can_corrupt_shared_databases_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.2 can damage"):
        SqliteStore(path)
    assert not path.exists()


@pytest.mark.parametrize("durable", [True, False])
def test_connections_are_tuned(path: Path, durable: bool) -> None:
    with closing(connect(path, durable=durable)) as connection:
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == (2 if durable else 1)
        assert connection.pragma("secure_delete") == (1 if durable else 0)
        assert connection.pragma("fullfsync") == (1 if durable else 0)
        assert connection.pragma("trusted_schema") == 0
        assert connection.pragma("busy_timeout") == int(sqlite.PATIENCE * 1000)
        assert connection.pragma("application_id") == sqlite.APPLICATION_ID


def test_a_scrubbed_store_holds_no_trace_of_what_was_deleted(store: SqliteStore, path: Path) -> None:
    secret = b"the secret prompt" * 500
    with store.write() as tx:
        tx.put("record", b"key", secret)
        tx.put("record", b"other", b"stays")
    assert secret[:200] in _on_disk(path)
    with store.write() as tx:
        tx.delete("record", b"key")
    store.scrub()
    assert b"secret prompt" not in _on_disk(path)
    with store.read() as tx:
        assert tx.get("record", b"other") == b"stays"


def test_a_scrubbed_store_holds_no_copy_of_what_was_moved_before_it_was_deleted(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - sizes and an order, no secret
    for number in range(20):
        path = tmp_path / str(number) / "store.db"
        path.parent.mkdir()
        with closing(SqliteStore(path)) as store:
            deleted = _come_and_go(store, chance)
            store.scrub()
            on_disk = _on_disk(path)
            assert [word for word in deleted if word in on_disk] == []
            with store.write() as tx:
                tx.append("log", b"goes on")


def _come_and_go(store: SqliteStore, chance: random.Random) -> list[bytes]:
    """Put many values and delete some of them again; gives what can be told of these."""
    live: dict[bytes, bytes] = {}
    deleted: list[bytes] = []
    for number in range(150):
        with store.write(durable=False) as tx:
            for each in range(chance.randrange(1, 4)):
                key, word = chance.randbytes(32), b"secret %d.%d " % (number, each)
                tx.put("record", key, word * chance.randrange(3, 100))
                live[key] = word
            if chance.random() < 0.5:
                key = chance.choice(list(live))
                tx.delete("record", key)
                deleted.append(live.pop(key))
    return deleted


def _on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm"))
