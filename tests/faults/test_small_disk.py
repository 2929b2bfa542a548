"""A disk that is full at any page of a verb: a sentence with a way out, as before or as after, and to be repeated.

The disk is a real one of a few megabytes, so that git, libgit2 and SQLite find it full as we do.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import AnvcsError
from tests.conftest import Repo
from tests.faults.dying import reopen, sound
from tests.faults.test_operation_crash import behind, commits, dirty, state, two_streams
from tests.interop.remote_support import SECRET, bare, push, work
from tests.interop.retention_support import places_with

pytestmark = pytest.mark.promise("publish.full-disk")

SIZE = 16 << 20
MOST = 400
"""Pages with which every verb here must be done."""


class Disk:
    """A file system of its own that can be filled up to a few pages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def leave(self, pages: int) -> None:
        """Fill it but for so many pages."""
        self.free()
        found = os.statvfs(self.path)
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(found.f_bavail - pages, 1) * found.f_bsize)

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "anvcs-test", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def small(make_repo: Callable[..., Repo], disk: Disk) -> Repo:
    """A repository on the small disk."""
    del disk
    return make_repo("disk/repo")


class Case(NamedTuple):
    """A verb for which there is no room."""

    prepare: Callable[[Repo], None]
    request: wire.Request[Any, Any]
    params: wire.Params
    quiet: bool = False
    """Whether it moves nothing that a user sees."""


def large(repo: Repo) -> None:
    """Two streams that differ in more than one page."""
    two_streams(repo)
    (repo.path / "kept").unlink()
    repo.git("checkout", "--quiet", "kept")
    for number in range(4):
        repo.write(f"large/{number}", os.urandom(20_000))
    repo.commit("large", "large")
    for number in range(4):
        repo.write(f"large/{number}", os.urandom(30_000))
    repo.commit("larger", "large")


def large_behind(repo: Repo) -> None:
    """A remote with larger files and notes that are not here."""
    behind(repo)
    other = repo.path.parents[1] / "other"
    repo.git("clone", "--quiet", repo.git("remote", "get-url", "origin"), str(other))
    there = Repo(other, repo.env, repo.config_home)
    there.init()
    there.write("large", os.urandom(50_000))
    there.commit("large", "large", metadata=wire.Metadata(prompt="p"))
    push(there, "origin", "main")
    there.close()


def secret(repo: Repo) -> None:
    commits(repo)
    work(repo, "secret.txt", prompt=SECRET)
    work(repo, "after.txt", prompt="another")


CASES = {
    "undo": Case(commits, wire.UNDO, wire.UndoParams()),
    "op restore": Case(dirty, wire.OP_RESTORE, wire.OpRestoreParams(operation="@{1}")),
    "switch": Case(large, wire.STREAM_SWITCH, wire.StreamSwitchParams(name="older")),
    "pull": Case(large_behind, wire.PULL, wire.PullParams()),
    "commit with a note": Case(
        dirty, wire.COMMIT, wire.CommitParams(message="work", metadata=wire.Metadata(prompt="why" * 2000))
    ),
    "gc": Case(large, wire.GC, wire.GcParams(days=0), quiet=True),
    "purge": Case(secret, wire.PURGE, wire.PurgeParams(commit="HEAD~1"), quiet=True),
    "stream create": Case(large, wire.STREAM_CREATE, wire.StreamCreateParams(name="new")),
    "actor rotate": Case(commits, wire.ACTOR_ROTATE, wire.ActorRotateParams(), quiet=True),
}


def refused(repo: Repo, disk: Disk, case: Case, pages: int) -> AnvcsError | None:
    """Try it with so many pages left, as one process; what it was refused with."""
    repo.close()
    disk.leave(pages)
    try:
        call(repo.caller(), case.request, case.params)
    except AnvcsError as error:
        return error
    finally:
        repo.close()
        disk.free()
    return None


@pytest.mark.parametrize("name", CASES)
def test_a_disk_that_is_full_at_any_page_costs_nothing(small: Repo, disk: Disk, name: str) -> None:
    case = CASES[name]
    case.prepare(small)
    before = state(small)
    for pages in range(MOST):
        error = refused(small, disk, case, pages)
        if error is None:
            break
        assert error.way_out
        assert "I/O" not in error.message
        reopen(small)
        assert state(small) == before, (pages, error)
        if not pages % 4:
            sound(small)
    else:
        pytest.fail(f"{name} needs more than {MOST} pages")
    assert pages, "it takes room"
    assert (state(small) == before) == case.quiet
    sound(small)
    assert call(small.caller(), wire.VERIFY, wire.VerifyParams()).sound
    if name == "purge":
        assert places_with(small, SECRET) == []


@pytest.mark.promise("clone.survives-kill")
def test_a_clone_for_which_there_is_no_room_leaves_nothing(repo: Repo, disk: Disk) -> None:
    hub = bare(repo.path.parent / "hub.git", repo.env)
    repo.git("remote", "add", "origin", str(hub))
    work(repo, "a.txt", "x" * 30_000, prompt="Say a")
    push(repo, "origin", "main")
    params = wire.CloneParams(url=str(hub), path=str(disk.path / "copy"))
    for pages in range(MOST):
        disk.leave(pages)
        try:
            made = call(repo.caller(), wire.CLONE, params)
            break
        except AnvcsError as error:
            assert error.way_out  # noqa: PT017 - which error it is differs with the page
            assert [path.name for path in disk.path.iterdir()] == ["filler"]
        finally:
            disk.free()
    else:
        pytest.fail("there is room by now")
    assert pages > 20, "it takes room"
    assert made.head == repo.head()
    copy = Repo(disk.path / "copy", repo.env, repo.config_home)
    sound(copy)
    assert call(copy.caller(), wire.VERIFY, wire.VerifyParams()).sound
    copy.close()


@pytest.mark.promise("init.survives-kill")
def test_an_init_for_which_there_is_no_room_is_gone_on_with(make_repo: Callable[..., Repo], disk: Disk) -> None:
    small = make_repo("disk/repo", init=False)
    before = small.snapshot()
    for pages in range(MOST):
        disk.leave(pages)
        try:
            small.init()
            break
        except AnvcsError as error:
            assert error.way_out  # noqa: PT017 - as above
        finally:
            small.close()
            disk.free()
        assert small.snapshot() == before
        assert not reopen(small).initialized
        small.close()
    else:
        pytest.fail("there is room by now")
    assert pages > 4, "it takes room"
    assert small.snapshot() == before
    sound(small)
