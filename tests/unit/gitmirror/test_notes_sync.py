"""Whole trees of notes, with git as the oracle."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anvcs.gitmirror import notes_sync
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.pack import FEW, Pack
from anvcs.gitmirror.repository import GitRepository
from tests.unit.gitmirror.conftest import Box

ME = Ident(b"Ada", b"ada@example.com", 1_700_000_000, 60)
REF = "refs/notes/ours"


@pytest.fixture
def repo(box: Box) -> GitRepository:
    box.commit()
    return GitRepository.open(box.top, box.env)


def key(number: int) -> str:
    return f"{number * 2654435761 % 2**160:040x}"


def listed(box: Box, ref: str) -> dict[str, bytes]:
    """What git finds on a notes ref."""
    words = box.out("notes", f"--ref={ref}", "list").decode().split()
    return {name: box.out("cat-file", "blob", blob) for blob, name in zip(words[::2], words[1::2], strict=True)}


def write(repo: GitRepository, ref: str, notes: Mapping[str, bytes]) -> str:
    made = notes_sync.write_all(repo, ref, {name: lambda _, text=text: text for name, text in notes.items()}, ME)
    assert made.tip is not None
    return made.tip


def union(ours: bytes | None, theirs: bytes) -> bytes:
    return b"".join(sorted({*(ours or b"").splitlines(keepends=True), *theirs.splitlines(keepends=True)}))


@pytest.mark.parametrize("count", [1, FEW // 3, 4 * FEW])
def test_many_notes_written_at_once_are_what_git_finds(box: Box, repo: GitRepository, count: int) -> None:
    notes = {key(number): b"note %d\n" % number for number in range(count)}
    write(repo, REF, notes)
    assert listed(box, REF) == notes
    assert box.out("fsck", "--strict") == b""
    more = {key(number): b"again %d\n" % number for number in range(count // 2, count + 5)}
    write(repo, REF, more)
    assert listed(box, REF) == {**notes, **more}
    assert not list((box.git_dir / "objects/pack").glob("*.keep"))


def test_a_pack_holds_what_was_put_into_it_and_nothing_before_the_flush(box: Box, repo: GitRepository) -> None:
    pack = Pack(repo)
    data = [b"%d" % number * size for number, size in enumerate([0, 1, 15, 16, 17, 2047, 2048, 70000] + [3] * FEW)]
    names = [pack.write("blob", each) for each in data]
    assert pack.read(names[3], "blob") == data[3]
    assert box.run("cat-file", "-e", names[3], check=False).returncode != 0
    pack.flush()
    assert [box.out("cat-file", "blob", name) for name in names] == data
    assert len(list((box.git_dir / "objects/pack").glob("*.keep"))) == 1
    pack.release()
    assert not list((box.git_dir / "objects/pack").glob("*.keep"))


def test_only_notes_that_differ_from_all_known_trees_are_named(repo: GitRepository) -> None:
    base = write(repo, REF, {key(n): b"same\n" for n in range(50)})
    new = write(repo, REF, {key(7): b"new\n", key(100): b"added\n"})
    assert sorted(notes_sync.changed(repo, new, base)) == sorted([key(7), key(100)])
    assert len(notes_sync.changed(repo, new)) == 51
    assert notes_sync.changed(repo, new, base, new) == []
    assert notes_sync.changed(repo, None, base) == []
    assert notes_sync.descends(repo, new, base)
    assert not notes_sync.descends(repo, base, new)
    assert not notes_sync.descends(repo, None, None)


@pytest.mark.parametrize("size", [3, 300])
def test_joining_takes_every_line_of_both(box: Box, repo: GitRepository, size: int) -> None:
    ours = {key(n): b"ours %d\n" % n for n in range(size)}
    theirs = {key(n): b"theirs %d\n" % n for n in range(size // 2, 2 * size)}
    write(repo, REF, ours)
    other = write(repo, "refs/notes/theirs", theirs)
    joined = notes_sync.join(repo, REF, other, None, union, ME)
    assert joined.notes == len(theirs)
    found = listed(box, REF)
    assert found == {name: union(ours.get(name), theirs[name]) if name in theirs else ours[name] for name in found}
    assert found.keys() == ours.keys() | theirs.keys()
    again = notes_sync.join(repo, REF, other, None, union, ME)
    assert (again.tip, again.notes) == (joined.tip, 0)
    assert notes_sync.descends(repo, joined.tip, other)


def test_notes_are_taken_as_they_are_where_there_are_none(repo: GitRepository) -> None:
    other = write(repo, "refs/notes/theirs", {key(1): b"x\n"})
    assert notes_sync.join(repo, REF, other, None, union, ME) == notes_sync.Joined(other, 1)


def test_other_fan_outs_are_read_and_brought_into_ours(box: Box, repo: GitRepository) -> None:
    commit = box.out("rev-parse", "HEAD").decode().strip()
    box.run("notes", "--ref=flat", "add", "-m", "flat", commit)
    flat = box.out("rev-parse", "refs/notes/flat").decode().strip()
    assert notes_sync.changed(repo, flat) == [commit]
    box.run("update-ref", REF, flat)
    write(repo, REF, {commit: b"ours\n"})
    assert listed(box, REF) == {commit: b"ours\n"}
    names = box.out("ls-tree", "-r", "--name-only", REF).decode().split()
    assert names == [f"{commit[:2]}/{commit[2:]}"]
