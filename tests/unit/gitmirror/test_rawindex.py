"""Entries replaced in the bytes of an index: what libgit2 would write, as git reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.gitmirror import rawindex
from anvcs.gitmirror.index import Index, IndexEntry
from anvcs.gitmirror.rawindex import replaced
from tests.conftest import Repo

NAMES = [b"a", b"b/a", b"b/b/a", b"bb/a", b"b-a", b"z/z", b"z/" + b"long" * 60, b"zz"]
OTHER = "1" * 40


class Files:
    """A repository with some names that end in one another, and its index."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.path = repo.path / ".git/index"
        for name in NAMES:
            repo.write(name.decode(), name)
        repo.git("add", "--all")
        repo.git("write-tree")
        self.index = self.load(self.path)

    def load(self, path: Path) -> Index:
        """An index read by libgit2."""
        index = Index(path, path.with_name("scratch"))
        index.load()
        return index

    def entry(self, name: bytes) -> IndexEntry:
        """What the index has there."""
        found = self.index.get(name)
        assert found is not None
        return found

    def replaced(self, new: Mapping[bytes, IndexEntry]) -> bytes | None:
        """The bytes with the new entries."""
        last = self.repo.git_bytes("ls-files", "-z").split(b"\0")[-2]
        return replaced(
            self.path.read_bytes(),
            {name: (self.entry(name), entry) for name, entry in new.items()},
            (last, self.entry(last)),
        )

    def listed(self, content: bytes, *args: str) -> str:
        """What git says of an index with this content."""
        path = self.repo.path / ".git/other-index"
        path.write_bytes(content)
        return self.repo.git(*args, GIT_INDEX_FILE=str(path))


@pytest.fixture
def files(repo: Repo) -> Files:
    return Files(repo)


entries = st.builds(
    IndexEntry,
    st.sampled_from([0o100644, 0o100755, 0o120000]),
    st.integers(1, 1 << 159).map(lambda number: f"{number:040x}"),
    st.tuples(*[st.integers(0, (1 << 32) - 1)] * 9),
)


def test_git_reads_what_libgit2_would_have_written(files: Files) -> None:
    debug = ("ls-files", "--stage", "--debug")

    @given(st.dictionaries(st.sampled_from(NAMES), entries, min_size=1))
    def law(new: dict[bytes, IndexEntry]) -> None:
        content = files.replaced(new)
        assert content is not None
        copy = files.repo.path / ".git/copy"
        copy.write_bytes(files.path.read_bytes())
        theirs = files.load(copy)
        for name, entry in new.items():
            theirs.set(name, entry)
        theirs._replaced = None
        theirs.write_scratch()
        theirs.replace()
        assert files.listed(content, *debug) == files.listed(copy.read_bytes(), *debug)

    law()


def test_the_index_still_makes_the_right_tree_and_forgets_no_folder_beside_it(files: Files) -> None:
    changed = msgspec.structs.replace(files.entry(b"b/b/a"), oid=files.entry(b"a").oid)
    content = files.replaced({b"b/b/a": changed})
    assert content is not None
    assert files.listed(content, "ls-files", "--stage", "b/b/a").split()[1] == changed.oid
    made = files.listed(content, "write-tree")
    assert files.repo.git("rev-parse", f"{made}:b/b/a") == changed.oid
    assert files.repo.git("rev-parse", f"{made}:z") == files.repo.git("rev-parse", f"{files.repo.git('write-tree')}:z")
    folders = re.findall(rb"([a-z]*)\0(-?\d+) \d+\n", content[content.index(b"TREE") + 8 :])
    assert {name for name, count in folders if count == b"-1"} == {b"", b"b"}
    assert len([name for name, _ in folders if name == b"b"]) == 2
    assert {name for name, count in folders if count != b"-1"} == {b"bb", b"z", b"src"}


def test_an_untracked_cache_is_kept_and_true(files: Files) -> None:
    git = files.repo.git
    git("update-index", "--force-untracked-cache")
    git("status")
    files.index.load()
    files.repo.write("b/new", "n\n")
    files.repo.write("a", "changed\n")
    oid = git("hash-object", "-w", "a")
    content = files.replaced({b"a": IndexEntry(0o100644, oid)})
    assert content is not None
    assert b"UNTR" in content
    files.path.write_bytes(content)
    assert "?? b/new" in git("status", "--porcelain")
    assert "A  a" in git("status", "--porcelain")


@pytest.mark.parametrize(
    "command",
    [
        ["update-index", "--index-version", "4"],
        ["-c", "index.threads=4", "update-index", "--force-write-index"],
        ["-c", "index.skipHash=true", "update-index", "--force-write-index"],
        ["update-index", "--assume-unchanged", "zz"],
        ["update-index", "--skip-worktree", "zz"],
    ],
    ids=["version 4", "offsets", "no checksum", "flags", "version 3"],
)
def test_an_index_that_is_not_plain_is_left_to_libgit2(files: Files, command: list[str]) -> None:
    if "index.skipHash=true" in command:
        data = files.path.read_bytes()
        files.path.write_bytes(data[:-20] + bytes(20))
    else:
        files.repo.git(*command)
        files.index.load()
    assert files.replaced({b"zz": IndexEntry(0o100644, OTHER)}) is None


def test_an_entry_that_is_not_as_it_is_known_is_left_to_libgit2(files: Files) -> None:
    known = files.entry(b"a")
    moves = {b"a": (msgspec.structs.replace(known, oid=OTHER), known)}
    assert replaced(files.path.read_bytes(), moves, (b"zz", files.entry(b"zz"))) is None


def test_where_most_entries_change_libgit2_writes_them(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rawindex, "_SEARCHED", 10)
    assert files.replaced({b"a": IndexEntry(0o100644, OTHER)}) is None
