"""Merges of texts that are no proper texts: every byte that nobody touched stays, and what cannot be told is asked."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo
from tests.faults.dying import sound
from tests.merging import accept, proposed, resolve

NAMES = ("f.py", "f.js", "f.json", "f.yml", "f.md", "f.go", "f.html", "f.txt")
LINES = [f"a{number} = {number}" for number in range(12)]


class Kind(NamedTuple):
    """A way in which a text is none."""

    before: bytes = b""
    """What the file begins with."""
    odd: bytes = b""
    """What stands in a line that nobody touches."""
    ends: tuple[bytes, ...] = (b"\n",)
    """The ends of its lines, in turn."""
    coding: str = "utf-8"


KINDS = {
    "invalid-utf-8": Kind(odd=b"'\xff\xfe\xc3\x28\xed\xa0\x80'"),
    "latin-1": Kind(odd=b"'\xe4\xf6\xfc'"),
    "nul": Kind(odd=b"'a\x00b'"),
    "utf-16-le": Kind(before=b"\xff\xfe", coding="utf-16-le"),
    "utf-16-be": Kind(before=b"\xfe\xff", coding="utf-16-be"),
    "bom": Kind(before=b"\xef\xbb\xbf"),
    "crlf": Kind(ends=(b"\r\n",)),
    "mixed-ends": Kind(ends=(b"\r\n", b"\n", b"\n")),
    "old-mac": Kind(ends=(b"\r",)),
    "no-end": Kind(ends=(*(b"\n",) * 12, b"")),
    "form-feeds": Kind(odd=b"\x0c\x0b\x1c\x1d\xc2\x85\xe2\x80\xa8"),
}


def text(kind: Kind, **changed: str) -> bytes:
    """Lines of a file, some of them changed by their number."""
    lines = [changed.get(f"at{number}", line) for number, line in enumerate(LINES)]
    found = kind.before
    for number, line in enumerate(lines):
        found += line.encode(kind.coding)
        if number == 5:
            found += kind.odd
        found += kind.ends[number % len(kind.ends)].decode().encode(kind.coding)
    return found


def fork(repo: Repo, base: dict[str, bytes], ours: dict[str, bytes], theirs: dict[str, bytes]) -> None:
    """Two streams from one commit, every byte as given."""
    repo.git("config", "core.autocrlf", "false")
    for files, stream in ((base, "main"), (theirs, "login"), (ours, "main")):
        if stream == "login":
            repo.git("switch", "--quiet", "-c", stream)
        elif files is ours:
            repo.git("switch", "--quiet", "main")
        for name, data in files.items():
            repo.write(name, data)
        repo.git_commit("files")


@pytest.mark.promise("merge.odd-texts")
@pytest.mark.parametrize("kind", KINDS)
def test_changes_apart_are_merged_as_git_does_byte_for_byte(repo: Repo, kind: str) -> None:
    it = KINDS[kind]
    fork(
        repo,
        dict.fromkeys(NAMES, text(it)),
        dict.fromkeys(NAMES, text(it, at1="a1 = 111")),
        dict.fromkeys(NAMES, text(it, at10="a10 = 222")),
    )
    found = proposed(repo)
    if kind in ("nul", "utf-16-le", "utf-16-be"):
        # Bytes to git: one or the other.
        assert found.conflicts == len(NAMES)
        for name in NAMES:
            resolve(repo, name, take="right")
        accept(repo)
        assert {repo.read(name) for name in NAMES} == {text(it, at10="a10 = 222")}
    else:
        # One line to git, with the ends of old Macs: what is not solved by syntax is asked.
        assert {each.path for each in found.files if each.open} <= (set(NAMES) if kind == "old-mac" else set())
        assert found.clean == (not found.conflicts)
        if kind != "old-mac":
            assert found.tree == repo.git("merge-tree", "--write-tree", "main", "login")
            assert found.status == "ready"
        for name in [each.path for each in found.files if each.open]:
            resolve(repo, name, conflict=1, text=text(it, at1="a1 = 111", at10="a10 = 222").decode())
        accept(repo)
        assert {repo.read(name) for name in NAMES} == {text(it, at1="a1 = 111", at10="a10 = 222")}
    sound(repo)


@pytest.mark.promise("merge.odd-texts")
@pytest.mark.parametrize("kind", KINDS)
def test_changes_of_one_line_are_kept_or_asked_and_nothing_is_lost(repo: Repo, kind: str) -> None:
    it = KINDS[kind]
    ours, theirs = text(it, at3="a3 = 333", at9="a9 = 999"), text(it, at3="a3 = 444")
    fork(repo, dict.fromkeys(NAMES, text(it)), dict.fromkeys(NAMES, ours), dict.fromkeys(NAMES, theirs))
    found = proposed(repo)
    assert found.conflicts == len(NAMES)
    for name in NAMES:
        there = repo.git_bytes("show", f"{found.tree}:{name}")
        if any(each.conflicts for each in found.files if each.path == name):
            assert "333".encode(it.coding) in there
            assert "444".encode(it.coding) in there
            assert it.odd in there
            resolve(repo, name, conflict=1, take="right")
        else:
            # Left as it is on the target, until somebody says which.
            assert there == ours
            resolve(repo, name, take="left")
    accept(repo)
    for name in NAMES:
        data = repo.read(name)
        # With the ends of old Macs it is all one line, so that the whole of it was decided.
        assert data in (ours, text(it, at3="a3 = 444", at9="a9 = 999"), *([theirs] if kind == "old-mac" else []))
    call(repo.caller(), wire.UNDO, wire.UndoParams())
    assert {repo.read(name) for name in NAMES} == {ours}
    sound(repo)


@pytest.mark.promise("merge.odd-texts")
def test_line_ends_that_one_side_makes_alike_are_no_reason_to_lose_the_other_sides_edit(repo: Repo) -> None:
    base = text(KINDS["crlf"])
    fork(repo, {"f.py": base}, {"f.py": base.replace(b"\r\n", b"\n")}, {"f.py": base.replace(b"a3 = 3", b"a3 = 555")})
    found = proposed(repo)
    there = repo.git_bytes("show", f"{found.tree}:f.py")
    assert b"a3 = 555" in there
    if found.clean:
        assert all(line in there for line in (b"a0 = 0", b"a11 = 11"))
    sound(repo)


@pytest.mark.promise("merge.odd-texts")
def test_names_that_are_no_utf8_are_merged_and_decided(repo: Repo) -> None:
    odd = os.fsdecode(b"caf\xe9.py")
    fork(
        repo,
        {odd: b"a = 1\nb = 2\nc = 3\nd = 4\n"},
        {odd: b"a = 'ours'\nb = 2\nc = 3\nd = 4\n"},
        {odd: b"a = 'theirs'\nb = 2\nc = 3\nd = 5\n"},
    )
    found = proposed(repo)
    assert [each.path for each in found.files] == ['"caf\\351.py"']
    resolve(repo, '"caf\\351.py"', conflict=1, take="left")
    accept(repo)
    assert repo.read(odd) == b"a = 'ours'\nb = 2\nc = 3\nd = 5\n"
    sound(repo)


@pytest.mark.promise("merge.odd-texts")
@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_last_line_without_an_end_is_decided_as_it_is(repo: Repo, style: str) -> None:
    repo.git("config", "merge.conflictStyle", style)
    fork(repo, {"f": b"0\n1"}, {"f": b"0\nboth\nours"}, {"f": b"0\nboth\ntheirs"})
    for take, data in (("left", b"0\nboth\nours"), ("right", b"0\nboth\ntheirs"), ("base", b"0\n1")):
        it = proposed(repo)
        assert [each.number for each in it.files[0].conflicts] == [1]
        it = resolve(repo, "f", conflict=1, take=take)
        # In the shorter styles what both have stands outside of the conflict.
        expected = data if take != "base" or style == "diff3" else b"0\nboth\n1"
        assert repo.git_bytes("show", f"{it.tree}:f") == expected
        repo.git("update-ref", "refs/heads/login", repo.git("commit-tree", "-p", "login", "-m", "n", "login^{tree}"))
