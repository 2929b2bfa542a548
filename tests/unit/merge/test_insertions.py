"""What both sides insert at one place: what may stand in either order, in which order it does, and what may not."""

from __future__ import annotations

import pytest

from anvcs.merge.languages.javascript import JAVASCRIPT
from anvcs.merge.structured import Structured
from tests.unit.merge.test_engine import refused, text

BASE = "import os\n\nx = 1\n"
RETURNS = "\n\ndef {}():\n    return 1\n"


def test_what_returns_from_a_function_says_nothing_of_where_the_function_stands() -> None:
    left, right = BASE + RETURNS.format("one"), BASE + "y = 2\n"
    assert text(BASE, left, right) == text(BASE, right, left) == BASE + RETURNS.format("one") + "y = 2\n"


def test_a_function_is_defined_before_what_the_other_side_runs() -> None:
    left, right = BASE + '\n\nif __name__ == "__main__":\n    x()\n', BASE + RETURNS.format("zzz")
    for one, other in ((left, right), (right, left)):
        merged = text(BASE, one, other)
        assert merged.index("def zzz") < merged.index("if __name__")


def test_what_uses_what_the_other_side_defines_needs_a_person() -> None:
    left, right = BASE + RETURNS.format("one"), BASE + "y = one\n"
    assert refused(BASE, left, right) == [("both-insert", None)]


def test_imports_come_before_a_block_that_has_nothing_to_do_with_them() -> None:
    left = BASE.replace("\n\nx", "\nfrom a.b import C\n\nx")
    right = BASE.replace("\n\nx", "\nfrom a.d import TYPING\n\nif TYPING:\n    from e import F\n\nx")
    for one, other in ((left, right), (right, left)):
        merged = text(BASE, one, other)
        assert merged.index("import C") < merged.index("if TYPING")
        assert merged.index("import TYPING") < merged.index("if TYPING")


@pytest.mark.parametrize(
    "block", ["if C:\n    y = 2\n", "try:\n    from e import C\nexcept ImportError:\n    C = None\n"]
)
def test_a_block_that_knows_what_the_other_side_imports_needs_a_person(block: str) -> None:
    left, right = (BASE.replace("x = 1", new + "\nx = 1") for new in ("from a.b import C\n", block))
    assert [rule for rule, _ in refused(BASE, left, right)] == ["both-insert"]


def test_nobody_knows_what_an_import_of_everything_brings() -> None:
    left, right = (BASE.replace("x = 1", new + "\nx = 1") for new in ("from a import *\n", "print(y)\n"))
    assert refused(BASE, left, right) == [("both-insert", None)]


def test_names_that_both_sides_import_from_a_module_that_was_not_imported_are_in_one_import() -> None:
    base = "import os\n\nx = 1\n"
    left, right = (base.replace("\n\n", f"\nfrom a import {name}\n\n") for name in ("b, c", "b, d"))
    assert text(base, left, right) == text(base, right, left) == base.replace("\n\n", "\nfrom a import b, c, d\n\n")


def test_the_same_in_typescript() -> None:
    base = "import { a } from 'a';\n\nrun(a);\n"
    left, right = (base.replace("\n\n", f"\nimport {{ {name} }} from './b';\n\n") for name in ("one", "two"))
    assert text(base, left, right, "a.ts") == base.replace("\n\n", "\nimport { one, two } from './b';\n\n")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("import X, { one } from './b';", "import { two } from './b';"),
        ("import * as b from './b';", "import { two } from './b';"),
        ("import { one as a } from './b';", "import { one as c } from './b';"),
    ],
)
def test_imports_that_differ_in_more_than_what_they_bring_need_a_person(left: str, right: str) -> None:
    base = "import { a } from 'a';\n\nrun(a);\n"
    one, other = (base.replace("\n\n", f"\n{line}\n\n") for line in (left, right))
    assert [rule for rule, _ in refused(base, one, other, "a.ts")] == ["both-add"]


def test_an_import_of_everything_is_not_lost_in_one_of_names() -> None:
    left, right = (BASE.replace("\n\n", f"\nfrom a import {name}\n\n") for name in ("*", "b"))
    assert [rule for rule, _ in refused(BASE, left, right)] == ["both-add"]


def test_names_of_a_plain_import_are_a_list() -> None:
    base, left, right = "import a, \\\n    b\n", "import a, \\\n    b, c, d\n", "import a, \\\n    b, e\n"
    assert text(base, left, right) == text(base, right, left) == "import a, \\\n    b, c, d, e\n"


def test_a_name_that_one_side_moved_in_an_import_may_be_deleted() -> None:
    base = "import { c, a, b } from 'm';\nrun(a, b);\n"
    left = "import { a, b, c } from 'm';\nrun(a, b);\n"
    right = "import type { c } from 'm';\nimport { a, b } from 'm';\nrun(a, b);\n"
    assert text(base, left, right, "a.ts") == text(base, right, left, "a.ts") == right


def test_an_import_that_one_side_moved_may_be_deleted() -> None:
    base = b"import b from 'b';\nimport c from 'c';\nimport a from 'a';\nrun(a, b);\n"
    left = b"import a from 'a';\nimport b from 'b';\nimport c from 'c';\nrun(a, b);\n"
    right, result = (each.replace(b"import c from 'c';\n", b"") for each in (base, left))
    assert Structured(JAVASCRIPT, base, left, right).merge() == result
    assert Structured(JAVASCRIPT, base, right, left).merge() == result


def test_an_item_that_comes_to_be_the_first_is_indented_once() -> None:
    base = "from m import (\n    b,\n    a,\n    c,\n)\nrun(b, c)\n"
    left = base.replace("    a,\n", "")
    right = base.replace("    b,\n    a,\n", "    a,\n    b,\n")
    assert text(base, left, right) == left
