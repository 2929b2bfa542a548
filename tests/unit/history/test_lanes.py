"""Laws of the lane layout, over any history, whichever way it is cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.history.graph_cursor import lanes_of, lines_of
from anvcs.history.lanes import Layout
from anvcs.wire import Edge, OpenLane

History = list[tuple[str, list[str]]]
"""Commits with their parents, children above parents."""


class Placed(NamedTuple):
    """A commit as it was laid out."""

    commit: str
    lane: int
    edges: tuple[Edge, ...]


def oid(number: int) -> str:
    return f"{number:040x}"


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> History:
    size = draw(st.integers(0, most))
    # Near parents make long branches, far ones make wide graphs; an octopus has more than two.
    below = [
        draw(st.lists(st.integers(row + 1, min(size - 1, row + 9)), max_size=4)) if row + 1 < size else []
        for row in range(size)
    ]
    return [(oid(row), [oid(parent) for parent in parents]) for row, parents in enumerate(below)]


def lay_out(history: History, layout: Layout | None = None, hidden: Sequence[str] = ()) -> list[Placed]:
    layout = layout or Layout()
    return [Placed(commit, *layout.place(commit, parents, hidden)) for commit, parents in history]


def lowest_free(live: dict[int, str]) -> int:
    return next(lane for lane in range(len(live) + 1) if lane not in live)


@given(histories())
def test_every_line_runs_in_a_lane_of_its_own_down_to_its_parents_row(history: History) -> None:
    live: dict[int, str] = {}
    for placed, (commit, parents) in zip(lay_out(history), history, strict=True):
        ending = [lane for lane, parent in live.items() if parent == commit]
        assert placed.lane == min(ending, default=lowest_free(live))
        for lane in ending:
            del live[lane]
        assert [edge.parent for edge in placed.edges] == list(dict.fromkeys(parents))
        for edge in placed.edges:
            assert live.get(edge.lane, edge.parent) == edge.parent
            live[edge.lane] = edge.parent
    assert live == {}


@given(histories())
def test_a_first_parent_keeps_the_lane_or_joins_a_line_further_left(history: History) -> None:
    live: dict[int, str] = {}
    for placed, (commit, parents) in zip(lay_out(history), history, strict=True):
        live = {lane: parent for lane, parent in live.items() if parent != commit}
        if parents:
            joined = [lane for lane, parent in live.items() if parent == parents[0] and lane < placed.lane]
            assert placed.edges[0].lane == min(joined, default=placed.lane)
        live.update({edge.lane: edge.parent for edge in placed.edges})


@given(histories())
def test_a_new_line_takes_the_lowest_free_lane(history: History) -> None:
    live: dict[int, str] = {}
    for placed, (commit, _) in zip(lay_out(history), history, strict=True):
        live = {lane: parent for lane, parent in live.items() if parent != commit}
        for nth, edge in enumerate(placed.edges):
            if edge.parent not in live.values() and nth:
                assert edge.lane == lowest_free(live)
            live[edge.lane] = edge.parent


@pytest.mark.promise("graph.pages-join")
@given(histories(), st.lists(st.integers(1, 9), min_size=1))
def test_pages_laid_out_one_by_one_are_the_whole_layout_cut(history: History, sizes: list[int]) -> None:
    whole = lay_out(history)
    layout, rows, page = Layout(), list[Placed](), 0
    while len(rows) < len(history):
        size = sizes[page % len(sizes)]
        rows += lay_out(history[len(rows) : len(rows) + size], layout)
        layout = Layout(lanes_of(lines_of(layout.open_lanes())))
        page += 1
    assert rows == whole


@given(histories(), st.data())
def test_hidden_parents_end_in_stubs_that_take_no_lane(history: History, data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.sampled_from([commit for commit, _ in history]))) if history else set[str]()
    shown = [(commit, parents) for commit, parents in history if commit not in hidden]
    for placed, (_, parents) in zip(lay_out(shown, hidden=sorted(hidden)), shown, strict=True):
        assert {edge.parent for edge in placed.edges if edge.elided} == hidden.intersection(parents)
        assert all(edge.lane == placed.lane for edge in placed.edges if edge.elided)
    plain = [(commit, [parent for parent in parents if parent not in hidden]) for commit, parents in shown]
    kept = [
        row._replace(edges=tuple(edge for edge in row.edges if not edge.elided))
        for row in lay_out(shown, hidden=sorted(hidden))
    ]
    assert kept == lay_out(plain)


def test_a_branch_stands_beside_the_line_it_left_and_frees_its_lane_at_the_fork() -> None:
    merge, main, side, base, root = (oid(number) for number in range(5))
    history: History = [(merge, [main, side]), (main, [base]), (side, [base]), (base, [root]), (root, [])]
    assert [placed.lane for placed in lay_out(history)] == [0, 0, 1, 0, 0]


def test_a_line_from_the_left_bends_no_line_to_the_right() -> None:
    # The side branch is older at its tip, but it is the first to await the base.
    left, right, base = oid(0), oid(1), oid(2)
    layout = Layout([OpenLane(lane=0, parent=left), OpenLane(lane=1, parent=right)])
    assert layout.place(right, [base]) == (1, (Edge(lane=1, parent=base),))
    assert layout.place(left, [base]) == (0, (Edge(lane=0, parent=base),))
    assert layout.open_lanes() == (OpenLane(lane=0, parent=base), OpenLane(lane=1, parent=base))
    assert layout.place(base, []) == (0, ())
    assert layout.open_lanes() == ()


def test_many_branches_from_one_commit_need_two_lanes() -> None:
    base = oid(1000)
    rows = lay_out([*((oid(tip), [base]) for tip in range(500)), (base, [])])
    assert max(row.lane for row in rows) == 1


def test_a_parent_named_twice_is_led_to_once() -> None:
    assert Layout().place(oid(0), [oid(1), oid(1)]) == (0, (Edge(lane=0, parent=oid(1)),))
