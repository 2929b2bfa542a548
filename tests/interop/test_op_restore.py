"""Going back to any earlier state, judged by git: nobody's work in the way is touched, and nothing is ever gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import UnknownOperationError
from tests.conftest import Repo
from tests.interop.operation_support import (
    by,
    collect_garbage,
    files,
    log,
    newest,
    pointers,
    redo,
    restore,
    sound,
    undo,
)


@pytest.fixture
def side(repo: Repo, tmp_path: Path) -> Iterator[Repo]:
    """A second worktree of the repository, on the stream ``side``."""
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    made = Repo(tmp_path / "side", repo.env, repo.config_home)
    yield made
    made.close()


@pytest.mark.promise("op-restore.any-state")
def test_every_earlier_state_comes_back_with_its_files(repo: Repo) -> None:
    states: list[tuple[str, tuple[str, str, str], dict[str, tuple[int, bytes]]]] = []

    def remember() -> None:
        states.append((newest(repo), pointers(repo), files(repo.path)))

    remember()
    repo.write("src/app.py", "x = 2\n")
    repo.write("deep/er/new", "n\n")
    repo.commit("two")
    remember()
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="login", switch=True))
    remember()
    (repo.path / "README.md").unlink()
    (repo.path / "src/app.py").chmod(0o755)
    (repo.path / "link").symlink_to("src")
    repo.commit("three", metadata=by("foo"))
    remember()
    repo.git("tag", "-a", "-m", "a tag", "v1")
    repo.git("switch", "--quiet", "--detach", "main")
    remember()
    repo.git("branch", "--quiet", "-D", "login")
    repo.git("tag", "-d", "v1")
    remember()
    collect_garbage(repo)
    for operation, then, content in (*reversed(states), *states):
        done = restore(repo, operation)
        assert (pointers(repo), files(repo.path)) == (then, content), operation
        assert (done.left, done.left_pointers) == ((), ())
        assert repo.status() == ""
        collect_garbage(repo)
    sound(repo)


@pytest.mark.promise("op-restore.undone-exactly")
def test_a_restore_is_taken_back_and_done_again(repo: Repo) -> None:
    start = newest(repo)
    repo.write("src/app.py", "x = 2\n")
    repo.write("new", "n\n")
    repo.commit("two")
    before, content = pointers(repo), files(repo.path)
    restore(repo, start)
    after = pointers(repo), files(repo.path)
    collect_garbage(repo)
    undo(repo)
    assert (pointers(repo), files(repo.path)) == (before, content)
    collect_garbage(repo)
    redo(repo)
    assert (pointers(repo), files(repo.path)) == after
    assert repo.status() == ""
    sound(repo)


@pytest.mark.promise("op-restore.leaves-others-work")
def test_what_has_changed_since_or_stands_in_the_way_stays_and_is_named(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\n")
    for name in ("changed", "staged", "same", "both"):
        repo.write(name, "old\n")
    repo.commit("old")
    start = newest(repo)
    for name in ("changed", "staged", "same", "both"):
        repo.write(name, "new\n")
    repo.git("rm", "--quiet", "--cached", "src/app.py")
    (repo.path / "src/app.py").unlink()
    repo.git("add", ".")
    repo.commit("new")
    repo.write("changed", "mine\n")
    repo.write("staged", "mine too\n")
    repo.git("add", "staged")
    repo.write("both", "staged\n")
    repo.git("add", "both")
    repo.write("both", "and changed\n")
    repo.write("src/app.py", "untracked, and in the way\n")
    repo.write("src/debug.log", "ignored\n")
    repo.write("untracked", "u\n")
    before = repo.snapshot(), files(repo.path)
    said = restore(repo, start, dry_run=True)
    assert (repo.snapshot(), files(repo.path)) == before
    done = restore(repo, start)
    assert (said.left, said.paths, said.moves) == (done.left, done.paths, done.moves)
    assert {each.path: each.reason for each in done.left} == {
        "changed": "has changes",
        "staged": "has staged changes",
        "both": "has staged changes",
        "src/app.py": "stands in the way",
    }
    assert done.paths == ("same",)
    for name, text in {
        "changed": "mine\n",
        "staged": "mine too\n",
        "both": "and changed\n",
        "same": "old\n",
        "src/app.py": "untracked, and in the way\n",
        "src/debug.log": "ignored\n",
        "untracked": "u\n",
    }.items():
        assert repo.read(name) == text.encode()
    assert repo.git("show", ":staged") == "mine too"
    assert repo.git("show", ":both") == "staged"
    assert repo.git("log", "-1", "--format=%s") == "old"
    undo(repo)
    assert repo.read("same") == b"new\n"
    assert repo.read("src/app.py") == b"untracked, and in the way\n"
    assert repo.read("changed") == b"mine\n"
    assert repo.git("show", ":both") == "staged"
    sound(repo)


@pytest.mark.promise("op-restore.leaves-others-work")
@pytest.mark.parametrize("ignored", [True, False])
def test_an_untracked_file_where_a_folder_must_be_stays(repo: Repo, ignored: bool) -> None:
    repo.write("folder/inside/file", "f\n")
    repo.commit("with folder")
    start = newest(repo)
    repo.git("rm", "--quiet", "-r", "folder")
    if ignored:
        repo.write(".git/info/exclude", "folder\n")
    repo.commit("without")
    repo.write("folder", "mine\n")
    done = restore(repo, start)
    assert [(each.path, each.reason) for each in done.left] == [("folder/inside/file", "stands in the way")]
    assert repo.read("folder") == b"mine\n"
    sound(repo)


@pytest.mark.promise("op-restore.other-worktrees-when-told")
def test_other_worktrees_and_their_streams_stay_unless_told(repo: Repo, side: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("main 1")
    side.write("b", "b\n")
    side.commit("side 1")
    start, state = newest(repo), (pointers(repo), files(repo.path), pointers(side), files(side.path))
    repo.write("a", "aa\n")
    repo.commit("main 2")
    side.write("b", "bb\n")
    side.commit("side 2")
    theirs = side.head(), files(side.path), side.status()
    done = restore(repo, start)
    assert (side.head(), files(side.path), side.status()) == theirs
    assert repo.read("a") == b"a\n"
    assert any("worktrees/side" in each for each in done.left_pointers)
    undo(repo)
    assert restore(repo, start, all_worktrees=True).left_pointers == ()
    assert (pointers(repo), files(repo.path), pointers(side), files(side.path)) == state
    assert side.status() == repo.status() == ""
    undo(repo)
    assert (side.head(), files(side.path), side.status()) == theirs
    assert repo.read("a") == b"aa\n"
    sound(repo)


@pytest.mark.promise("op-restore.deleted-streams")
@pytest.mark.parametrize("by_git", [True, False])
def test_a_deleted_stream_comes_back_after_the_collector_ran(repo: Repo, by_git: bool) -> None:
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="login", switch=True))
    repo.write("new", "n\n")
    tip = repo.commit("on login").git_commit
    call(repo.caller(), wire.STREAM_SWITCH, wire.StreamSwitchParams(name="main"))
    start = newest(repo)
    if by_git:
        repo.git("branch", "--quiet", "-D", "login")
        newest(repo)
    else:
        call(repo.caller(), wire.STREAM_DELETE, wire.StreamDeleteParams(name="login", force=True))
    assert repo.git("branch", "--list", "login") == ""
    collect_garbage(repo)
    if by_git:
        restore(repo, start)
    else:
        undo(repo)
    assert repo.git("rev-parse", "login") == tip
    assert repo.git("show", "login:new") == "n"
    sound(repo)


@pytest.mark.promise("op-restore.deleted-streams")
def test_a_commit_that_plain_git_dropped_comes_back_after_the_collector_ran(repo: Repo) -> None:
    repo.write("new", "n\n")
    repo.git_commit("by git")
    start, tip = newest(repo), repo.head()
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    newest(repo)
    collect_garbage(repo)
    restore(repo, start)
    assert repo.head() == tip
    assert repo.read("new") == b"n\n"
    sound(repo)


def test_a_dirty_repository_is_restored_around_the_dirt_on_another_stream(repo: Repo) -> None:
    start = newest(repo)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="login", switch=True))
    repo.write("src/app.py", "x = 2\n")
    repo.commit("on login")
    repo.write("README.md", "mine\n")
    done = restore(repo, start)
    assert repo.git("branch", "--show-current") == "main"
    assert repo.git("branch", "--list", "login") == ""
    assert repo.read("README.md") == b"mine\n"
    assert repo.read("src/app.py") == b"x = 1\n"
    assert done.left == ()
    undo(repo)
    assert repo.git("branch", "--show-current") == "login"
    assert repo.read("src/app.py") == b"x = 2\n"
    sound(repo)


def test_a_restore_to_where_all_is_does_nothing(repo: Repo) -> None:
    count = len(log(repo).operations)
    done = restore(repo, "@")
    assert (done.operation_id, done.moves, done.paths) == (None, (), ())
    assert len(log(repo).operations) == count


def test_remotes_and_stashes_are_recorded_and_never_moved(repo: Repo, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    repo.git("init", "--quiet", "--bare", str(remote))
    repo.git("remote", "add", "origin", str(remote))
    start = newest(repo)
    repo.git("push", "--quiet", "origin", "main")
    repo.write("src/app.py", "x = 2\n")
    repo.git("stash", "--quiet")
    done = restore(repo, start)
    assert repo.git("rev-parse", "origin/main") == repo.head()
    assert repo.git("stash", "list", "--format=%gd") == "stash@{0}"
    assert done.moves == ()
    assert any("stash" in each for each in done.left_pointers)


@pytest.mark.parametrize("name", ["@{999}", "b3:0000000000", "main"])
def test_what_names_no_operation_is_refused_and_changes_nothing(repo: Repo, name: str) -> None:
    before = repo.snapshot()
    with pytest.raises(UnknownOperationError):
        restore(repo, name)
    assert repo.snapshot() == before


def test_a_restore_to_before_the_first_commit_leaves_the_stream_that_is_checked_out(
    make_repo: Callable[..., Repo],
) -> None:
    repo = make_repo(empty=True)
    start = newest(repo)
    repo.write("a", "a\n")
    repo.commit("first")
    head = repo.head()
    restore(repo, start)
    assert repo.git("ls-files") in ("", ".gitignore", "ai-vcs.config.yaml")
    undo(repo)
    assert repo.head() == head
    assert repo.status() == ""
    sound(repo)
