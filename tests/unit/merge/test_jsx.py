"""Elements of JSX: attributes by name, children in their order, texts between them."""

from __future__ import annotations

import pytest

from anvcs.merge import MergeResult, merge

BASE = """const page = (
  <div className="a">
    <Title />
    Hello {name}, how are you?
    <Save kind="x">Save it</Save>
  </div>
)
"""
PATHS = ["a.tsx", "a.jsx"]


def merged(left: str, right: str, base: str = BASE, path: str = "a.tsx") -> MergeResult:
    return merge(base.encode(), left.encode(), right.encode(), path=path)


def text(left: str, right: str, base: str = BASE, path: str = "a.tsx") -> str:
    result = merged(left, right, base, path)
    assert result.clean, result.conflicts
    return result.text.decode()


def changed(*pairs: tuple[str, str], base: str = BASE) -> str:
    for old, new in pairs:
        assert base.count(old) == 1
        base = base.replace(old, new)
    return base


@pytest.mark.parametrize("path", PATHS)
def test_a_new_child_stands_beside_one_that_the_other_side_changed(path: str) -> None:
    new, hi = ("<Title />\n", "<Title />\n    <New />\n"), ("Hello", "Hi")
    assert text(changed(new), changed(hi), path=path) == changed(new, hi)
    before = ("    Hello", "    <New />\n    Hello")
    title = ("<Title />", "<Title big />")
    assert text(changed(before), changed(title), path=path) == changed(before, title)


def test_attributes_that_both_sides_add_are_both_there_once() -> None:
    left = changed(('className="a"', 'className="a" id="i" role="r"'))
    right = changed(('className="a"', 'className="a" id="i" title="t"'))
    assert sorted(text(left, right).split("<div ")[1].split(">")[0].split()) == [
        'className="a"',
        'id="i"',
        'role="r"',
        'title="t"',
    ]
    assert not merged(changed(('"a"', '"b"')), changed(('"a"', '"c"'))).clean


def test_a_text_and_the_expression_in_it_are_two_things() -> None:
    left, right = ("Hello ", "Hi "), ("{name}", "{name.first}")
    assert text(changed(left), changed(right)) == changed(left, right)


def test_an_element_that_both_sides_add_stands_there_once() -> None:
    one = changed(("<Title />\n", "<Title />\n    <New a={1} />\n"))
    more = changed(("<Title />\n", "<Title />\n    <New a={1} />\n    <Newer />\n"))
    assert text(one, more) == more


def test_which_of_two_new_elements_comes_first_is_for_a_person() -> None:
    left, right = (changed(("<Title />\n", f"<Title />\n    <{name} />\n")) for name in ("New", "Other"))
    assert not merged(left, right).clean


def test_a_child_that_one_side_deletes_and_the_other_changes_is_for_a_person() -> None:
    left = changed(('    <Save kind="x">Save it</Save>\n', ""))
    assert not merged(left, changed(("Save it", "Store it"))).clean


def test_a_conflict_in_one_child_is_no_conflict_in_the_next() -> None:
    base = changed(("<Title />", "<Title size={1} />"))
    left = changed(("{1}", "{2}"), ("Save it", "Store it"), base=base)
    right = changed(("{1}", "{3}"), ('kind="x"', 'kind="y"'), base=base)
    result = merged(left, right, base)
    assert not result.clean
    assert len(result.conflicts) == 1
    assert b'\n    <Save kind="y">Store it</Save>\n' in result.text


def test_an_element_may_get_another_name_and_a_child() -> None:
    tag = (("<div ", "<Box "), ("</div>", "</Box>"))
    child = ("<Title />\n", "<Title />\n    <New />\n")
    assert text(changed(*tag), changed(child)) == changed(*tag, child)


def test_white_space_within_a_line_stays_where_it_is() -> None:
    base = "const p = <p>one <b>two</b> three</p>\n"
    left, right = base.replace("one", "1"), base.replace("three", "3")
    assert text(left, right, base) == "const p = <p>1 <b>two</b> 3</p>\n"
    left, right = base.replace("two", "2"), base.replace("</b> three", "</b>, {n} threes")
    assert text(left, right, base) == "const p = <p>one <b>2</b>, {n} threes</p>\n"
