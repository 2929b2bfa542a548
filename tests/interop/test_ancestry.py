"""Questions about ancestors as the product asks them, with git as the oracle."""

from __future__ import annotations

import itertools
import random
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from anvcs.actions.ancestry import is_ancestor, merge_base
from anvcs.actions.graph import update_index
from anvcs.actions.workspace import Workspace
from anvcs.errors import GitFailedError
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo
from tests.interop.graph_support import age, fast_import

MakeRepo = Callable[..., Repo]
NOWHERE = "1" * 40


@pytest.fixture
def no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks git for an answer fails."""

    def refuse(*_: object) -> bool:
        raise AssertionError("git was asked")

    monkeypatch.setattr(GitRepository, "is_ancestor", refuse)


def opened(repo: Repo, *, indexed: bool = True) -> Workspace:
    caller = repo.caller()
    if indexed:
        update_index(caller, None)
    return caller.workspace(None)


def commits(repo: Repo, count: int | None = None) -> list[str]:
    """Every commit, or some of them at random."""
    found = sorted(repo.git("rev-list", "--branches").split())
    return found if count is None else random.Random(count).sample(found, count)  # noqa: S311 - which ones is no secret


def run(repo: Repo, *args: str) -> tuple[int, str]:
    done = subprocess.run(["git", "merge-base", *args], cwd=repo.path, env=repo.env, capture_output=True, check=False)
    return done.returncode, done.stdout.decode().strip()


def assert_as_git(workspace: Workspace, repo: Repo, pairs: Iterable[tuple[str, str]]) -> None:
    for one, two in pairs:
        assert is_ancestor(workspace, one, two) == (run(repo, "--is-ancestor", one, two)[0] == 0), (one, two)
        assert merge_base(workspace, one, two) == (run(repo, one, two)[1] or None), (one, two)


@pytest.mark.promise("ancestry.agrees-with-git")
@pytest.mark.usefixtures("no_git")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_history_is_told_as_git_tells_it(make_repo: MakeRepo, seed: int) -> None:
    repo = make_repo(empty=True)
    fast_import(repo, 60, seed=seed, skew=True)
    assert_as_git(opened(repo), repo, itertools.permutations(commits(repo, 14), 2))


@pytest.mark.promise("ancestry.agrees-with-git")
def test_a_criss_cross_merge_has_the_base_that_git_takes(repo: Repo) -> None:
    root = repo.head()
    tree = repo.git("rev-parse", "HEAD^{tree}")

    def make(when: int, *parents: str) -> str:
        args = [word for parent in parents for word in ("-p", parent)]
        return repo.git("commit-tree", *args, "-m", f"at {when}", tree, GIT_COMMITTER_DATE=f"{when} +0000")

    left, right = make(2_000_000_900, root), make(2_000_000_100, root)
    one, two = make(2_000_000_200, left, right), make(2_000_000_300, right, left)
    both = make(2_000_000_400, one, two, right)
    repo.git("branch", "both", both)
    every = [root, left, right, one, two, both]
    workspace = opened(repo)
    assert merge_base(workspace, one, two) == left
    assert_as_git(workspace, repo, itertools.permutations(every, 2))


@pytest.mark.promise("ancestry.agrees-with-git")
@pytest.mark.usefixtures("no_git")
def test_commits_newer_than_the_index_need_no_git(repo: Repo) -> None:
    first = repo.head()
    workspace = opened(repo)
    made = [repo.git_commit(f"number {number}") for number in range(5)]
    repo.git("switch", "--quiet", "-c", "aside", made[1])
    aside = repo.git_commit("aside")
    repo.git("merge", "--quiet", "--no-ff", "-m", "both", "main")
    both = repo.head()
    assert is_ancestor(workspace, first, both)
    assert is_ancestor(workspace, made[0], made[4])
    assert is_ancestor(workspace, aside, both)
    assert not is_ancestor(workspace, made[4], aside)
    assert not is_ancestor(workspace, both, first)
    assert merge_base(workspace, aside, made[4]) == made[1]
    assert merge_base(workspace, first, both) == first


@pytest.mark.promise("ancestry.agrees-with-git")
def test_without_an_index_git_answers(make_repo: MakeRepo) -> None:
    repo = make_repo(empty=True, init=False)
    fast_import(repo, 20, seed=4)
    assert_as_git(opened(repo, indexed=False), repo, itertools.permutations(commits(repo, 5), 2))
    repo.init()
    assert_as_git(opened(repo, indexed=False), repo, itertools.permutations(commits(repo, 5), 2))


@pytest.mark.promise("ancestry.agrees-with-git")
def test_replaced_and_cut_off_parents_are_believed_at_once(repo: Repo) -> None:
    made = [repo.head(), *(repo.git_commit(f"number {number}") for number in range(6))]
    age(repo)
    workspace = opened(repo)
    pairs = list(itertools.combinations(made, 2))
    assert_as_git(workspace, repo, pairs)
    repo.git("replace", "--graft", made[4], made[1])
    assert not is_ancestor(workspace, made[2], made[5])
    assert_as_git(workspace, repo, pairs)
    repo.git("pack-refs", "--all")
    update_index(repo.caller(), None)
    assert_as_git(workspace, repo, pairs)
    later = repo.git_commit("after the replacement")
    assert_as_git(workspace, repo, [(commit, later) for commit in made])
    repo.git("replace", "--delete", made[4])
    assert is_ancestor(workspace, made[2], made[5])
    (repo.path / ".git" / "shallow").write_text(f"{made[3]}\n")
    assert not is_ancestor(workspace, made[2], made[5])
    assert_as_git(workspace, repo, pairs)


def test_a_commit_that_is_not_here_is_no_ancestor_and_has_no_base(repo: Repo) -> None:
    workspace = opened(repo)
    assert not is_ancestor(workspace, NOWHERE, repo.head())
    assert not is_ancestor(workspace, repo.head(), NOWHERE)
    with pytest.raises(GitFailedError):
        merge_base(workspace, NOWHERE, repo.head())


def test_histories_without_a_common_root_have_no_base(repo: Repo) -> None:
    workspace = opened(repo)
    alone = repo.git("commit-tree", "-m", "alone", repo.git("rev-parse", "HEAD^{tree}"))
    assert merge_base(workspace, alone, repo.head()) is None
    assert not is_ancestor(workspace, alone, repo.head())


def test_a_tag_stands_for_its_commit_as_git_has_it(repo: Repo) -> None:
    workspace = opened(repo)
    first = repo.head()
    repo.git("tag", "--annotate", "-m", "one", "one")
    later = repo.git_commit("later")
    assert_as_git(workspace, repo, [(repo.git("rev-parse", "one"), later), (later, repo.git("rev-parse", "one"))])
    assert is_ancestor(workspace, first, later)


def damage(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)


@pytest.mark.parametrize("harm", [Path.unlink, damage])
def test_a_lost_or_damaged_index_is_done_without(repo: Repo, harm: Callable[[Path], None]) -> None:
    first = repo.head()
    later = repo.git_commit("later")
    for workspace in (opened(repo), repo.caller().workspace(None)):
        cache = workspace.folder / "cache.db"
        for suffix in ("-wal", "-shm"):
            cache.with_name(f"cache.db{suffix}").unlink(missing_ok=True)
        harm(cache)
        assert is_ancestor(workspace, first, later)
        assert merge_base(workspace, first, later) == first
