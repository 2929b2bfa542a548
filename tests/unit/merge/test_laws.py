"""Laws that every merge obeys, whatever the texts."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.merge import merge
from anvcs.merge.guards import check
from anvcs.merge.lines import merge_lines, split
from anvcs.merge.model import Options
from tests.unit.merge.languages.whole import SAMPLES
from tests.unit.merge.test_markup import CSS, HTML, MARKDOWN, SQL

PROGRAMS = ["a.py", "a.js", "a.ts", "a.tsx", "A.java", "a.go", "a.rs", "a.c", "a.h", "a.cs", "a.rb", "a.php"]
OTHERS = ["a.txt", "a.json", "a.yaml", "a.toml", "a.html", "a.css", "a.md", "a.sql", "package.json"]
PATHS = st.sampled_from(PROGRAMS + OTHERS)
_LINES = [
    "import a",
    "from m import a, b",
    "def f(x):",
    "    return x",
    "    if x:",
    "        y = f(1, 2)",
    "class A:",
    "    def g(self): pass",
    "x = {'a': 1, 'b': 2}",
    "const q = (a) => ({ b, c });",
    "function h() {",
    "  return [1, 2];",
    "}",
    "// word",
    "# word",
    '"""',
    "",
    "\r",
    "it('works', () => { expect(1) })",
    "import a.b;",
    "#include <a.h>",
    "<?php",
    "void f(int x) {",
    "func (a *A) f(x int) {",
    "fn f(x: i32) {",
    "def f",
    "end",
    "  f(x, <<~A)",
    "A",
    "#[cfg(a)]",
    "#ifdef A",
    "#endif",
    "class A {",
    "public:",
    "switch (x) {",
    "case 1:",
    "a: 1",
    "  - b",
    '"a": 1,',
    "[a]",
    "a = 1",
    "<p id=a>",
    "</p>",
    "a { b: c; d: e }",
    "# A. B.",
    "- a",
    "| a | b |",
    "CREATE TABLE t (a INT, b INT);",
    '"version": "1.2.0",',
]
TEXT = st.lists(st.sampled_from(_LINES), max_size=14).map(lambda lines: "\n".join(lines).encode())
ANY = st.one_of(TEXT, st.binary(max_size=60))

WHOLE = {sample.file: sample.text for sample in SAMPLES} | {
    "a.css": CSS,
    "a.html": HTML,
    "a.md": MARKDOWN,
    "a.sql": SQL,
    "a.json": '{\n  "a": {"b": [1, 2]},\n  "c": [\n    {"d": null},\n    {"e": "f"}\n  ],\n  "g": "h"\n}\n',
    "a.yaml": "a: &b\n  c: [1, 2]\n  d:\n    - e\n    - f: |\n        g\n        h\ni: *b\nj: {k: l}\n",
    "a.toml": '[a]\nb = 1\nc = [\n  "d",\n  "e",\n]\n\n[[f]]\ng = 1\n\n[[f]]\ng = 2\n',
    "a.py": "import a\n\n\n@b\nclass C(D):\n    e = 1\n\n    def f(self, g=2):\n        if g:\n            return [\n"
    "                self.e,\n                g,\n            ]\n        with h() as i:\n            i(g)\n",
    "a.tsx": 'import { a } from "b";\n\nexport function C({ d }: E) {\n  const [f, g] = a(1);\n  return (\n'
    '    <div id={d} class="h">\n      <I on={() => g(2)} />\n      text {f}\n    </div>\n  );\n}\n',
}
DEBRIS = [*"(){}[]<>,;:=#\\\"'`\t\0\r\xe9", "*/", "<!--", '"""', "${", "\udcff"]
DAMAGE = st.tuples(
    st.sampled_from(["delete", "double", "move", "insert", "cut", "swap"]), st.randoms(use_true_random=False)
)
HURT = st.lists(DAMAGE, min_size=1, max_size=3)
"""What was done to a text, and where by chance."""


def damaged(text: str, hurt: list[tuple[str, Random]]) -> str:
    """A text with lines and letters of it gone, doubled, elsewhere, or with rubbish in them."""
    lines = text.split("\n")
    for what, chance in hurt:
        at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
        few = slice(at, at + chance.randrange(1, 6))
        taken, column = lines[few], chance.randrange(len(lines[at]) + 1)
        if what in ("delete", "move"):
            del lines[few]
        if what in ("double", "move"):
            lines[to:to] = taken
        if what == "insert":
            lines[at] = lines[at][:column] + chance.choice(DEBRIS) + lines[at][column:]
        if what == "cut":
            lines[at] = lines[at][:column] + lines[at][column + 3 :]
        if what == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        lines = lines or [""]
    return "\n".join(lines)


@settings(max_examples=150)
@given(st.sampled_from(sorted(WHOLE)), HURT, HURT, st.booleans())
def test_whatever_was_done_to_a_whole_file_its_merge_ends_and_obeys_all_laws(
    path: str, one: list[tuple[str, Random]], two: list[tuple[str, Random]], windows: bool
) -> None:
    base, left, right = (
        text.replace("\n", "\r\n" if windows else "\n").encode("utf-8", "surrogateescape")
        for text in (WHOLE[path], damaged(WHOLE[path], one), damaged(WHOLE[path], two))
    )
    start = time.monotonic()
    result, other = merge(base, left, right, path=path), merge(base, right, left, path=path)
    assert time.monotonic() - start < 2 * Options().seconds + 1
    assert merge(base, left, base, path=path).text == left
    assert merge(base, base, right, path=path).text == right
    alike = merge(base, left, left, path=path)
    assert (alike.text, alike.clean, alike.findings) == (left, True, ())
    assert result.clean == (not result.conflicts)
    assert len(result.conflicts) <= sum(hunk.merged is None for hunk in merge_lines(base, left, right))
    if result.clean and other.clean:
        assert sorted(result.text.split()) == sorted(other.text.split())
    if result.clean and any(step.stage != "lines" for step in result.trace):
        assert result.safe, result.findings


@given(ANY, ANY, PATHS)
def test_what_one_side_alone_changed_is_taken(base: bytes, other: bytes, path: str) -> None:
    assert merge(base, other, base, path=path).text == other
    assert merge(base, base, other, path=path).text == other


@given(ANY, ANY, PATHS)
def test_what_both_sides_changed_alike_is_taken(base: bytes, other: bytes, path: str) -> None:
    result = merge(base, other, other, path=path)
    assert result.clean
    assert result.text == other
    assert result.findings == ()


@given(TEXT, TEXT, TEXT, PATHS)
def test_exchanging_the_sides_changes_no_verdict(base: bytes, left: bytes, right: bytes, path: str) -> None:
    one, other = merge(base, left, right, path=path), merge(base, right, left, path=path)
    if one.clean and other.clean:
        assert sorted(one.text.split()) == sorted(other.text.split())


@given(TEXT, TEXT, TEXT, PATHS)
def test_a_clean_result_beyond_lines_loses_and_doubles_nothing(
    base: bytes, left: bytes, right: bytes, path: str
) -> None:
    result = merge(base, left, right, path=path)
    if result.clean and any(step.stage != "lines" for step in result.trace):
        kinds = {finding.kind for finding in check(base, left, right, result.text, path=path)}
        assert not kinds & {"lost", "doubled", "syntax", "duplicate", "dangling"}


@given(ANY, ANY, ANY, PATHS)
def test_no_more_conflicts_are_left_than_lines_leave(base: bytes, left: bytes, right: bytes, path: str) -> None:
    result = merge(base, left, right, path=path)
    assert len(result.conflicts) <= sum(hunk.merged is None for hunk in merge_lines(base, left, right))
    assert result.clean == (not result.conflicts)


@given(st.binary(max_size=40))
def test_lines_are_all_of_a_text(text: bytes) -> None:
    assert b"".join(split(text)) == text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, TEXT)
def test_the_merge_by_lines_is_that_of_git(tmp_path: Path, base: bytes, left: bytes, right: bytes) -> None:
    for name, text in (("base", base), ("left", left), ("right", right)):
        (tmp_path / name).write_bytes(text)
    command = ["git", "merge-file", "-p", "--diff3", "left", "base", "right"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=30)
    hunks = merge_lines(base, left, right)
    assert sum(hunk.merged is None for hunk in hunks) == done.returncode
    if done.returncode == 0:
        assert b"".join(hunk.merged or b"" for hunk in hunks) == done.stdout
