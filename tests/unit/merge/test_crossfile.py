"""A name that one side takes away and the other newly uses is found before anything runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge.crossfile import check
from tests.unit.merge.resources.programs import Both, Texts

BASE = {
    "pkg/__init__.py": "",
    "pkg/a.py": "def get():\n    return load(1, 2)\n\n\ndef other():\n    return 2\n",
    "pkg/b.py": "from pkg import a\n\n\ndef use():\n    return a.other()\n",
}
RENAMED = BASE["pkg/a.py"].replace("get", "fetch")
REMOVED = "def other():\n    return 2\n"
B = BASE["pkg/b.py"]


def found(left: Texts, right: Texts, base: Texts = BASE, merged: Texts | None = None) -> list[str]:
    """The findings as severity, kind and message."""
    made = check(Both(base, left, right, merged), left="main", right="agent:foo")
    return [f"{each.finding.severity} {each.finding.kind}: {each.finding.message}" for each in made]


@pytest.mark.promise("resources.between-files")
def test_a_renamed_function_that_the_other_side_newly_calls_is_found() -> None:
    assert found({"pkg/a.py": RENAMED}, {"pkg/b.py": B + "    a.get()\n"}) == [
        "hard renamed: main renames get to fetch, which agent:foo newly calls in pkg/b.py:6."
    ]


def test_it_is_found_in_both_directions_with_its_place() -> None:
    (finding,) = check(Both(BASE, {"pkg/c.py": "from .a import get\n"}, {"pkg/a.py": REMOVED}))
    assert (finding.path, finding.other) == (b"pkg/c.py", b"pkg/a.py")
    assert (finding.finding.line, finding.finding.column, finding.finding.kind) == (1, 15, "removed")
    assert finding.finding.message == "right removes get from pkg/a.py, which left newly imports in pkg/c.py:1."


def test_one_definition_is_told_once_for_a_file() -> None:
    text = "from .a import get\n\nget()\nget()\n"
    assert len(found({"pkg/a.py": REMOVED}, {"pkg/c.py": text})) == 1


def test_what_was_used_before_is_not_newly_used() -> None:
    base = {**BASE, "pkg/b.py": B.replace("other", "get")}
    assert found({"pkg/a.py": REMOVED}, {"pkg/b.py": base["pkg/b.py"] + "    print()\n"}, base) == []


def test_one_more_use_in_another_function_is_new_where_the_other_side_replaced_those_it_knew() -> None:
    base = {**BASE, "pkg/b.py": B.replace("other", "get")}
    left = {"pkg/a.py": RENAMED, "pkg/b.py": base["pkg/b.py"].replace("get", "fetch")}
    right = {"pkg/b.py": base["pkg/b.py"] + "\n\ndef more():\n    return a.get()\n"}
    merged = {"pkg/b.py": left["pkg/b.py"] + "\n\ndef more():\n    return a.get()\n"}
    assert len(found(left, right, base)) == len(found(left, right, base, merged)) == 1


def test_a_use_that_the_result_lost_is_not_told() -> None:
    left = {"pkg/a.py": REMOVED, "pkg/b.py": "x = 1\n"}
    right = {"pkg/b.py": B + "    a.get()\n"}
    assert found(left, right, merged={"pkg/b.py": "x = 1\n"}) == []


def test_a_definition_that_the_result_has_again_is_not_told() -> None:
    left, right = (
        {"pkg/a.py": REMOVED},
        {"pkg/a.py": BASE["pkg/a.py"] + "\n\nx = 1\n", "pkg/c.py": "from .a import get\n"},
    )
    assert found(left, right) != []
    assert found(left, right, merged={"pkg/a.py": REMOVED + "\n\ndef get(): ...\n"}) == []


def test_what_a_side_itself_defines_is_its_own() -> None:
    left = {"pkg/a.py": REMOVED + "\n\ny = 1\n"}
    right = {"pkg/a.py": BASE["pkg/a.py"] + "\n\ndef new(): ...\n", "pkg/c.py": "from .a import new\n"}
    assert found(left, right) == []


def test_what_a_side_itself_defines_is_its_own_though_the_other_took_its_word_away() -> None:
    base = {**BASE, "pkg/a.py": "# a fresh start\n" + BASE["pkg/a.py"]}
    right = {"pkg/a.py": base["pkg/a.py"] + "\n\ndef fresh(): ...\n", "pkg/c.py": "from .a import fresh\n"}
    # As many files on either side, so that it does not matter from which end it is looked.
    assert found({"pkg/a.py": BASE["pkg/a.py"], "x.py": "", "y.py": ""}, right, base) == []


def test_a_name_that_moved_and_is_still_given_is_not_gone() -> None:
    kept = "from .c import get\n\n\ndef other():\n    return 2\n"
    moved = {"pkg/a.py": kept, "pkg/c.py": "def get():\n    return load(1, 2)\n"}
    assert found(moved, {"pkg/d.py": "from .a import get\n"}) == []
    moved["pkg/a.py"] = REMOVED
    assert found(moved, {"pkg/d.py": "from .a import get\n"}) == [
        "hard moved: main moves get from pkg/a.py to pkg/c.py, which agent:foo newly imports in pkg/d.py:1."
    ]


def test_a_name_that_an_unchanged_file_gives_on_is_followed_through_it() -> None:
    base = {**BASE, "pkg/__init__.py": "from pkg.a import get\n"}
    assert len(found({"pkg/a.py": REMOVED}, {"use.py": "from pkg import get\n"}, base)) == 1


def test_a_file_that_is_gone_takes_everything_with_it() -> None:
    gone = {"pkg/a.py": None}
    assert found(gone, {"pkg/c.py": "from pkg import a\n"}) == [
        "hard removed: main removes pkg/a.py, which agent:foo newly imports in pkg/c.py:1."
    ]
    assert len(found(gone, {"pkg/c.py": "from .a import get\n"})) == 1


def test_a_method_is_looked_for_along_base_classes_and_by_declared_types() -> None:
    base = {"a.py": "class Base:\n    def total(self): return 1\n\nclass Basket(Base):\n    x = 1\n"}
    gone = {"a.py": "class Base:\n    y = 1\n\nclass Basket(Base):\n    x = 1\n"}
    assert len(found(gone, {"b.py": "from a import Basket\n\ndef f(b: Basket): return b.total()\n"}, base)) == 1
    assert (
        len(
            found(
                gone, {"b.py": "from a import Basket\n\nclass C(Basket):\n    def f(self): return self.total()\n"}, base
            )
        )
        == 1
    )


def test_a_class_with_a_base_from_outside_or_made_at_run_time_is_not_judged() -> None:
    use = {"b.py": "from a import Basket\n\ndef f(b: Basket): return b.total()\n"}
    for head in ("class Basket(outside.Base):\n", "class Basket:\n    def __getattr__(self, name): ...\n"):
        base = {"a.py": f"{head}    def total(self): return 1\n    def total_again(self): return self.total()\n"}
        assert found({"a.py": f"{head}    x = 'total'\n"}, use, base) == []


@pytest.mark.parametrize(
    ("before", "after", "use"),
    [
        ("export function get() {}\nexport const k = 1;\n", "export const k = 1;\n", "import { get } from './a';\n"),
        ("export default class A {}\n", "export class A {}\n", "import A from './a';\n"),
        ("exports.get = function () {};\nexports.k = 1;\n", "exports.k = 1;\n", "const { get } = require('./a');\n"),
        (
            "export class A { get() {} }\n",
            "export class A { }\n",
            "import { A } from './a';\nfunction f(a: A) { a.get() }\n",
        ),
    ],
)
def test_exports_of_javascript_and_typescript_are_followed(before: str, after: str, use: str) -> None:
    assert len(found({"a.ts": after}, {"b.ts": use}, {"a.ts": before})) == 1


def test_a_default_export_that_is_gone_is_called_so() -> None:
    told = found({"a.js": "export {};\n"}, {"b.js": "import A from './a';\n"}, {"a.js": "export default class {}\n"})
    assert told == ["hard removed: main removes the default export from a.js, which agent:foo newly imports in b.js:1."]


def test_exports_that_cannot_be_read_are_not_judged() -> None:
    base = {"a.js": "exports.get = 1;\nmodule.exports = make(exports);\n"}
    assert found({"a.js": "module.exports = make();\n"}, {"b.js": "const { get } = require('./a');\n"}, base) == []


MEMBER = "class Request:\n    def getfuncargvalue(self, name):\n        return self.cache[name]\n"
OLD = "def before(item):\n    return item.getfuncargvalue('old')\n\n"
USER = "def test(request):\n    return request.getfuncargvalue('db')\n"


def test_a_member_of_an_unknown_object_is_told_if_nobody_defines_it_any_more() -> None:
    renamed = {"a.py": MEMBER.replace("getfuncargvalue", "getfixturevalue")}
    done = "main renames Request.getfuncargvalue to Request.getfixturevalue"
    told = f"hard renamed: {done}, which agent:foo newly calls in b.py:2."
    assert found(renamed, {"b.py": USER}, {"a.py": MEMBER}) == [told]


def test_a_common_name_of_an_unknown_object_is_only_worth_a_look() -> None:
    base = {"a.py": MEMBER.replace("getfuncargvalue", "value")}
    (told,) = found({"a.py": "x = 1\n"}, {"b.py": USER.replace("getfuncargvalue", "value")}, base)
    assert told.startswith("soft removed:")


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        pytest.param({"c.py": MEMBER}, {}, {}, id="another file defines it"),
        pytest.param({}, {"c.py": "old = 'getfuncargvalue'\n"}, {}, id="the other side still writes it"),
        pytest.param({}, {}, {"c.py": MEMBER}, id="the user's side defines it anew"),
        pytest.param({"b.py": OLD}, {}, {"b.py": OLD + USER}, id="it was used there before"),
    ],
)
def test_a_member_of_an_unknown_object_is_not_told_where_it_may_be_anothers(
    base: dict[str, str], left: dict[str, str], right: dict[str, str]
) -> None:
    gone = {"a.py": MEMBER.replace("getfuncargvalue", "getfixturevalue"), **left}
    assert found(gone, {"b.py": USER, **right}, {"a.py": MEMBER, **base}) == []


def test_members_that_every_object_has_are_not_told() -> None:
    base = {"a.py": MEMBER.replace("getfuncargvalue", "append")}
    assert found({"a.py": "x = 1\n"}, {"b.py": "def f(a): a.append(1)\n"}, base) == []


def test_languages_without_paths_are_judged_by_name() -> None:
    base = {"A.java": "class A { static int payEverything() { return 1; } }"}
    left = {"A.java": "class A { static int paySome() { return 1; } }"}
    (told,) = found(left, {"B.java": "class B { int f() { return A.payEverything(); } }"}, base)
    assert told.startswith("hard renamed: main renames A.payEverything to A.paySome")


def test_texts_that_cannot_be_read_are_left_alone() -> None:
    assert found({"pkg/a.py": "def ((("}, {"pkg/c.py": "from .a import get\n"}) == []
    assert found({"pkg/a.py": REMOVED}, {"pkg/c.py": "from .a import get\n((("}) == []


def test_trees_are_only_read_where_texts_say_that_a_name_may_be_gone() -> None:
    both = Both(BASE, {"pkg/b.py": B + "x = 1\n", "notes.md": "a"}, {"pkg/a.py": BASE["pkg/a.py"] + "y = 1\n"})
    assert check(both) == ()
    assert "pkg/__init__.py" not in [*both.base.read, *both.left.read, *both.right.read]


TEXTS = st.dictionaries(
    st.sampled_from(["pkg/a.py", "pkg/b.py", "pkg/c.py"]),
    st.sampled_from(
        [BASE["pkg/a.py"], RENAMED, REMOVED, B, B + "    a.get()\n", "from .a import *\nget()\n", "((", ""]
    ),
)


@given(TEXTS, TEXTS)
def test_a_side_that_changes_nothing_breaks_nothing_and_the_sides_are_alike(
    left: dict[str, str], right: dict[str, str]
) -> None:
    assert check(Both(BASE, left, {})) == check(Both(BASE, {}, right)) == ()
    one, two = check(Both(BASE, left, right), left="l", right="r"), check(Both(BASE, right, left), left="r", right="l")
    assert one == two


def test_a_function_that_is_called_in_another_way_now_is_no_finding() -> None:
    changed = {"pkg/a.py": BASE["pkg/a.py"].replace("get()", "get(key=None)")}
    assert found(changed, {"pkg/c.py": "from .a import get\n\nget()\n"}) == []
