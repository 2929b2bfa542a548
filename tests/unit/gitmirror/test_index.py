"""The index, entry by entry, with git as the oracle."""

from __future__ import annotations

import os

import pytest

from anvcs.errors import LockedError, UnsupportedRepositoryError
from anvcs.gitmirror import index as module
from anvcs.gitmirror.index import Index, IndexEntry, from_stat, locked, release_stale
from tests.conftest import Repo


@pytest.fixture
def index(repo: Repo) -> Index:
    made = Index(repo.path / ".git/index", repo.path / ".git/index-scratch")
    made.load()
    return made


def test_an_entry_put_back_is_the_one_git_wrote(repo: Repo, index: Index) -> None:
    before = repo.git("ls-files", "--stage", "--debug")
    entry = index.get(b"src/app.py")
    assert entry is not None
    index.set(b"src/app.py", None)
    assert index.get(b"src/app.py") is None
    index.set(b"src/app.py", entry)
    index.write_scratch()
    index.replace()
    assert repo.git("ls-files", "--stage", "--debug") == before


def test_an_entry_from_stat_is_what_git_add_writes(repo: Repo, index: Index) -> None:
    path = repo.write("new", "n\n")
    oid = repo.git("hash-object", "-w", "new")
    index.set(b"new", from_stat(0o100644, oid, path.stat()))
    index.write_scratch()
    index.replace()
    ours = repo.git("ls-files", "--debug", "new")
    repo.git("rm", "--quiet", "--cached", "new")
    repo.git("add", "new")
    assert ours == repo.git("ls-files", "--debug", "new")
    assert repo.git("diff-files") == ""


def test_conflict_stages_of_a_path_go_when_it_is_set(repo: Repo, index: Index) -> None:
    oid = repo.git("hash-object", "README.md")
    lines = "".join(f"100644 {oid} {stage}\tclash\n" for stage in (1, 2, 3))
    repo.git("update-index", "--index-info", stdin=lines.encode())
    index.load()
    assert index.unmerged()
    index.set(b"clash", IndexEntry(0o100644, oid))
    assert not index.unmerged()


def test_the_index_is_read_again_only_when_it_changed(repo: Repo, index: Index) -> None:
    first = index._index
    index.load()
    assert index._index is first
    repo.write("x", "1\n")
    repo.git("add", "x")
    index.load()
    assert index.get(b"x") is not None


def test_a_broken_index_is_refused(repo: Repo, index: Index) -> None:
    (repo.path / ".git/index").write_bytes(b"DIRC nonsense")
    with pytest.raises(UnsupportedRepositoryError, match="cannot be read"):
        index.load()


def test_version_4_indexes_are_read_and_written(repo: Repo, index: Index) -> None:
    repo.git("update-index", "--index-version", "4")
    index.load()
    entry = index.get(b"src/app.py")
    assert entry is not None
    index.set(b"src/copy.py", entry)
    index.write_scratch()
    index.replace()
    assert repo.git("ls-files") == "README.md\nsrc/app.py\nsrc/copy.py"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_the_lock_keeps_git_out_and_a_held_one_is_reported(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 0.02)
    path, token = repo.path / ".git/index", repo.path / ".git/token"
    with locked(path, token):
        repo.write("x", "1\n")
        assert "index.lock" in repo.git_fails("add", "x")
        with pytest.raises(LockedError), locked(path, repo.path / ".git/other"):
            pass
    repo.git("add", "x")
    assert not token.exists()


@pytest.mark.promise("index.only-our-own-stale-lock")
def test_only_a_stale_lock_of_our_own_is_removed(repo: Repo) -> None:
    path, token = repo.path / ".git/index", repo.path / ".git/token"
    lock = repo.path / ".git/index.lock"
    token.write_bytes(os.fsencode(path))
    os.link(token, lock)
    assert release_stale(token)
    assert not lock.exists()
    token.write_bytes(os.fsencode(path))
    lock.write_bytes(b"somebody else's")
    assert not release_stale(token)
    assert lock.exists()
