"""Names that two imports bind, or an import and a definition: compilers refuse that, or the last one silently wins."""

from __future__ import annotations

import pytest

from anvcs.merge import merge
from anvcs.merge.guards import check
from anvcs.merge.model import Finding
from tests.unit.merge.test_engine import refused, text

PY = "import a\n\nx = 1\ny = 2\n"
TS = "import a from 'a';\n\nf(1);\n\ng(2);\n"


def py(line: str) -> str:
    """The Python with one import more."""
    return PY.replace("a\n\n", f"a\n{line}\n\n")


def ts(line: str) -> str:
    """The TypeScript with one import more."""
    return TS.replace("'a';\n", f"'a';\n{line}\n")


def found(base: str, left: str, right: str, merged: str, path: str = "x.py") -> list[tuple[str, int | None]]:
    """What the guards say of a result: messages and lines."""
    texts = (each.encode() for each in (base, left, right, merged))
    return [(finding.message, finding.line) for finding in check(*texts, path=path)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("from v import V", "from w import V"),
        ("from v import V", "import V"),
        ("from v import A as V", "from w import V"),
        ("import numpy as V", "from w import B as V"),
    ],
)
def test_one_name_from_two_modules_needs_a_person(left: str, right: str) -> None:
    assert [rule for rule, _ in refused(PY, py(left), py(right))] == ["guard-duplicate"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("import { V } from 'v';", "import { V } from 'w';"),
        ("import V from 'v';", "import { V } from 'w';"),
        ("import * as V from 'v';", "import { A as V } from 'w';"),
        ("import { V } from 'v';", "import type { V } from 'v';"),
    ],
)
def test_one_name_by_two_imports_of_a_script_needs_a_person(left: str, right: str) -> None:
    assert [rule for rule, _ in refused(TS, ts(left), ts(right), path="x.ts")] == ["guard-duplicate"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("from v import V as A", "from w import V"),
        ("import v.one", "import v.two"),
        ("from v import one", "from v.one import two"),
        ("from v import *", "from w import *"),
    ],
)
def test_imports_of_different_names_both_stay(left: str, right: str) -> None:
    merged = text(PY, py(left), py(right))
    assert left in merged
    assert right in merged


def test_what_lines_bring_together_is_told_where_it_is_bound_last() -> None:
    left, right = PY.replace("a\n", "a\nfrom v import V\n", 1), PY + "\n\ndef V():\n    pass\n"
    result = merge(*(each.encode() for each in (PY, left, right)), path="x.py")
    assert result.clean
    assert result.findings == (Finding("duplicate", "V is imported, and bound twice.", "hard", 8, 0),)


def test_a_definition_beside_an_import_of_its_name_is_told_in_a_script() -> None:
    for definition in ("function V() {}\n", "export class V {}\n", "const V = 1;\n"):
        left, right = ts("import { V } from 'v';"), TS + definition
        merged = left + definition
        assert found(TS, left, right, merged, "x.ts") == [("V is imported, and bound twice.", 7)]


def test_what_does_not_stand_at_the_top_of_a_file_is_no_name_of_the_file() -> None:
    left = py("from v import V")
    for definition in ("class C:\n    def V(self):\n        pass\n", "if x:\n    from w import V\n"):
        merged = left + definition
        assert found(PY, left, PY + definition, merged) == []


def test_a_name_that_a_side_bound_twice_is_its_own_affair() -> None:
    again = py("from v import V\nfrom w import V")
    assert found(PY, again, py("z = 1"), again.replace("x = 1", "z = 1\nx = 1")) == []


def test_python_may_import_a_name_from_one_place_again() -> None:
    left, right = py("from v import V"), PY.replace("y = 2", "from v import V, W\n\ny = 2")
    merged = left.replace("y = 2", "from v import V, W\n\ny = 2")
    assert found(PY, left, right, merged) == []


def test_values_and_types_of_one_module_are_imported_apart() -> None:
    value, of_type = "import { V } from 'v';", "import type { T } from 'v';"
    for one, other in ((value, of_type), (of_type, value)):
        merged = text(TS, ts(one), ts(other), path="x.ts")
        assert merged == text(TS, ts(other), ts(one), path="x.ts")
        assert {value, of_type} < {*merged.splitlines()}


def test_an_import_that_one_side_makes_one_of_types_is_still_the_same() -> None:
    base = ts("import { A } from 'v';")
    left, right = base.replace("import { A", "import type { A"), base.replace("{ A }", "{ A, B }")
    assert "import type { A, B } from 'v';" in text(base, left, right, path="x.ts")


def test_an_import_that_both_add_in_two_places_stands_once() -> None:
    base = "import { U } from 'u'\n\nf(U)\n"
    left = "import { V } from 'v'\nimport { U } from 'u'\nimport { L } from 'l'\n\nf(U)\n"
    right = "import { U } from 'u'\nimport { R } from 'r'\nimport { V } from 'v'\n\nf(U)\n"
    for one, other in ((left, right), (right, left)):
        merged = text(base, one, other, path="x.ts")
        assert sorted(merged.splitlines()[:4]) == sorted({*left.splitlines()[:3], *right.splitlines()[:3]})
