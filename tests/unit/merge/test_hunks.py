"""What is resolved without syntax: versions, imports and lists; and what only looks like these."""

from __future__ import annotations

import pytest

from anvcs.merge import MergeResult, Options, merge
from anvcs.merge.hunks import Resolved, resolve
from anvcs.merge.lines import Hunk
from anvcs.merge.versions import higher_versions


def merged(base: str, left: str, right: str, path: str) -> MergeResult:
    options = Options(versions="higher")
    return merge(base.encode(), left.encode(), right.encode(), path=path, options=options)


def text(base: str, left: str, right: str, path: str) -> str:
    result = merged(base, left, right, path)
    assert result.clean, result.conflicts
    assert result.safe, result.findings
    assert merged(base, right, left, path).text == result.text
    return result.text.decode()


def conflicts(base: str, left: str, right: str, path: str) -> bool:
    one, other = merged(base, left, right, path), merged(base, right, left, path)
    assert one.clean == other.clean
    return not one.clean


def rules(result: MergeResult) -> set[str]:
    return {step.rule for step in result.trace if step.stage == "hunk"}


VERSIONS = [
    ("package.json", '  "version": "{}",', "1.2.3", "1.3.0", "1.2.4"),
    ("web/package.json", '    "react": "^{}"', "17.0.2", "18.2.0", "18.1.0"),
    ("pyproject.toml", 'version = "{}"', "0.9", "0.10", "0.9.1"),
    ("pyproject.toml", '    "requests[socks]>={}",', "2.1", "2.11", "2.2"),
    ("Cargo.toml", 'serde = {{ version = "{}", features = ["derive"] }}', "1.0.1", "1.0.20", "1.0.3"),
    ("requirements-dev.txt", "ruff=={}", "0.1.0", "0.2.0", "0.1.1"),
    ("src/app/__init__.py", '__version__ = "{}"', "2.0.dev0", "2.0", "2.0rc1"),
    ("setup.py", '    version="{}",', "1.0", "1.2", "1.1"),
    ("pom.xml", "    <version>{}</version>", "5.3.1", "5.10.0", "5.9.9"),
    ("App.csproj", '    <PackageReference Include="A.B" Version="{}" />', "1.0.0", "1.2.0", "1.1.0"),
    ("Gemfile", 'gem "rails", "~> {}"', "6.1.0", "7.0.1", "7.0.0"),
    ("go.mod", "\tgolang.org/x/text v{}", "0.3.0", "0.14.0", "0.9.0"),
    ("build.gradle", "    implementation 'a.b:c:{}'", "1.0.0", "1.1.0", "1.0.1"),
    (".pre-commit-config.yaml", "    rev: v{}", "0.1.0", "0.3.0", "0.2.0"),
]


@pytest.mark.parametrize(("path", "line", "old", "high", "low"), VERSIONS)
def test_of_two_raised_versions_the_higher_one_stands_and_the_trace_says_so(
    path: str, line: str, old: str, high: str, low: str
) -> None:
    base, left, right = (f"# first\n{line.format(version)}\n# last\n" for version in (old, high, low))
    assert text(base, left, right, path) == left
    assert rules(merged(base, left, right, path)) == {"version"}


def test_who_does_not_ask_for_the_higher_version_decides() -> None:
    base, left, right = (b"a==1.0\n", b"a==1.1\n", b"a==1.2\n")
    assert not merge(base, left, right, path="requirements.txt").clean


@pytest.mark.parametrize(
    ("path", "old", "left", "right"),
    [
        ("package.json", '  "a": "1.2.3"\n', '  "a": "1.3.0"\n', '  "a": "1.2.2"\n'),
        ("package.json", '  "a": "^1.2.3"\n', '  "a": "~1.3.0"\n', '  "a": "^1.4.0"\n'),
        ("package.json", '  "a": "<1.2"\n', '  "a": "<1.3"\n', '  "a": "<1.4"\n'),
        ("package.json", '  "a": "1.2.3"\n', '  "b": "1.3.0"\n', '  "a": "1.4.0"\n'),
        ("package.json", '  "a": "1.2.3"\n', '  "a": "1.3.0-custom"\n', '  "a": "1.4.0"\n'),
        ("package.json", '  "start": "run 1.2"\n', '  "start": "run 1.3"\n', '  "start": "run 1.4"\n'),
        ("pyproject.toml", 'a = ">=1.2,<2.0"\n', 'a = ">=1.3,<2.0"\n', 'a = ">=1.4,<2.0"\n'),
        ("a.py", "timeout = 1.5\n", "timeout = 2.5\n", "timeout = 3.5\n"),
        ("a.py", 'host = "10.0.0.1"\n', 'host = "10.0.0.2"\n', 'host = "10.0.0.3"\n'),
        ("app.txt", "version 1.2.3\n", "version 1.3.0\n", "version 1.4.0\n"),
    ],
)
def test_any_other_number_that_both_sides_changed_is_for_a_person(path: str, old: str, left: str, right: str) -> None:
    assert conflicts(old, left, right, path)
    assert higher_versions(path, old.encode(), left.encode(), right.encode()) is None


def test_versions_beside_other_changes_are_raised_and_the_changes_kept() -> None:
    base = "a==1.0\nb==2.0\n"
    left, right = "a==1.1\nb==2.0\nc==3.0\n", "a==1.2\nb==2.1\n"
    assert conflicts(base, left, right, "requirements.txt")
    assert text(base, "a==1.1\nb==2.0\n", right, "requirements.txt") == "a==1.2\nb==2.1\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("A.kt", "import a.{}\n"),
        ("A.scala", "import a.{}\n"),
        ("A.swift", "import {}\n"),
        ("a.dart", "import 'package:{}/a.dart';\n"),
        ("A.hs", "import {}.B (x)\n"),
        ("a.ex", "  alias A.{}\n"),
        ("A.vue", "import {0} from './{0}'\n"),
        ("a.proto", 'import "{}.proto";\n'),
        ("a.m", "#import <A/{}.h>\n"),
    ],
)
def test_imports_of_languages_without_a_profile_are_all_there(path: str, line: str) -> None:
    lines = [line.format(word) for word in ("Beta", "Delta", "Gamma", "Omega")]
    base, rest = f"{lines[0]}{lines[3]}\n", "rest\n"
    left, right = (f"{lines[0]}{lines[i]}{lines[3]}\n" for i in (2, 1))
    assert text(base + rest, left + rest, right + rest, path) == "".join(lines) + "\n" + rest


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_import_that_goes_and_one_that_comes_beside_it_are_both_kept(end: str) -> None:
    base, left, right = (
        "".join(f"import a.{word}{end}" for word in words) for words in (("B", "O"), ("B",), ("B", "D", "O"))
    )
    assert text(base, left, right, "A.kt") == f"import a.B{end}import a.D{end}"


def test_one_module_that_is_imported_in_two_ways_is_for_a_person() -> None:
    base = "import 'a.dart';\n"
    assert conflicts(base, base + "import 'b.dart' as b;\n", base + "import 'b.dart' show B;\n", "a.dart")


def test_imports_that_both_sides_put_in_place_of_one_are_for_a_person() -> None:
    assert conflicts("import a.B\n", "import a.C\n", "import a.D\n", "A.kt")


def test_words_that_both_sides_add_to_one_list_are_all_there() -> None:
    assert text("deps = [a, c]\n", "deps = [a, c, d]\n", "deps = [a, b, c]\n", "BUILD") == "deps = [a, b, c, d]\n"
    base = 'x = { "a" }\n'
    assert text(base, 'x = { "a", "c" }\n', 'x = { "a", "b" }\n', "a.nix") == 'x = { "a", "b", "c" }\n'


def test_arguments_and_replaced_words_are_no_lists_to_add_to() -> None:
    assert conflicts("f(a, b)\n", "f(a, b, c)\n", "f(a, b, d)\n", "a.lua")
    assert conflicts("x = [a, b]\n", "x = [a, c]\n", "x = [a, d]\n", "BUILD")
    assert conflicts("x = [f(a), b]\n", "x = [f(a), b, c]\n", "x = [f(a), b, d]\n", "BUILD")


def test_restructured_text_is_merged_by_sentences() -> None:
    base = "We sell tea to you. It is good. Come again.\n"
    left = base.replace("We sell", "They sell")
    assert conflicts(base, left, base.replace("to you", "to us"), "a.rst")
    result = text(base, left, base.replace("Come again", "Come back"), "a.rst")
    assert result == "They sell tea to you. It is good. Come back.\n"


def test_tags_that_no_parser_reads_are_merged_by_tokens_and_the_text_in_them_by_sentences() -> None:
    base = '<p class="a" id={{ x }}>We sell tea & more. It is good.</i>\n'
    left = base.replace('"a"', '"b"')
    assert text(base, left, base.replace("x }", "y }"), "a.html") == left.replace("x }", "y }")
    assert conflicts(base, base.replace("We", "They"), base.replace("tea", "milk"), "a.html")


def test_a_blank_line_that_parts_a_paragraph_is_no_formatting() -> None:
    hunk = Hunk(b"One.\nTwo.\n", b"One.\n\nTwo.\n", b"One.\nTwo, too.\n", None, "conflict", 1)
    assert resolve(hunk, "a.md") == Resolved(b"One.\n\nTwo, too.\n", "sentences")


def test_what_a_version_rule_leaves_out_is_the_lower_version_and_nothing_else() -> None:
    found = resolve(Hunk(b"a==1.0\n", b"a==1.1rc1\n", b"a==1.2\n", None, "conflict", 1), "requirements.txt", "higher")
    assert found == Resolved(b"a==1.2\n", "version", (b"1.1rc1",))


def test_what_one_side_inserts_where_the_other_put_fewer_lines_is_not_joined_by_tokens() -> None:
    base = b"end\n\ndef b\n  one(x, y)\n  two(x, y)\n"
    hunk = Hunk(base, base + b"  three(x, y)\n", b"  four(x, y)\n", None, "conflict", 1)
    assert resolve(hunk, "a.unknown") is None
