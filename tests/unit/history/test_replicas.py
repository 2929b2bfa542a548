"""What is kept of other replicas: their operations, outcomes, views, and the values that their streams had."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.actors import KeyStore, Signer
from anvcs.errors import CorruptStoreError
from anvcs.history import replicas
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Move
from anvcs.history.replicas import History
from anvcs.storage.memory import MemoryStore
from tests.unit.history.ledgers import DEEDS, NAMES, VALUES, Deed, perform, sealed

MAIN = "refs/heads/main"


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return KeyStore(tmp_path_factory.mktemp("config")).signer("agent:foo")


@pytest.mark.promise("team.exchange")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(deeds=DEEDS, span=st.integers(1, 9), parts=st.integers(1, 4))
def test_what_is_heard_is_what_was_done(signer: Signer, deeds: list[Deed], span: int, parts: int) -> None:
    theirs = Ledger(MemoryStore())
    perform(theirs, signer, deeds)
    for operation, _ in theirs.pending():
        theirs.finish(operation.id, "aborted")
    found = sealed(theirs, span)
    store = MemoryStore()
    new = 0
    for at in range(parts):
        # In several exchanges, some of which bring nothing.
        known = replicas.of(store, theirs.replica).end.segments
        new += replicas.take(store, theirs.replica, found[known : len(found) * (at + 1) // parts], 1_000 + at)
    heard = replicas.log(store, theirs.replica)
    assert new == len(heard) == theirs.count()
    assert heard == theirs.operations()
    assert replicas.view(store, theirs.replica).items() == theirs.view().items()
    assert replicas.verify(store, theirs.replica) == []
    assert [each.replica for each in replicas.heard(store)] == ([theirs.replica] if found else [])
    published = [entry.operation for entry in heard if entry.state == "published"]
    replicas.note_own(theirs.store, theirs.replica)
    for side in (store, theirs.store):
        with side.read() as transaction:
            for name in NAMES:
                history = History(transaction, theirs.replica, name, None)
                moves = [(move.old, move.new) for each in published for move in each.moves if move.name == name]
                assert {value for value in VALUES if history.had(value)} == {
                    value for pair in moves for value in pair if value
                }
                assert (history.latest is None) == (not moves)


def test_own_values_are_noted_once_and_from_where_it_stopped(signer: Signer) -> None:
    ledger = Ledger(MemoryStore())
    for old, new in ((None, VALUES[0]), (VALUES[0], VALUES[1])):
        last = ledger.record(Draft(kind="commit", moves=(Move(MAIN, old, new),)), signer)
        replicas.note_own(ledger.store, ledger.replica)
        replicas.note_own(ledger.store, ledger.replica)
        with ledger.store.read() as transaction:
            history = History(transaction, ledger.replica, MAIN, new)
            assert history.had(new)
            assert history.latest == last.id
            assert not history.had(VALUES[2])


def test_a_choice_counts_for_all_that_it_names(signer: Signer) -> None:
    ledger = Ledger(MemoryStore())
    other = Ledger(MemoryStore()).record(Draft(kind="commit"), signer)
    ledger.record(
        Draft(
            kind="resolve",
            causes=(other.id,),
            details={"stream": MAIN, "values": f"{VALUES[0]} {VALUES[1]}", "kept": VALUES[0]},
        ),
        signer,
    )
    replicas.note_own(ledger.store, ledger.replica)
    with ledger.store.read() as transaction:
        history = History(transaction, ledger.replica, MAIN, VALUES[0])
        assert history.had(VALUES[0])
        assert history.had(VALUES[1])
        assert history.considered(other.id)
        assert not history.considered(b"x" * 32)
        assert history.brought(VALUES[1]) == history.latest


def test_a_false_segment_leaves_what_was_true(signer: Signer) -> None:
    theirs = Ledger(MemoryStore())
    for number in range(8):
        theirs.record(Draft(kind="commit", moves=(Move(MAIN, theirs.view().get(MAIN), VALUES[number]),)), signer)
    first, second = sealed(theirs, 4)
    store = MemoryStore()
    with pytest.raises(CorruptStoreError):
        replicas.take(store, theirs.replica, [first, second[:-1] + b"\xff"], 0)
    assert replicas.of(store, theirs.replica).end.last == 4
    assert replicas.take(store, theirs.replica, [second], 0) == 4
    # What is damaged in the store afterwards is found too.
    name = replicas.log(store, theirs.replica)[0].signed.id
    store.objects["operation", name] = store.objects["operation", name][:-1] + b"\xff"
    assert len(replicas.verify(store, theirs.replica)) == 1
