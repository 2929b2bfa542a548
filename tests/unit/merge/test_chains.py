"""What both sides add to conditions and types that one operator joins."""

from __future__ import annotations

import pytest

from tests.unit.merge.test_engine import refused, text


@pytest.mark.parametrize(
    ("path", "form", "base", "left", "right", "result"),
    [
        ("a.js", "if ({}) run();\n", "a && b", "a && b && c", "a && b && !d", "a && b && !d && c"),
        ("a.js", "if ({}) run();\n", "a", "a || c", "a || b(x, y)", "a || b(x, y) || c"),
        ("a.js", "x = {};\n", "a || z", "a || c || z", "a || b || z", "a || b || c || z"),
        ("a.js", "x = {};\n", "a || b", "a || b && c", "a || b && d", "a || b && c && d"),
        ("a.js", "x = {};\n", "a || z", "a || c || z", "a || z || b", "a || c || z || b"),
        ("a.py", "if {}:\n    run()\n", "a and b", "a and b and c", "a and b and not d", "a and b and c and not d"),
        ("a.ts", "type A = {};\n", "'a' | 'b'", "'a' | 'b' | 'c'", "'a' | 'b' | 'd'", "'a' | 'b' | 'c' | 'd'"),
        ("a.ts", "type A = {};\n", "B & C", "B & C & D", "B & C & E", "B & C & D & E"),
        (
            "A.java",
            "class A {{ boolean b() {{ return {}; }} }}\n",
            "a && b",
            "a && b && c",
            "a && b && d",
            "a && b && c && d",
        ),
        ("a.go", "package a\n\nvar x = {}\n", "a && b", "a && b && c", "a && b && d", "a && b && c && d"),
        ("a.rs", "fn f() -> bool {{ {} }}\n", "a && b", "a && b && c", "a && b && d", "a && b && c && d"),
        ("a.c", "int f(void) {{ return {}; }}\n", "a && b", "a && b && c", "a && b && d", "a && b && c && d"),
        ("a.cpp", "int f() {{ return {}; }}\n", "a && b", "a && b && c", "a && b && d", "a && b && c && d"),
        (
            "A.cs",
            "class A {{ bool B() {{ return {}; }} }}\n",
            "a && b",
            "a && b && c",
            "a && b && d",
            "a && b && c && d",
        ),
        ("a.php", "<?php\nreturn {};\n", "$a && $b", "$a && $b && $c", "$a && $b && $d", "$a && $b && $c && $d"),
        ("a.rb", "x = {}\n", "a && b", "a && b && c", "a && b && d", "a && b && c && d"),
    ],
)
def test_what_both_sides_add_to_a_chain_holds_together(
    path: str, form: str, base: str, left: str, right: str, result: str
) -> None:
    sides = form.format(base), form.format(left), form.format(right)
    assert text(*sides, path) == text(sides[0], sides[2], sides[1], path) == form.format(result)


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        ("a && b", "a && b && c", "a && b || d"),
        ("a && b", "a && b && c || e", "a && b && d"),
        ("a && b", "c && a && b", "d && a && b"),
        ("a && b", "a && b && c", "a && d && e"),
        ("a && b", "b && a && c", "a && b && d"),
        ("a + b", "a + b + c", "a + b + d"),
    ],
)
def test_where_a_side_did_anything_else_a_person_is_asked(base: str, left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        assert refused(f"x = {base};\n", f"x = {one};\n", f"x = {other};\n", "a.js")


def test_the_layout_of_what_is_added_is_its_author_s() -> None:
    base = "const x =\n  first(a) ||\n  second(b);\n"
    left = "const x =\n  first(a) ||\n  third(c) ||\n  second(b);\n"
    right = "const x =\n  first(a) ||\n  fourth(\n    d,\n  ) ||\n  second(b);\n"
    merged = "const x =\n  first(a) ||\n  fourth(\n    d,\n  ) ||\n  third(c) ||\n  second(b);\n"
    assert text(base, left, right, "a.js") == text(base, right, left, "a.js") == merged
