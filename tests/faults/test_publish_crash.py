"""kill -9 before each step of a publication: afterwards everything is as before or as after, and git agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.publish import STEPS
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound

BEFORE_THE_OPERATION = ("objects", "keep", "prepare")
"""Steps before which the operation is not yet written down."""
pytestmark = pytest.mark.promise("publish.survives-kill")


def commit_and_die(repo: Repo, step: str, *paths: str, amend: bool = False) -> None:
    metadata = wire.Metadata(prompt="a prompt", agent_id="agent:foo")
    params = wire.CommitParams(message="cut short", paths=tuple(paths), amend=amend, metadata=metadata)
    die(repo, step, wire.COMMIT, params)


@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_refs_ledger_and_index_are_as_before_or_as_after(repo: Repo, step: str) -> None:
    repo.write("staged", "other\n")
    repo.git("add", "staged")
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    operations = reopen(repo).operations
    commit_and_die(repo, step, "src/app.py")
    status = reopen(repo)
    if step == "published":
        assert repo.git("log", "-1", "--format=%s") == "cut short"
        assert repo.status() == "A  staged"
        assert "complete now" in "".join(status.notices)
        assert repo.show().operation_id is not None
    else:
        assert repo.snapshot() == before
    assert status.operations == operations + (step not in BEFORE_THE_OPERATION)
    sound(repo)
    repo.commit("next", "src/app.py") if step != "published" else repo.commit("next", allow_empty=True)
    assert repo.git("show", "HEAD:src/app.py") == "x = 2"
    sound(repo)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_while_everything_is_committed_leaves_new_and_removed_files_as_they_were(repo: Repo, step: str) -> None:
    repo.write("new", "n\n")
    (repo.path / "README.md").unlink()
    before = repo.snapshot()
    commit_and_die(repo, step)
    reopen(repo)
    if step == "published":
        assert repo.status() == ""
    else:
        assert repo.snapshot() == before
    sound(repo)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("between", ["commit", "amend"])
def test_a_plain_git_commit_before_the_recovery_is_never_taken_back(repo: Repo, step: str, between: str) -> None:
    repo.write("src/app.py", "x = 2\n")
    commit_and_die(repo, step, "src/app.py")
    (repo.path / ".git/index.lock").unlink(missing_ok=True)
    repo.write("mine", "by plain git\n")
    repo.git("add", "mine")
    repo.git("commit", "--quiet", *(["--amend"] if between == "amend" else []), "-m", "plain")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    head = repo.head()
    reopen(repo)
    assert repo.head() == head
    assert repo.git("ls-files", "mine") == "mine"
    # The index holds what HEAD does, so the next commit cannot revert anything.
    assert repo.git("diff-index", "--cached", "HEAD") == ""
    assert repo.git("rev-parse", "HEAD^{tree}") == tree
    assert repo.read("src/app.py") == b"x = 2\n"
    assert repo.status() in ("", " M src/app.py")
    sound(repo)


@pytest.mark.parametrize("step", STEPS)
def test_with_an_emptied_reflog_nothing_is_guessed(repo: Repo, step: str) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    commit_and_die(repo, step, "src/app.py")
    for log in ("HEAD", "refs/heads/main"):
        (repo.path / ".git/logs" / log).write_bytes(b"")
    reopen(repo)
    if step == "published":
        assert repo.status() == ""
    else:
        assert repo.snapshot() == before
    sound(repo)


def test_an_unclear_outcome_is_reported_and_its_commit_kept(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    commit_and_die(repo, "ref", "src/app.py")
    (repo.path / ".git/index.lock").unlink()
    repo.git("commit", "--quiet", "--allow-empty", "-m", "plain")
    for log in ("HEAD", "refs/heads/main"):
        (repo.path / ".git/logs" / log).write_bytes(b"")
    status = reopen(repo)
    assert "is kept" in "".join(status.notices)
    assert "cut short" in repo.git("log", "--format=%s", "refs/anvcs/keep").splitlines()
    sound(repo)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_while_amending_leaves_the_old_or_the_new_commit(repo: Repo, step: str) -> None:
    repo.write("src/app.py", "x = 2\n")
    old = repo.commit("old").git_commit
    repo.write("src/app.py", "x = 3\n")
    commit_and_die(repo, step, "src/app.py", amend=True)
    reopen(repo)
    if step == "published":
        assert repo.git("log", "-1", "--format=%s") == "cut short"
        assert repo.status() == ""
    else:
        assert repo.head() == old
        assert repo.status() == " M src/app.py"
    sound(repo)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_on_a_detached_head_is_recovered_too(repo: Repo, step: str) -> None:
    repo.git("switch", "--quiet", "--detach")
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    commit_and_die(repo, step, "src/app.py")
    reopen(repo)
    if step == "published":
        assert repo.git("log", "-1", "--format=%s") == "cut short"
    else:
        assert repo.snapshot() == before
    sound(repo)


def test_a_crash_in_another_worktree_is_recovered_from_here(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    side.write("src/app.py", "x = 2\n")
    before = side.snapshot()
    commit_and_die(side, "ref", "src/app.py")
    assert "taken back" in "".join(reopen(repo).notices)
    assert side.snapshot() == before
    sound(repo)


def test_a_reset_after_a_published_but_unfinished_operation_is_not_mistaken_for_an_abort(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    start = repo.head()
    commit_and_die(repo, "published", "src/app.py")
    (repo.path / ".git/index.lock").unlink(missing_ok=True)
    repo.git("reset", "--quiet", "--hard", start)
    assert "complete now" in "".join(reopen(repo).notices)
    assert repo.head() == start
    assert repo.status() == ""


def test_a_ref_lock_that_the_dead_process_left_is_removed_and_nobody_elses(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    commit_and_die(repo, "ref", "src/app.py")
    new = repo.git("log", "-1", "--format=%P", "refs/anvcs/keep").split()[-1]
    lock = repo.path / ".git/refs/heads/main.lock"
    lock.write_text(new + "\n")
    assert "taken back" in "".join(reopen(repo).notices)
    assert not lock.exists()
    commit_and_die(repo, "ref", "src/app.py")
    lock.write_text("")
    reopen(repo)
    assert lock.exists()


def test_the_next_commit_of_a_living_process_settles_a_dead_one(repo: Repo) -> None:
    alive = repo.caller()
    reopen_alive = call(alive, wire.STATUS, wire.StatusParams())
    assert reopen_alive.notices == ()
    repo.write("src/app.py", "x = 2\n")
    commit_and_die(repo, "ref", "src/app.py")
    made = repo.commit("alive", "src/app.py", caller=alive)
    assert "taken back" in "".join(made.notices)
    assert repo.status() == ""
    sound(repo)
