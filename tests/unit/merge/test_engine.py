"""What the engine resolves, what it refuses, and how it says so."""

from __future__ import annotations

import pytest

from anvcs.merge import MergeResult, Options, merge
from anvcs.merge.languages.javascript import JAVASCRIPT
from anvcs.merge.sequence import RefusedError
from anvcs.merge.structured import Structured


def merged(base: str, left: str, right: str, path: str = "a.py") -> MergeResult:
    return merge(base.encode(), left.encode(), right.encode(), path=path)


def text(base: str, left: str, right: str, path: str = "a.py") -> str:
    result = merged(base, left, right, path)
    assert result.clean, result.conflicts
    return result.text.decode()


def refused(base: str, left: str, right: str, path: str = "a.py") -> list[tuple[str, str | None]]:
    result = merged(base, left, right, path)
    assert not result.clean, result.text.decode()
    return [(conflict.rule, conflict.entity) for conflict in result.conflicts]


def test_arguments_keep_their_places() -> None:
    assert refused("f(a, b)\n", "f(a, b, c)\n", "f(a, b, d)\n") == [("both-insert", None)]
    assert text("f(a, b)\n", "f(a, b, c=1)\n", "f(a, b, d=2)\n") == "f(a, b, c=1, d=2)\n"


def test_indentation_that_means_something_is_never_taken_for_formatting() -> None:
    base = "if a:\n    b()\n    c(1)\n"
    result = merged(base, "if a:\n    b()\nc(1)\n", base.replace("c(1)", "c(2)"))
    assert not result.clean or result.text == b"if a:\n    b()\nc(2)\n"


def test_functions_that_both_sides_added_at_one_place_are_both_kept() -> None:
    base = "def a():\n    return 1\n"
    left = base + "\n\ndef c():\n    return 3\n"
    right = base + "\n\ndef b():\n    return 2\n"
    assert text(base, left, right) == base + "\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3\n"


def test_which_side_is_left_does_not_decide_the_order_of_what_both_added() -> None:
    base = "def a():\n    return 1\n"
    left, right = base + "\n\ndef c():\n    pass\n", base + "\n\ndef b():\n    pass\n"
    assert text(base, left, right) == text(base, right, left)


def test_names_that_both_sides_add_to_one_import_are_both_imported() -> None:
    base, left, right = "from m import a, d\n", "from m import a, b, d\n", "from m import a, c, d\n"
    assert text(base, left, right) == "from m import a, b, c, d\n"


LONG = "from m import (\n    a,\n    b,\n    c,\n)\n"


@pytest.mark.parametrize(
    ("base", "left", "right", "merged"),
    [
        (LONG, LONG.replace("    c", "    bb,\n    c"), "from m import a, b\n", "from m import a, b, bb\n"),
        ("from m import a, b\n", "from m import a, b, c\n", "from m import (\n    a,\n    b,\n    d,\n)\n",
         "from m import (\n    a,\n    b,\n    c,\n    d,\n)\n"),
        ("from m import a, \\\n    b, d\n", "from m import a, \\\n    b, c, d\n", "from m import a, \\\n    b, d, e\n",
         "from m import a, \\\n    b, c, d, e\n"),
    ],
    ids=["onto one line", "onto lines", "with backslashes"],
)  # fmt: skip
def test_what_one_side_adds_to_a_list_is_laid_out_as_the_other_did_it(
    base: str, left: str, right: str, merged: str
) -> None:
    for sides in ((left, right), (right, left)):
        result = merge(base.encode(), *(side.encode() for side in sides), path="a.py")
        assert (result.clean, result.text.decode()) == (True, merged)


def test_an_import_from_the_future_comes_first() -> None:
    base = "import z\n\nz.f()\n"
    left, right = "import a\nimport b\n" + base, "from __future__ import annotations\n\n" + base
    for one, other in ((left, right), (right, left)):
        assert text(base, one, other).startswith("from __future__ import annotations\n")


def test_imports_in_javascript_are_merged_by_module() -> None:
    base = "import {a} from './a';\n\nf();\n"
    left = "import {a} from './a';\nimport {c} from './c';\n\nf();\n"
    right = "import {a} from './a';\nimport {b} from './b';\n\nf();\n"
    want = "import {a} from './a';\nimport {b} from './b';\nimport {c} from './c';\n\nf();\n"
    assert text(base, left, right, "a.js") == want


def test_neighbouring_arguments_that_two_sides_changed_are_both_taken() -> None:
    assert text("f(one, two)\n", "f(one, three)\n", "f(zero, two)\n") == "f(zero, three)\n"


def test_keys_that_both_sides_add_to_an_object_are_both_kept() -> None:
    base = "x = {\n  a: 1\n};\n"
    left, right = "x = {\n  a: 1,\n  b: 2\n};\n", "x = {\n  a: 1,\n  c: 3\n};\n"
    assert text(base, left, right, "a.js") == "x = {\n  a: 1,\n  b: 2,\n  c: 3\n};\n"


def test_changes_to_neighbouring_statements_of_one_function_are_both_taken() -> None:
    base = "def f():\n    a = 1\n    b = 2\n"
    assert text(base, base.replace("1", "10"), base.replace("2", "20")) == "def f():\n    a = 10\n    b = 20\n"


def test_a_function_that_one_side_moved_and_the_other_changed_is_changed_where_it_stands_now() -> None:
    one = "def one(x):\n    y = x + 1\n    return y\n"
    two = "def two(x):\n    z = x + 2\n    return z\n"
    three = "def three(x):\n    w = x * 3\n    return w\n"
    base, left = f"{one}\n\n{two}\n\n{three}", f"{three}\n\n{one}\n\n{two}"
    right = base.replace("x * 3", "x * 30")
    result = merged(base, left, right)
    assert result.text.decode() == left.replace("x * 3", "x * 30")
    assert {step.stage for step in result.trace} == {"lines", "moved"}
    assert result.safe


def test_a_change_counts_more_than_the_formatting_of_the_same_expression() -> None:
    base = "const a = {b: 1, c: 2}\nconst d = f(a)\n"
    left = "const a = { b: 1, c: 2 }\nconst d = f( a )\n"
    right = "const a = {b: 1, c: 3}\nconst d = f(a)\n"
    assert text(base, left, right, "a.js") == "const a = {b: 1, c: 3}\nconst d = f( a )\n"


def test_a_statement_inserted_into_a_case_does_not_take_the_change_of_the_next_one() -> None:
    base = "switch (x) {\n  case 1:\n    f(1);\n    g(2);\n}\n"
    left, right = base.replace("    g(2)", "    h(2);\n    g(2)"), base.replace("g(2)", "g(3)")
    assert text(base, left, right, "a.js") == base.replace("    g(2)", "    h(2);\n    g(3)")


def test_a_decorator_inserted_above_another_does_not_take_its_change() -> None:
    base = "@a(1)\n@b(1)\ndef f():\n    pass\n"
    assert text(base, base.replace("@b", "@c(1)\n@b"), base.replace("b(1)", "b(2)")) == base.replace(
        "@b(1)", "@c(1)\n@b(2)"
    )


def test_white_space_inside_a_string_counts() -> None:
    base = 'x = [\n    "w>=2.0",\n    "c>=7",\n]\n'
    left, right = base.replace("c>=7", "c>=8"), base.replace(">=", " >= ")
    result = merged(base, left, right)
    assert not result.clean
    assert b'"w >= 2.0"' in result.text


def test_the_side_that_did_all_the_other_did_and_more_is_taken() -> None:
    base = 'def f():\n    """ called upon x"""\n'
    right = 'def f():\n    """ called upon x, can be used by plugins.\n    """\n'
    left = 'def f():\n    """ called upon x, can be used by plugins.\n\n    :arg c: config\n    """\n'
    assert text(base, left, right) == left


def test_a_function_that_one_side_deleted_and_the_other_changed_needs_a_person() -> None:
    base = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    assert refused(base, "def a():\n    return 1\n", base.replace("2", "3")) == [("delete-modify", "def b")]


def test_one_name_with_two_contents_needs_a_person() -> None:
    base = "class A:\n    x = 1\n"
    left, right = base + "\n    def f(self):\n        return 1\n", base + "\n    def f(self):\n        return 2\n"
    assert refused(base, left, right) == [("both-add", "class A > def f")]


def test_one_value_that_both_sides_changed_needs_a_person() -> None:
    assert refused("a = 1\n", "a = 2\n", "a = 3\n") == [("both-edit", None)]


def test_statements_that_use_one_another_are_not_put_in_an_order() -> None:
    base = "a()\n"
    assert refused(base, "a()\nx = 1\n", "a()\nprint(x)\n") == [("both-insert", None)]


def test_control_flow_that_both_sides_insert_is_not_put_in_an_order() -> None:
    base = "def f(x):\n    a()\n"
    left, right = base + "    if x:\n        b()\n", base + "    for y in x:\n        c()\n"
    assert refused(base, left, right) == [("both-insert", "def f")]


def test_markers_name_the_entity_and_the_rule_and_are_no_larger_than_those_of_git() -> None:
    base = "def f():\n    a = 1\n    return a\n"
    result = merge(
        base.encode(),
        base.replace("1", "2").encode(),
        base.replace("1", "3").encode(),
        path="a.py",
        options=Options(left="ours", right="theirs"),
    )
    assert result.text.decode() == (
        "def f():\n<<<<<<< ours (def f: both-edit)\n    a = 2\n||||||| base\n    a = 1\n=======\n    a = 3\n"
        ">>>>>>> theirs\n    return a\n"
    )
    assert result.conflicts[0].line == 2


def test_conflicts_that_can_be_resolved_are_resolved_beside_one_that_cannot() -> None:
    base = "a = 1\n\n\ndef f():\n    return 1\n"
    left = "a = 2\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n"
    right = "a = 3\n\n\ndef f():\n    return 1\n\n\ndef h():\n    return 3\n"
    result = merged(base, left, right)
    assert [conflict.rule for conflict in result.conflicts] == ["both-edit"]
    assert result.text.decode().endswith("def g():\n    return 2\n\n\ndef h():\n    return 3\n")
    assert {(step.stage, step.line) for step in result.trace} == {("markers", 1), ("entity", 6)}


def test_a_merge_by_lines_that_defines_a_name_twice_is_clean_but_not_safe() -> None:
    base = "def a():\n    return 1\n\n\ndef z():\n    return 26\n"
    added = "def b():\n    return 2\n\n\n"
    left, right = added + base, base.replace("def z", added + "def z")
    result = merged(base, left, right)
    assert result.clean
    assert not result.safe
    assert ("duplicate", "b is defined twice.") in {(f.kind, f.message) for f in result.findings}


def test_a_name_that_one_side_stopped_importing_and_the_other_newly_uses_is_found() -> None:
    base = "from m import a, b\n\n\ndef f():\n    return b(a)\n\n\ndef g():\n    return 1\n"
    left = base.replace("import a, b", "import b").replace("b(a)", "b()")
    right = base.replace("return 1", "return a")
    result = merged(base, left, right)
    assert result.clean
    assert [(f.kind, f.line, f.column) for f in result.findings if f.severity == "hard"] == [("dangling", 9, 11)]


def test_a_result_that_no_longer_parses_is_refused() -> None:
    base = "x = f(a,\n      b)\n"
    result = merged(base, "x = f(a)\n", "x = f(a,\n      b,\n      c)\n")
    assert not result.clean or result.text.count(b"(") == result.text.count(b")")


def test_line_ends_of_windows_stay() -> None:
    base = "def a():\r\n    return 1\r\n"
    left = base + "\r\n\r\ndef b():\r\n    return 2\r\n"
    right = base + "\r\n\r\ndef c():\r\n    return 3\r\n"
    result = text(base, left, right)
    assert result.count("\n") == result.count("\r\n")


def test_a_last_line_without_an_end_gets_one_where_something_follows() -> None:
    base = "def a():\n    return 1"
    left, right = base + "\n\n\ndef b():\n    return 2", base + "\n\n\ndef c():\n    return 3"
    assert text(base, left, right) == "def a():\n    return 1\n\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3"


def test_a_comment_goes_with_what_it_stands_above() -> None:
    base = "a = f(1)\n"
    left, right = base + "\n# of b\nb = f(2)\n", base + "\n# of c\nc = f(3)\n"
    assert text(base, left, right) == base + "\n# of b\nb = f(2)\n\n# of c\nc = f(3)\n"


@pytest.mark.parametrize("path", ["notes.txt", "LICENSE", "a.unknown"])
def test_texts_without_a_known_syntax_are_merged_by_lines_and_tokens(path: str) -> None:
    assert text("the quick fox\n", "the slow fox\n", "The quick fox\n", path) == "The slow fox\n"
    assert refused("a\n", "b\n", "c\n", path) == [("language", None)]


def test_texts_that_are_no_valid_syntax_are_merged_by_lines_and_tokens() -> None:
    base = "def f(:\n  a b c d e\n"
    assert text(base, base.replace("a b", "z b"), base.replace("d e", "d y")) == "def f(:\n  z b c d y\n"


def test_what_takes_too_long_is_left_to_lines() -> None:
    base, options = b"from m import a\n", Options(seconds=-1)
    result = merge(base, b"from m import a, b\n", b"from m import a, c\n", path="a.py", options=options)
    assert [conflict.rule for conflict in result.conflicts] == ["time"]


def test_deep_nesting_is_left_to_lines() -> None:
    deep = "(" * 3000 + "{}" + ")" * 3000 + "\n"
    base, left, right = (deep.format(word) for word in ("a", "b", "c"))
    assert not merged(base, left, right).clean


def test_binary_texts_are_not_taken_apart() -> None:
    result = merge(b"a\0b\n", b"a\0c\n", b"a\0d\n", path="a.py")
    assert not result.clean
    assert len(result.conflicts) == 1


def test_bytes_that_are_no_utf8_stay_as_they_are() -> None:
    base = b"a = '\xff'\nb = f(1)\n"
    result = merge(base, base + b"c = f(2)\n", base.replace(b"f(1)", b"f(3)"), path="a.py")
    assert result.clean
    assert b"'\xff'" in result.text


def test_a_key_that_both_sides_add_in_different_places_with_different_values_needs_a_person() -> None:
    base, left = '{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n'
    assert refused(base, left, '{\n  "b": 3,\n  "a": 1\n}\n', "a.json") == [("both-add", '"b"')]
    assert text(base, left, '{\n  "b": 2,\n  "a": 1\n}\n', "a.json").count("b") == 1


def test_keys_that_both_sides_add_to_data_are_both_kept() -> None:
    yaml = "a:\n  b: 1\n  c: 2\n"
    assert text(yaml, yaml + "  d: 3\n", yaml + "  e: 4\n", "a.yml") == yaml + "  d: 3\n  e: 4\n"
    toml = "[a]\nx = 1\n\n[b]\ny = 2\n"
    left, right = toml.replace("1\n", "1\nz = 3\n"), toml.replace("1\n", "1\nw = 4\n")
    assert text(toml, left, right, "a.toml") == toml.replace("1\n", "1\nw = 4\nz = 3\n")
    json = '{\n  "a": 1\n}\n'
    left, right = (json.replace("1\n", f'1,\n  "{name}": 2\n') for name in "bc")
    assert text(json, left, right, "a.json") == '{\n  "a": 1,\n  "b": 2,\n  "c": 2\n}\n'


def test_indentation_in_yaml_is_never_taken_for_formatting() -> None:
    base = "a:\n  b:\n    c: 1\n  d: 2\n"
    result = merged(base, "a:\n  b:\n    c: 1\n    d: 2\n", base.replace("2", "3"), "a.yml")
    assert not result.clean or result.text == b"a:\n  b:\n    c: 1\n    d: 3\n"


def test_a_key_that_one_side_deleted_and_the_other_moved_is_not_deleted_unseen() -> None:
    base = b"x = {\n  a: 1,\n  b: 2,\n  c: 3\n};\n"
    left, right = b"x = {\n  b: 2,\n  c: 30\n};\n", b"x = {\n  b: 2,\n  c: 3,\n  a: 1\n};\n"
    with pytest.raises(RefusedError) as refusal:
        Structured(JAVASCRIPT, base, left, right).merge()
    assert (refusal.value.rule, refusal.value.entity) == ("delete-move", "a")


def test_a_name_that_both_sides_take_out_of_an_object_is_taken_out_once() -> None:
    base = "function f({\n  a,\n  c,\n}) {\n  return a + c;\n}\n"
    left, right = base.replace("  a,\n", "  a,\n  b,\n"), base.replace("  a,\n", "  a,\n  b = 0,\n")
    assert text(base, left, right, "a.js") == right


def test_a_branch_inserted_before_one_that_the_other_side_changed_does_not_take_the_change() -> None:
    base = "if a:\n    one()\nelif b:\n    two(1)\n"
    left, right = base.replace("elif b", "elif c:\n    three(1)\nelif b"), base.replace("two(1)", "two(2)")
    for one, other in ((left, right), (right, left)):
        assert text(base, one, other) == left.replace("two(1)", "two(2)")


def test_what_is_nested_beyond_all_reason_is_left_to_lines_at_once() -> None:
    deep = "f(" * 1000 + ")" * 1000 + "\nx = 1\n"
    assert refused(deep, deep.replace("= 1", "= 2"), deep.replace("= 1", "= 3")) == [("depth", None)]


RENAMED = {
    "function": (
        "a.py",
        "def load(path):\n    return read(path)\n\n\ndef other():\n    return load('x')\n",
        ("load", "fetch"),
        ("def load(path):", "@cached\ndef load(path, mode):"),
    ),
    "class": (
        "a.tsx",
        "class Store extends Base {\n  rows = [1];\n}\n",
        ("Store", "Shelf"),
        ("extends Base {", "extends Base implements Rows {\n  size = 0;"),
    ),
    "method": (
        "a.ts",
        "class A {\n  get(key: string): number {\n    return this.rows[key];\n  }\n}\n",
        ("get(key", "find(key"),
        ("): number {", "): number | undefined {"),
    ),
    "test": (
        "a.test.js",
        "it('works', () => {\n  expect(f(1)).toBe(1);\n});\n",
        ("works", "adds"),
        ("() => {\n  expect(f(1))", "async () => {\n  expect(await f(1))"),
    ),
    "key": ("package.json", '{\n  "build": "tsc -p ."\n}\n', ('"build"', '"compile"'), ("tsc -p .", "tsc -b")),
}


@pytest.mark.parametrize("what", RENAMED)
def test_what_one_side_renamed_has_what_the_other_changed_of_it(what: str) -> None:
    path, base, renamed, changed = RENAMED[what]
    left, right = base.replace(*renamed), base.replace(*changed)
    assert merged(base, left, right, path).trace[0].stage == "entity"
    assert text(base, left, right, path) == text(base, right, left, path) == right.replace(*renamed)


@pytest.mark.parametrize(
    ("path", "base", "left", "right"),
    [
        ("a.py", "from a import b\n", "from .a import b\n", "from a.a import b\n"),
        ("a.py", "import a\n", "import a.b\n", "import x.a\n"),
        ("a.py", "x = a.b\n", "x = q.a.b\n", "x = a.b.c\n"),
        ("a.ts", 'import a from "b";\n', 'import a from "./b";\n', 'import a from "b/c";\n'),
        ("a.js", "f(a.b, 1);\n", "f(q.a.b, 1);\n", "f(a.b.c, 1);\n"),
        ("a.txt", "see docs/b.md there\n", "see ../docs/b.md there\n", "see docs/b.md#c there\n"),
        ("A.java", "import a.b;\n", "import x.a.b;\n", "import a.b.C;\n"),
        ("a.yaml", "a: b/c\n", "a: x/b/c\n", "a: b/c/d\n"),
    ],
)
def test_two_changes_of_one_path_or_dotted_name_need_a_person(path: str, base: str, left: str, right: str) -> None:
    for result in (merged(base, left, right, path), merged(base, right, left, path)):
        assert not result.clean, result.text.decode()


def test_an_object_and_its_method_may_each_get_another_name() -> None:
    assert text("this.old(1);\n", "_this.old(1);\n", "this.now(1);\n", "a.js") == "_this.now(1);\n"
    wrapped = "later(function() {\n  _this.old(1);\n});\n"
    assert text("this.old(1);\n", wrapped, "this.now(1);\n", "a.js") == wrapped.replace("old", "now")


def test_what_one_side_renamed_and_the_other_newly_uses_needs_a_person() -> None:
    path, base, renamed, _ = RENAMED["function"]
    used = base + "\n\ndef third():\n    return load(1)\n"
    assert refused(base, base.replace(*renamed), used, path) == [("guard-dangling", None)]


def test_a_reason_writes_names_as_the_sides_do() -> None:
    base = "class Load:\n    pass\n\n\nx = Load()\n"
    [conflict] = merged(base, base.replace("Load", "Fetch"), base + "y = Load()\n").conflicts
    assert conflict.reason == "Load is used here, but nothing binds it any more"


def test_tests_that_both_sides_add_to_one_group_are_both_kept() -> None:
    base = "describe('a', () => {\n  it('one', () => {\n    f(1);\n  });\n});\n"
    left, right = (
        base.replace("  });\n});", f"  }});\n\n  it('{name}', () => {{\n    f({name});\n  }});\n}});")
        for name in ("two", "three")
    )
    for got in (text(base, left, right, "a.test.ts"), text(base, right, left, "a.test.ts")):
        assert "  it('two', () => {\n    f(two);\n  });\n" in got
        assert "  it('three', () => {\n    f(three);\n  });\n" in got
        assert got.count("it(") == 3


def test_statements_that_one_side_only_deletes_go_though_the_other_inserts_beside_them() -> None:
    base = "a(1);\nb(2);\nc(3);\n"
    assert text(base, "a(1);\nc(3);\n", base.replace("c(3)", "d(4);\nc(3)"), "a.js") == "a(1);\nd(4);\nc(3);\n"
    base = "const a = 1;\nconst b = 2;\nf(a);\n"
    right = base.replace("f(a)", "const d = 4;\nf(a)")
    assert text(base, "const a = 1;\nf(a);\n", right, "a.js") == "const a = 1;\nconst d = 4;\nf(a);\n"


def test_an_insertion_that_uses_what_the_other_side_deletes_beside_it_is_for_a_person() -> None:
    base = "const a = 1;\nconst b = 2;\nf(a);\n"
    right = base.replace("f(a)", "const d = b + 1;\nf(a)")
    assert refused(base, "const a = 1;\nf(a);\n", right, "a.js") == [("insert-beside-delete", None)]


def test_an_insertion_with_a_name_that_the_other_side_gave_up_is_for_a_person() -> None:
    base = "def f(config, level):\n    verbose = config.level()\n    return level\n"
    left = base.replace("config, ", "").replace("    verbose = config.level()\n", "")
    right = base.replace("    return", "    style = config.style()\n    return")
    assert not merged(base, left, right).clean


def test_an_insertion_beside_what_the_other_side_replaces_is_for_a_person() -> None:
    base = "a(1);\nb(2);\nc(3);\n"
    left = "a(1);\nquite.different;\nand.more;\nc(3);\n"
    assert refused(base, left, base.replace("c(3)", "d(4);\nc(3)"), "a.js") == [("both-replace", None)]


def test_a_statement_inserted_beside_what_the_other_side_put_into_a_block_is_for_a_person() -> None:
    base = "def f(self):\n    return plain(self.host, self.context, log=self.log)\n"
    inserted = base.replace("    return", "    begin(self)\n    return")
    wrapped = """\
def f(self):
    if not self.strict:
        return plain(self.host, self.context)
    return strict(self.host, {"ca": self.ca})
"""
    for sides in ((inserted, wrapped), (wrapped, inserted)):
        assert [each.rule for each in merged(base, *sides, "a.py").conflicts] == ["insert-beside-wrap"]


def test_control_flow_that_one_side_deletes_beside_an_insertion_is_for_a_person() -> None:
    base = "function f(a) {\n  a.g();\n  if (!a) return;\n  a.h();\n}\n"
    left, right = base.replace("  if (!a) return;\n", ""), base.replace("  a.h()", "  a.i();\n  a.h()")
    assert not merged(base, left, right, "a.js").clean


def test_of_what_both_sides_add_the_one_with_a_comment_stands() -> None:
    base = "class A {\n  a() {}\n}\n"
    plain = base.replace("a() {}\n", "a() {}\n\n  b() { return 1 }\n")
    told = base.replace("a() {}\n", "a() {}\n\n  // what it is\n  b() { return 1 }\n")
    assert text(base, plain, told, "a.js") == text(base, told, plain, "a.js") == told
    other = told.replace("what it is", "something else")
    assert refused(base, told, other, "a.js") == [("comment", "class A > b")]


def test_steps_of_data_that_one_side_deletes_beside_an_insertion_are_for_a_person() -> None:
    base = "steps:\n  - run: a\n  - uses: setup\n  - run: c\n"
    left, right = base.replace("  - uses: setup\n", ""), base.replace("  - run: c", "  - run: b\n  - run: c")
    assert not merged(base, left, right, "ci.yml").clean


@pytest.mark.parametrize("path", ["a.js", "a.tsx", "a.ts"])
@pytest.mark.parametrize("guarded", ["[a, b.x] = [\n    b.x,\n    a,\n  ]", "(a || b).go(\n    a,\n  )", "`${a}`.go()"])
def test_a_semicolon_that_guards_a_statement_stays_before_it(path: str, guarded: str) -> None:
    base = "function f(a, b) {\n  a = b.x\n  return g(a, b)\n}\n"
    left = base.replace("a = b.x", f";{guarded}")
    right = base.replace("  a = b.x", "  const c = a\n  a = b.x")
    for result in (merged(base, left, right, path), merged(base, right, left, path)):
        assert f"  ;{guarded}\n" in result.text.decode()
        if result.clean:
            assert result.text.decode() == base.replace("  a = b.x", f"  const c = a\n  ;{guarded}")


def test_what_may_stand_in_two_places_is_not_joined_with_a_change_in_one_of_them() -> None:
    base = "send(escape(param('text')))\n"
    left = "send(escape(param('name')) + escape(param('text')))\n"
    right = "send(html.escape(param('text')))\n"
    assert refused(base, left, right, "a.js")[0][0] == refused(base, right, left, "a.js")[0][0] == "both-edit"
    # A blank is a blank.
    assert text("x = a + b + c\n", "x = a + b + c + d\n", "x = z + b + c\n") == "x = z + b + c + d\n"


def test_which_side_is_left_does_not_decide_about_white_space_that_both_changed() -> None:
    base, left, right = "a: 1\nb: 2\n", "a: 1\nb: 2", "a : 1\nb : 2\n"
    assert text(base, left, right, "a.yaml") == text(base, right, left, "a.yaml")
