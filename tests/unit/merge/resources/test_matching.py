"""Resources are followed through changes, renames and moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge.resources.likeness import Likeness
from anvcs.merge.resources.matching import Followed, follow
from tests.unit.merge.resources.programs import Program, read

BODY = """    rows = load(path, encoding="utf-8")
    total = sum(row.price * row.count for row in rows)
    return total if total > limit else None
"""
OTHER = """    names = sorted(each.name for each in everybody)
    print(", ".join(names), file=out, end="")
"""


def followed(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    """By qualified name with its file: what became of it, and where it is."""
    made = mapping(before, after)
    return {
        f"{each.before.path}:{each.before.qualified}": (each.step, f"{each.after.path}:{each.after.qualified}")
        for each in made
    }


def mapping(before: dict[str, str], after: dict[str, str]) -> list[Followed]:
    likeness = Likeness(Program(before).text, Program(after).text)
    old, new = ([read(path, text) for path, text in version.items()] for version in (before, after))
    return list(follow(old, new, likeness).values())


def test_what_keeps_its_name_is_the_same_however_it_changes() -> None:
    found = followed({"a.py": f"def f(path):\n{BODY}"}, {"a.py": "def f(other):\n    pass\n"})
    assert found["a.py:f"] == ("same", "a.py:f")


def test_an_equal_body_under_another_name_is_a_rename() -> None:
    found = followed({"a.py": f"def f(path):\n{BODY}"}, {"a.py": f"def g(path):\n{BODY}"})
    assert found["a.py:f"] == ("renamed", "a.py:g")


def test_a_changed_body_under_another_name_is_a_rename_if_it_is_alike() -> None:
    changed = BODY.replace("None", "limit")
    found = followed({"a.py": f"def f(path):\n{BODY}"}, {"a.py": f"def g(path):\n{changed}"})
    assert found["a.py:f"] == ("renamed", "a.py:g")
    assert "a.py:f" not in followed({"a.py": f"def f(path):\n{BODY}"}, {"a.py": f"def g(path):\n{OTHER}"})


def test_the_only_short_one_that_went_is_the_only_one_that_came() -> None:
    before = {"a.py": "class A:\n    def get(self): return self.x\n    def put(self): return 2\n"}
    after = {"a.py": "class A:\n    def fetch(self): return self.x\n    def put(self): return 2\n"}
    assert followed(before, after)["a.py:A.get"] == ("renamed", "a.py:A.fetch")


def test_of_several_short_ones_none_is_guessed() -> None:
    before = {"a.py": "def a(): return 1\ndef b(): return 1\n"}
    after = {"a.py": "def c(): return 1\ndef d(): return 1\n"}
    assert set(followed(before, after)) == {"a.py:"}


def test_a_function_that_goes_to_another_file_is_moved() -> None:
    before = {"a.py": f"def f(path):\n{BODY}\ndef g():\n{OTHER}", "b.py": "x = 1\n"}
    after = {"a.py": f"def g():\n{OTHER}", "b.py": f"x = 1\n\ndef f(path):\n{BODY}"}
    assert followed(before, after)["a.py:f"] == ("moved", "b.py:f")


def test_an_equal_body_is_found_whatever_is_said_around_it() -> None:
    said = '    """' + "Words that say a lot about it. " * 20 + '"""\n'
    before = {"a.py": f"def f(path):\n{said}{BODY}", "b.py": "x = 1\n"}
    assert followed(before, {"a.py": "", "b.py": f"x = 1\n\ndef g(path):\n{BODY}"})["a.py:f"] == ("moved", "b.py:g")


def test_a_method_that_goes_to_another_class_is_moved() -> None:
    method = "    def f(self, path):\n    " + BODY.replace("\n", "\n    ").rstrip() + "\n"
    before = {"a.py": f"class A:\n    x = 1\n{method}class B:\n    y = 1\n"}
    after = {"a.py": f"class A:\n    x = 1\nclass B:\n    y = 1\n{method}"}
    assert followed(before, after)["a.py:A.f"] == ("moved", "a.py:B.f")


def test_a_renamed_class_takes_its_members_along() -> None:
    before = {"a.py": f"class A:\n    x = 1\n    def f(self): return 1\n    def g(self):\n{OTHER}"}
    after = {"a.py": before["a.py"].replace("class A", "class Basket")}
    found = followed(before, after)
    assert found["a.py:A"] == ("renamed", "a.py:Basket")
    assert {found[f"a.py:A.{name}"][0] for name in ("x", "f", "g")} == {"same"}


def test_a_renamed_file_takes_everything_along_though_something_in_it_changed() -> None:
    before = {"a.py": f"x = 1\n\ndef f(path):\n{BODY}\ndef g():\n{OTHER}"}
    after = {"pkg/b.py": f"x = 1\n\ndef f(path):\n{BODY}\ndef g():\n    return 3\n"}
    found = followed(before, after)
    assert found["a.py:"] == ("moved", "pkg/b.py:")
    assert (found["a.py:f"], found["a.py:g"]) == (("same", "pkg/b.py:f"), ("same", "pkg/b.py:g"))


def test_of_overloads_each_finds_the_one_with_its_body() -> None:
    before = {"A.java": "class A { int f(int a) { return a; } int f(long b) { return b + 1; } }"}
    after = {
        "A.java": "class A { int f(String s) { return 0; } int f(int a) { return a; } int f(long b) { return b + 1; } }"
    }
    pairs = {(each.before.key.nth, each.after.key.nth) for each in mapping(before, after) if each.before.name == "f"}
    assert pairs == {(0, 1), (1, 2)}


NAMES = st.sampled_from("abcd")
BODIES = st.sampled_from([BODY, OTHER, "    return 1\n", "    return load(1)\n"])
TEXTS = st.lists(st.tuples(NAMES, BODIES), max_size=4).map(
    lambda each: "".join(f"def {name}(path):\n{body}\n" for name, body in each)
)
VERSIONS = st.dictionaries(st.sampled_from(["a.py", "b.py", "c.py"]), TEXTS, max_size=3)


@given(VERSIONS)
def test_nothing_happens_to_a_version_that_stays(version: dict[str, str]) -> None:
    made = mapping(version, version)
    assert all(each.before.key == each.after.key and each.step == "same" for each in made)
    assert len(made) == sum(len(read(path, text).resources) for path, text in version.items())


@given(VERSIONS, VERSIONS)
def test_no_two_become_one_and_the_order_of_files_does_not_matter(
    before: dict[str, str], after: dict[str, str]
) -> None:
    made = mapping(before, after)
    assert len({each.after.key for each in made}) == len(made)
    turned = [dict(reversed(version.items())) for version in (before, after)]
    assert {(each.before.key, each.after.key, each.step) for each in mapping(*turned)} == {
        (each.before.key, each.after.key, each.step) for each in made
    }
