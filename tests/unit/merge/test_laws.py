"""Laws that every merge obeys, whatever the texts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.merge import merge
from anvcs.merge.guards import check
from anvcs.merge.lines import merge_lines, split

PATHS = st.sampled_from(
    ["a.py", "a.js", "a.ts", "a.tsx", "a.txt", "A.java", "a.go", "a.rs", "a.c", "a.h", "a.cs", "a.rb", "a.php"]
)
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
]
TEXT = st.lists(st.sampled_from(_LINES), max_size=14).map(lambda lines: "\n".join(lines).encode())
ANY = st.one_of(TEXT, st.binary(max_size=60))


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
