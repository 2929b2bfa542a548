"""The laws of conflicted streams, on histories that hypothesis makes up."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.history.conflicts import Conflict, conflicts, decode, encode, relation, settled

VALUES = [character * 40 for character in "abcdef"]


@dataclass
class Past:
    """A stream's history in one replica."""

    value: str | None
    values: frozenset[str] = frozenset()
    latest: bytes | None = None
    known: frozenset[bytes] = field(default=frozenset())

    def had(self, value: str) -> bool:
        """As a side says it."""
        return value in self.values or value == self.value

    def considered(self, operation: bytes) -> bool:
        """As a side says it."""
        return operation in self.known


def unrelated(_older: str, _newer: str) -> bool:
    return False


def past(*values: str, latest: bytes | None = None, known: frozenset[bytes] = frozenset()) -> Past:
    return Past(values[-1], frozenset(values), latest, known)


A, B, C = VALUES[:3]

CASES = {
    "equal": (past(A), past(A), "same"),
    "they never had it": (past(A), Past(None), "same"),
    "we never had it": (Past(None), past(A), "same"),
    "we went on": (past(A, B), past(A), "behind"),
    "they went on": (past(A), past(A, B), "ahead"),
    "both went on": (past(A, B), past(A, C), "conflicted"),
    "nothing in common": (past(B), past(C), "conflicted"),
    "past each other": (past(A, B, A), past(A, B), "conflicted"),
    "we chose": (past(A, B, latest=b"x", known=frozenset([b"y"])), past(A, C, latest=b"y"), "behind"),
    "they chose": (past(A, B, latest=b"x"), past(A, C, latest=b"y", known=frozenset([b"x"])), "ahead"),
    "chose something older": (past(A, B, known=frozenset([b"w"])), past(A, C, latest=b"y"), "conflicted"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_relation(case: str) -> None:
    ours, theirs, expected = CASES[case]
    assert relation(ours, theirs, unrelated) == expected


def test_descent_decides_where_histories_do_not() -> None:
    assert relation(past(A, B), past(A, C), lambda older, newer: (older, newer) == (C, B)) == "behind"
    assert relation(past(A, B), past(A, C), lambda older, newer: (older, newer) == (B, C)) == "ahead"


def test_a_third_replicas_choice_settles_it_for_all_that_it_knew_of() -> None:
    ours, theirs = past(A, B, latest=b"x"), past(A, C, latest=b"y")
    assert not settled(ours, theirs, [past(A, B), past(VALUES[3], known=frozenset([b"x"]))])
    assert settled(ours, theirs, [past(A, B, known=frozenset([b"y"]))])
    assert settled(ours, theirs, [past(A, C, known=frozenset([b"x"]))])
    assert settled(ours, theirs, [past(VALUES[3], known=frozenset([b"x", b"y"]))])
    kept = conflicts(
        "f" * 32, {"refs/heads/x": (ours, theirs)}, lambda _: [past(B, known=frozenset([b"y"]))], unrelated, bool
    )
    assert kept == []


PASTS = st.builds(
    Past,
    value=st.none() | st.sampled_from(VALUES),
    values=st.frozensets(st.sampled_from(VALUES)),
    latest=st.none() | st.sampled_from([b"1", b"2"]),
    known=st.frozensets(st.sampled_from([b"1", b"2"])),
)
PAIRS = st.frozensets(
    st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)).filter(lambda pair: pair[0] < pair[1])
)


@given(ours=PASTS, theirs=PASTS, order=PAIRS)
def test_both_sides_see_the_same(ours: Past, theirs: Past, order: frozenset[tuple[str, str]]) -> None:
    def is_ancestor(older: str, newer: str) -> bool:
        return (older, newer) in order

    mirrored = {"same": "same", "ahead": "behind", "behind": "ahead", "conflicted": "conflicted"}
    assert relation(theirs, ours, is_ancestor) == mirrored[relation(ours, theirs, is_ancestor)]


@given(ours=PASTS, theirs=PASTS, order=PAIRS, value=st.sampled_from(VALUES))
def test_whoever_takes_the_others_value_is_not_in_conflict(
    ours: Past, theirs: Past, order: frozenset[tuple[str, str]], value: str
) -> None:
    theirs.value = value
    taken = Past(value, ours.values, ours.latest, ours.known)
    assert relation(taken, theirs, lambda older, newer: (older, newer) in order) == "same"


@given(pairs=st.dictionaries(st.sampled_from(["refs/heads/x", "refs/heads/y"]), st.tuples(PASTS, PASTS)))
def test_conflicts_are_kept_whole_and_in_order(pairs: dict[str, tuple[Past, Past]]) -> None:
    found = conflicts("f" * 32, pairs, lambda _: [], unrelated, lambda commit: commit == A)
    assert [each.stream for each in found] == sorted(each.stream for each in found)
    assert all(each.fetched == (each.theirs == A) for each in found)
    assert decode(encode(found)) == found
    assert decode(None) == list[Conflict]()
