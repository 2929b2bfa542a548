"""Objects written in batches: the same ids as git's, invisible before the flush, durable after."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anvcs.errors import GitFailedError, UnreadableFileError
from anvcs.gitmirror import objects as module
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo


@pytest.fixture
def opened(repo: Repo) -> GitRepository:
    return GitRepository.open(repo.path, repo.env)


def test_an_object_has_gits_id_and_appears_with_the_flush(repo: Repo, opened: GitRepository) -> None:
    oid = opened.objects.write("blob", b"hello again\n")
    assert oid == repo.git("hash-object", "--stdin", stdin=b"hello again\n")
    repo.git_fails("cat-file", "-e", oid)
    opened.objects.flush()
    assert repo.git("cat-file", "blob", oid) == "hello again"
    assert opened.objects.read(oid, "blob") == b"hello again\n"


def test_a_discarded_batch_leaves_no_file_behind(repo: Repo, opened: GitRepository) -> None:
    before = sorted(path for path in (repo.path / ".git/objects").rglob("*") if path.is_file())
    opened.objects.write("blob", b"never\n")
    repo.write("big", b"x" * 100)
    opened.objects.write_file(repo.path / "big", 100)
    opened.objects.discard()
    assert sorted(path for path in (repo.path / ".git/objects").rglob("*") if path.is_file()) == before


def test_a_streamed_file_has_gits_id(repo: Repo, opened: GitRepository) -> None:
    data = os.urandom(module.CHUNK * 2 + 7)
    path = repo.write("big", data)
    oid = opened.objects.write_file(path, len(data))
    opened.objects.flush()
    assert oid == repo.git("hash-object", "big")
    assert repo.git_bytes("cat-file", "blob", oid) == data


def test_a_file_that_changes_while_it_is_read_is_refused(repo: Repo, opened: GitRepository) -> None:
    path = repo.write("big", b"x" * 100)
    with pytest.raises(UnreadableFileError, match="changed"):
        opened.objects.write_file(path, 99)


def test_a_missing_object_and_one_of_another_kind_are_refused(repo: Repo, opened: GitRepository) -> None:
    with pytest.raises(GitFailedError, match="missing"):
        opened.objects.read("1" * 40, "blob")
    with pytest.raises(GitFailedError, match="not a tree"):
        opened.objects.read(repo.head(), "tree")


@pytest.mark.promise("objects.durable")
def test_every_file_of_a_batch_is_put_out_before_it_gets_its_name(
    opened: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    replace, put_out, fsync = os.replace, module.write_out, os.fsync

    def name_of(fd: int) -> str:
        return Path(f"/proc/self/fd/{fd}").readlink().name if Path("/proc/self/fd").exists() else str(fd)

    def spy_out(fd: int, flags: int) -> None:
        seen.append(f"out {name_of(fd)}")
        put_out(fd, flags)

    def spy_replace(old: str, new: str) -> None:
        seen.append(f"name {Path(old).name}")
        replace(old, new)

    def spy_sync(fd: int) -> None:
        seen.append("sync")
        fsync(fd)

    monkeypatch.setattr(module, "write_out", spy_out)
    monkeypatch.setattr(os, "replace", spy_replace)
    monkeypatch.setattr(os, "fsync", spy_sync)
    for number in range(300):
        opened.objects.write("blob", b"%d" % number)
    opened.objects.flush()
    outs = [at for at, what in enumerate(seen) if what.startswith("out")]
    names = [at for at, what in enumerate(seen) if what.startswith("name")]
    assert len(names) == 300
    assert max(outs) < min(names)
    assert seen[-1] == "sync"
