"""Conflicts in texts: found, replaced one after another, and where the others are then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.governance.resolutions import (
    Sides,
    digest,
    fill,
    has_markers,
    left_over,
    place,
    places,
    regions,
    take,
    versions,
)

TEXT = b"""one
<<<<<<< main
left
||||||| 1a2b3c4
base
=======
right
>>>>>>> login
two
<<<<<<< main
=======
new
>>>>>>> login
three
"""


def test_conflicts_are_found_with_what_each_side_has() -> None:
    first, second = regions(TEXT)
    assert first.sides == Sides(base=b"base\n", left=b"left\n", right=b"right\n")
    assert second.sides == Sides(base=None, left=b"", right=b"new\n")
    assert TEXT[first.start : first.end].startswith(b"<<<<<<< main\n")
    assert TEXT[first.end : second.start] == b"two\n"


def test_one_conflict_is_replaced_and_the_others_stay() -> None:
    found = regions(TEXT)
    once = fill(TEXT, found, {2: b"b\nc\n"})
    assert once.endswith(b">>>>>>> login\ntwo\nb\nc\nthree\n")
    assert [each.sides for each in regions(once)] == [found[0].sides]
    assert fill(TEXT, found, {1: b"", 2: b"b\n"}) == b"one\ntwo\nb\nthree\n"
    assert fill(TEXT, found, {}) == TEXT


def test_the_lines_of_the_others_follow() -> None:
    found = regions(TEXT)
    assert places(TEXT, found, {}) == {1: (2, 8), 2: (10, 13)}
    assert places(TEXT, found, {1: b""}) == {2: (3, 6)}
    assert places(TEXT, found, {1: b"a\nb\n"}) == {2: (5, 8)}
    assert places(TEXT, found, {1: b"", 2: b""}) == {}


@pytest.mark.parametrize(
    "text",
    [
        b"title\n=======\n",
        b"<<<<<<< a\nx\n",
        b"<<<<<<< a\nx\n>>>>>>> b\n",
        b">>>>>>> a\n=======\n<<<<<<< b\n",
        b"<<<<<<<a\n=======\n>>>>>>>b\n",
        b" <<<<<<< a\n =======\n >>>>>>> b\n",
        b"",
    ],
)
def test_what_only_looks_like_markers_is_text(text: bytes) -> None:
    assert regions(text) == ()


def test_a_base_that_was_in_conflict_itself_is_one_conflict() -> None:
    text = b"<<<<<<< a\nl\n||||||| merged\n<<<<<<< t1\nx\n=======\ny\n>>>>>>> t2\n=======\nr\n>>>>>>> b\n"
    (found,) = regions(text)
    assert found.sides == Sides(base=b"<<<<<<< t1\nx\n=======\ny\n>>>>>>> t2\n", left=b"l\n", right=b"r\n")


@pytest.mark.parametrize("size", [7, 8, 32])
def test_longer_markers_and_carriage_returns_are_understood(size: int) -> None:
    text = b"%s a\r\nl\r\n%s\r\nr\r\n%s b\r\n" % (b"<" * size, b"=" * size, b">" * size)
    (found,) = regions(text)
    assert found.sides == Sides(base=None, left=b"l\r\n", right=b"r\r\n")
    # Shorter ones inside are text of the sides.
    inner = b"<<<<<<<< a\n=======\n========\n>>>>>>>\n>>>>>>>> b\n"
    assert regions(inner)[0].sides == Sides(base=None, left=b"=======\n", right=b">>>>>>>\n")


def test_a_version_is_taken_as_it_is_and_both_after_each_other() -> None:
    sides = Sides(base=b"b\n", left=b"l", right=b"r\n")
    assert [take(sides, each) for each in ("base", "left", "right", "both")] == [b"b\n", b"l", b"r\n", b"l\nr\n"]
    assert take(Sides(b"", b"l", b""), "both") == b"l"
    assert take(Sides(None, b"l", b"r"), "base") is None
    assert take(Sides(b"", b"", b"r"), "both") == b"r"


def test_markers_are_left_over_unless_a_version_has_such_text() -> None:
    assert left_over(TEXT, [b"one\n"])
    assert not left_over(TEXT, [b"one\n", b"How to read a conflict:\n" + TEXT])
    assert not left_over(b"one\n", [])


def test_a_decision_fits_just_what_it_was_made_for() -> None:
    one, two = ("100644", "1" * 40), ("100755", "1" * 40)
    assert len({versions(None, one, two), versions(None, two, one), versions(one, None, two), versions(one)}) == 4
    assert len({digest(Sides(*each)) for each in ((b"a", b"b", b"c"), (b"a", b"bc", b""), (None, b"bc", b""))}) == 3


LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"=======", b"x <<<<<<< y"]), max_size=4).map(
    lambda lines: b"".join(line + b"\n" for line in lines if line != b"=======")
)


@given(st.lists(st.tuples(LINES, LINES, LINES, LINES), max_size=4), LINES)
def test_taking_a_side_everywhere_gives_that_side(parts: list[tuple[bytes, bytes, bytes, bytes]], end: bytes) -> None:
    text = b"".join(
        b"%s<<<<<<< l\n%s||||||| b\n%s=======\n%s>>>>>>> r\n" % (before, left, base, right)
        for before, left, base, right in parts
    )
    text += end
    found = regions(text)
    assert len(found) == len(parts)
    for side, at in (("left", 1), ("base", 2), ("right", 3)):
        chosen = {number: take(region.sides, side) or b"" for number, region in enumerate(found, 1)}
        filled = fill(text, found, chosen)
        assert filled == b"".join(part[0] + part[at] for part in parts) + end
        assert not has_markers(filled)
        for number, text_there in chosen.items():
            start, stop = place(found, chosen, number)
            assert filled[start:stop] == text_there
    for number, region in enumerate(found, 1):
        start, stop = place(found, {number: b"here"}, number)
        assert fill(text, found, {number: b"here"})[start:stop] == b"here"
        assert start == region.start
    some = dict.fromkeys(range(1, len(found) + 1, 2), b"")
    lines = fill(text, found, some).splitlines()
    assert all(
        lines[first - 1].startswith(b"<<<<<<<") and lines[last - 1].startswith(b">>>>>>>")
        for first, last in places(text, found, some).values()
    )
