"""What every store does, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from anvcs.errors import LockedError, StoreConflictError
from anvcs.storage import memory, postgres, s3, sqlite
from anvcs.storage.protocol import FORMAT, Reader, Store, Versions
from tests.unit.storage.stores import BACKENDS, Opener, opener

pytestmark = pytest.mark.promise("storage.contract")


@pytest.fixture(params=BACKENDS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return opener(request.param, request, tmp_path)


@pytest.fixture
def store(open_store: Opener) -> Iterator[Store]:
    with closing(open_store()) as made:
        yield made


def contents(store: Store) -> dict[str, object]:
    with store.read() as tx:
        return {
            "object": tx.get("kind", b"key"),
            "refs": tx.refs(),
            "entries": tx.entries("log"),
            "last": tx.last("log"),
        }


EMPTY: dict[str, object] = {"object": None, "refs": {}, "entries": [], "last": 0}


def test_a_new_store_is_empty_and_of_this_format(store: Store) -> None:
    assert contents(store) == EMPTY
    assert store.versions == Versions(FORMAT, 1, 1)
    assert store.check() == []


def test_what_one_transaction_wrote_the_next_one_reads(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", b"key", b"value")
        tx.swap("ref", None, b"one")
        assert tx.append("log", b"entry") == 1
        assert tx.get("kind", b"key") == b"value"
        assert tx.ref("ref") == b"one"
        assert tx.last("log") == 1
    assert contents(store) == {"object": b"value", "refs": {"ref": b"one"}, "entries": [(1, b"entry")], "last": 1}


@pytest.mark.promise("storage.atomic")
def test_a_transaction_that_raises_changes_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", b"old", b"value")
        tx.swap("kept", None, b"one")
        tx.swap("dropped", None, b"one")
        tx.append("log", b"first")
    with pytest.raises(KeyError), store.write() as tx:  # noqa: PT012 - the whole transaction is what fails
        tx.put("kind", b"key", b"value")
        tx.delete("kind", b"old")
        tx.swap("kept", b"one", b"two")
        tx.swap("dropped", b"one", None)
        tx.swap("new", None, b"one")
        tx.append("log", b"second")
        tx.append("other", b"first")
        for old, new in ((b"two", b"three"), (b"three", None), (None, b"four")):
            tx.swap("kept", old, new)
        tx.put("kind", b"old", b"another")
        tx.delete("kind", b"old")
        raise KeyError
    with store.read() as tx:
        assert tx.get("kind", b"key") is None
        assert tx.get("kind", b"old") == b"value"
        assert tx.refs() == {"dropped": b"one", "kept": b"one"}
        assert tx.entries("log") == [(1, b"first")]
        assert tx.last("other") == 0


def test_an_object_never_changes(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", b"key", b"value")
    with store.write() as tx:
        tx.put("kind", b"key", b"value")
    with pytest.raises(StoreConflictError, match="another content"), store.write() as tx:
        tx.put("kind", b"key", b"other")
    assert contents(store)["object"] == b"value"


def test_kinds_keep_their_keys_apart(store: Store) -> None:
    with store.write() as tx:
        tx.put("one", b"key", b"1")
        tx.put("two", b"key", b"2")
        tx.delete("one", b"key")
        assert tx.get("one", b"key") is None
        assert tx.get("two", b"key") == b"2"


def test_a_deleted_object_can_be_put_anew_and_deleting_nothing_is_fine(store: Store) -> None:
    with store.write() as tx:
        tx.delete("kind", b"key")
        tx.put("kind", b"key", b"one")
        tx.delete("kind", b"key")
        tx.put("kind", b"key", b"two")
    store.scrub()
    assert contents(store)["object"] == b"two"


@pytest.mark.parametrize(
    ("now", "old", "new"),
    [(None, b"a", b"b"), (b"a", None, b"b"), (b"a", b"b", b"c"), (b"a", b"b", None), (b"a", None, None)],
)
def test_a_lost_swap_changes_nothing(store: Store, now: bytes | None, old: bytes | None, new: bytes | None) -> None:
    with store.write() as tx:
        tx.swap("ref", None, now)
    before = contents(store)
    with pytest.raises(StoreConflictError, match="ref was"), store.write() as tx:  # noqa: PT012 - see above
        tx.put("kind", b"key", b"value")
        tx.swap("ref", old, new)
    assert contents(store) == before


def test_a_swap_that_was_refused_can_be_passed_over(store: Store) -> None:
    with store.write() as tx:
        with pytest.raises(StoreConflictError):
            tx.swap("ref", b"a", b"b")
        tx.swap("ref", None, b"c")
    assert contents(store)["refs"] == {"ref": b"c"}


def test_an_empty_value_is_a_value(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", b"", b"")
        tx.swap("", None, b"")
        tx.append("", b"")
        assert tx.get("kind", b"") == b""
        assert tx.ref("") == b""
        assert tx.entries("") == [(1, b"")]


def test_refs_are_listed_by_prefix_in_order_of_names(store: Store) -> None:
    names = ["b/2", "b/1", "b", "bé", "a/1", "b/\U0001f600", "c", "b%", "b_1"]
    with store.write() as tx:
        for name in names:
            tx.swap(name, None, name.encode())
        assert list(tx.refs("b/")) == ["b/1", "b/2", "b/\U0001f600"]
        assert list(tx.refs()) == sorted(names)
        assert tx.refs("x") == {}


def test_a_log_is_read_in_pages_in_both_directions(store: Store) -> None:
    with store.write() as tx:
        assert [tx.append("log", b"%d" % n) for n in range(1, 6)] == [1, 2, 3, 4, 5]
        tx.append("other", b"x")
    with store.read() as tx:
        assert tx.entries("log", limit=2) == [(1, b"1"), (2, b"2")]
        assert tx.entries("log", 2, 2) == [(3, b"3"), (4, b"4")]
        assert tx.entries("log", 5) == []
        assert tx.entries("log", limit=2, backwards=True) == [(5, b"5"), (4, b"4")]
        assert tx.entries("log", 4, backwards=True) == [(3, b"3"), (2, b"2"), (1, b"1")]
        assert tx.entries("log", 1, backwards=True) == []
        assert tx.entries("log", limit=0) == []
        assert tx.last("log") == 5


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with store.read() as tx, pytest.raises(RuntimeError, match="cannot write"):
        getattr(tx, "put")("kind", b"key", b"value")  # noqa: B009 - Reader has no put, which is the point
    assert contents(store) == EMPTY


def test_a_transaction_is_of_no_use_after_its_block(store: Store) -> None:
    with store.write() as tx:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        tx.put("kind", b"key", b"value")
    with pytest.raises(RuntimeError, match="has ended"):
        tx.get("kind", b"key")


def test_a_read_inside_a_write_sees_what_is_being_written(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", b"key", b"value")
        assert contents(store)["object"] == b"value"
        tx.swap("ref", None, b"one")
    assert contents(store)["refs"] == {"ref": b"one"}


def test_a_write_inside_another_transaction_is_a_mistake(store: Store) -> None:
    with store.read(), pytest.raises(RuntimeError, match="inside another"), store.write():
        pass
    with store.write() as tx:
        tx.swap("ref", None, b"one")
        with pytest.raises(RuntimeError, match="inside another"), store.write():
            pass
    assert contents(store)["refs"] == {"ref": b"one"}


def test_threads_that_count_together_lose_nothing(store: Store) -> None:
    def count() -> None:
        for _ in range(50):
            with store.write() as tx:
                old = tx.ref("count")
                tx.swap("count", old, str(int(old or b"0") + 1).encode())
                tx.append("log", b"")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert contents(store)["refs"] == {"count": b"200"}
    assert contents(store)["last"] == 200


def test_waiting_for_another_thread_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (memory, sqlite, postgres, s3):
        monkeypatch.setattr(module, "PATIENCE", 0.05)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write():
            entered.set()
            leave.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(60)
    try:
        with pytest.raises(LockedError), store.write():
            pass
    finally:
        leave.set()
        holder.join(60)
    with store.write() as tx:
        tx.append("log", b"free again")


def test_a_reader_sees_one_moment(store: Store) -> None:
    seen: list[int] = []
    written = threading.Event()

    def read(tx: Reader) -> None:
        seen.append(tx.last("log"))

    def write() -> None:
        with store.write() as tx:
            tx.append("log", b"")
        written.set()

    writer = threading.Thread(target=write)
    with store.read() as tx:
        read(tx)
        writer.start()
        read(tx)
    assert written.wait(60)
    writer.join(60)
    assert seen == [0, 0]
    assert contents(store)["last"] == 1


def test_what_was_written_is_there_when_the_store_is_opened_again(open_store: Opener) -> None:
    with closing(open_store()) as store, store.write() as tx:
        for n in range(300):
            tx.append("log", b"%d" % n * 200)
            tx.put("kind", b"%d" % n, b"x" * n * 100)
            tx.swap(f"ref/{n % 7}", tx.ref(f"ref/{n % 7}"), b"%d" % n)
    with closing(open_store()) as store:
        with store.read() as tx:
            assert tx.entries("log") == [(n + 1, b"%d" % n * 200) for n in range(300)]
            assert tx.entries("log", 200, 2, backwards=True) == [(199, b"198" * 200), (198, b"197" * 200)]
            assert all(tx.get("kind", b"%d" % n) == b"x" * n * 100 for n in range(300))
            assert tx.refs("ref/") == {f"ref/{n % 7}": b"%d" % n for n in range(293, 300)}
        assert store.check() == []


def test_several_that_have_one_store_open_see_what_each_other_wrote(open_store: Opener) -> None:
    with closing(open_store()) as one, closing(open_store()) as other:
        for n in range(1, 6):
            for at, store in enumerate((one, other)):
                with store.write() as tx:
                    old = tx.ref("count")
                    tx.swap("count", old, str(int(old or b"0") + 1).encode())
                    assert tx.append("log", b"entry") == 2 * n - 1 + at
                with pytest.raises(KeyError), store.write() as tx:  # noqa: PT012 - the whole transaction is what fails
                    tx.append("log", b"given up")
                    raise KeyError
            for store in (one, other):
                with store.read() as tx:
                    assert tx.ref("count") == str(2 * n).encode()
                    assert tx.last("log") == 2 * n


def test_a_write_that_is_not_durable_is_seen_all_the_same(open_store: Opener) -> None:
    with closing(open_store()) as store, store.write(durable=False) as tx:
        tx.append("log", b"entry")
    with closing(open_store()) as store, store.read() as tx:
        assert tx.entries("log") == [(1, b"entry")]
