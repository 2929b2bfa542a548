"""What somebody wrote into a file enters a room that went on meanwhile."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.rooms.delta import IDENTITY, Delta, apply, replaced
from anvcs.rooms.diffing import fine_diff
from anvcs.rooms.outside import guess_base, merged, outside
from tests.unit.rooms.texts import LAW, TEXTS, deltas

LINES = st.lists(
    st.sampled_from(("a = 1\n", "b é\n", "\n", "    c 😀\n", "d\x0ce\n", "return a\n", "last")), max_size=8
)
FILES = st.one_of(LINES.map("".join), TEXTS)


@st.composite
def written_beside(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text, what an outsider made of it, and what the room has by then."""
    base = draw(FILES)

    def changed() -> str:
        return draw(st.one_of(FILES, deltas(base).map(lambda delta: apply(base, delta))))

    return base, changed(), changed()


@LAW
@given(written_beside())
def test_a_room_that_stood_still_becomes_what_was_written(case: tuple[str, str, str]) -> None:
    base, new, _ = case
    assert apply(base, outside(base, new, base)) == new


@LAW
@given(written_beside())
def test_what_says_nothing_changes_nothing(case: tuple[str, str, str]) -> None:
    base, new, room = case
    assert outside(base, base, room) == IDENTITY
    assert outside(base, new, new) == IDENTITY


def origins(delta: Delta, length: int) -> list[bool]:
    """For each character of the result whether it is text that the change inserted."""
    own: list[bool] = []
    kept = 0
    for op in delta:
        if isinstance(op, str):
            own += [True] * len(op)
        else:
            own += [False] * max(op, 0)
            kept += abs(op)
    return own + [False] * (length - kept)


@pytest.mark.promise("rooms.outside-keeps")
@LAW
@given(written_beside())
def test_text_that_others_wrote_meanwhile_is_never_removed(case: tuple[str, str, str]) -> None:
    base, new, room = case
    theirs = origins(fine_diff(base, room), len(base))
    for start, end, _ in replaced(outside(base, new, room)):
        assert not any(theirs[start:end])


@LAW
@given(written_beside())
def test_all_that_was_written_is_in_the_room_or_was_there(case: tuple[str, str, str]) -> None:
    base, new, room = case
    after = apply(room, outside(base, new, room))
    there = list(after)
    for _, _, text in replaced(fine_diff(base, new)):
        for character in text:
            assert character in there
            there.remove(character)


@LAW
@given(st.data(), FILES)
def test_two_changes_merge_to_one_text_from_either_side(data: st.DataObject, base: str) -> None:
    ours, theirs = data.draw(deltas(base)), data.draw(deltas(base))
    after_theirs, after_ours = merged(ours, theirs)
    assert apply(apply(base, theirs), after_theirs) == apply(apply(base, ours), after_ours)


@LAW
@given(
    st.lists(st.sampled_from(("keep", "ours", "theirs")), min_size=1, max_size=8).filter(
        lambda kinds: all("keep" in pair for pair in pairwise(kinds))
    )
)
def test_what_was_taken_in_once_is_not_taken_in_again(kinds: list[str]) -> None:
    # Changes with a line between them; beside each other nobody can say any more whose is whose.
    lines = [f"line {number} of the text\n" for number in range(len(kinds))]
    base = "".join(lines)
    new = "".join("agent é\n" if kind == "ours" else line for kind, line in zip(kinds, lines, strict=True))
    room = "".join(
        f"{line[:-1]} 😀 more\n" if kind == "theirs" else line for kind, line in zip(kinds, lines, strict=True)
    )
    once = apply(room, outside(base, new, room))
    assert outside(base, new, once) == IDENTITY
    assert once == "".join(
        {"ours": "agent é\n", "theirs": f"{line[:-1]} 😀 more\n"}.get(kind, line)
        for kind, line in zip(kinds, lines, strict=True)
    )


def test_what_both_did_in_the_same_way_is_there_once() -> None:
    base, line = "one\ntwo\n", "import os\n"
    assert outside(base, line + base, line + base + "three\n") == IDENTITY
    assert outside(base, "one\n", "one\nmore\n") == IDENTITY


def test_lines_that_both_put_at_one_place_are_there_once_and_the_rest_beside_them() -> None:
    base = "a\nz\n"
    room = "a\nsame\nmine\nz\n"
    after = apply(room, outside(base, "a\nsame\nyours\nz\n", room))
    assert after == "a\nsame\nyours\nmine\nz\n"


def test_what_other_tools_take_for_a_line_end_ends_no_line_here() -> None:
    # Taken for one, the two lines would become one.
    room = "x\x0cb\n"
    assert apply(room, outside("", "y\x0cb\n", room)) == "y\x0cb\nx\x0cb\n"


def test_a_line_that_was_deleted_outside_takes_nothing_with_it_that_others_typed_into_it() -> None:
    base = "first\nsecond line\nthird\n"
    room = "first\nsecond new line\nthird\n"
    assert apply(room, outside(base, "first\nthird\n", room)) == "first\nnew third\n"


def test_the_known_way_to_the_room_counts_more_than_a_guess() -> None:
    # Somebody typed just such a line before the one that was there; the writer deleted the one that was there.
    base, kept = "x\n", ("x\n",)
    room = apply(base, kept)
    assert outside(base, "", room, kept) == (2, -2)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_a_writer_had_read_the_version_that_it_differs_least_from(count: int) -> None:
    versions = list(accumulate((f"line {number}\n" for number in range(count)), str.__add__))[::-1]
    for index, version in enumerate(versions):
        assert guess_base(versions, version.replace("line 0\n", "line zero\n")) == index
    assert guess_base(["x\n", "same\n", "same\n"], "same\n") == 1
    assert guess_base(["far from that\n", "same\n", "same\n"], "same as that\n") == 1


def test_a_line_that_is_hardly_alike_makes_no_older_version_the_likelier_one() -> None:
    saved = "ada: B\nagent: 11 xxxx\nnote 10\nnote 11\n"
    older = "ada: B\nagent: 10 xxx\nnote 10\n"
    assert guess_base([saved, older], "ada: B\nagent: 12 xxxxx\nnote 10\nnote 11\nnote 12\n") == 0


@pytest.mark.parametrize("typed", ["<", "<d", "    re"])
def test_a_line_put_where_somebody_has_begun_to_type_a_like_one_is_not_made_of_that(typed: str) -> None:
    read = "first\nline\nend\n"
    begun = read.replace("line", f"{typed}line")
    line = f"{typed}d12 é\n"
    wrote = read.replace("line", f"{line}line")
    assert guess_base([begun, read], wrote) == 1
    assert outside(read, wrote, begun.replace(typed, f"{typed} on")) == (6, line)


def test_a_line_whose_end_changed_is_not_torn_apart() -> None:
    read = "ada: BCDE\nagent: 7 \nnote 1\nnote 2\nend\n"
    old = "ada: BCDE\nagent: 6 xxxxxx\nnote 1\nend\n"
    assert guess_base([old, read], "ada: BCDE\nagent: 8 x\nnote 1\nnote 2\nnote 3\nend\n") == 1


def test_a_line_that_was_taken_apart_stands_on_the_version_that_has_it() -> None:
    read = "first\nsome words in one line\nend\n"
    old = "first\nend\n"
    assert guess_base([read, old], read.replace("words in", "words\nin")) == 0


def test_a_write_that_takes_back_what_was_saved_stands_on_what_was_before() -> None:
    old, saved = "a\nb\n", "a\nb\nsaved after\n"
    assert guess_base([saved, old], old) == 1
    assert outside(old, old, saved) == IDENTITY


@LAW
@given(st.lists(FILES, min_size=1, max_size=4), st.data())
def test_a_version_that_is_just_what_was_written_is_the_one(versions: list[str], data: st.DataObject) -> None:
    new = data.draw(st.sampled_from(versions))
    assert guess_base(versions, new) == versions.index(new)
