"""What Git's logs tell; real git writes them."""

from __future__ import annotations

import pytest

from anvcs.gitmirror import reflogs
from anvcs.gitmirror.grown import Mark
from anvcs.gitmirror.reflogs import Entry, Read
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo

MESSAGES = {
    "commit: x": "git-commit",
    "commit (initial): x": "git-commit",
    "commit (amend): x": "git-amend",
    "commit (merge): x": "git-merge",
    "commit (cherry-pick): x": "git-cherry-pick",
    "commit (rebase): x": "git-rebase",
    "cherry-pick: x": "git-cherry-pick",
    "cherry-pick: fast-forward": "git-cherry-pick",
    "revert: Revert x": "git-revert",
    "am: x": "git-commit",
    "merge topic: Fast-forward": "git-merge",
    "merge topic: Merge made by the 'ort' strategy.": "git-merge",
    "pull: Fast-forward": "git-pull",
    "pull origin main: Merge made by the 'ort' strategy.": "git-pull",
    "pull --rebase (start): checkout abc": "git-pull",
    "pull --rebase (finish): refs/heads/main onto abc": "git-pull",
    "initial pull": "git-pull",
    "rebase (start): checkout main": "git-rebase",
    "rebase (pick): x": "git-rebase",
    "rebase (reword): x": "git-rebase",
    "rebase (squash): x": "git-rebase",
    "rebase (continue): x": "git-rebase",
    "rebase (finish): returning to refs/heads/topic": "git-rebase",
    "rebase (abort): updating HEAD": "git-rebase",
    "rebase -i (finish): refs/heads/topic onto abc": "git-rebase",
    "rebase finished: refs/heads/topic onto abc": "git-rebase",
    "rewritten during rebase": "git-rebase",
    "reset: moving to HEAD^": "git-reset",
    "checkout: moving from main to topic": "git-switch",
    "branch: Created from HEAD": "git-branch",
    "branch: Reset to main": "git-branch",
    "Branch: renamed refs/heads/a to refs/heads/b": "git-branch",
    "Branch: copied refs/heads/a to refs/heads/b": "git-branch",
    "fetch: fast-forward": "git-fetch",
    "fetch origin: forced-update": "git-fetch",
    "fetch --prune: storing head": "git-fetch",
    "clone: from /somewhere": "git-fetch",
    "remote: renamed refs/remotes/a/b to refs/remotes/c/b": "git-fetch",
    "WIP on main: abc x": "git-stash",
    "On main: mine": "git-stash",
    "update by push": "git-other",
    "push": "git-other",
    "": "git-other",
    "something of my own": "git-other",
}


@pytest.mark.parametrize(("message", "kind"), MESSAGES.items())
def test_a_message_tells_what_was_done(message: str, kind: str) -> None:
    assert reflogs.kind(message) == kind


def opened(repo: Repo) -> GitRepository:
    """The repository as we see it."""
    return GitRepository.open(repo.path, repo.env)


def test_what_real_git_writes_is_understood(repo: Repo) -> None:
    repo.git_commit("two")
    repo.git("commit", "--quiet", "--allow-empty", "--amend", "-m", "better")
    repo.git("reset", "--quiet", "--hard", "HEAD^")
    repo.git("merge", "--quiet", "ORIG_HEAD")
    log = reflogs.read(opened(repo), "refs/heads/main")
    assert [entry.kind for entry in log.entries] == ["git-commit", "git-commit", "git-amend", "git-reset", "git-merge"]
    assert log.entries[0].old is None
    assert all(entry.time for entry in log.entries)
    assert reflogs.read(opened(repo), "main-worktree/HEAD").entries[-1].message == "merge ORIG_HEAD: Fast-forward"


def test_a_log_is_read_on_from_its_mark_unless_it_was_rewritten(repo: Repo) -> None:
    git = opened(repo)
    first = reflogs.read(git, "refs/heads/main")
    assert reflogs.mark_of(git, "refs/heads/main") == first.mark
    assert reflogs.read(git, "refs/heads/main", first.mark) == Read((), first.mark, complete=True)
    repo.git_commit("two")
    second = reflogs.read(git, "refs/heads/main", first.mark)
    assert ([entry.message for entry in second.entries], second.complete) == (["commit: two"], True)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git_commit("three")
    third = reflogs.read(git, "refs/heads/main", second.mark)
    assert ([entry.message for entry in third.entries], third.complete) == (["commit: three"], False)
    assert reflogs.read(git, "refs/heads/none") == Read((), Mark(), complete=False)
    assert reflogs.mark_of(git, "refs/heads/none") == Mark()


def test_a_worktrees_head_has_a_log_of_its_own(repo: Repo) -> None:
    repo.git("worktree", "add", "--quiet", "--detach", "../second")
    repo.git("-C", "../second", "commit", "--quiet", "--allow-empty", "-m", "there")
    assert reflogs.read(opened(repo), "worktrees/second/HEAD").entries[-1].message == "commit: there"


def step(old: str | None, new: str | None, message: str = "commit: x") -> Entry:
    """One line of a log."""
    return Entry(old, new, 0, message)


def log(*entries: Entry, complete: bool = True) -> Read:
    """A log of these lines."""
    return Read(entries, Mark(), complete)


def test_the_steps_between_two_values_are_a_chain_or_nothing() -> None:
    one, two, three = step(None, "a"), step("a", "b"), step("b", "c")
    assert reflogs.steps(log(one, two, three), "a", "c") == [two, three]
    assert reflogs.steps(log(one, two, three), None, "c") == [one, two, three]
    assert reflogs.steps(log(one, two, three), "a", "b") is None
    assert reflogs.steps(log(one, two, three), "x", "c") is None
    assert reflogs.steps(log(two, step("x", "c")), "a", "c") is None
    assert reflogs.steps(log(), "a", "b") is None
    # What moves nothing is no step.
    assert reflogs.steps(log(two, step("b", "b"), three), "a", "c") == [two, three]


def test_of_a_pointer_that_went_in_circles_only_what_is_new_counts() -> None:
    out, back = step("a", "b"), step("b", "a")
    last = step("a", "c")
    assert reflogs.steps(log(out, back, last), "a", "c") == [out, back, last]
    assert reflogs.steps(log(out, back, last, complete=False), "a", "c") == [last]


def test_steps_of_ours_are_known_and_what_was_before_them_too() -> None:
    name = "b3:" + "0" * 64
    ours = step("b", "c", f"anvcs {name} commit (amend): x")
    assert (ours.operation, ours.said, ours.kind) == (name, "commit (amend): x", "git-amend")
    found = log(step("a", "b"), ours, step("c", "d"), complete=False)
    assert reflogs.since_known(found, lambda known: known == name) == log(step("c", "d"))
    # One of a ledger that is lost is work of nobody we know.
    assert reflogs.since_known(found, lambda _: False) == found
    assert step("a", "b", "anvcs of my own").operation is None


def test_a_torn_or_strange_line_is_passed_over(repo: Repo) -> None:
    path = repo.path / ".git" / "logs" / "refs" / "heads" / "main"
    path.write_bytes(path.read_bytes() + b"torn\n" + b"0" * 40 + b" " + b"1" * 40 + b" no mail\n\n\xff\xfe\n")
    entries = reflogs.read(opened(repo), "refs/heads/main").entries
    assert [(entry.new, entry.message) for entry in entries[1:]] == [("1" * 40, "")]
