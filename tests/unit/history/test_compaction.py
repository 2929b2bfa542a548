"""Whatever is compacted, what stays whole is whole, the present view is, and the chain verifies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.actors import KeyStore, Signer
from anvcs.errors import CompactedError
from anvcs.history import compaction
from anvcs.history.ledger import Draft, Entry, Ledger
from anvcs.history.operations import Move
from anvcs.storage.memory import MemoryStore

NAMES = [f"refs/heads/s{number}" for number in range(40)]
VALUES = [character * 40 for character in "0123456789abcdef"]
MOVES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*VALUES, None])), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return KeyStore(tmp_path_factory.mktemp("config")).signer("agent:foo")


def filled(signer: Signer, moves: list[tuple[str, str | None]]) -> Ledger:
    """A ledger in which each pointer moved as told, a plan with each operation."""
    ledger = Ledger(MemoryStore())
    for number, (name, new) in enumerate(moves):
        move = Move(name, ledger.view().get(name), new)
        draft = Draft(kind="commit", moves=(move,), time=number, arguments=bytes([number]) * 32)
        signed = ledger.prepare(draft, signer, b"plan", {bytes([number]) * 32: b"arguments"})
        ledger.finish(signed.id, "published", number)
    return ledger


def collect(ledger: Ledger, until: int, whole: set[int], stop: int | None = None) -> None:
    """Compact up to a sequence but for some; ``stop`` says after which step the process dies."""
    entries = list(compaction.entries(ledger, 0, until))
    kept = [entry for entry in entries if entry.sequence in whole]
    rest = list(compaction.entries(ledger, until))
    roots = [ledger.view().root]
    for entry in (*kept, *rest):
        roots += [entry.operation.view_before, entry.operation.view_after]
    compaction.begin(ledger, until, (entry.sequence for entry in kept))
    if stop == 0:
        return
    compaction.compact(ledger, [entry for entry in entries if entry.sequence not in whole], roots)
    if stop != 1:
        compaction.end(ledger)


def states(ledger: Ledger, entries: list[Entry]) -> list[tuple[dict[str, str], dict[str, str], bytes | None]]:
    return [
        (
            ledger.view_before(entry.signed.id).items(),
            ledger.view_of(entry.signed.id).items(),
            ledger.undo_plan(entry.signed.id),
        )
        for entry in entries
    ]


@pytest.mark.promise("gc.keeps")
@given(moves=MOVES, data=st.data())
def test_what_is_kept_is_whole_and_the_chain_verifies(
    signer: Signer, moves: list[tuple[str, str | None]], data: st.DataObject
) -> None:
    ledger = filled(signer, moves)
    everything = ledger.following(0, 100)
    view = ledger.view().items()
    until = 0
    for _ in range(data.draw(st.integers(1, 3))):
        until = data.draw(st.integers(until, len(moves)))
        before = {each.sequence for each in everything if not ledger.is_compacted(each.sequence)}
        whole = set(data.draw(st.lists(st.sampled_from(sorted(before)), max_size=4))) if before else set[int]()
        kept = [each for each in everything if each.sequence in (before & whole) or each.sequence > until]
        expected = states(ledger, kept)
        collect(ledger, until, before & whole, stop=data.draw(st.sampled_from([None, 0, 1])))
        if compaction.is_unfinished(ledger):
            collect(ledger, until, before & whole)
        assert not compaction.is_unfinished(ledger)
        assert states(ledger, kept) == expected
        assert ledger.view().items() == view
        assert ledger.verify_chain() == []
        gone = [each for each in everything if each not in kept]
        assert ledger.compacted() == len(gone)
        for each in gone:
            assert ledger.is_compacted(each.sequence)
            assert ledger.undo_plan(each.signed.id) is None
            assert ledger.private(each.operation.arguments) is None
            with pytest.raises(CompactedError):
                ledger.view_of(each.signed.id)
        assert [entry.signed for entry in ledger.following(0, 100)] == [entry.signed for entry in everything]


def test_nodes_that_only_old_views_need_are_gone(signer: Signer) -> None:
    ledger = filled(signer, [(name, value) for value in VALUES[:2] for name in NAMES])
    store = ledger.store
    assert isinstance(store, MemoryStore)
    before = sum(kind == "view" for kind, _ in store.objects)
    collect(ledger, 80, set())
    assert sum(kind == "view" for kind, _ in store.objects) < before / 10
    assert ledger.view().items() == dict.fromkeys(NAMES, VALUES[1]) | {}


def test_only_what_has_ended_before_is_old(signer: Signer) -> None:
    ledger = filled(signer, [(name, VALUES[0]) for name in NAMES[:5]])
    assert compaction.upto(ledger, 0) == 0
    assert compaction.upto(ledger, 3) == 3
    ledger.prepare(Draft(kind="commit", moves=(Move(NAMES[9], None, VALUES[1]),), time=1), signer)
    assert compaction.upto(ledger, 1 << 40) == 5
