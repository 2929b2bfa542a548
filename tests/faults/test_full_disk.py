"""A disk that refuses: a sentence with a way out, nothing half done, and everything works again afterwards."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from anvcs.errors import AnvcsError, DiskError
from anvcs.gitmirror import index, objects
from tests.conftest import Repo

pytestmark = pytest.mark.promise("publish.full-disk")


class Full:
    """A file system call that finds the disk full from the nth time on."""

    def __init__(self, call: object, works: int) -> None:
        self._call = call
        self._works = works

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Pass the call on, or fail."""
        self._works -= 1
        if self._works < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))
        return self._call(*args, **kwargs)  # pyright: ignore[reportCallIssue, reportUnknownVariableType]


@pytest.mark.parametrize("works", [0, 1, 4, 7])
def test_no_room_for_objects_changes_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch, works: int) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(objects.os, "write", Full(os.write, works))  # pyright: ignore[reportPrivateImportUsage]
        with pytest.raises(AnvcsError) as refused:
            repo.commit("work", "src/app.py")
    assert refused.value.way_out
    assert repo.snapshot() == before
    repo.commit("work", "src/app.py")
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_no_room_for_the_index_aborts_the_operation(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()

    def full(self: index.Index) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    with monkeypatch.context() as patch:
        patch.setattr(index.Index, "write_scratch", full)
        with pytest.raises(DiskError, match="full"):
            repo.commit("work", "src/app.py")
    assert repo.snapshot() == before
    newest = repo.caller().workspace(None).ledger.operations(limit=1)[0]
    assert (newest.operation.kind, newest.state) == ("commit", "aborted")
    repo.commit("work", "src/app.py")
    assert repo.status() == ""


def test_a_git_folder_that_is_not_ours_is_a_sentence(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, *_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(objects.os, "mkdir", refuse)  # pyright: ignore[reportPrivateImportUsage]
        with pytest.raises(DiskError, match="permission denied") as refused:
            repo.commit("work", "src/app.py")
    assert "yours to write" in refused.value.way_out
    assert repo.snapshot() == before
    assert not list(Path(repo.path / ".git/objects").rglob("tmp_obj_anvcs*"))
