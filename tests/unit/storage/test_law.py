"""All stores, driven alike, answer alike."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from anvcs.errors import StoreConflictError
from anvcs.storage import s3_transaction, segments
from anvcs.storage.protocol import Store, Writer
from tests.unit.storage.stores import BACKENDS, Opener, opener

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
    """All stores, given the same transactions; each is compared with the one in memory."""

    def __init__(self, openers: dict[str, Opener]) -> None:
        super().__init__()
        self.openers = openers
        self.stores = {name: opened() for name, opened in openers.items()}
        self.memory = self.stores.pop("memory")

    @rule(changes=st.lists(CHANGES, max_size=8), give_up=st.booleans())
    def transaction(self, changes: list[Change], *, give_up: bool) -> None:
        """Perform the same changes in all."""
        expected = transact(self.memory, changes, give_up=give_up)
        for store in self.stores.values():
            assert transact(store, changes, give_up=give_up) == expected

    @rule(kind=KINDS, key=KEYS, prefix=NAMES)
    def look(self, kind: str, key: bytes, prefix: str) -> None:
        """Read one object and list refs in all."""
        with self.memory.read() as ours:
            expected = ours.get(kind, key), list(ours.refs(prefix).items())
        for store in self.stores.values():
            with store.read() as theirs:
                assert (theirs.get(kind, key), list(theirs.refs(prefix).items())) == expected

    @rule(log=LOGS, after=st.integers(0, 9), limit=st.none() | st.integers(0, 4), backwards=st.booleans())
    def page(self, log: str, after: int, limit: int | None, *, backwards: bool) -> None:
        """Page through a log in all."""
        with self.memory.read() as ours:
            expected = ours.entries(log, after, limit, backwards=backwards)
        for store in self.stores.values():
            with store.read() as theirs:
                assert theirs.entries(log, after, limit, backwards=backwards) == expected

    @rule()
    def scrub(self) -> None:
        """Tidy up."""
        for store in self.stores.values():
            store.scrub()

    @rule()
    def reopen(self) -> None:
        """Let what is kept outside this process prove that it holds everything."""
        self.teardown()
        self.stores = {name: self.openers[name]() for name in self.stores}

    @invariant()
    def sound(self) -> None:
        """Find nothing wrong anywhere."""
        assert [store.check() for store in self.stores.values()] == [[] for _ in self.stores]

    def teardown(self) -> None:
        """Let go of everything."""
        for store in self.stores.values():
            store.close()


@pytest.mark.promise("storage.contract")
@pytest.mark.parametrize(("backends", "examples"), [(("memory", "sqlite"), 40), (BACKENDS, 15)])
def test_all_backends_answer_alike(
    backends: tuple[str, ...],
    examples: int,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Small enough that a few changes fill the head, the nodes and values of their own.
    monkeypatch.setattr(s3_transaction, "BUFFER", 120)
    monkeypatch.setattr(s3_transaction, "INLINE", 2)
    monkeypatch.setattr(segments, "NODE_BYTES", 150)
    folders = (tmp_path / str(number) for number in itertools.count())

    def machine() -> Alike:
        folder = next(folders)
        folder.mkdir()
        return Alike({name: opener(name, request, folder) for name in backends})

    unhurried = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run = settings(max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=unhurried)
    run_state_machine_as_test(cast("type[Alike]", machine), settings=run)  # it takes whatever makes one
