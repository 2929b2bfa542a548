"""Pointers as Git's files hold them; the real git is the oracle."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.gitmirror import pointers
from anvcs.gitmirror.pointers import PointerFiles
from tests.conftest import Repo

MakeRepo = Callable[..., Repo]


@pytest.fixture
def plain(make_repo: MakeRepo) -> Repo:
    """A repository that only Git knows."""
    return make_repo(init=False)


def files(repo: Repo) -> PointerFiles:
    """A reader of the repository's pointers."""
    return PointerFiles(repo.path / ".git")


def as_git_says(repo: Repo) -> dict[str, str]:
    """The oracle."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    found: dict[str, str] = {}
    for line in repo.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)", *kinds).splitlines():
        name, oid, target = line.split(" ")
        found[name] = f"ref: {target}" if target else oid
    stashes = repo.git("stash", "list", "--format=%H").split()
    if stashes:
        found["refs/stash"] = " ".join(stashes)
    for number, block in enumerate(repo.git("worktree", "list", "--porcelain").split("\n\n")):
        fields: dict[str, str] = {line.partition(" ")[0]: line.partition(" ")[2] for line in block.splitlines()}
        if fields:
            name = "main-worktree" if number == 0 else f"worktrees/{Path(fields['worktree']).name}"
            found[f"{name}/HEAD"] = f"ref: {fields['branch']}" if "branch" in fields else fields["HEAD"]
    return found


def everything(repo: Repo) -> None:
    """Pointers of every kind, some packed and some loose."""
    repo.git("branch", "deep/er/topic")
    repo.git("tag", "light")
    repo.git("tag", "-am", "annotated", "heavy")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    repo.git("pack-refs", "--all")
    repo.git_commit("after packing")
    repo.git("branch", "loose")
    repo.git("branch", "größe")
    for text in ("one", "two", "three"):
        repo.write("README.md", text)
        repo.git("stash", "push", "--quiet", "-m", text)
    repo.git("worktree", "add", "--quiet", "../second", "-b", "second")
    repo.git("worktree", "add", "--quiet", "--detach", "../third")
    repo.git("update-ref", "refs/anvcs/keep", "HEAD")
    repo.git("notes", "add", "-m", "seen")


@pytest.mark.promise("foreign.view-is-git")
def test_every_pointer_has_the_value_that_git_gives_it(plain: Repo) -> None:
    everything(plain)
    assert files(plain).read() == as_git_says(plain)
    plain.git("stash", "drop", "--quiet", "stash@{1}")
    plain.git("pack-refs", "--all")
    plain.git("branch", "-D", "loose", "deep/er/topic")
    plain.git("worktree", "remove", "../second")
    assert files(plain).read() == as_git_says(plain)
    plain.git("stash", "clear")
    assert files(plain).read() == as_git_says(plain)


def test_an_unborn_branch_is_what_head_says(make_repo: MakeRepo) -> None:
    empty = make_repo(empty=True, init=False)
    assert files(empty).read() == {"main-worktree/HEAD": "ref: refs/heads/main"}


def test_what_git_ignores_as_broken_is_passed_over(plain: Repo) -> None:
    expected = files(plain).read()
    heads = plain.path / ".git" / "refs" / "heads"
    (heads / "empty").touch()
    (heads / "garbage").write_bytes(b"\xff\xfe nothing")
    (heads / "zero").write_text("0" * 40 + "\n")
    (heads / "main.lock").write_text("0" * 40 + "\n")
    (heads / "folder").mkdir()
    assert files(plain).read() == expected


def test_names_that_are_not_utf_8_are_passed_over_and_harm_nothing(plain: Repo) -> None:
    expected = files(plain).read()
    plain.git_bytes("branch", b"caf\xe9")
    plain.git_bytes("update-ref", b"refs/tags/\xff", "HEAD")
    assert files(plain).read() == expected
    plain.git("pack-refs", "--all")
    assert files(plain).read() == expected
    plain.git_bytes("symbolic-ref", "HEAD", b"refs/heads/caf\xe9")
    assert "main-worktree/HEAD" not in files(plain).read()


CHANGES: dict[str, Callable[[Repo], object]] = {
    "commit": lambda repo: repo.git_commit("more"),
    "branch in a new folder": lambda repo: repo.git("branch", "a/b/c"),
    "branch in a known folder": lambda repo: repo.git("branch", "deep/other"),
    "deleted branch": lambda repo: repo.git("branch", "-D", "deep/topic"),
    "deleted packed tag": lambda repo: repo.git("tag", "-d", "packed"),
    "switch": lambda repo: repo.git("switch", "--quiet", "deep/topic"),
    "switch in another worktree": lambda repo: repo.git("-C", "../second", "switch", "--quiet", "--detach"),
    "dropped older stash": lambda repo: repo.git("stash", "drop", "--quiet", "stash@{1}"),
    "ref written in place": lambda repo: (repo.path / ".git/refs/heads/deep/topic").write_text(repo.head() + "\n"),
    "new worktree": lambda repo: repo.git("worktree", "add", "--quiet", "--detach", "../third"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_shows_in_the_stamp(plain: Repo, change: Callable[[Repo], object]) -> None:
    plain.git("tag", "packed")
    plain.git("pack-refs", "--all")
    plain.git("branch", "deep/topic")
    for text in ("one", "two"):
        plain.write("README.md", text)
        plain.git("stash", "push", "--quiet")
    plain.git("worktree", "add", "--quiet", "../second", "-b", "second")
    plain.git_commit("second")
    reader = files(plain)
    before, values = reader.stamp(), reader.read()
    assert reader.stamp() == before
    change(plain)
    assert reader.stamp() != before
    assert reader.read() != values
    assert reader.read() == files(plain).read() == as_git_says(plain)


def test_a_stamp_is_settled_once_no_file_can_change_within_it(plain: Repo) -> None:
    reader = files(plain)
    assert not pointers.settled(reader.stamp())
    old = time.time() - 10
    for path in (plain.path / ".git").rglob("*"):
        os.utime(path, (old, old))
    assert pointers.settled(reader.stamp())
    # A clock that went back since makes the times say nothing.
    os.utime(plain.path / ".git" / "HEAD", (time.time() + 100, time.time() + 100))
    assert not pointers.settled(reader.stamp())


def test_refs_that_are_being_packed_are_never_missed(plain: Repo) -> None:
    names = {f"refs/heads/b{number}" for number in range(50)}
    done = threading.Event()
    seen: list[set[str]] = []

    def read() -> None:
        reader = files(plain)
        while not done.is_set():
            seen.append(names - reader.read().keys())

    for name in sorted(names):
        plain.git("update-ref", name, "HEAD")
    thread = threading.Thread(target=read)
    thread.start()
    try:
        for _ in range(5):
            plain.git("pack-refs", "--all")
            old, new = plain.head(), plain.git_commit("moved")
            plain.git("update-ref", "--stdin", stdin="".join(f"update {n} {new} {old}\n" for n in names).encode())
    finally:
        done.set()
        thread.join(30)
    assert seen
    assert not any(seen)


@pytest.mark.promise("foreign.unchanged-is-cheap")
def test_ten_thousand_refs_are_read_fast_and_an_unchanged_repository_costs_next_to_nothing(plain: Repo) -> None:
    head = plain.head()
    names = sorted(f"refs/heads/f{number // 100}/b{number}" for number in range(10_000))
    lines = "".join(f"{head} {name}\n" for name in names)
    plain.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" + lines)
    reader = files(plain)
    assert len(reader.read()) == 10_002 == len(plain.git("show-ref").splitlines()) + 1

    def best(work: Callable[[], object]) -> float:
        times: list[float] = []
        for _ in range(10):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    assert best(reader.read) < 0.05
    assert best(reader.stamp) < 0.001
