"""What one side indented or wrapped, and the other changed inside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge import MergeResult, merge
from anvcs.merge.indentation import alike_indented

BODY = "function f(a) {\n  one(a);\n  two(a);\n  three(a);\n}\n"
WRAPPED = "function f(a) {\n  if (a) {\n    one(a);\n    two(a);\n    three(a);\n  }\n}\n"
PYTHON = "def f(a):\n    one(a)\n    two(a)\n    three(a)\n    return a\n"
PYTHON_WRAPPED = "def f(a):\n    with a:\n        one(a)\n        two(a)\n        three(a)\n    return a\n"


def merged(base: str, left: str, right: str, path: str) -> MergeResult:
    """The merge, which does not depend on which side is left."""
    one, other = (merge(base.encode(), a.encode(), b.encode(), path=path) for a, b in ((left, right), (right, left)))
    assert one.clean == other.clean
    assert not one.clean or one.text == other.text
    return one


def text(base: str, left: str, right: str, path: str) -> str:
    result = merged(base, left, right, path)
    assert result.clean, result.conflicts
    return result.text.decode()


def test_a_change_to_any_line_that_the_other_side_wrapped_stands_inside() -> None:
    for line in ("one", "two", "three"):
        changed = BODY.replace(f"{line}(a)", f"{line}(a, 1)")
        assert text(BODY, WRAPPED, changed, "a.js") == WRAPPED.replace(f"{line}(a)", f"{line}(a, 1)")


def test_so_it_does_where_indentation_is_syntax() -> None:
    for line in ("one", "two", "three"):
        changed = PYTHON.replace(f"{line}(a)", f"{line}(a, 1)")
        expected = PYTHON_WRAPPED.replace(f"{line}(a)", f"{line}(a, 1)")
        assert text(PYTHON, PYTHON_WRAPPED, changed, "a.py") == expected


def test_an_insertion_between_wrapped_lines_takes_their_indentation() -> None:
    more = BODY.replace("  two(a);\n", "  two(a);\n  while (a) {\n    more(a);\n  }\n")
    expected = WRAPPED.replace("    two(a);\n", "    two(a);\n    while (a) {\n      more(a);\n    }\n")
    assert text(BODY, WRAPPED, more, "a.js") == expected
    more = PYTHON.replace("    two(a)\n", "    two(a)\n    if a:\n        more(a)\n\n")
    expected = PYTHON_WRAPPED.replace("        two(a)\n", "        two(a)\n        if a:\n            more(a)\n\n")
    assert text(PYTHON, PYTHON_WRAPPED, more, "a.py") == expected


def test_a_deletion_among_wrapped_lines_is_a_deletion_inside() -> None:
    assert text(BODY, WRAPPED, BODY.replace("  two(a);\n", ""), "a.js") == WRAPPED.replace("    two(a);\n", "")


def test_whether_an_insertion_at_the_edge_of_wrapped_lines_is_inside_is_for_a_person() -> None:
    for line in ("    return a\n", "    one(a)\n"):
        assert not merged(PYTHON, PYTHON_WRAPPED, PYTHON.replace(line, "    more(a)\n" + line), "a.py").clean
    assert not merged(BODY, WRAPPED, BODY.replace("  one", "  more(a);\n  one"), "a.js").clean
    assert not merged(BODY, WRAPPED, BODY.replace("three(a);\n", "three(a);\n  more(a);\n"), "a.js").clean


def test_an_insertion_after_wrapped_lines_that_end_a_file_is_for_a_person() -> None:
    base, wrapped = "one()\ntwo()\n", "if a:\n    one()\n    two()\n"
    assert not merged(base, wrapped, base + "three()\n", "a.py").clean


def test_lines_that_replace_another_number_of_lines_at_the_edge_are_for_a_person() -> None:
    changed = PYTHON.replace("    one(a)\n", "    before(a)\n    eins(a)\n")
    assert not merged(PYTHON, PYTHON_WRAPPED, changed, "a.py").clean


def test_so_are_lines_that_replace_others_at_an_edge_that_nothing_marks() -> None:
    changed = PYTHON.replace("    three(a)\n", "    three(a, 1)\n    after(a)\n")
    assert not merged(PYTHON, PYTHON_WRAPPED, changed, "a.py").clean
    changed = PYTHON.replace("    three(a)\n", "    quite.different\n")
    assert not merged(PYTHON, PYTHON_WRAPPED, changed, "a.py").clean


def test_what_both_sides_wrap_may_not_overlap() -> None:
    base = "a();\nb();\nc();\n"
    left = "if (x) {\n  a();\n  b();\n}\nc();\n"
    for indent in ("", "  "):
        right = f"a();\nwhile (y) {{\n{indent}b();\n{indent}c();\n}}\n"
        assert not merged(base, left, right, "a.js").clean
    base, left = "a()\nb()\nc()\n", "if x:\n    a()\n    b()\nc()\n"
    assert not merged(base, left, "a()\nwhile y:\n    b()\n    c()\n", "a.py").clean


def test_what_a_side_unwraps_takes_the_other_side_s_change_along() -> None:
    changed = PYTHON_WRAPPED.replace("two(a)", "two(a, 1)").replace("        three", "        new(a)\n        three")
    expected = PYTHON.replace("two(a)", "two(a, 1)").replace("    three", "    new(a)\n    three")
    assert text(PYTHON_WRAPPED, PYTHON, changed, "a.py") == expected


def test_both_sides_may_wrap_different_lines() -> None:
    base = "a();\nb();\nc();\nd();\ne();\n"
    left, right = base.replace("b();\n", "if (x) {\n  b();\n}\n"), base.replace("d();\n", "if (y) {\n  d();\n}\n")
    assert text(base, left, right, "a.js") == left.replace("d();\n", "if (y) {\n  d();\n}\n")


def test_both_sides_cannot_indent_the_same_lines_in_two_ways() -> None:
    assert not merged(PYTHON, PYTHON_WRAPPED, PYTHON_WRAPPED.replace("with a", "if a"), "a.py").clean


def test_tabs_that_a_side_made_spaces_are_spaces_in_what_the_other_inserts() -> None:
    base = "function f() {\n\tone();\n\ttwo();\n\tthree();\n}\n"
    left = base.replace("\t", "  ")
    right = base.replace("\ttwo();\n", "\ttwo(2);\n\tmore();\n")
    assert text(base, left, right, "a.js") == left.replace("  two();\n", "  two(2);\n  more();\n")


def test_what_one_side_wraps_in_an_element_takes_the_other_side_s_new_child() -> None:
    base = "const a = (\n  <ul>\n    <li>1</li>\n    <li>2</li>\n    <li>3</li>\n  </ul>\n)\n"
    left = (
        "const a = (\n  <Box>\n    <ul>\n      <li>1</li>\n      <li>2</li>\n      <li>3</li>\n    </ul>\n  </Box>\n)\n"
    )
    right = base.replace("    <li>2</li>\n", '    <li className="x">2</li>\n    <li>new</li>\n')
    expected = left.replace("      <li>2</li>\n", '      <li className="x">2</li>\n      <li>new</li>\n')
    assert text(base, left, right, "a.tsx") == expected


def test_lines_of_one_text_are_indented_as_the_side_has_them() -> None:
    base = "function f() {\n  const t = `\n  a\n  b\n`;\n  g(t);\n}\n"
    left = "function f() {\n  if (x) {\n    const t = `\n  a\n  b\n`;\n    g(t);\n  }\n}\n"
    right = base.replace("  b\n", "  b\n  c\n")
    assert text(base, left, right, "a.js") == left.replace("  b\n", "  b\n  c\n")


def test_the_trace_names_the_stage() -> None:
    result = merged(BODY, WRAPPED, BODY.replace("two(a)", "two(b)"), "a.js")
    assert [step.stage for step in result.trace] == ["indented"]


_LINES = ["a", "  a", "    a", "b", "  b", "if x:", "  if x:", "}", "  }", "", "\tc", "\t\tc"]
TEXT = st.lists(st.sampled_from(_LINES), max_size=10).map(lambda lines: "".join(f"{x}\n" for x in lines).encode())


@given(TEXT, TEXT, TEXT)
def test_nothing_but_indentation_and_what_a_side_inserted_differs(base: bytes, left: bytes, right: bytes) -> None:
    found = alike_indented(base, left, right)
    if found is None:
        return
    for new, old in zip(found, (base, left, right), strict=True):
        rest = iter([line.strip() for line in new.split(b"\n")])
        assert all(line.strip() in rest for line in old.split(b"\n"))


@given(TEXT, TEXT)
def test_what_one_side_left_as_it_was_becomes_what_the_other_has(base: bytes, left: bytes) -> None:
    found = alike_indented(base, left, base)
    assert found is None or (found[0] == found[2] and found[1] == left)
