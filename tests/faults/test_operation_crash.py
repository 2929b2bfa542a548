"""kill -9 before each step of undo, redo, restore and switch: everything is as before or as after, files included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.publish import STEPS
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.interop.operation_support import files, newest, pointers

pytestmark = pytest.mark.promise("undo.survives-kill")


class Case(NamedTuple):
    """A verb to be killed in."""

    prepare: Callable[[Repo], None]
    request: wire.Request[Any, Any]
    params: wire.Params


def state(repo: Repo) -> tuple[tuple[str, str, str], dict[str, tuple[int, bytes]], str]:
    return pointers(repo), files(repo.path), repo.status()


def commits(repo: Repo) -> None:
    """Two states with everything that a checkout can do between them, and work of the user's around it."""
    repo.write("gone/later", "g\n")
    repo.write("mode", "m\n")
    repo.write("kept", "k\n")
    repo.commit("base")
    repo.write("src/app.py", "x = 2\n")
    repo.write("new/file", "n\n")
    (repo.path / "gone/later").unlink()
    (repo.path / "mode").chmod(0o755)
    (repo.path / "link").symlink_to("src")
    repo.commit("work")


def dirt(repo: Repo) -> None:
    repo.write("kept", "mine\n")
    repo.write("untracked", "u\n")
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")


def partly_committed(repo: Repo) -> None:
    commits(repo)
    repo.write("kept", "staged\n")
    repo.git("add", "kept")
    repo.write("kept", "and more\n")
    repo.write("other", "o\n")
    repo.commit("of paths", "kept", "other")


def restored(repo: Repo) -> None:
    commits(repo)
    dirt(repo)
    call(repo.caller(), wire.OP_RESTORE, wire.OpRestoreParams(operation="@{1}"))


def undone(prepare: Callable[[Repo], None]) -> Callable[[Repo], None]:
    def prepared(repo: Repo) -> None:
        prepare(repo)
        call(repo.caller(), wire.UNDO, wire.UndoParams())

    return prepared


def dirty(repo: Repo) -> None:
    commits(repo)
    dirt(repo)


def two_streams(repo: Repo) -> None:
    commits(repo)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="older", start="HEAD~1"))
    repo.write("kept", "mine\n")
    repo.write("untracked", "u\n")


def dirty_streams(repo: Repo) -> None:
    two_streams(repo)
    repo.write("staged", "s\n")
    repo.git("add", "staged")


def behind(repo: Repo) -> None:
    """A stream whose upstream has gone on, and work of the user's beside it."""
    commits(repo)
    hub = repo.path.parent / "hub.git"
    repo.git("init", "--quiet", "--bare", str(hub))
    repo.git("remote", "add", "origin", str(hub))
    repo.git("push", "--quiet", "--set-upstream", "origin", "main")
    ahead = repo.git("commit-tree", "-p", "HEAD", "-m", "theirs", "HEAD~2^{tree}")
    repo.git("push", "--quiet", "origin", f"{ahead}:refs/heads/main")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.write("untracked", "u\n")


CASES = {
    "undo of a commit": Case(commits, wire.UNDO, wire.UndoParams()),
    "undo of a commit of paths": Case(partly_committed, wire.UNDO, wire.UndoParams()),
    "redo of a commit of paths": Case(undone(partly_committed), wire.REDO, wire.RedoParams()),
    "op restore": Case(dirty, wire.OP_RESTORE, wire.OpRestoreParams(operation="@{1}")),
    "undo of op restore": Case(restored, wire.UNDO, wire.UndoParams()),
    "redo of op restore": Case(undone(restored), wire.REDO, wire.RedoParams()),
    "restore of files": Case(
        dirty, wire.RESTORE, wire.RestoreParams(paths=("kept", "src", "new", "link"), source="HEAD~1")
    ),
    "switch": Case(two_streams, wire.STREAM_SWITCH, wire.StreamSwitchParams(name="older")),
    "revert": Case(commits, wire.REVERT, wire.RevertParams()),
    "stream create and switch": Case(
        dirty_streams, wire.STREAM_CREATE, wire.StreamCreateParams(name="new", start="older", switch=True)
    ),
    "stream delete": Case(two_streams, wire.STREAM_DELETE, wire.StreamDeleteParams(name="older", force=True)),
    "stream rename": Case(two_streams, wire.STREAM_RENAME, wire.StreamRenameParams(old="main", new="trunk")),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_pull_leaves_stream_and_files_as_before_or_as_after(repo: Repo, step: str) -> None:
    behind(repo)
    head, before = repo.head(), files(repo.path)
    theirs = repo.git("ls-remote", "origin", "refs/heads/main").split()[0]
    die(repo, step, wire.PULL, wire.PullParams())
    reopen(repo)
    assert repo.head() == (theirs if step == "published" else head)
    assert (files(repo.path) == before) == (step != "published")
    assert repo.status() == "?? untracked"
    sound(repo)
    assert call(repo.caller(), wire.PULL, wire.PullParams()).new == theirs
    assert repo.head() == theirs
    assert repo.status() == "?? untracked"


@pytest.mark.parametrize("verb", ["checkpoint", "push"])
def test_a_verb_that_is_only_written_down_is_there_or_not(repo: Repo, verb: str) -> None:
    behind(repo)
    call(repo.caller(), wire.PULL, wire.PullParams())
    repo.write("src/app.py", "x = 9\n")
    repo.commit("ahead")
    before = state(repo)
    if verb == "checkpoint":
        die(repo, "record", wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="here"))
    else:
        die(repo, "record", wire.PUSH, wire.PushParams())
    reopen(repo)
    assert state(repo)[1:] == before[1:]
    sound(repo)
    if verb == "push":
        assert repo.git("ls-remote", "origin", "refs/heads/main").split()[0] == repo.head()
        assert call(repo.caller(), wire.PUSH, wire.PushParams()).new == repo.head()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", CASES)
def test_after_a_kill_everything_is_as_before_or_as_after(repo: Repo, name: str, step: str) -> None:
    case = CASES[name]
    case.prepare(repo)
    before, operation = state(repo), newest(repo)
    die(repo, step, case.request, case.params)
    (repo.path / ".git/HEAD.lock").unlink(missing_ok=True)
    reopen(repo)
    if newest(repo) == operation:
        assert state(repo) == before
    else:
        assert step == "published" or (step == "index" and state(repo) != before), "nothing was visible yet"
        assert state(repo) != before
    sound(repo)
    again = reopen(repo)
    assert again.notices == ()
    if newest(repo) == operation:
        # The next one does it, as if nothing had happened.
        call(repo.caller(), case.request, case.params)
        assert state(repo) != before
        sound(repo)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_with_two_worktrees_taking_part_leaves_both_as_before_or_both_as_after(
    repo: Repo, step: str, tmp_path: Path
) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    start = newest(repo)
    for each in (repo, side):
        each.write("src/app.py", "x = 2\n")
        each.write("new", "n\n")
        each.commit("work")
    before, operation = (state(repo), state(side)), newest(repo)
    die(repo, step, wire.OP_RESTORE, wire.OpRestoreParams(operation=start, all_worktrees=True))
    reopen(repo)
    if newest(repo) == operation:
        assert (state(repo), state(side)) == before
    else:
        assert step == "published"
        assert (repo.status(), side.status()) == ("", "")
        assert repo.read("src/app.py") == side.read("src/app.py") == b"x = 1\n"
    sound(repo)
    side.close()
