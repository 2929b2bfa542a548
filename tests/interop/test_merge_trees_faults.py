"""Merges of whole trees when something is wrong, very large, or no longer wanted."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.actions.merging import merge_commits
from anvcs.errors import CancelledError, GitFailedError
from anvcs.gitmirror import treemerge
from tests.conftest import Repo
from tests.interop.merge_trees_support import LINES, as_git, by_git, fork, line, merge


def loose(repo: Repo, name: str) -> Path:
    oid = repo.git("rev-parse", name)
    return repo.path / ".git" / "objects" / oid[:2] / oid[2:]


def loose_files(repo: Repo) -> set[str]:
    return {path.name for path in (repo.path / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*")}


@pytest.mark.promise("merge-trees.missing-object")
@pytest.mark.parametrize("what", ["main:d/a", "main:d", "other:d", "main^{tree}", "main~:d"])
def test_a_missing_object_is_named(repo: Repo, what: str) -> None:
    fork(repo, {"d/a": LINES, "k": "k"}, {"d/a": line(1)}, {"d/a": line(20)})
    file = loose(repo, what)
    oid = file.parent.name + file.name
    workspace = repo.caller().workspace(None)
    file.unlink()
    with pytest.raises(GitFailedError, match=oid):
        merge_commits(workspace, "main", "other")


def test_a_damaged_object_is_an_error_and_not_a_merge(repo: Repo) -> None:
    fork(repo, {"d/a": LINES, "k": "k"}, {"d/a": line(1)}, {"d/b": line(20)})
    file = loose(repo, "main:d")
    file.chmod(0o644)
    file.write_bytes(b"no object at all")
    with pytest.raises(GitFailedError):
        merge_commits(repo.caller().workspace(None), "main", "other")


def objects(repo: Repo, tree: str) -> set[str]:
    """Every object of a tree."""
    listed = repo.git("ls-tree", "-r", "-t", "--object-only", tree).split()
    return {repo.git("rev-parse", f"{tree}^{{tree}}"), *listed}


@pytest.mark.parametrize("name", ["a", "b"], ids=["engine", "path-wise"])
def test_what_a_merge_wrote_is_seen_by_git_at_once_and_can_be_made_durable(repo: Repo, name: str) -> None:
    fork(repo, {"d/a": LINES, "d/b": LINES}, {"d/a": line(1)}, {f"d/{name}": line(1, "Y")})
    merged = merge(repo)
    assert repo.git("cat-file", "-t", merged.it.tree) == "tree"
    assert repo.git("rev-list", "--objects", "--no-object-names", merged.it.tree)
    inside = repo.caller().workspace(None).repo
    treemerge.adopt(inside, merged.it.tree, [repo.git("rev-parse", name) for name in ("main", "other")])
    adopted = {Path(path).parent.name + Path(path).name for path in inside.objects._adopted}
    inside.objects.flush()
    assert adopted == objects(repo, merged.it.tree) - objects(repo, "main") - objects(repo, "other")
    assert merged.it.tree in adopted


def test_another_objects_folder_gets_what_a_merge_writes(repo: Repo, tmp_path: Path) -> None:
    fork(repo, {"d/a": LINES, "d/b": LINES}, {"d/a": line(1)}, {"d/b": line(2)})
    before = loose_files(repo)
    elsewhere = tmp_path / "objects"
    elsewhere.mkdir()
    repo.env |= {
        "GIT_OBJECT_DIRECTORY": str(elsewhere),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repo.path / ".git" / "objects"),
    }
    it = merge_commits(repo.caller().workspace(None), "main", "other")
    assert loose_files(repo) == before
    assert repo.git("cat-file", "-t", it.tree) == "tree"


def test_ten_thousand_changed_files_are_merged(repo: Repo) -> None:
    fork_many(repo, 10_000)
    tree, clean = by_git(repo)
    assert clean
    assert merge(repo).it.tree == tree


def fork_many(repo: Repo, count: int) -> None:
    """Both sides change half of the files each, and add one file to every folder."""

    def commit(name: str, numbers: range, by: str) -> list[str]:
        start = "from refs/heads/base\n" if by else ""
        lines = [f"commit refs/heads/{name}\ncommitter A <a@example.org> 1700000000 +0000\ndata 0\n{start}"]
        for number in numbers:
            text = f"{number} {by}\n"
            lines.append(f"M 644 inline d{number % 50}/f{number}\ndata {len(text)}\n{text}\n")
        return [*lines, *(f"M 644 inline d{number}/{by}new\ndata 0\n\n" for number in range(50))]

    everything = [
        *commit("base", range(count), ""),
        *commit("other", range(0, count, 2), "right"),
        *commit("left", range(1, count, 2), "left"),
    ]
    repo.git("fast-import", "--quiet", stdin="".join(everything).encode())
    repo.git("checkout", "--quiet", "-B", "main", "left")


def test_a_file_of_fifty_megabytes_is_merged_by_git_and_not_looked_into(repo: Repo) -> None:
    many = "".join(f"{number:0>24}\n" for number in range(2_000_000))
    first, last = "0" * 23 + "1\n", f"{1_999_999:0>24}\n"
    fork(
        repo,
        {"big": many, "clash": many},
        {"big": many.replace(first, "left\n", 1), "clash": many.replace(first, "left\n", 1)},
        {"big": many.replace(last, "right\n", 1), "clash": many.replace(first, "right\n", 1)},
    )
    merged = merge(repo)
    assert merged.it.tree == by_git(repo)[0]
    assert {each.path: each.how for each in merged.it.files} == {b"big": "git", b"clash": "conflict"}
    assert (merged.engine.asked, merged.judge.shown) == ([], [])


@pytest.mark.promise("merge-trees.stops")
def test_a_merge_that_is_no_longer_wanted_ends_with_git_and_its_drivers(repo: Repo, tmp_path: Path) -> None:
    pid, go = tmp_path / "pid", tmp_path / "go"
    os.mkfifo(go)
    program = tmp_path / "driver.sh"
    program.write_text(f"#!/bin/sh\necho $$ >{pid}\nread line <{go}\n")
    program.chmod(0o755)
    repo.git("config", "merge.slow.driver", f"{program} %A")
    fork(repo, {"a": LINES, ".gitattributes": "a merge=slow\n"}, {"a": line(1)}, {"a": line(20)})
    caller = repo.caller()
    before = repo.snapshot()

    def stop(_message: str, _percent: int | None) -> None:
        if pid.exists() and pid.read_text().endswith("\n"):
            raise CancelledError("Cancelled; nothing was changed.")

    caller.progress = stop
    with pytest.raises(CancelledError):
        merge_commits(caller.workspace(None), "main", "other")
    gone(int(pid.read_text()))
    assert repo.snapshot() == before


def gone(pid: int, seconds: float = 10.0) -> None:
    """Wait until a process has ended."""
    done = threading.Event()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        done.wait(0.01)
    raise AssertionError(f"{pid} still runs")


def test_stopping_between_two_files_leaves_everything_as_it_was(repo: Repo) -> None:
    fork(
        repo,
        {"a": LINES, "b": LINES},
        {"a": line(1), "b": line(1)},
        {"a": line(1, "Y"), "b": line(1, "Y")},
    )
    said: list[tuple[str, int | None]] = []

    def stop(message: str, percent: int | None) -> None:
        said.append((message, percent))
        if percent:
            raise CancelledError("Cancelled; nothing was changed.")

    caller = repo.caller()
    caller.progress = stop
    before = repo.snapshot()
    with pytest.raises(CancelledError):
        merge(repo, caller=caller)
    assert repo.snapshot() == before
    assert [each for each in said if each[0] == "Merging files"] == [("Merging files", 0), ("Merging files", 50)]


def test_merges_need_nothing_that_anvcs_set_up(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(init=False)
    fork(repo, {"a": LINES, "b": LINES}, {"a": line(1)}, {"b": line(2)})
    as_git(repo)


def test_a_linked_worktree_merges_like_any_other(repo: Repo, tmp_path: Path) -> None:
    fork(repo, {"a": LINES, ".gitattributes": "a merge=union\n"}, {"a": line(1)}, {"a": line(1, "Y")})
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "main~")
    linked = Repo(tmp_path / "linked", repo.env, repo.config_home)
    try:
        assert merge(linked).it.tree == by_git(repo)[0]
        linked.git("rm", "--quiet", "--force", ".gitattributes")
        linked.git("commit", "--quiet", "-m", "without")
        assert merge(linked).it.tree == by_git(repo)[0]
    finally:
        linked.close()
