"""Conflicts cut by syntax: no more of the file is in them than a person has to decide."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge import MergeResult, Options, merge
from anvcs.merge.lines import merge_lines

from .test_edits import Edit, Function, Program, Statement, applied, javascript, python

Story = tuple[Program, list[Edit], list[Edit]]
_NEW = re.compile(rb"\b(?:[nv]\d+|call_1\d{3})\b")
_MARKED = re.compile(rb"^<{7} .*?^>{7} [^\n]*\n", re.MULTILINE | re.DOTALL)


def merged(base: str, left: str, right: str, path: str = "a.py") -> MergeResult:
    result = merge(base.encode(), left.encode(), right.encode(), path=path)
    assert not result.clean, result.text.decode()
    return result


def taken(result: MergeResult, side: int) -> str:
    """The text with one side's lines in every conflict: 0 for the base's, 1 left, 2 right."""
    conflicts = iter(result.conflicts)

    def lines(_: re.Match[bytes]) -> bytes:
        conflict = next(conflicts)
        return (conflict.base, conflict.left, conflict.right)[side]

    return _MARKED.sub(lines, result.text).decode()


CLASS = "class A:\n    def f(self):\n        x = 1\n        return x\n"


def test_a_method_added_beside_one_that_both_changed_stays_whichever_side_is_taken() -> None:
    left = CLASS.replace("x = 1", "x = 2") + "\n    def g(self):\n        return 2\n"
    right = CLASS.replace("x = 1", "x = 3") + "\n    def h(self):\n        return 3\n"
    result = merged(CLASS, left, right)
    assert [(c.rule, c.entity, c.left) for c in result.conflicts] == [
        ("both-edit", "class A > def f", b"        x = 2\n")
    ]
    for side, value in ((0, 1), (1, 2), (2, 3)):
        assert taken(result, side) == (
            CLASS.replace("x = 1", f"x = {value}")
            + "\n    def g(self):\n        return 2\n\n    def h(self):\n        return 3\n"
        )


def test_a_deleted_method_beside_which_the_other_side_added_one_is_cut_out_alone() -> None:
    base = CLASS + "\n    def g(self):\n        return 1\n"
    left = CLASS
    right = base.replace("return 1", "return 2") + "\n    def h(self):\n        return 3\n"
    result = merged(base, left, right)
    assert [(c.rule, c.entity) for c in result.conflicts] == [("delete-modify", "class A > def g")]
    assert taken(result, 1) == CLASS + "\n    def h(self):\n        return 3\n"
    assert taken(result, 2) == right


def test_keys_beside_one_that_both_changed_are_merged() -> None:
    base = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n'
    left = base.replace('"b": 2,', '"b": 3,\n  "l": 0,')
    right = base.replace('"b": 2,', '"b": 4,').replace('"a": 1,', '"a": 1,\n  "r": 0,')
    result = merged(base, left, right, "a.json")
    assert [(c.entity, c.base) for c in result.conflicts] == [('"b"', b'  "b": 2,\n')]
    assert taken(result, 2) == '{\n  "a": 1,\n  "r": 0,\n  "b": 4,\n  "l": 0,\n  "c": 3\n}\n'


def test_the_last_lines_of_a_block_and_of_a_file_are_cut_whole() -> None:
    base = "def f():\n    a()\n    b(1)"
    left = "import x\n\n\ndef f():\n    a()\n    b(2)"
    right = "import y\n\n\ndef f():\n    a()\n    b(3)"
    result = merged(base, left, right)
    assert taken(result, 1) == "import x\nimport y\n\n\ndef f():\n    a()\n    b(2)"


def test_line_ends_stay_as_they_are_around_a_conflict_that_is_cut() -> None:
    base, left, right = (
        text.replace("\n", "\r\n")
        for text in (
            CLASS,
            CLASS.replace("x = 1", "x = 2") + "\n    def g(self):\n        return 2\n",
            CLASS.replace("x = 1", "x = 3") + "\n    def h(self):\n        return 3\n",
        )
    )
    result = merged(base, left, right)
    assert result.text.count(b"\n") == result.text.count(b"\r\n")
    assert len(result.conflicts) == 1


def test_a_last_paragraph_that_is_cut_keeps_its_line_end() -> None:
    base, left, right = (f"One.\r\n\r\nTwo is {word}.\r\n" for word in ("here", "left", "right"))
    result = merged(base, left, right.replace("One.", "One more."), "a.md")
    assert taken(result, 1) == left.replace("One.", "One more.")


def test_a_statement_that_both_changed_is_one_conflict_with_what_both_put_beside_it() -> None:
    base = "a()\nb(1)\nc()\n"
    result = merged(
        base, base.replace("b(1)\n", "b(2)\nif x:\n    l()\n"), base.replace("b(1)\n", "b(3)\nif y:\n    r()\n")
    )
    assert len(result.conflicts) == 1
    assert taken(result, 1) == "a()\nb(2)\nif x:\n    l()\nc()\n"


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_all_styles_of_markers_cut_alike(style: str) -> None:
    left = CLASS.replace("x = 1", "x = 2") + "\n    def g(self):\n        return 2\n"
    right = CLASS.replace("x = 1", "x = 3") + "\n    def h(self):\n        return 3\n"
    options = Options(style=style)  # pyright: ignore[reportArgumentType] - each of them is a style
    result = merge(CLASS.encode(), left.encode(), right.encode(), path="a.py", options=options)
    assert result.text.count(b"<<<<<<<") == len(result.conflicts) == 1
    assert result.text.count(b"|||||||") == (style != "merge")
    assert b"def g" in _MARKED.sub(b"", result.text)


def test_where_the_sides_conflict_is_told_by_the_lines_of_the_base() -> None:
    left = "import l\n" + CLASS.replace("x = 1", "x = 2") + "\n    def g(self):\n        return 2\n"
    right = CLASS.replace("x = 1", "x = 3") + "\n    def h(self):\n        return 3\n"
    trace = [(step.stage, step.line) for step in merged(CLASS, left, right).trace if step.stage != "lines"]
    assert trace == [("markers", 3), ("entity", 5)]


@st.composite
def clashing(draw: st.DrawFn) -> Story:
    """A program and edits of both sides, some at one statement."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    program: Program = tuple(
        Function(f"f{i}", tuple(Statement(10 * i + k, ("x", "y")) for k in range(size))) for i, size in enumerate(sizes)
    )
    places = [(i, s.tag) for i, f in enumerate(program) for s in f.body]
    number = 0
    sides: list[list[Edit]] = []
    for _ in range(2):
        chosen = draw(st.lists(st.sampled_from(places), unique=True, min_size=1, max_size=4))
        edits: list[Edit] = []
        for function, tag in chosen:
            number += 1
            edits.append((draw(st.sampled_from(["delete", "argument", "value", "insert"])), function, tag, number))
        sides.append(edits)
    return program, sides[0], sides[1]


@pytest.mark.parametrize(("written", "path"), [(python, "a.py"), (javascript, "a.js")])
@given(story=clashing())
def test_what_a_side_wrote_is_in_the_text_or_in_its_side_of_a_conflict(
    written: Callable[[Program], bytes], path: str, story: Story
) -> None:
    program, *edits = story
    base, left, right = (written(applied(program, each)) for each in ([], *edits))
    result = merge(base, left, right, path=path)
    beside = _MARKED.sub(b"", result.text)
    for side, name in ((left, "left"), (right, "right")):
        for word in _NEW.findall(side):
            held = [word in getattr(conflict, name) for conflict in result.conflicts]
            assert beside.count(word) + sum(held) == 1, (word, result.text.decode())
    for what, _, tag, _ in (*edits[0], *edits[1]):
        if what == "delete":
            assert b"call_%d(" % tag not in beside


@pytest.mark.parametrize(("written", "path"), [(python, "a.py"), (javascript, "a.js")])
@given(story=clashing())
def test_conflicts_are_never_larger_than_those_of_lines(
    written: Callable[[Program], bytes], path: str, story: Story
) -> None:
    program, *edits = story
    base, left, right = (written(applied(program, each)) for each in ([], *edits))
    result = merge(base, left, right, path=path)
    lines = [hunk for hunk in merge_lines(base, left, right) if hunk.merged is None]
    assert len(result.conflicts) <= len(lines)
    ours, gits = (
        sum(each.left.count(b"\n") + each.right.count(b"\n") for each in side) for side in (result.conflicts, lines)
    )
    assert ours <= gits


@pytest.mark.parametrize(("written", "path"), [(python, "a.py"), (javascript, "a.js"), (python, "a.md")])
@given(story=clashing())
def test_a_text_with_other_line_ends_is_merged_alike(
    written: Callable[[Program], bytes], path: str, story: Story
) -> None:
    program, *edits = story
    base, left, right = (written(applied(program, each)) for each in ([], *edits))
    alike = merge(base, left, right, path=path)
    other = merge(*(text.replace(b"\n", b"\r\n") for text in (base, left, right)), path=path)
    assert other.text == alike.text.replace(b"\n", b"\r\n")
