"""The merge queue: what passes lands, culprits are found by bisection, and nothing is lost or landed untested."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.guards.model import Evidence
from anvcs.guards.queue import Flaky, Rejected, Result, Tried, Verdict, drain

PASSED = Tried("passed")


class Trials:
    """A trial that fails where a culprit is among the items, and conflicts where two rivals are; it keeps a diary."""

    def __init__(self, culprits: set[int] | None = None, rivals: set[frozenset[int]] | None = None) -> None:
        self.culprits = culprits or set()
        self.rivals = rivals or set()
        self.diary: list[tuple[tuple[int, ...], Tried]] = []
        self.how: Verdict = "failed"

    def __call__(self, items: tuple[int, ...], /, *, again: bool) -> Tried:
        """Judge, and write it down."""
        del again
        tried = self._judge(items)
        self.diary.append((items, tried))
        return tried

    def _judge(self, items: tuple[int, ...]) -> Tried:
        for at, item in enumerate(items):
            if any(frozenset((item, other)) in self.rivals for other in items[:at]):
                return Tried("conflict", conflict=at)
        return Tried(self.how if self.culprits & set(items) else "passed")

    @property
    def passed(self) -> list[tuple[int, ...]]:
        """Every list that passed, in order."""
        return [items for items, tried in self.diary if tried.verdict == "passed"]


def everything(result: Result[int]) -> list[int]:
    return sorted([*result.landed, *(each.item for each in result.rejected), *result.waiting])


def rejected(result: Result[int]) -> list[int]:
    return [each.item for each in result.rejected]


def test_items_that_pass_together_take_one_test() -> None:
    trials = Trials()
    result = drain(range(100), trials)
    assert result == Result(tuple(range(100)), PASSED, (), (), (), runs=1)


def test_an_empty_queue_takes_none() -> None:
    assert drain((), Trials()) == Result((), None, (), (), (), runs=0)


def test_one_culprit_is_found_and_the_others_land() -> None:
    trials = Trials({5})
    result = drain(range(8), trials)
    assert result.landed == (0, 1, 2, 3, 4, 6, 7)
    assert result.rejected == (Rejected(5, Tried("failed"), (0, 1, 2, 3, 4)),)
    # The right half has failed already with the left one, which passed: it is not tested as a whole again.
    assert [items for items, _ in trials.diary] == [
        (0, 1, 2, 3, 4, 5, 6, 7),
        (0, 1, 2, 3),
        (0, 1, 2, 3, 4, 5),
        (0, 1, 2, 3, 4),
        (0, 1, 2, 3, 4, 6, 7),
    ]


@pytest.mark.parametrize("how", ["failed", "timed-out", "error"])
def test_hanging_and_broken_tests_count_as_failed(how: Verdict) -> None:
    trials = Trials({1})
    trials.how = how
    result = drain(range(3), trials)
    assert result.landed == (0, 2)
    assert result.rejected[0].tried.verdict == how


def test_the_evidence_of_a_culprit_and_of_what_landed_is_handed_on() -> None:
    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        del again
        verdict = "failed" if 1 in items else "passed"
        return Tried(verdict, evidence=(Evidence("tests", str(items), verdict, ("t",)),))

    result = drain(range(3), trial)
    assert result.proof is not None
    assert [each.tree for each in result.proof.evidence] == ["(0, 2)"]
    assert [each.tree for each in result.rejected[0].tried.evidence] == ["(0, 1)"]


def test_two_that_only_fail_together_let_the_first_land() -> None:
    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        del again
        return Tried("failed" if {1, 3} <= set(items) else "passed")

    result = drain(range(4), trial)
    assert result.landed == (0, 1, 2)
    assert result.rejected == (Rejected(3, Tried("failed"), (0, 1, 2)),)


def test_what_conflicts_with_a_landed_item_is_rejected_without_a_test_of_its_own() -> None:
    trials = Trials(rivals={frozenset((1, 2))})
    result = drain(range(4), trials)
    assert result.landed == (0, 1, 3)
    assert result.rejected == (Rejected(2, Tried("conflict", conflict=2), (0, 1)),)
    assert [items for items, _ in trials.diary] == [(0, 1, 2, 3), (0, 1), (0, 1, 3)]


def test_what_conflicts_with_a_culprit_alone_lands() -> None:
    result = drain(range(4), Trials({1}, {frozenset((1, 2))}))
    assert (result.landed, rejected(result)) == ((0, 2, 3), [1])


@pytest.mark.promise("guards.queue")
def test_a_broken_base_blames_nobody() -> None:
    diary: list[tuple[int, ...]] = []

    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        del again
        diary.append(items)
        return Tried("failed")

    result = drain(range(4), trial)
    assert (result.stopped, result.base, rejected(result)) == ("base", Tried("failed"), [])
    assert result.waiting == (0, 1, 2, 3)
    assert diary == [(0, 1, 2, 3), (0, 1), (0,), ()]


def test_the_base_is_tested_once_and_only_where_nothing_has_landed() -> None:
    trials = Trials({0, 1})
    result = drain(range(4), trials)
    assert (result.landed, rejected(result), result.base) == ((2, 3), [0, 1], PASSED)
    assert [items for items, _ in trials.diary].count(()) == 1
    assert drain(range(4), Trials({3})).base is None


@pytest.mark.parametrize("retries", [1, 2])
def test_a_flaky_failure_costs_a_retry_and_nobody_their_place(retries: int) -> None:
    asked: list[bool] = []

    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        del items
        asked.append(again)
        return Tried("passed" if again else "timed-out")

    result = drain(range(4), trial, retries=retries)
    assert result.landed == (0, 1, 2, 3)
    assert result.flaky == (Flaky((0, 1, 2, 3), Tried("timed-out")),)
    assert asked == [False, True]
    assert result.runs == 2


def test_a_conflict_is_not_tried_again() -> None:
    trials = Trials(rivals={frozenset((0, 1))})
    assert rejected(drain(range(2), trials, retries=3)) == [1]
    assert len(trials.diary) == 2


def test_a_cancelled_queue_keeps_what_landed_and_lets_the_rest_wait() -> None:
    trials = Trials({1})

    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        return trials(items, again=again) if 2 not in items or 1 in items else Tried("cancelled")

    result = drain(range(6), trial)
    assert (result.landed, rejected(result), result.waiting, result.stopped) == ((0,), [1], (2, 3, 4, 5), "cancelled")


def test_a_cancelled_test_of_the_base_blames_nobody() -> None:
    result = drain(range(2), lambda items, again: Tried("failed" if items else "cancelled"))  # noqa: ARG005 - the protocol's name
    assert (result.stopped, rejected(result), result.waiting) == ("cancelled", [], (0, 1))


def test_landing_is_told_of_each_part_as_soon_as_it_has_passed() -> None:
    told: list[tuple[int, ...]] = []

    def land(items: tuple[int, ...], tried: Tried) -> bool:
        assert tried == PASSED
        told.append(items)
        return True

    drain(range(8), Trials({5}), land=land)
    assert told == [(0, 1, 2, 3), (4,), (6, 7)]


def test_where_the_target_has_moved_the_rest_waits() -> None:
    result = drain(range(8), Trials({5}), land=lambda items, _: 4 not in items)
    assert (result.landed, result.waiting, result.stopped) == ((0, 1, 2, 3), (4, 5, 6, 7), "moved")
    assert result.proof == PASSED


def test_at_most_a_batch_is_added_at_a_time() -> None:
    trials = Trials({4})
    result = drain(range(7), trials, batch=3)
    assert result.landed == (0, 1, 2, 3, 5, 6)
    assert [items for items, _ in trials.diary][:2] == [(0, 1, 2), (0, 1, 2, 3, 4, 5)]


def test_thousands_of_items_of_which_each_fails_do_not_run_out_of_stack() -> None:
    count = 1500
    result = drain(range(count), Trials(rivals={frozenset((0, other)) for other in range(1, count)}))
    assert (result.landed, len(result.rejected)) == ((0,), count - 1)


queues = st.integers(1, 40).flatmap(
    lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1)), st.none() | st.integers(1, count))
)


@pytest.mark.promise("guards.queue")
@given(queues)
def test_law_culprits_never_land_and_everybody_else_does(queue: tuple[int, set[int], int | None]) -> None:
    count, culprits, batch = queue
    trials = Trials(culprits)
    result = drain(range(count), trials, batch=batch)
    assert result.landed == tuple(sorted(set(range(count)) - culprits))
    assert rejected(result) == sorted(culprits)
    assert result.waiting == ()


@pytest.mark.promise("guards.queue")
@given(queues)
def test_law_the_number_of_tests_is_that_of_a_bisection(queue: tuple[int, set[int], int | None]) -> None:
    count, culprits, _ = queue
    result = drain(range(count), Trials(culprits))
    # Each culprit's way down, two tests a level; the whole; the base.
    assert result.runs <= 2 * len(culprits) * ceil(log2(count)) + 2


VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "timed-out", "error", "conflict", "cancelled")


@st.composite
def tables(draw: st.DrawFn) -> Callable[[tuple[int, ...]], Tried]:
    """Any trial at all: no law connects what it says of one list with what it says of another."""
    known: dict[tuple[int, ...], Tried] = {}

    def judge(items: tuple[int, ...]) -> Tried:
        if items not in known:
            known[items] = Tried(draw(st.sampled_from(VERDICTS)), draw(st.integers(0, 12)))
        return known[items]

    return judge


@pytest.mark.promise("guards.queue")
@given(st.integers(0, 12), tables(), st.integers(0, 2), st.integers(0, 3) | st.none())
def test_law_whatever_tests_say_only_what_passed_as_it_is_lands_and_nothing_is_lost(
    count: int, judge: Callable[[tuple[int, ...]], Tried], retries: int, allowed: int | None
) -> None:
    passed: list[tuple[int, ...]] = []
    told: list[int] = []
    calls = 0

    def trial(items: tuple[int, ...], /, *, again: bool) -> Tried:
        del again
        tried = judge(items)
        if tried.verdict == "passed":
            passed.append(items)
        return tried

    def land(items: tuple[int, ...], tried: Tried) -> bool:
        nonlocal calls
        calls += 1
        assert tried.verdict == "passed"
        if allowed is not None and calls > allowed:
            return False
        told.extend(items)
        assert passed[-1] == tuple(told)
        return True

    result = drain(range(count), trial, retries=retries, land=land)
    assert result.landed == tuple(told) == tuple(sorted(told))
    assert everything(result) == list(range(count))
    assert list(result.waiting) == sorted(result.waiting)
    assert bool(result.waiting) == (result.stopped is not None)
    for each in result.rejected:
        assert each.tried.verdict not in ("passed", "cancelled")
        assert (*each.after, each.item)[: len(each.after)] == result.landed[: len(each.after)]


@given(queues, st.sets(st.frozensets(st.integers(0, 40), min_size=2, max_size=2), max_size=20))
def test_law_with_conflicts_every_rejection_has_its_reason(
    queue: tuple[int, set[int], int | None], rivals: set[frozenset[int]]
) -> None:
    count, culprits, batch = queue
    result = drain(range(count), Trials(culprits, rivals), batch=batch)
    landed: list[int] = []
    # The law in its simplest form: one after the other, each against what landed before it.
    for item in range(count):
        if item not in culprits and not any(frozenset((item, other)) in rivals for other in landed):
            landed.append(item)
    assert list(result.landed) == landed
