"""Two sides that change different things of one program: a clean result has both changes, each where it belongs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.merge import merge
from tests.unit.merge.languages.programs import (
    NEW,
    OF_STATEMENTS,
    PRINTED,
    WHAT,
    Edit,
    Method,
    Program,
    Statement,
    applied,
    orders,
    placed,
)

_ADDED = frozenset({"add method", "overload method", "add constant", "add import"})
Story = tuple[Program, list[Edit], list[Edit]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A program, and edits of both sides that are about different things."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=4))
    methods = tuple(
        Method(10 * (i + 1), tuple(Statement(10 * (i + 1) + k) for k in range(1, size + 1)))
        for i, size in enumerate(sizes)
    )
    program = Program((2, 5, 8), (1, 2, 3), methods)
    sides: tuple[list[Edit], list[Edit]] = ([], [])
    taken: set[int] = set()
    moving = draw(st.integers(0, 1))
    for number in range(draw(st.integers(2, 6))):
        side = draw(st.integers(0, 1))
        what = draw(st.sampled_from(WHAT if side == moving else [w for w in WHAT if w != "move method"]))
        tag = draw(_tag_for(program, what))
        if what in _ADDED or tag not in taken:
            sides[side].append(Edit(what, tag, NEW + number))
            taken.add(tag)
    method = {s.tag: m.tag for m in program.methods for s in m.body}
    touched = [{method.get(edit.tag, edit.tag) for edit in side if edit.what not in _ADDED} for side in sides]
    for side in sides:
        # Whoever deletes one method and adds another may just as well have renamed one, and whoever adds one while both
        # change another may have moved a part of that.
        if touched[0] & touched[1] or any(edit.what == "delete method" for edit in side):
            side[:] = [edit for edit in side if edit.what not in {"add method", "overload method"}]
    return program, *sides


def _tag_for(program: Program, what: str) -> st.SearchStrategy[int]:
    if what in OF_STATEMENTS:
        return st.sampled_from([s.tag for m in program.methods for s in m.body])
    return st.sampled_from(program.constants if what == "add constant" else [m.tag for m in program.methods])


def _clash(program: Program, left: list[Edit], right: list[Edit]) -> bool:
    """One side deletes a method that the other changes, by more than a deletion in it."""
    apart = _ADDED | {"delete statement"}
    for one, other in ((left, right), (right, left)):
        gone = {m.tag for m in program.methods} - {m.tag for m in applied(program, one).methods}
        for method in program.methods:
            tags = {method.tag, *(s.tag for s in method.body)}
            if method.tag in gone and any(e.tag in tags and e.what not in apart for e in other):
                return True
    return False


def _lines(text: bytes) -> list[bytes]:
    """All lines but empty ones, whose number where all between them went is a matter of taste."""
    return [line for line in text.split(b"\n") if line.strip()]


@pytest.mark.parametrize("path", PRINTED)
@settings(deadline=None)
@given(stories())
def test_a_clean_merge_has_both_sides_edits_where_they_belong(path: str, story: Story) -> None:
    program, left, right = story
    written = PRINTED[path]
    base, one, other = (written(applied(program, edits)).encode() for edits in ([], left, right))
    result = merge(base, one, other, path=path)
    if not result.clean or result.findings:
        return
    assert not _clash(program, left, right)
    wanted = [applied(program, left + right), applied(program, right + left)]
    if any(edit.what == "move method" for edit in left + right):
        wanted = [placed(want, result.text.decode()) for want in wanted]
    assert any(_lines(result.text) == _lines(written(each).encode()) for want in wanted for each in orders(want))


@pytest.mark.parametrize("path", PRINTED)
@settings(deadline=None)
@given(stories())
def test_changes_inside_different_methods_never_conflict(path: str, story: Story) -> None:
    program, left, right = story
    written = PRINTED[path]
    method = {s.tag: m.tag for m in program.methods for s in m.body}
    left = [edit for edit in left if edit.what in OF_STATEMENTS]
    mine = {method[edit.tag] for edit in left}
    right = [edit for edit in right if edit.what in OF_STATEMENTS and method[edit.tag] not in mine]
    base, one, other = (written(applied(program, edits)).encode() for edits in ([], left, right))
    assert merge(base, one, other, path=path).text == written(applied(program, left + right)).encode()


@pytest.mark.parametrize("path", PRINTED)
def test_a_change_in_what_the_other_side_replaced_by_something_else_is_not_put_into_that(path: str) -> None:
    methods = tuple(
        Method(10 * i, tuple(Statement(10 * i + k) for k in range(1, size + 1))) for i, size in ((1, 2), (3, 3), (4, 2))
    )
    program = Program((2, 5, 8), (1, 2, 3), methods)
    left = [Edit("delete method", 40, NEW), Edit("insert statement", 33, NEW + 1)]
    right = [Edit("delete statement", 31, NEW + 2), Edit("add argument", 42, NEW + 3)]
    texts = [PRINTED[path](applied(program, edits)).encode() for edits in ([], left, right)]
    assert not merge(*texts, path=path).clean
