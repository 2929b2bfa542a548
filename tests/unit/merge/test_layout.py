"""One side lays out anew what the other changes or deletes."""

from __future__ import annotations

import pytest

from anvcs.merge.languages import language_for
from anvcs.merge.layout import plain
from tests.unit.merge.test_engine import refused, text


def words(source: str, path: str) -> list[bytes]:
    profile = language_for(path)
    assert profile is not None
    return plain(profile, source.encode(), profile.parse(source.encode()).root_node)


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ("f(a, b);", "f(\n  a,\n  b,\n)", "a.js"),
        ("const f = (a) => [a];", "const f = a => [\n  a,\n]", "a.js"),
        ("type A = B<C, D>;", "type A = B<\n  C,\n  D,\n>", "a.ts"),
        ("class A { b = 1; c() {} }", "class A {\n  b = 1\n  c() {}\n}", "a.ts"),
        ("interface A { b: C; d: E }", "interface A {\n  b: C,\n  d: E,\n}", "a.ts"),
        (
            "import a from 'a'; export { b }; let c = 1; throw c;",
            "import a from 'a'\nexport { b }\nlet c = 1\nthrow c",
            "a.js",
        ),
        ("f(a)", "f(\n    a,\n)", "a.py"),
        ("x = [a]", "x = [\n    a,\n]", "a.py"),
        ("x = (a, b)", "x = (\n    a,\n    b,\n)", "a.py"),
        ("from a import (b)", "from a import (\n    b,\n)", "a.py"),
    ],
)
def test_what_formatters_change_says_the_same(one: str, other: str, path: str) -> None:
    assert words(one, path) == words(other, path)


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ("x = (a,)", "x = (a)", "a.py"),
        ("return (a,)", "return (a)", "a.py"),
        ("x[a,]", "x[a]", "a.py"),
        ("x = [,];", "x = [];", "a.js"),
        ("x = [a,,];", "x = [a,];", "a.js"),
        ('x = "a;"', 'x = "a"', "a.js"),
        ('x = "(a) =>"', 'x = "a =>"', "a.js"),
        ("x = f((a, b))", "x = f(a, b)", "a.py"),
        ("// a;\n", "// a\n", "a.js"),
        ("if (x); f()", "if (x) f()", "a.js"),
        ("for (a; b;) f()", "for (a;; b) f()", "a.js"),
        ("for (let a; b;) f()", "for (let a;; b) f()", "a.js"),
        ("void f(void) { if (x); g(); }", "void f(void) { if (x) g(); }", "a.c"),
    ],
)
def test_what_means_something_is_no_layout(one: str, other: str, path: str) -> None:
    assert words(one, path) != words(other, path)


FUNCTION = "const f = (a) => {\n  return g(a, 1);\n};\n\nkeep();\n\nlast();\n"
LAID_OUT = "const f = a => {\n  return g(\n    a,\n    1,\n  )\n}\n\nkeep();\n\nlast();\n"


def test_what_one_side_only_laid_out_anew_may_be_deleted() -> None:
    right = FUNCTION[FUNCTION.index("keep") :]
    assert text(FUNCTION, LAID_OUT, right, "a.js") == text(FUNCTION, right, LAID_OUT, "a.js") == right


def test_what_one_side_changed_is_not_deleted_unseen() -> None:
    right = FUNCTION[FUNCTION.index("keep") :]
    changed = LAID_OUT.replace("1", "2")
    assert [rule for rule, _ in refused(FUNCTION, changed, right, "a.js")] == ["delete-modify"]


def test_what_one_side_wrote_anew_stands_where_the_other_only_laid_it_out() -> None:
    base = "x = f(g(\n    a=1,\n    b=2))\n"
    left, right = "x = f([r.a, r.b])\n", "x = f(\n    g(\n        a=1, b=2\n    )\n)\n"
    assert text(base, left, right) == text(base, right, left) == left


def test_a_statement_that_leaves_a_block_is_no_layout() -> None:
    base = "if a:\n    f(1, 2)\n    c(1)\n"
    left, right = "if a:\n    f(1, 2)\nc(1)\n", "if a:\n    f(1, 2,)\n    c(2)\n"
    for one, other in ((left, right), (right, left)):
        assert text(base, one, other) == "if a:\n    f(1, 2,)\nc(2)\n"


def test_indentation_in_brackets_means_nothing() -> None:
    base = "def f():\n    x = h(g(a, b=1))\n    return x\n"
    left = base.replace("h(g(a, b=1))", "h(\n        g(a, b=1)\n    )")
    right = base.replace("    x = h(g(a, b=1))\n", "    r = g(a, b=1)\n    x = h([r.a, r.b])\n")
    assert text(base, left, right) == text(base, right, left) == right


def test_a_bracket_in_a_text_opens_nothing() -> None:
    base = 'if a:\n    b("""(""")\n    c(1)\n'
    left, right = 'if a:\n    b("""(""")\nc(1)\n', base.replace("c(1)", "c(2)")
    for one, other in ((left, right), (right, left)):
        assert text(base, one, other) == left.replace("c(1)", "c(2)")
