"""Changes of a text as values, and the laws they keep."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.rooms.delta import (
    IDENTITY,
    Delta,
    apply,
    compose,
    diff,
    from_edits,
    invert,
    length_change,
    normal,
    replaced,
    transform,
)
from tests.unit.rooms.texts import LAW, TEXTS, changes, deltas


@st.composite
def two_changes(draw: st.DrawFn) -> tuple[str, Delta, Delta]:
    """A text and two changes made on it at the same time."""
    text = draw(TEXTS)
    return text, draw(deltas(text)), draw(deltas(text))


@st.composite
def three_in_a_row(draw: st.DrawFn) -> tuple[str, Delta, Delta, Delta]:
    """A text and three changes, each made on what the one before left."""
    text = draw(TEXTS)
    a = draw(deltas(text))
    b = draw(deltas(apply(text, a)))
    return text, a, b, draw(deltas(apply(apply(text, a), b)))


def is_normal(delta: Delta) -> bool:
    """Written down as the rule says, independently of the code that makes it so."""
    kinds = ["s" if isinstance(op, str) else "+" if op > 0 else "-" for op in delta]
    return (
        all(delta)
        and all(left != right for left, right in pairwise(kinds))
        and "-s" not in "".join(kinds)
        and kinds[-1:] != ["+"]
    )


@LAW
@given(st.lists(st.one_of(st.integers(-5, 5), st.text(max_size=3))))
def test_there_is_one_form_of_a_change_and_it_does_the_same(ops: list[int | str]) -> None:
    text = "0123456789" * 20
    found = normal(ops)
    assert is_normal(found)
    assert normal(found) == found
    assert apply(text, found) == apply(text, tuple(ops))


@LAW
@given(three_in_a_row())
def test_composed_changes_do_what_they_do_one_after_the_other(case: tuple[str, Delta, Delta, Delta]) -> None:
    text, a, b, c = case
    both = compose(a, b)
    assert is_normal(both)
    assert apply(text, both) == apply(apply(text, a), b)
    assert compose(both, c) == compose(a, compose(b, c))
    assert compose(a, IDENTITY) == compose(IDENTITY, a) == a


@LAW
@given(two_changes())
def test_two_changes_meet_in_one_text_whichever_comes_first(case: tuple[str, Delta, Delta]) -> None:
    text, a, b = case
    after_a, after_b = transform(b, a, first=False), transform(a, b, first=True)
    assert is_normal(after_a)
    assert is_normal(after_b)
    assert apply(apply(text, a), after_a) == apply(apply(text, b), after_b)
    assert compose(a, after_a) == compose(b, after_b)


@LAW
@given(two_changes())
def test_no_text_of_either_side_is_lost_by_passing_the_other(case: tuple[str, Delta, Delta]) -> None:
    _, a, b = case
    for first in (True, False):
        passed = transform(a, b, first=first)
        assert "".join(op for op in passed if isinstance(op, str)) == "".join(op for op in a if isinstance(op, str))


def test_at_one_place_the_first_comes_before_the_other() -> None:
    assert transform((1, "X"), (1, "yy"), first=True) == (1, "X")
    assert transform((1, "X"), (1, "yy"), first=False) == (3, "X")


def test_what_both_delete_is_deleted_once() -> None:
    assert transform((1, -3), (2, -4), first=True) == (1, -1)
    assert transform((1, -3), (-9,), first=False) == IDENTITY


@LAW
@given(changes())
def test_a_change_that_is_taken_back_leaves_the_text_as_it_was(case: tuple[str, Delta]) -> None:
    text, delta = case
    back = invert(delta, text)
    assert is_normal(back)
    assert apply(apply(text, delta), back) == text
    assert len(apply(text, delta)) - len(text) == length_change(delta) == -length_change(back)


@LAW
@given(TEXTS, TEXTS)
def test_a_difference_makes_one_text_of_the_other_in_one_place(a: str, b: str) -> None:
    found = diff(a, b)
    assert apply(a, found) == b
    assert len(replaced(found)) <= 1
    assert diff(a, a) == IDENTITY


def test_a_difference_is_no_larger_than_what_differs() -> None:
    assert diff("aaa", "aaaa") == (3, "a")
    assert diff("aaaa", "aaa") == (3, -1)
    assert diff("one two three", "one 2 three") == (4, "2", -3)
    assert diff("x😀y", "x😁y") == (1, "😁", -1)


@LAW
@given(changes())
def test_a_change_is_its_replacements(case: tuple[str, Delta]) -> None:
    text, delta = case
    edits = replaced(delta)
    assert from_edits(reversed(edits)) == delta
    result = text
    for start, end, put in reversed(edits):
        result = result[:start] + put + result[end:]
    assert result == apply(text, delta)


def test_replacements_that_overlap_are_no_change() -> None:
    with pytest.raises(ValueError, match="overlap"):
        from_edits([(0, 3, "a"), (2, 4, "b")])


def test_a_change_past_the_end_of_the_text_is_refused() -> None:
    for delta in ((4, "x"), (-4,), (2, -2), (2, "x", -2)):
        with pytest.raises(ValueError, match="characters"):
            apply("abc", delta)


def test_the_cost_of_composing_grows_with_the_size_and_not_with_its_square() -> None:
    # Two million characters taken to pieces by 40,000 edits: some 25 ms; copying the rest at each takes 10 s.
    edits: Delta = tuple(op for _ in range(40_000) for op in (50, "é"))
    started = time.process_time()
    found = compose(("x" * 2_000_000,), edits)
    transform(edits, (1_000_000, "y", -500_000), first=False)
    assert time.process_time() - started < 2
    assert length_change(found) == 2_040_000
