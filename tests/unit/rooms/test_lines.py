"""Where things are in a text, in all the units that anybody counts in, while it changes."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.rooms import lines as lines_module
from anvcs.rooms.lines import BLOCK, Lines
from tests.unit.rooms.texts import LAW, TEXTS

MIXED = "ab\né中\n😀👨\u200d👩\u200d👧x\n\r\na\u2028b\x0cc\x85d\n\n"


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def agrees(lines: Lines, text: str, rng: random.Random | None = None) -> None:
    """The index against the plain way to count; at every place, or at some in any order."""
    assert lines.text == text
    assert len(lines) == len(text)
    places = list(range(len(text) + 1))
    if rng is not None:
        places = rng.sample(places, min(len(places), 30))
    for place in places:
        before = text[:place]
        row, column = before.count("\n"), units(before[before.rfind("\n") + 1 :])
        byte = len(before.encode())
        assert lines.position(place) == (row, column)
        assert lines.offset(row, column) == place
        assert lines.byte(place) == byte
        assert lines.cp(byte) == place
    start, end = sorted((rng or random).choices(places, k=2))
    assert lines.slice(start, end) == text[start:end]


@pytest.mark.promise("rooms.positions")
@LAW
@given(
    TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), TEXTS), max_size=8), st.sampled_from((1, 2, 256))
)
def test_every_place_is_found_after_any_changes(text: str, changes: list[tuple[int, int, str]], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "BLOCK", block)
        lines = Lines(text)
        agrees(lines, text)
        for place, gone, put in changes:
            start = min(place, len(text))
            end = min(start + gone, len(text))
            lines.splice(start, end, put)
            text = text[:start] + put + text[end:]
            agrees(lines, text)


@pytest.mark.parametrize("seed", range(3))
def test_every_place_is_found_in_a_long_text_that_changes_everywhere(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same each time
    text = MIXED * 400
    lines = Lines(text)
    for _ in range(300):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 0, 1, 3, 40, 3_000)))
        put = rng.choice(("", "x", "é", "😀\n", "\n", MIXED, MIXED * rng.randrange(200)))
        lines.splice(start, end, put)
        text = text[:start] + put + text[end:]
        agrees(lines, text, rng)


def test_only_a_line_feed_ends_a_line() -> None:
    lines = Lines("a\u2028b\x0cc\x85d\re\x0bf\ng")
    assert lines.position(11) == (0, 11)
    assert lines.position(12) == (1, 0)


def test_a_carriage_return_before_a_line_feed_belongs_to_its_line() -> None:
    lines = Lines("a\r\nb")
    assert [lines.position(place) for place in range(5)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_a_place_that_is_not_there_is_the_nearest_that_is() -> None:
    lines = Lines("ab\n😀é\n")
    assert lines.offset(-1, 5) == 0
    assert lines.offset(0, -3) == 0
    assert lines.offset(0, 99) == 2
    assert lines.offset(1, 1) == 3
    assert lines.offset(1, 2) == 4
    assert lines.offset(1, 99) == 5
    assert lines.offset(2, 0) == lines.offset(2, 1) == lines.offset(3, 0) == lines.offset(99, 99) == 6


def test_a_text_that_was_not_ascii_does_not_count_as_ascii_again() -> None:
    lines = Lines("ab")
    assert lines.is_ascii
    lines.splice(1, 1, "é")
    lines.splice(1, 2, "")
    assert lines.text == "ab"
    assert not lines.is_ascii


@pytest.mark.parametrize("first", ["a", "é"])
def test_two_who_write_at_both_ends_of_a_long_text_do_not_count_it_through(first: str) -> None:
    # 60,000 lines; counting them through at each of 600 edits takes 15 s.
    lines = Lines(first + "some words in a line\n" * 60_000)
    started = time.process_time()
    for _ in range(300):
        lines.splice(5, 5, "x")
        lines.byte(5)
        lines.splice(len(lines) - 5, len(lines) - 5, "é")
        lines.byte(len(lines) - 5)
    assert time.process_time() - started < 1.5
    assert max(len(block.lines) for block in lines._blocks) <= 2 * BLOCK


def test_a_long_text_that_is_typed_line_by_line_is_cut_into_blocks() -> None:
    lines = Lines()
    for _ in range(4 * BLOCK):
        lines.splice(len(lines), len(lines), "line\n")
    assert max(len(block.lines) for block in lines._blocks) <= 2 * BLOCK
    agrees(lines, "line\n" * 4 * BLOCK, random.Random(0))  # noqa: S311 - the same each time
    lines.splice(0, len(lines), "")
    agrees(lines, "")
