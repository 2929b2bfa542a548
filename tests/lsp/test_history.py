"""The editor is told when Git changes under it; real git makes the changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anvcs.gitmirror.git import Git
from anvcs.gitmirror.watch import RepositoryWatch
from anvcs.lsp.features.history import History
from anvcs.wire import HistoryChanged
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client, FakeActions, bounded, connected

CHANGES: dict[str, Callable[[Repo], object]] = {
    "a commit": lambda repo: repo.git_commit("by git"),
    "an amended message": lambda repo: repo.git("commit", "--quiet", "--amend", "-m", "again"),
    "a new branch": lambda repo: repo.git("branch", "topic"),
    "a new branch in a folder": lambda repo: repo.git("branch", "deep/er/topic"),
    "a switch of branches at one commit": lambda repo: repo.git("switch", "--quiet", "-c", "other"),
    "a detached HEAD": lambda repo: repo.git("switch", "--quiet", "--detach"),
    "a tag": lambda repo: repo.git("tag", "v1"),
    "a note": lambda repo: repo.git("notes", "add", "-m", "seen"),
    "a remote ref": lambda repo: repo.git("update-ref", "refs/remotes/origin/main", "HEAD"),
    "a stash": lambda repo: (repo.write("README.md", "changed\n"), repo.git("stash", "--quiet")),
    "a staged file": lambda repo: (repo.write("new.txt", "new\n"), repo.git("add", "new.txt")),
    "a deleted branch": lambda repo: repo.git("branch", "-D", "spare"),
    "an initialized ANVCS": lambda repo: repo.init(),
}


@pytest.fixture
def plain(make_repo: Callable[..., Repo]) -> Repo:
    """A repository that only Git knows."""
    made = make_repo(init=False)
    made.git("branch", "spare")
    return made


async def watched(client: Client, root: Path) -> None:
    """Wait until the server knows how things stand there."""
    async with asyncio.timeout(TIMEOUT):
        while not client.connection.history.follows(root):  # noqa: ASYNC110 - no editor needs to be told
            await asyncio.sleep(0)
        await client.connection.history.look()


@pytest.mark.promise("lsp.history-changed")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen_once(plain: Repo, change: Callable[[Repo], object]) -> None:
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    assert watch.poll() is None
    change(plain)
    state = watch.poll()
    assert state is not None
    assert state.head == plain.head()
    assert state.stream == (plain.git("branch", "--show-current") or None)
    assert watch.poll() is None


@pytest.mark.promise("lsp.history-changed")
def test_what_changes_no_value_is_no_change(plain: Repo) -> None:
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    for quiet in (
        lambda: plain.git("status"),
        (plain.path / "README.md").touch,
        lambda: plain.git("update-index", "--refresh"),
        lambda: plain.git("pack-refs", "--all"),
        lambda: plain.git("gc", "--quiet"),
        lambda: plain.git("update-ref", "refs/anvcs/keep", "HEAD"),
        lambda: plain.git("fsck"),
    ):
        quiet()
        assert watch.poll() is None


@pytest.mark.promise("lsp.history-changed")
def test_a_change_within_the_same_tick_of_the_file_systems_clock_is_seen(
    plain: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some file systems stamp in steps of two seconds, and nearly all in steps longer than two git commands take.
    coarse = time.time_ns()

    def stamp(path: Path) -> tuple[int, ...] | None:
        return (coarse,) if path.exists() else None

    monkeypatch.setattr("anvcs.gitmirror.watch._stamp", stamp)
    monkeypatch.setattr("anvcs.gitmirror.watch._SETTLE_NS", 3600 * 10**9)
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    for change in ("a commit", "a new branch", "a new branch in a folder", "a staged file"):
        CHANGES[change](plain)
        assert watch.poll() is not None
        assert watch.poll() is None


def test_packed_refs_are_seen_too(plain: Repo) -> None:
    plain.git("pack-refs", "--all")
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    assert watch.state.head == plain.head()
    plain.git("branch", "-D", "spare")
    assert watch.poll() is not None


def test_another_worktree_sees_its_own_head_and_the_shared_refs(plain: Repo, tmp_path: Path) -> None:
    plain.git("worktree", "add", "--quiet", "-b", "side", tmp_path / "side")
    watch = RepositoryWatch.open(tmp_path / "side", plain.env)
    assert watch is not None
    assert watch.state.stream == "side"
    plain.git_commit("in the main worktree")
    assert watch.poll() is not None
    plain.git("switch", "--quiet", "-c", "third")
    assert watch.poll() is not None
    # The main worktree's HEAD is none of its business.
    plain.git("switch", "--quiet", "main")
    assert watch.poll() is None


def test_an_unborn_branch_is_seen_being_born(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(empty=True, init=False)
    watch = RepositoryWatch.open(repo.path, repo.env)
    assert watch is not None
    assert (watch.state.head, watch.state.stream) == (None, "main")
    first = repo.git_commit("first")
    state = watch.poll()
    assert state is not None
    assert state.head == first


def test_no_repository_is_no_watch_and_a_vanished_one_is_no_error(plain: Repo, tmp_path: Path) -> None:
    assert RepositoryWatch.open(tmp_path, plain.env) is None
    assert RepositoryWatch.open(tmp_path / "nowhere", plain.env) is None
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    (plain.path / ".git").rename(plain.path / "moved")
    assert watch.poll() is not None
    assert watch.poll() is None


def test_a_quiet_repository_costs_no_process(plain: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = RepositoryWatch.open(plain.path, plain.env)
    assert watch is not None
    # Long ago: nothing can have changed within the same stamp.
    monkeypatch.setattr("anvcs.gitmirror.watch._SETTLE_NS", -1)
    watch.poll()

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("git was asked")

    monkeypatch.setattr(Git, "run", forbidden)
    for _ in range(3):
        assert watch.poll() is None


@pytest.mark.promise("lsp.history-changed")
async def test_the_editor_is_told_of_what_git_did(plain: Repo, tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(), env=plain.env, interval=0.01) as client:
        await client.initialize(plain.path)
        await watched(client, plain.path)
        told = client.expect("anvcs/history/changed")
        commit = plain.git_commit("by git")
        # A commit moves the index first, then the branch: two real changes may be told apart.
        last = client.expect("anvcs/history/changed", lambda message: message["params"].get("head") == commit)
        await bounded(told)
        assert (await bounded(last))["params"] == {"root": str(plain.path), "head": commit, "stream": "main"}


@pytest.mark.promise("lsp.history-changed")
async def test_the_editor_is_told_at_once_of_what_it_did_itself(plain: Repo, tmp_path: Path) -> None:
    def add(*_: object) -> None:
        plain.write("new.txt", "new\n")
        plain.git("add", "new.txt")

    # Never looks by itself.
    async with connected(tmp_path, FakeActions(add=add), env=plain.env) as client:
        await client.initialize(plain.path)
        await watched(client, plain.path)
        told = client.expect("anvcs/history/changed")
        await client.command("ai-vcs.add", {"paths": ["new.txt"]})
        assert (await bounded(told))["params"]["root"] == str(plain.path)
        await client.request("shutdown")
        changes = [message for message in client.received if message.get("method") == "anvcs/history/changed"]
    assert len(changes) == 1


async def test_a_work_tree_that_is_gone_is_left_alone(plain: Repo, tmp_path: Path) -> None:
    told: list[HistoryChanged] = []
    history = History(plain.env, told.append, 3600)
    history.follow(plain.path)
    await history.look()
    plain.path.rename(tmp_path / "elsewhere")
    await history.look()
    assert not history.follows(plain.path)
    history.close()
    assert told == []


async def test_a_repository_made_later_is_found(plain: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    told: list[HistoryChanged] = []
    history = History(plain.env, told.append, 3600)
    history.follow(folder)
    await history.look()
    late = Repo(folder, plain.env, tmp_path)
    late.git("init", "--quiet")
    await history.look()
    commit = late.git_commit("first")
    await history.look()
    await history.look()
    history.close()
    assert told == [HistoryChanged(root=str(folder), head=commit, stream="main")]


async def test_a_folder_added_to_the_workspace_is_watched_too(plain: Repo, tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(), env=plain.env, interval=0.01) as client:
        await client.initialize(tmp_path)
        added = [{"uri": plain.path.as_uri(), "name": "x"}]
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
        await watched(client, plain.path)
        told = client.expect("anvcs/history/changed")
        plain.git("switch", "--quiet", "-c", "late")
        assert (await bounded(told))["params"]["stream"] == "late"
