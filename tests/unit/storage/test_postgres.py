"""What only a store in PostgreSQL has to promise: a server that goes away, refuses, or is not what it should be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Literal, LiteralString

import psycopg
import pytest
from psycopg import sql

from anvcs.errors import (
    CorruptStoreError,
    LockedError,
    OutcomeUnknownError,
    StoreError,
    StoreTooNewError,
    StoreUnreachableError,
)
from anvcs.storage import postgres as module
from anvcs.storage.postgres import PostgresStore
from anvcs.storage.protocol import FORMAT
from tests.servers import Postgres, fresh
from tests.unit.storage.stores import python


@pytest.fixture
def schema() -> str:
    return fresh()


@pytest.fixture
def store(postgres: Postgres, schema: str) -> Iterator[PostgresStore]:
    with closing(PostgresStore(postgres.dsn, schema)) as made:
        yield made


COUNT = """
import sys
from anvcs.storage.postgres import PostgresStore
store = PostgresStore(sys.argv[1], sys.argv[2])
for n in range(int(sys.argv[3])):
    with store.write() as tx:
        old = tx.ref("count")
        tx.swap("count", old, b"%d" % (int(old or b"0") + 1))
        tx.append("log", sys.argv[4].encode())
store.close()
"""


@pytest.mark.promise("storage.processes")
def test_several_processes_write_at_once_and_nothing_is_lost(postgres: Postgres, schema: str) -> None:
    # The schema does not exist yet: making it is part of the race.
    workers = [python(COUNT, postgres.dsn, schema, "40", name) for name in "abc"]
    for worker in workers:
        worker.communicate(timeout=90)
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    with closing(PostgresStore(postgres.dsn, schema)) as store, store.read() as tx:
        assert tx.ref("count") == b"120"
        assert sorted(value for _, value in tx.entries("log")) == sorted([b"a", b"b", b"c"] * 40)


@pytest.mark.promise("storage.server-restart")
@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_server_restarted_in_the_middle_loses_nothing_and_leaves_nothing_half(
    store: PostgresStore, postgres: Postgres, mode: Literal["immediate", "fast"]
) -> None:
    with store.write() as tx:
        tx.append("log", b"acknowledged")
        tx.swap("ref", None, b"before")
    with pytest.raises(StoreUnreachableError, match="nothing was changed"), store.write() as tx:  # noqa: PT012 - whole
        tx.append("log", b"lost")
        tx.put("kind", b"key", b"lost")
        postgres.restart(mode)
        tx.swap("ref", b"before", b"after")
    with store.read() as tx:
        assert tx.entries("log") == [(1, b"acknowledged")]
        assert tx.get("kind", b"key") is None
        assert tx.refs() == {"ref": b"before"}
    with store.write() as tx:
        assert tx.append("log", b"again") == 2


@pytest.mark.promise("storage.server-restart")
def test_a_restart_under_load_loses_no_acknowledged_entry(postgres: Postgres, schema: str) -> None:
    acknowledged: list[bytes] = []
    failures: list[Exception] = []
    restarted = threading.Event()

    def write() -> None:
        with closing(PostgresStore(postgres.dsn, schema)) as store:
            number = 0
            while number < 2000 and not (restarted.is_set() and len(acknowledged) > 200):
                number += 1
                try:
                    with store.write() as tx:
                        tx.append("log", b"%d" % number)
                        tx.put("kind", b"%d" % number, b"x")
                    acknowledged.append(b"%d" % number)
                except StoreUnreachableError as error:
                    failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 20 and writer.is_alive():
        restarted.wait(0.01)
    postgres.restart()
    restarted.set()
    writer.join(60)
    assert not writer.is_alive()
    with closing(PostgresStore(postgres.dsn, schema)) as store, store.read() as tx:
        assert [value for _, value in tx.entries("log")] == acknowledged
        assert all(tx.get("kind", value) == b"x" for value in acknowledged)
        assert store.check() == []


class Cut:
    """The connection of a store, which breaks around a commit."""

    def __init__(self, store: PostgresStore, before: Callable[[], object], after: Callable[[], object]) -> None:
        self._whole = store._connection
        self._before, self._after = before, after
        store._connection = self  # pyright: ignore[reportAttributeAccessIssue] - as good as a connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._whole, name)

    def execute(self, query: object, *rest: object, **options: object) -> object:
        """Hand on what is no commit."""
        if "(token) VALUES" not in str(query):
            return self._whole.execute(query, *rest, **options)  # pyright: ignore - handed on
        self._before()
        self._whole.execute(query)  # pyright: ignore - handed on
        self._after()
        self._whole.close()
        raise psycopg.OperationalError("the connection was lost")


def nothing() -> None:
    pass


@pytest.mark.promise("storage.lost-answer")
def test_a_commit_whose_answer_was_lost_counts_as_done_if_it_was(store: PostgresStore) -> None:
    Cut(store, nothing, nothing)
    with store.write() as tx:
        tx.append("log", b"entry")
    with store.read() as tx:
        assert tx.entries("log") == [(1, b"entry")]


@pytest.mark.promise("storage.lost-answer")
def test_a_commit_that_never_arrived_is_said_not_to_have_happened(store: PostgresStore) -> None:
    cut = Cut(store, nothing, nothing)
    cut._before = cut._whole.close
    with pytest.raises(StoreUnreachableError, match="nothing was changed"), store.write() as tx:
        tx.append("log", b"entry")
    with store.read() as tx:
        assert tx.entries("log") == []


@pytest.mark.promise("storage.lost-answer")
@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_nobody_can_ask_about_is_named_and_known_later(
    store: PostgresStore, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    cut = Cut(store, nothing if committed else postgres.stop, postgres.stop if committed else nothing)
    assert cut
    try:
        with pytest.raises(OutcomeUnknownError, match="not known yet") as unknown, store.write() as tx:
            tx.append("log", b"entry")
    finally:
        postgres.start()
    monkeypatch.undo()
    assert store.happened(unknown.value.token) is committed
    with store.read() as tx:
        assert tx.entries("log") == ([(1, b"entry")] if committed else [])


def test_a_writer_elsewhere_that_takes_too_long_is_named(
    store: PostgresStore, postgres: Postgres, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    with closing(PostgresStore(postgres.dsn, schema)) as other, store.write():
        with pytest.raises(LockedError, match="in use by another writer"), other.write():
            pass
        with other.read() as tx:
            assert tx.last("log") == 0


def test_a_refused_step_that_was_passed_over_cannot_be_committed(store: PostgresStore) -> None:
    with pytest.raises(StoreError, match="nothing was changed"), store.write() as tx:  # noqa: PT012 - the whole fails
        tx.append("log", b"entry")
        with pytest.raises(StoreError):
            tx._run("SELECT 1 / 0")
    with store.read() as tx:
        assert tx.last("log") == 0


@pytest.mark.promise("storage.server-errors")
@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ("password=stolen", StoreError, "let nobody in"),
        ("dbname=missing", StoreError, "let nobody in"),
        ("port=1", StoreUnreachableError, "does not answer"),
        ("hostaddr", StoreError, "cannot be read"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_without_the_password(
    postgres: Postgres, wrong: str, kind: type[StoreError], said: str
) -> None:
    with pytest.raises(kind, match=said) as refused:
        PostgresStore(f"{postgres.dsn} {wrong}")
    assert refused.value.way_out
    assert postgres.password not in str(refused.value)
    assert "stolen" not in str(refused.value)


@pytest.mark.promise("storage.server-errors")
def test_a_server_that_is_too_old_is_refused(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MINIMUM_SERVER", 990_000)
    with pytest.raises(StoreError, match="too old"):
        PostgresStore(postgres.dsn, fresh())


@pytest.mark.promise("storage.server-errors")
def test_a_user_without_rights_is_told_so(store: PostgresStore, postgres: Postgres, schema: str) -> None:
    alter(postgres, "CREATE ROLE {} LOGIN PASSWORD 'guest'", schema)
    guest = postgres.dsn.replace("user=anvcs", f"user={schema}").replace(postgres.password, "guest")
    with pytest.raises(StoreError, match="permission denied") as refused:
        PostgresStore(guest, schema)
    assert "right" in refused.value.way_out
    assert store.check() == []


def alter(postgres: Postgres, text: LiteralString, schema: str) -> None:
    """Do to a store what only its administrator can do."""
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(sql.SQL(text).format(sql.Identifier(schema)))


@pytest.mark.promise("storage.versions")
def test_a_store_of_a_later_format_is_refused_or_only_read(
    store: PostgresStore, postgres: Postgres, schema: str
) -> None:
    assert FORMAT == 1
    alter(postgres, "UPDATE {}.versions SET format = 2, min_writer = 2", schema)
    with store.read() as tx:
        assert tx.last("log") == 0
    with pytest.raises(StoreTooNewError, match="may only read"), store.write():
        pass
    alter(postgres, "UPDATE {}.versions SET min_reader = 2", schema)
    with pytest.raises(StoreTooNewError), store.read():
        pass
    with pytest.raises(StoreTooNewError):
        PostgresStore(postgres.dsn, schema)


def test_damage_is_found_and_said(store: PostgresStore, postgres: Postgres, schema: str) -> None:
    with store.write() as tx:
        for _ in range(3):
            tx.append("log", b"entry")
    alter(postgres, "DELETE FROM {}.logs WHERE sequence = 2", schema)
    assert store.check() == [f"{store.place} lacks entries of its log log."]
    alter(postgres, "DROP TABLE {}.refs", schema)
    with pytest.raises(CorruptStoreError, match="damaged"), store.read() as tx:
        tx.ref("ref")
