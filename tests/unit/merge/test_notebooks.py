"""Notebooks are merged cell by cell, and what comes out is a notebook that Jupyter opens, written as it was."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge import MergeResult, Options, merge
from anvcs.merge.guards import check
from anvcs.merge.notebooks import merge_notebook, validity
from anvcs.merge.notebooks.style import Style, load, style_of, write

Json = dict[str, Any]
OPTIONS = Options(left="ours", right="theirs")


def code(name: str, source: str, *, outputs: list[Json] | None = None, count: int | None = None, **more: Any) -> Json:
    cell: Json = {"cell_type": "code", "execution_count": count, "id": name, "metadata": {}, "outputs": outputs or []}
    return {**cell, **more, "source": source.splitlines(keepends=True)}


def words(name: str, source: str) -> Json:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}


def stream(text: str) -> Json:
    return {"name": "stdout", "output_type": "stream", "text": [text]}


def book(*cells: Json, minor: int = 5, **metadata: Any) -> Json:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    info = {"file_extension": ".py", "name": "python", "version": "3.11.1"}
    return {
        "cells": list(cells),
        "metadata": {"kernelspec": kernel, "language_info": info, **metadata},
        "nbformat": 4,
        "nbformat_minor": minor,
    }


def text(value: Json, style: Style | None = None) -> bytes:
    return write(value, style or Style())


def merged(base: Json, left: Json, right: Json) -> MergeResult:
    """The merge; a notebook by nbformat's judgement, whatever became of it."""
    result = merge_notebook(text(base), text(left), text(right), OPTIONS)
    valid(result.text)
    return result


def valid(data: bytes) -> None:
    nbformat.validate(nbformat.from_dict(json.loads(data)))  # pyright: ignore[reportUnknownMemberType] - it has no types


def plain(cell: Json) -> str:
    return json.dumps(cell, sort_keys=True)


def cells(result: MergeResult) -> list[tuple[str, str]]:
    assert result.clean, result.conflicts
    return [(cell["id"], "".join(cell["source"])) for cell in json.loads(result.text)["cells"]]


FIRST, SECOND, THIRD = (
    code("first", "import os\n\nx = 1\ny = 2"),
    words("second", "# Title\n\nSome words."),
    code("third", "def f(x):\n    return x\n\n\nprint(f(x))", outputs=[stream("1\n")], count=3),
)
BASE = book(FIRST, SECOND, THIRD)


def test_cells_that_the_sides_changed_and_added_are_all_there() -> None:
    left = book(FIRST, words("second", "# Heading\n\nSome words."), THIRD, code("left", "a = 1"))
    right = book(code("first", "import os\n\nx = 10\ny = 2"), SECOND, code("right", "b = 1"), THIRD)
    found = cells(merged(BASE, left, right))
    assert [name for name, _ in found] == ["first", "second", "right", "third", "left"]
    assert dict(found)["first"] == "import os\n\nx = 10\ny = 2"
    assert dict(found)["second"] == "# Heading\n\nSome words."


def test_different_lines_of_one_cell_are_merged_as_its_language() -> None:
    left = book(code("first", "import os\nimport re\n\nx = 1\ny = 2"), SECOND, THIRD)
    right = book(code("first", "import os\nimport sys\n\nx = 1\ny = 3"), SECOND, THIRD)
    assert cells(merged(BASE, left, right))[0] == ("first", "import os\nimport re\nimport sys\n\nx = 1\ny = 3")


def test_cells_that_both_sides_add_at_one_place_are_both_kept_whichever_side_is_left() -> None:
    left, right = book(FIRST, SECOND, THIRD, code("b", "b = 1")), book(FIRST, SECOND, THIRD, code("a", "a = 1"))
    one, other = merged(BASE, left, right), merged(BASE, right, left)
    assert one.text == other.text
    assert [name for name, _ in cells(one)] == ["first", "second", "third", "a", "b"]


def test_a_cell_that_both_sides_added_alike_is_there_once() -> None:
    left, right = book(FIRST, SECOND, THIRD, code("a", "z = 9")), book(FIRST, SECOND, THIRD, code("b", "z = 9"))
    assert [source for _, source in cells(merged(BASE, left, right))].count("z = 9") == 1


def test_a_cell_that_both_sides_added_in_two_places_is_there_once() -> None:
    base, left, right = (book(*(words(name, "") for name in names)) for names in ("d", "abcde", "adb"))
    for sides in ((left, right), (right, left)):
        assert sorted(name for name, _ in cells(merged(base, *sides))) == ["a", "b", "c", "d", "e"]


def test_a_cell_that_one_side_moved_and_the_other_changed_is_changed_where_it_stands_now() -> None:
    left, right = book(THIRD, FIRST, SECOND), book(FIRST, SECOND, code("third", "def f(x):\n    return 2 * x"))
    assert cells(merged(BASE, left, right))[0] == ("third", "def f(x):\n    return 2 * x")


def test_a_cell_that_one_side_deleted_and_the_other_only_ran_again_is_gone() -> None:
    right = book(FIRST, SECOND, {**THIRD, "outputs": [stream("2\n")], "execution_count": 9})
    assert [name for name, _ in cells(merged(BASE, book(FIRST, SECOND), right))] == ["first", "second"]


def test_one_line_that_both_sides_changed_has_markers_inside_the_cell() -> None:
    left = book(code("first", "import os\n\nx = 1\ny = 20"), SECOND, THIRD)
    right = book(code("first", "import os\n\nx = 1\ny = 30"), SECOND, THIRD)
    result = merged(BASE, left, right)
    assert [(each.rule, each.entity) for each in result.conflicts] == [("both-edit", "cell 1 (first)")]
    source = "".join(json.loads(result.text)["cells"][0]["source"])
    assert source == (
        "import os\n\nx = 1\n<<<<<<< ours (both-edit)\ny = 20\n||||||| base\ny = 2\n=======\ny = 30\n>>>>>>> theirs\n"
    )
    assert b"<<<<<<< ours" in result.text.split(b"\n")[result.conflicts[0].line - 1]


def test_a_cell_that_one_side_deleted_and_the_other_changed_is_there_with_markers() -> None:
    right = book(FIRST, SECOND, code("third", "print(1)"))
    result = merged(BASE, book(FIRST, SECOND), right)
    assert [(each.rule, each.entity) for each in result.conflicts] == [("delete-modify", "cell 3 (third)")]
    source = "".join(json.loads(result.text)["cells"][2]["source"])
    assert source == "<<<<<<< ours (delete-modify)\n=======\nprint(1)\n>>>>>>> theirs\n"


def test_outputs_stay_with_the_text_that_made_them() -> None:
    changed = code("third", "print(2)", outputs=[stream("2\n")], count=7)
    again = {**THIRD, "outputs": [stream("now\n")], "execution_count": 9}
    result = merged(BASE, book(FIRST, SECOND, changed), book(FIRST, SECOND, again))
    assert result.clean
    assert json.loads(result.text)["cells"][2] == changed


def test_a_text_that_nobody_ran_has_no_outputs() -> None:
    base = book(code("a", "x = 1\nz = 0\ny = 2", outputs=[stream("1\n")], count=1))
    left = book(code("a", "x = 10\nz = 0\ny = 2", outputs=[stream("10\n")], count=2))
    right = book(code("a", "x = 1\nz = 0\ny = 20", outputs=[stream("20\n")], count=3))
    cell = json.loads(merged(base, left, right).text)["cells"][0]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert "".join(cell["source"]) == "x = 10\nz = 0\ny = 20"


@pytest.mark.promise("merge.notebooks-outputs")
def test_counts_and_outputs_alone_never_need_a_person() -> None:
    runs = [book(FIRST, SECOND, {**THIRD, "execution_count": count, "outputs": [stream(out)]}) for count, out in
            ((5, "1\n"), (8, "1\n"), (8, "other\n"))]  # fmt: skip
    same = merged(BASE, runs[0], runs[1])
    assert same.clean
    assert json.loads(same.text)["cells"][2]["execution_count"] == 8
    differ = merged(BASE, runs[0], runs[2])
    assert differ.clean
    assert json.loads(differ.text)["cells"][2]["outputs"] == [stream("other\n")]
    both = book(FIRST, SECOND, {**THIRD, "execution_count": 6, "outputs": [stream("third\n")]})
    cleared = merged(BASE, both, runs[2])
    assert cleared.clean
    assert json.loads(cleared.text)["cells"][2]["outputs"] == []


def test_metadata_is_merged_by_key_and_what_a_run_leaves_is_no_conflict() -> None:
    left, right = book(FIRST, SECOND, THIRD, title="A"), book(FIRST, SECOND, THIRD, authors=[{"name": "Ada"}])
    left["metadata"]["language_info"]["version"], right["metadata"]["language_info"]["version"] = "3.12.0", "3.11.9"
    result = merged(BASE, left, right)
    assert result.clean
    metadata = json.loads(result.text)["metadata"]
    assert (metadata["title"], metadata["authors"]) == ("A", [{"name": "Ada"}])
    assert metadata["language_info"]["version"] == "3.12.0"
    tags = [book({**FIRST, "metadata": {"tags": ["all", tag]}}, SECOND, THIRD) for tag in ("one", "two")]
    assert json.loads(merged(BASE, *tags).text)["cells"][0]["metadata"]["tags"] == ["all", "one", "two"]


def test_one_key_of_metadata_with_two_values_is_for_a_person() -> None:
    result = merged(BASE, book(FIRST, SECOND, THIRD, title="A"), book(FIRST, SECOND, THIRD, title="B"))
    assert [(each.rule, each.entity) for each in result.conflicts] == [("metadata", "metadata > title")]
    assert json.loads(result.text)["metadata"]["title"] == "A"


def test_cells_get_ids_where_one_side_made_the_notebook_newer() -> None:
    old = [{key: value for key, value in cell.items() if key != "id"} for cell in (FIRST, SECOND, THIRD)]
    new: Json = {key: value for key, value in code("x", "z = 1").items() if key != "id"}
    base, left, right = book(*old, minor=4), book(FIRST, SECOND, THIRD), book(*old, new, minor=4)
    result = merged(base, left, right)
    ids = [name for name, _ in cells(result)]
    assert ids[:3] == ["first", "second", "third"]
    assert len(set(ids)) == 4
    assert merged(base, right, left).text.count(ids[3].encode()) == 1


@pytest.mark.parametrize(
    "style",
    [Style(), Style(indent=" " * 4), Style(indent="\t", end=""), Style(None, ",", ":", end=""), Style(ascii=True),
     Style(codes=True), Style(windows=True), Style(indent="  ", end="\n\n")],
)  # fmt: skip
def test_the_result_is_written_as_its_authors_write(style: Style) -> None:
    base = book(FIRST, {**SECOND, "source": ["<b>é</b> & so"]}, {**THIRD, "metadata": {"x": 1.0}})
    left, right = (book(*base["cells"], code(name, f"{name} = 1")) for name in ("a", "b"))
    result = merge_notebook(text(base, style), text(left, style), text(right, style), OPTIONS)
    assert result.text == text(book(*base["cells"], code("a", "a = 1"), code("b", "b = 1")), style)


def test_numbers_stay_as_they_are_written() -> None:
    data = text(BASE).replace(b'"version": "3.11.1"', b'"small": 1e-7,\n   "version": "3.11.1"')
    value = load(data)
    assert value is not None
    style = style_of(data, value)
    assert style is not None
    assert write(value, style) == data
    assert merge_notebook(data, data.replace(b"x = 1", b"x = 2"), data.replace(b"# Title", b"# T"), OPTIONS).clean


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no notebook", "no JSON"),
        (b'{"cells": 1}', "list of cells"),
        (text(book(FIRST, FIRST)), "two cells have the id first"),
        (text(BASE).replace(b'"execution_count": 3,\n', b'"execution_count": "x",\n'), "valid"),
        (text(BASE) + b" \n{", "no JSON"),
        (text(BASE).replace(b"{", b"{ ", 1), "not written as programs write it"),
    ],
)
def test_what_is_no_notebook_is_left_as_it_is_and_said_so(data: bytes, why: str) -> None:
    other = text(book(FIRST, SECOND))
    result = merge_notebook(text(BASE), other, data, OPTIONS)
    assert result.text == other
    assert [conflict.rule for conflict in result.conflicts] == ["notebook"]
    assert why in result.conflicts[0].reason
    assert "ours version stands there as a whole" in result.conflicts[0].reason


def test_without_the_extra_a_conflict_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anvcs.merge.notebooks.merging.installed", lambda: False)
    sides = [text(book(code("first", f"x = {n}"), SECOND, THIRD)) for n in (1, 2)]
    result = merge(text(BASE), *sides, path="a.ipynb", options=OPTIONS)
    assert result.text == sides[0]
    assert "pip install 'anvcs[notebooks]'" in result.conflicts[0].reason


@pytest.mark.parametrize("there", [True, False])
def test_what_git_merged_by_lines_is_checked(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validity, "installed", lambda: there)
    left, right = book(code("new", "a = 1"), FIRST, SECOND, THIRD), book(FIRST, SECOND, THIRD, code("new", "b = 1"))
    merged_by_lines = text(book(code("new", "a = 1"), FIRST, SECOND, THIRD, code("new", "b = 1")))
    findings = check(text(BASE), text(left), text(right), merged_by_lines, path="a.ipynb")
    assert [(each.kind, each.severity) for each in findings] == [("notebook", "hard")]
    right = book(FIRST, SECOND, THIRD, code("other", "b = 1"))
    fine = merge(text(BASE), text(left), text(right), path="a.ipynb")
    assert fine.safe
    assert fine.findings == ()


def test_a_cell_that_still_has_markers_is_found() -> None:
    left, right = book(FIRST, SECOND, code("third", "a = 1")), book(code("first", "b = 1"), SECOND, THIRD)
    left_over = text(book(code("first", "b = 1"), SECOND, code("third", "<<<<<<< a\na = 1\n=======\n>>>>>>> b\n")))
    findings = check(text(BASE), text(left), text(right), left_over, path="a.ipynb")
    assert "A cell has conflict markers in its text." in {each.message for each in findings}


_SOURCES = st.sampled_from(["", "x = 1", "x = 2\ny = 3", "# words\n\nmore words", "%time f()\n", "print(é)", "def f(:"])


@st.composite
def books(draw: st.DrawFn) -> Json:
    names = draw(st.lists(st.sampled_from("abcdef"), max_size=5, unique=True))
    made: list[Json] = []
    for name in names:
        source = draw(_SOURCES)
        outputs = [stream(draw(st.sampled_from(["1\n", "2\n"])))] if draw(st.booleans()) else []
        cell = code(name, source, outputs=outputs, count=draw(st.sampled_from([None, 1, 2])))
        made.append(cell if draw(st.booleans()) else words(name, source))
    titles: Json = {"title": draw(st.sampled_from("AB"))} if draw(st.booleans()) else {}
    return book(*made, **titles)


_STYLES = st.sampled_from([Style(), Style(indent="  "), Style(None, ",", ":", end="")])


@given(books(), books(), _STYLES)
def test_what_one_side_alone_changed_is_taken_byte_for_byte(base: Json, other: Json, style: Style) -> None:
    was, now = text(base, style), text(other, style)
    assert merge_notebook(was, now, was, OPTIONS).text == now
    assert merge_notebook(was, was, now, OPTIONS).text == now
    assert merge_notebook(was, now, now, OPTIONS).text == now


@given(books(), books(), books())
def test_every_result_is_a_notebook_and_exchanging_the_sides_changes_only_the_order(
    base: Json, left: Json, right: Json
) -> None:
    one, other = merged(base, left, right), merged(base, right, left)
    assert one.clean == other.clean
    if one.clean:
        ours, theirs = (json.loads(result.text) for result in (one, other))
        assert ours["metadata"] == theirs["metadata"]
        assert sorted(map(plain, ours["cells"])) == sorted(map(plain, theirs["cells"]))
