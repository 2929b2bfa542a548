"""Sealed segments: cut from a ledger and read back, false ones refused, and a ledger made anew from them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.actors import KeyStore, Signer
from anvcs.errors import CorruptStoreError, StoreTooNewError
from anvcs.history import rebuild, segments
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Move
from anvcs.history.segments import End, Segment
from anvcs.storage.memory import MemoryStore
from tests.unit.history.ledgers import DEEDS, VALUES, Deed, contents, perform, sealed

MAIN = "refs/heads/main"


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return KeyStore(tmp_path_factory.mktemp("config")).signer("agent:foo")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(MemoryStore())


def publish(ledger: Ledger, signer: Signer, count: int) -> None:
    for number in range(count):
        value = VALUES[number % len(VALUES)]
        ledger.record(Draft(kind="commit", moves=(Move(MAIN, ledger.view().get(MAIN), value),)), signer)


def follow_all(found: list[bytes]) -> End:
    end = End()
    for content in found:
        _, _, end = segments.follow(end, content)
    return end


def test_an_empty_ledger_has_nothing_to_seal(ledger: Ledger) -> None:
    assert sealed(ledger) == []


@pytest.mark.promise("segments.chain")
def test_segments_follow_each_other_without_a_gap(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 10)
    found = sealed(ledger, 4)
    decoded = [segments.decode(content) for content in found]
    assert [(each.first, each.last) for each in decoded] == [(1, 4), (5, 8), (9, 10)]
    assert [each.previous for each in decoded] == [None, *map(segments.segment_id, found[:-1])]
    assert decoded[-1].head == ledger.head()
    assert follow_all(found) == rebuild.measure(found) == End(3, segments.segment_id(found[-1]), 10, ledger.head(), 10)
    with ledger.store.read() as transaction:
        assert segments.cut(transaction, ledger.replica, follow_all(found)) is None


@pytest.mark.promise("segments.finished-only")
def test_what_has_not_ended_is_not_sealed(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 2)
    waiting = ledger.prepare(Draft(kind="commit"), signer)
    publish(ledger, signer, 3)
    (content,) = sealed(ledger)
    assert segments.decode(content).last == 2
    ledger.finish(waiting.id, "aborted")
    assert follow_all(sealed(ledger)).last == 6


def test_one_that_took_longer_than_a_whole_segment_is_sealed_in_the_end(ledger: Ledger, signer: Signer) -> None:
    waiting = ledger.prepare(Draft(kind="push"), signer)
    publish(ledger, signer, 30)
    assert sealed(ledger, 4) == []
    ledger.finish(waiting.id, "published")
    assert follow_all(sealed(ledger, 4)).last == 31


def test_what_is_found_out_later_stands_in_a_later_segment(ledger: Ledger, signer: Signer) -> None:
    lost = ledger.prepare(Draft(kind="commit", moves=(Move(MAIN, None, VALUES[1]),)), signer)
    ledger.finish(lost.id, "unknown")
    first = sealed(ledger)
    ledger.finish(lost.id, "published")
    later = sealed(ledger, end=follow_all(first))
    assert [each.state for each in segments.decode(later[0]).outcomes] == ["published"]
    assert segments.decode(later[0]).operations == ()
    store = MemoryStore()
    rebuild.rebuild(store, ledger.replica, [*first, *later])
    assert contents(Ledger(store)) == contents(ledger)


def test_a_ledger_that_went_on_as_another_replica_is_one_log(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 3)
    ledger.become("f" * 32)
    publish(ledger, signer, 2)
    found = sealed(ledger, 64)
    assert [segments.decode(content).last for content in found] == [3, 5]
    assert segments.decode(found[1]).replica == "f" * 32
    store = MemoryStore()
    rebuild.rebuild(store, "f" * 32, found)
    assert contents(Ledger(store)) == contents(ledger)


@pytest.mark.promise("segments.round-trip")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(deeds=DEEDS, span=st.integers(1, 9))
def test_a_ledger_made_anew_from_its_segments_is_the_same(signer: Signer, deeds: list[Deed], span: int) -> None:
    ledger = Ledger(MemoryStore())
    perform(ledger, signer, deeds)
    for operation, _ in ledger.pending():
        ledger.finish(operation.id, "aborted")
    found = sealed(ledger, span)
    assert all(segments.encode(segments.decode(content)) == content for content in found)
    store = MemoryStore()
    end = rebuild.rebuild(store, ledger.replica, found)
    made = Ledger(store)
    assert end.last == ledger.count()
    assert contents(made) == contents(ledger) or not found
    assert made.verify_chain() == []
    assert made.operations() == ledger.operations()
    assert made.view().items() == ledger.view().items()
    assert rebuild.sealed(store) == end


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(deeds=DEEDS, where=st.integers(0, 10_000), what=st.integers(1, 255))
def test_a_changed_byte_anywhere_in_the_chain_is_found(
    signer: Signer, deeds: list[Deed], where: int, what: int
) -> None:
    ledger = Ledger(MemoryStore())
    perform(ledger, signer, deeds)
    publish(ledger, signer, 1)
    for operation, _ in ledger.pending():
        ledger.finish(operation.id, "aborted")
    found = sealed(ledger)
    # Every segment but the last is vouched for by the one after it.
    publish(ledger, signer, 1)
    found += sealed(ledger, end=follow_all(found))
    at = where % (len(found) - 1)
    damaged = bytearray(found[at])
    damaged[where % len(damaged)] ^= what
    found[at] = bytes(damaged)
    with pytest.raises((CorruptStoreError, StoreTooNewError)):
        follow_all(found)


def forged(content: bytes, **changes: object) -> bytes:
    return segments.encode(msgspec.structs.replace(segments.decode(content), **changes))


def test_false_segments_are_refused(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 8)
    first, second = sealed(ledger, 4)
    segment: Segment = segments.decode(first)
    swapped = (segment.operations[1], segment.operations[0], *segment.operations[2:])
    cases = {
        "does not follow": [forged(first, previous=b"x" * 32), forged(first, first=2, last=5)],
        "does not hold": [forged(first, operations=segment.operations[:3])],
        "the one before it": [forged(first, operations=swapped), forged(first, replica="0" * 32)],
        "how each": [
            forged(first, outcomes=segment.outcomes[:3]),
            forged(first, outcomes=segment.outcomes[::-1]),
            forged(first, head=b"x" * 32),
        ],
        "signature": [
            forged(
                first, operations=(msgspec.structs.replace(segment.operations[0], signature=b"x" * 64), *swapped[1:])
            )
        ],
    }
    for words, contents_ in cases.items():
        for content in contents_:
            with pytest.raises(CorruptStoreError, match=words):
                segments.follow(End(), content)
    with pytest.raises(CorruptStoreError, match="does not follow"):
        segments.follow(End(), second)
    with pytest.raises(StoreTooNewError):
        segments.decode(forged(first, version=2))
    with pytest.raises(CorruptStoreError, match="cannot be read"):
        segments.decode(forged(first, replica="x"))


def test_false_views_are_refused(signer: Signer) -> None:
    ledger = Ledger(MemoryStore())
    publish(ledger, signer, 1)
    (content,) = sealed(ledger)
    other = Ledger(MemoryStore())
    publish(other, signer, 3)
    _, found, _ = segments.follow(End(), content)
    with MemoryStore().write() as transaction, pytest.raises(CorruptStoreError, match="view"):
        segments.check_views(transaction, other.view().root, found[0][1])


def test_rebuilding_keeps_what_stands_before_a_false_segment(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 12)
    first, second, third = sealed(ledger, 4)
    store = MemoryStore()
    with pytest.raises(CorruptStoreError):
        rebuild.rebuild(store, ledger.replica, [first, second[:-1] + b"\xff", third])
    assert Ledger(store).count() == rebuild.sealed(store).last == 4


def test_a_ledger_without_what_was_sealed_is_told(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, 4)
    end = follow_all(sealed(ledger))
    shorter = Ledger(MemoryStore())
    publish(shorter, signer, 2)
    assert rebuild.holds(ledger.store, end)
    assert not rebuild.holds(shorter.store, end)
    with shorter.store.read() as transaction, pytest.raises(CorruptStoreError, match="sealed last"):
        segments.cut(transaction, shorter.replica, end)
