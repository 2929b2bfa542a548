"""Drawing the lanes of the graph."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs import wire
from anvcs.cli.render.lanes import ASCII, BOX, Glyphs, Lanes
from anvcs.history.lanes import Layout
from tests.unit.cli.values import git_id, row

MERGE = (row("e", 0, (0, "d"), (1, "c")), row("d", 0, (0, "a")), row("c", 1, (1, "a")), row("a", 0))
OCTOPUS = (
    row("e", 0, (0, "a"), (1, "b"), (2, "c")),
    row("c", 2, (2, "a")),
    row("b", 1, (1, "a")),
    row("a", 0),
)
CROSSING = (
    row("9", 0, (0, "1")),
    row("8", 1, (1, "1")),
    row("7", 2, (2, "2")),
    row("6", 0, (0, "1"), (3, "3")),
)


def drawn(rows: tuple[wire.GraphRow, ...], glyphs: Glyphs = BOX, *open_lanes: wire.OpenLane) -> list[str]:
    lanes = Lanes(glyphs, open_lanes)
    return [lanes.draw(each) for each in rows]


def test_a_straight_history_is_a_column_of_dots() -> None:
    assert drawn((row("b", 0, (0, "a")), row("a", 0))) == ["●", "●"]


def test_a_merge_opens_a_lane_and_the_fork_closes_it() -> None:
    assert drawn(MERGE) == ["●─╮", "● │", "│ ●", "●─╯"]


def test_an_octopus_opens_and_closes_several() -> None:
    assert drawn(OCTOPUS) == ["●─┬─╮", "│ │ ●", "│ ● │", "●─┴─╯"]


def test_a_line_that_is_only_crossed_stays_whole() -> None:
    rows = (
        row("9", 0, (0, "1")),
        row("8", 1, (1, "2")),
        row("1", 0, (0, "0"), (2, "3")),
    )
    assert drawn(rows) == ["●", "│ ●", "●─│─╮"]


def test_joining_a_line_that_goes_on_is_a_tee() -> None:
    rows = (row("9", 0, (0, "1")), row("8", 1, (1, "1"), (0, "1")))
    assert drawn(rows) == ["●", "├─●"]


def test_a_lane_that_ends_and_starts_again_at_a_row_is_a_tee() -> None:
    rows = (row("9", 0, (0, "1")), row("8", 1, (1, "1")), row("1", 0, (0, "0"), (1, "2")))
    assert drawn(rows) == ["●", "│ ●", "●─┤"]


def test_a_row_may_leave_its_lane_to_the_left() -> None:
    rows = (row("9", 0), row("8", 1, (0, "1")), row("1", 0))
    assert drawn(rows) == ["●", "╭─●", "●"]


def test_a_fork_seen_from_the_right_closes_lanes_on_its_left() -> None:
    rows = (row("9", 0, (0, "1")), row("8", 1, (1, "1")), row("1", 1))
    assert drawn(rows) == ["●", "│ ●", "╰─●"]


def test_a_commit_whose_parents_are_hidden_is_an_empty_circle() -> None:
    hidden = wire.Edge(lane=0, parent=git_id("a"), elided=True)
    assert drawn((row("b", 0, hidden), row("9", 0))) == ["○", "●"]


def test_a_half_hidden_merge_is_drawn_with_the_parent_that_is_shown() -> None:
    hidden = wire.Edge(lane=1, parent=git_id("c"), elided=True)
    assert drawn((row("b", 0, (0, "a"), hidden), row("a", 0))) == ["●", "●"]


def test_a_page_goes_on_with_the_lanes_of_the_page_above() -> None:
    lanes = Lanes(BOX)
    whole = [lanes.draw(each) for each in MERGE]
    second = drawn(MERGE[2:], BOX, wire.OpenLane(lane=0, parent=git_id("a")), wire.OpenLane(lane=1, parent=git_id("c")))
    assert second == whole[2:]


@pytest.mark.parametrize("rows", [MERGE, OCTOPUS, CROSSING])
def test_the_ascii_drawing_has_the_same_shape(rows: tuple[wire.GraphRow, ...]) -> None:
    boxes, plain = drawn(rows), drawn(rows, ASCII)
    assert all(each.isascii() for each in plain)
    shape = [[char != " " for char in each] for each in boxes]
    assert [[char != " " for char in each] for each in plain] == shape


def test_the_ascii_drawing_of_a_merge() -> None:
    assert drawn(MERGE, ASCII) == ["*-\\", "* |", "| *", "*-/"]


@st.composite
def histories(draw: st.DrawFn) -> list[list[int]]:
    """The parents of each commit, by their places further down."""
    size = draw(st.integers(1, 14))
    return [
        draw(st.lists(st.integers(place + 1, size - 1), unique=True, max_size=3)) if place < size - 1 else []
        for place in range(size)
    ]


@given(histories())
def test_no_line_breaks_off_between_two_rows(history: list[list[int]]) -> None:
    layout, lanes = Layout(), Lanes(BOX)
    pictures: list[str] = []
    for place, parents in enumerate(history):
        lane, edges = layout.place(git_id(f"{place:x}x"), [git_id(f"{parent:x}x") for parent in parents])
        pictures.append(lanes.draw(row(f"{place:x}x", lane, *edges)))
    for upper, lower in zip(pictures, [*pictures[1:], ""], strict=True):
        for column in range(0, max(len(upper), len(lower)), 2):
            above, below = (text[column : column + 1] or " " for text in (upper, lower))
            if BOX.node not in (above, below):
                assert _leaves(above, "d") == _leaves(below, "u"), "\n".join(pictures)


def _leaves(glyph: str, direction: str) -> bool:
    names = {drawn: name for name, drawn in BOX.turns.items()}
    return direction in names[glyph]
