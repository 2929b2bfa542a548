"""The memory store and the SQLite store, driven alike, answer alike."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from anvcs.errors import StoreConflictError
from anvcs.storage.memory import MemoryStore
from anvcs.storage.protocol import Store, Writer
from anvcs.storage.sqlite import SqliteStore

KINDS = st.sampled_from(["a", "b"])
KEYS = st.binary(max_size=2)
SMALL = st.binary(max_size=3)
NAMES = st.text(st.sampled_from("ab/é%_"), max_size=3)
LOGS = st.sampled_from(["x", "y"])

CHANGES = st.one_of(
    st.tuples(st.just("put"), KINDS, KEYS, SMALL),
    st.tuples(st.just("delete"), KINDS, KEYS),
    st.tuples(st.just("swap"), NAMES, st.none() | SMALL, st.none() | SMALL),
    st.tuples(st.just("move"), NAMES, st.none() | SMALL),
    st.tuples(st.just("append"), LOGS, SMALL),
)
Change = tuple[object, ...]


def perform(tx: Writer, change: Change) -> object:
    match change:
        case ("put", str(kind), bytes(key), bytes(value)):
            return tx.put(kind, key, value)
        case ("delete", str(kind), bytes(key)):
            return tx.delete(kind, key)
        case ("swap", str(name), None | bytes() as old, None | bytes() as new):
            return tx.swap(name, old, new)
        case ("move", str(name), None | bytes() as new):
            return tx.swap(name, tx.ref(name), new)
        case ("append", str(log), bytes(value)):
            return tx.append(log, value)
        case _:
            raise AssertionError(change)


def transact(store: Store, changes: list[Change], *, give_up: bool) -> list[object]:
    """What each step of a transaction answers, and how it ends."""
    answers: list[object] = []
    try:
        with store.write() as tx:
            for change in changes:
                answers.append(perform(tx, change))
                answers.append(everything(tx))
            if give_up:
                raise KeyError  # noqa: TRY301 - what is tested is that the block raises
    except (StoreConflictError, KeyError) as error:
        answers.append(str(error))
    return answers


def everything(tx: Writer) -> list[object]:
    return [
        tx.refs(),
        tx.refs("a"),
        [(tx.last(log), tx.entries(log), tx.entries(log, 2, 2), tx.entries(log, 3, 1, backwards=True)) for log in "xy"],
        [tx.get(kind, key) for kind in "ab" for key in (b"", b"\x00", b"\x00\x00", b"\x01")],
    ]


class Alike(RuleBasedStateMachine):
    """Both stores, given the same transactions."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.memory = MemoryStore()
        self.sqlite = SqliteStore(self.folder / "store.db")

    @rule(changes=st.lists(CHANGES, max_size=8), give_up=st.booleans())
    def transaction(self, changes: list[Change], *, give_up: bool) -> None:
        """Perform the same changes in both."""
        assert transact(self.memory, changes, give_up=give_up) == transact(self.sqlite, changes, give_up=give_up)

    @rule(kind=KINDS, key=KEYS)
    def object(self, kind: str, key: bytes) -> None:
        """Read one object in both."""
        with self.memory.read() as ours, self.sqlite.read() as theirs:
            assert ours.get(kind, key) == theirs.get(kind, key)

    @rule(prefix=NAMES)
    def prefix(self, prefix: str) -> None:
        """List refs in both."""
        with self.memory.read() as ours, self.sqlite.read() as theirs:
            assert list(ours.refs(prefix).items()) == list(theirs.refs(prefix).items())

    @rule(log=LOGS, after=st.integers(0, 9), limit=st.none() | st.integers(0, 4), backwards=st.booleans())
    def page(self, log: str, after: int, limit: int | None, *, backwards: bool) -> None:
        """Page through a log in both."""
        with self.memory.read() as ours, self.sqlite.read() as theirs:
            expected = ours.entries(log, after, limit, backwards=backwards)
            assert theirs.entries(log, after, limit, backwards=backwards) == expected

    @rule()
    def reopen(self) -> None:
        """Let the file prove that it holds everything."""
        self.sqlite.close()
        self.sqlite = SqliteStore(self.folder / "store.db")

    @invariant()
    def sound(self) -> None:
        """Find nothing wrong with the file."""
        assert self.sqlite.check() == []

    def teardown(self) -> None:
        """Remove the file."""
        self.sqlite.close()
        shutil.rmtree(self.folder)


@pytest.mark.promise("storage.contract")
def test_memory_and_sqlite_answer_alike() -> None:
    run = settings(max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(Alike, settings=run)
