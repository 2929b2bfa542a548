"""Paths against ``git ls-files``, ``git update-index`` and ``git add``."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anvcs.errors import PathError, PathOutsideError
from anvcs.gitmirror.paths import is_dotgit, quote, to_repo_path, unquote

from .conftest import Box

REAL = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b".."))


# Paths a user means


@pytest.mark.parametrize(
    ("cwd", "given_path", "expected"),
    [
        ("", "a", b"a"),
        ("sub", "a", b"sub/a"),
        ("sub/deep", "../../top", b"top"),
        ("sub", "./a//b/", b"sub/a/b"),
        ("sub", ".", b"sub"),
        ("sub", "..", b""),
        ("", ".", b""),
        ("", "gone/../a", b"a"),
        ("", "caf\u00e9", "caf\u00e9".encode()),
        ("", b"\xff\xfe", b"\xff\xfe"),
        ("", "\udcff", b"\xff"),
        ("", "-dash", b"-dash"),
        ("", "with space\n", b"with space\n"),
        ("", ".github/x", b".github/x"),
        ("", ".gitignore", b".gitignore"),
        ("", "a.git", b"a.git"),
        ("", "~", b"~"),
    ],
)
def test_a_path_is_relative_to_the_root(tmp_path: Path, cwd: str, given_path: str | bytes, expected: bytes) -> None:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    assert to_repo_path(tmp_path, tmp_path / cwd, given_path) == expected


def test_an_absolute_path_inside_is_taken_through_any_link_to_the_root(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    (real / "sub").mkdir(parents=True)
    link.symlink_to(real)
    for root in (real, link):
        for spelling in (real, link):
            assert to_repo_path(root, tmp_path, str(spelling / "sub" / "new" / "file")) == b"sub/new/file"
            assert to_repo_path(root, spelling / "sub", "x") == b"sub/x"
            assert to_repo_path(root, tmp_path, str(spelling)) == b""
    outer = tmp_path / "outer"
    outer.symlink_to(tmp_path)
    assert to_repo_path(real, tmp_path, str(outer / "link" / "gone" / "f")) == b"gone/f"


def test_the_folder_a_user_stands_in_counts_by_its_real_place(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "short").symlink_to(tmp_path / "a" / "b")
    assert to_repo_path(tmp_path, tmp_path / "short", "../x") == b"a/x"


@pytest.mark.promise("gitmirror.paths-stay-inside")
@pytest.mark.parametrize("given_path", ["..", "../x", "a/../../x", "/", "/etc/passwd", "../work2/x", "../WORK/../x"])
def test_what_leaves_the_repository_is_refused(tmp_path: Path, given_path: str) -> None:
    root = tmp_path / "work"
    root.mkdir()
    (tmp_path / "work2").mkdir()
    with pytest.raises(PathOutsideError, match="outside the repository"):
        to_repo_path(root, root, given_path)


@pytest.mark.parametrize("target", ["inside", "/", "nowhere"])
def test_what_lies_beyond_a_symbolic_link_is_refused_and_the_link_itself_is_not(box: Box, target: str) -> None:
    (box.top / "inside").mkdir()
    box.write("inside/file")
    (box.top / "link").symlink_to(target)
    assert to_repo_path(box.top, box.top, "link") == b"link"
    assert box.run("add", "link/file", check=False).returncode
    with pytest.raises(PathOutsideError, match="beyond the symbolic link link"):
        to_repo_path(box.top, box.top, "link/file")


def test_a_file_where_a_folder_was_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "was").write_text("")
    assert to_repo_path(tmp_path, tmp_path, "was/folder/file") == b"was/folder/file"


@pytest.mark.parametrize("given_path", ["", b"", "a\0b"])
def test_what_can_be_no_path_is_refused(tmp_path: Path, given_path: str | bytes) -> None:
    with pytest.raises(PathError):
        to_repo_path(tmp_path, tmp_path, given_path)


@pytest.mark.parametrize("given_path", [".git", ".git/config", "sub/.GIT/x", "GIT~1", "a/.git ./x", ".git::$INDEX"])
def test_gits_own_folder_is_refused(tmp_path: Path, given_path: str) -> None:
    with pytest.raises(PathError, match="Git's own folder"):
        to_repo_path(tmp_path, tmp_path, given_path)


@pytest.mark.parametrize(
    "name",
    [
        ".git", ".Git", "git~1", "GIT~1.. ", "git~2", "git~10", ".git.", ".git .", ".git:x", ".gitx", "git",
        ".g\u200cit", "\ufeff.GiT", ".git\u206f", ".gi\u2070t", ".g\u0131t", ".GIT\u200b", "\u00a0.git",
        ".git\\x", "a\\.git", "a\\b",
    ],
)  # fmt: skip
def test_the_names_refused_are_those_git_refuses(box: Box, name: str) -> None:
    blob = box.out("hash-object", "-w", "--stdin").decode().strip()
    protect = ("-c", "core.protectHFS=true", "-c", "core.protectNTFS=true")
    entry = f"100644,{blob},dir/{name}/file"
    refused = box.run(*protect, "update-index", "--add", "--cacheinfo", entry, check=False).returncode != 0
    assert is_dotgit(name.encode()) == refused


# Quoting


@REAL
@given(name=NAMES)
@example(name=b'"')
@example(name=b"\\")
@example(name=b'a"\x7f\x01\n')
@example(name=b"caf\xc3\xa9")
@example(name=b"caf\xe9 \xc3\xa9")
@pytest.mark.promise("gitmirror.paths-quoted-as-git")
def test_a_path_is_quoted_as_git_quotes_it(box: Box, name: bytes) -> None:
    if is_dotgit(name):
        return
    blob = box.out("hash-object", "-w", "--stdin").strip()
    box.run("read-tree", "--empty")
    box.run("update-index", "-z", "--index-info", stdin=b"100644 %s\t%s\0" % (blob, name))
    try:
        name.decode()
    except UnicodeDecodeError:
        fully = "true"
    else:
        fully = "false"
    shown = box.out("-c", f"core.quotePath={fully}", "ls-files").removesuffix(b"\n")
    assert quote(name).encode() == shown


@given(st.binary(max_size=20))
def test_unquoting_gives_back_the_path(path: bytes) -> None:
    text = quote(path)
    assert text.encode().decode() == text
    assert unquote(text) == path


@given(st.text(max_size=20))
def test_any_text_is_either_a_path_or_refused(text: str) -> None:
    with suppress(PathError):
        assert unquote(quote(unquote(text))) == unquote(text)


@pytest.mark.parametrize("text", ['"', '"a', '"a"b"', r'"\q"', r'"\8"', r'"\40"', r'"\400"', '"\\"', "\ud800"])
def test_broken_quoting_is_refused(text: str) -> None:
    with pytest.raises(PathError):
        unquote(text)


def test_a_plain_path_is_itself() -> None:
    assert quote(b"src/a b.py") == "src/a b.py"
    assert unquote("src/a b.py") == b"src/a b.py"
    assert quote(os.fsencode("\u65e5\u672c")) == "\u65e5\u672c"
