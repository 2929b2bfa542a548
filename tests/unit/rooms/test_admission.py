"""Which files may be rooms, and their bytes as a room has them and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import RoomRefusedError
from anvcs.rooms.admission import LARGEST, admit, check_path, excludes, exclusion, to_bytes
from tests.unit.rooms.texts import LAW, TEXTS


@pytest.mark.promise("rooms.admission")
@LAW
@given(TEXTS, st.sampled_from(("\n", "\r\n")), st.booleans())
def test_a_files_bytes_come_back_from_its_text(text: str, eol: str, bom: bool) -> None:
    text = text.replace("\0", "")
    data = to_bytes(text, eol=eol, bom=bom)
    found = admit(data)
    assert to_bytes(found.text, eol=found.eol, bom=found.bom) == data
    assert "\r" not in found.text
    if not text.startswith("\ufeff"):
        assert (found.text, found.bom) == (text, bom)
    if "\n" in text:
        assert found.eol == eol


@LAW
@given(st.lists(st.sampled_from((b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"a", b"\xff", b"\xed\xa0\x80", b"\0"))))
def test_bytes_that_do_not_come_back_are_refused(parts: list[bytes]) -> None:
    data = b"".join(parts)
    try:
        found = admit(data)
    except RoomRefusedError:
        return
    assert to_bytes(found.text, eol=found.eol, bom=found.bom) == data
    assert not {"\r", "\0"} & set(found.text)


@pytest.mark.promise("rooms.admission")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a\r\nb\n", "mixed line ends"),
        (b"a\nb\r\n", "mixed line ends"),
        (b"a\rb", "carriage return"),
        (b"a\r\r\nb\r\n", "carriage return"),
        (b"a\0b", "NUL"),
        (b"caf\xe9", "not UTF-8"),
        (b"\xed\xa0\x80", "not UTF-8"),
        ("text".encode("utf-16"), "UTF-16"),
        (b"x" * (LARGEST + 1), "2,097,153 bytes"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS"),
    ],
)
def test_what_is_no_plain_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(RoomRefusedError, match=reason) as refusal:
        admit(data)
    assert refusal.value.way_out


def test_a_file_of_the_largest_size_and_an_empty_one_are_let_in() -> None:
    assert len(admit(b"x" * LARGEST).text) == LARGEST
    assert admit(b"") == ("", "\n", False)
    assert admit(b"\xef\xbb\xbf") == ("", "\n", True)


def test_a_text_about_git_lfs_is_no_pointer() -> None:
    about = b"version https://git-lfs.github.com/spec/v1 is how a pointer begins.\n" * 20
    assert admit(about).text == about.decode()


@pytest.mark.promise("rooms.admission")
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".git/config", "belongs to Git"),
        ("sub/.git", "belongs to Git"),
        (".GIT/hooks/pre-commit", "belongs to Git"),
        (".ai/notes.jsonl", "ANVCS itself"),
        ("lab/Model.ipynb", "notebook"),
        (".env", "environment"),
        ("deploy/.env.production", "environment"),
        (".envrc", "environment"),
        ("ssh/id_rsa", "keys"),
        ("id_ed25519", "keys"),
        ("id_ecdsa_sk", "keys"),
        ("deploy_rsa", "keys"),
        ("tls/server.PEM", "keys"),
        ("a.key", "keys"),
        ("b.p12", "keys"),
        ("c.pfx", "keys"),
        (".netrc", "keys"),
        (".aws/credentials", "keys"),
        ("config/secrets.yaml", "keys"),
    ],
)
def test_files_that_never_become_rooms_are_refused_by_name(path: str, reason: str) -> None:
    with pytest.raises(RoomRefusedError, match=reason) as refusal:
        check_path(path)
    assert refusal.value.message.startswith(path)
    assert refusal.value.way_out


@pytest.mark.parametrize(
    "path",
    ["a.py", ".gitignore", ".github/workflows/ci.yml", "src/env.py", "environment.yml", "keys.py", "id_rsa.pub",
     "secrets.py", "key", "pem/readme.md", "git/a.txt", "ai/b.txt", "日本語/é😀.md"],
)  # fmt: skip
def test_ordinary_files_are_let_in(path: str) -> None:
    check_path(path)


def test_links_and_ignored_files_are_refused() -> None:
    with pytest.raises(RoomRefusedError, match=r"a\.py is or lies behind a symbolic link"):
        check_path("a.py", symlink=True)
    with pytest.raises(RoomRefusedError, match=r"a\.py is ignored by Git"):
        check_path("a.py", ignored=True)


def test_a_pattern_that_excludes_is_named() -> None:
    check_path("docs/a.md", ("*.txt", "docs/*.py"))
    with pytest.raises(RoomRefusedError, match=r"docs/a\.md is excluded from rooms by 'docs/'"):
        check_path("docs/a.md", ("*.txt", "docs/"))


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*.lock", ["a.lock", "x/b.lock"], ["a.lock.txt", "lock"]),
        ("build", ["build", "build/a", "x/build/a"], ["builder", "x/rebuild"]),
        ("build/", ["build/a", "x/build/y/a"], ["build", "x/build"]),
        ("/build", ["build", "build/a"], ["x/build"]),
        ("a/*.c", ["a/x.c"], ["a/b/x.c", "b/a/x.c"]),
        ("a/**/x", ["a/x", "a/b/x", "a/b/c/x", "a/x/y"], ["a/bx", "x"]),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
        ("?.md", ["a.md", "é.md", "x/😀.md"], ["ab.md", ".md"]),
        ("a+(b).[x]", ["a+(b).[x]"], ["aab.x"]),
        ("*", ["anything", "a\nb"], []),
    ],
)
def test_patterns_exclude_as_in_gitignore(pattern: str, inside: list[str], outside: list[str]) -> None:
    assert [path for path in inside if not excludes(pattern, path)] == []
    assert [path for path in outside if excludes(pattern, path)] == []
    fits = re.compile(exclusion(pattern), re.DOTALL).fullmatch
    assert [path for path in (*inside, *outside) if fits(path)] == inside
