"""Undo and redo, judged by git: pointers and index go back exactly, files stay byte for byte, others' work stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import NotInitializedError, UndoRefusedError
from tests.conftest import Repo
from tests.interop.operation_support import (
    by,
    collect_garbage,
    files,
    log,
    newest,
    pointers,
    redo,
    sound,
    undo,
)


def mixed_changes(repo: Repo) -> None:
    """One of each: modified, staged, partly staged, new, removed, renamed, executable, untracked, ignored."""
    for name in ("modified", "staged", "part", "removed", "rm-staged", "renamed", "executable"):
        repo.write(f"d/{name}", "1\n2\n3\n")
    repo.write(".gitignore", "ignored\n")
    repo.git_commit("base")
    repo.write("d/modified", "changed\n")
    repo.write("d/staged", "staged\n")
    repo.write("d/part", "0\n2\n3\n")
    repo.git("add", "d/staged", "d/part")
    repo.write("d/part", "0\n2\n4\n")
    (repo.path / "d/removed").unlink()
    repo.git("rm", "--quiet", "d/rm-staged")
    repo.git("mv", "d/renamed", "d/other name")
    (repo.path / "d/executable").chmod(0o755)
    repo.write("new", "n\n")
    repo.git("add", "--intent-to-add", "new")
    repo.write("untracked\n\té", "u\n")
    repo.write("ignored", "i\n")


@pytest.mark.promise("undo.restores-pointers-and-index")
@pytest.mark.parametrize(
    "paths",
    [(), ("d/modified",), ("d/part", "d/removed"), ("new", "d/rm-staged"), (".",), ("d/renamed", "d/other name")],
    ids=str,
)
def test_undo_of_a_commit_restores_pointers_and_index_exactly_and_leaves_files(
    repo: Repo, paths: tuple[str, ...]
) -> None:
    mixed_changes(repo)
    before, content, status = pointers(repo), files(repo.path), repo.status()
    repo.commit("work", *paths)
    after = pointers(repo)
    assert before != after
    undo(repo)
    assert pointers(repo) == before
    assert files(repo.path) == content
    assert repo.status() == status
    redo(repo)
    assert pointers(repo) == after
    assert files(repo.path) == content
    sound(repo)


@pytest.mark.promise("undo.restores-pointers-and-index")
def test_undo_of_a_commit_of_everything_unstages_what_was_not_staged(repo: Repo) -> None:
    repo.write("new", "n\n")
    repo.write("src/app.py", "x = 2\n")
    (repo.path / "README.md").unlink()
    before, content, status = pointers(repo), files(repo.path), repo.status()
    repo.commit("all")
    assert repo.status() == ""
    undo(repo)
    assert (pointers(repo), files(repo.path), repo.status()) == (before, content, status)
    redo(repo)
    assert repo.status() == ""
    assert files(repo.path) == content
    sound(repo)


@pytest.mark.promise("undo.restores-pointers-and-index")
def test_undo_of_the_first_commit_leaves_an_unborn_stream(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(empty=True)
    repo.write("a", "a\n")
    repo.write("b", "b\n")
    repo.git("add", "a")
    before, content = pointers(repo), files(repo.path)
    made = repo.commit("first", "a", "b")
    undo(repo)
    assert pointers(repo) == before
    assert files(repo.path) == content
    assert redo(repo).moves[-1].new == made.git_commit
    assert repo.head() == made.git_commit
    sound(repo)


@pytest.mark.promise("undo.restores-pointers-and-index")
def test_undo_of_an_amend_brings_the_old_commit_back(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("old")
    repo.write("src/app.py", "x = 3\n")
    repo.write("new", "n\n")
    before, status = pointers(repo), repo.status()
    amended = repo.commit("better", "src/app.py", "new", amend=True).git_commit
    undo(repo)
    assert (pointers(repo), repo.status()) == (before, status)
    assert repo.read("src/app.py") == b"x = 3\n"
    collect_garbage(repo)
    redo(repo)
    assert repo.head() == amended
    assert repo.status() == ""
    sound(repo)


def test_undo_of_the_conclusion_of_a_merge_leaves_what_was_merged_staged(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "side")
    repo.write("side", "s\n")
    repo.git_commit("side")
    repo.git("switch", "--quiet", "main")
    repo.write("main", "m\n")
    repo.git_commit("main")
    repo.git("merge", "--quiet", "--no-commit", "side")
    before, content = pointers(repo), files(repo.path)
    merged = repo.commit("merge")
    assert len(merged.parents) == 2
    undo(repo)
    assert pointers(repo) == before
    assert files(repo.path) == content
    redo(repo)
    assert repo.head() == merged.git_commit
    sound(repo)


@pytest.mark.promise("undo.restores-pointers-and-index")
def test_undo_on_a_detached_head_moves_only_that_head(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--detach")
    repo.write("src/app.py", "x = 2\n")
    before, content = pointers(repo), files(repo.path)
    made = repo.commit("detached")
    undo(repo)
    assert (pointers(repo), files(repo.path)) == (before, content)
    collect_garbage(repo)
    redo(repo)
    assert repo.head() == made.git_commit
    assert repo.git("branch", "--show-current") == ""
    sound(repo)


def test_what_was_staged_since_the_commit_stays_staged(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.write("README.md", "changed\n")
    repo.commit("work")
    repo.write("src/app.py", "x = 3\n")
    repo.write("since", "s\n")
    repo.git("add", "src/app.py", "since")
    undo(repo)
    assert repo.git("show", ":src/app.py") == "x = 3"
    assert repo.git("show", ":since") == "s"
    assert repo.git("show", ":README.md") == "hello"
    assert repo.read("README.md") == b"changed\n"
    redo(repo)
    assert repo.git("show", ":src/app.py") == "x = 3"
    assert repo.git("show", ":README.md") == "changed"
    sound(repo)


@pytest.mark.promise("undo.sequences")
def test_undo_and_redo_walk_back_and_forth_over_every_state(repo: Repo) -> None:
    states = [pointers(repo)]
    for number in range(4):
        repo.write("src/app.py", f"x = {number + 10}\n")
        repo.commit(f"number {number}")
        states.append(pointers(repo))
    content = files(repo.path)
    for state in reversed(states[:-1]):
        undo(repo)
        assert pointers(repo)[:2] == state[:2]
        collect_garbage(repo)
    with pytest.raises(UndoRefusedError, match="nothing of human:ada"):
        undo(repo)
    for state in states[1:]:
        redo(repo)
        assert pointers(repo) == state
    with pytest.raises(UndoRefusedError, match="taken nothing back"):
        redo(repo)
    undo(repo)
    undo(repo)
    redo(repo)
    undo(repo)
    assert pointers(repo)[:2] == states[2][:2]
    assert files(repo.path) == content
    sound(repo)


@pytest.mark.promise("undo.sequences")
def test_something_new_after_an_undo_ends_the_way_forward(repo: Repo) -> None:
    first = repo.head()
    repo.write("src/app.py", "x = 2\n")
    gone = repo.commit("gone").git_commit
    undo(repo)
    repo.write("src/app.py", "x = 3\n")
    repo.commit("instead")
    with pytest.raises(UndoRefusedError):
        redo(repo)
    undo(repo)
    assert repo.head() == first
    collect_garbage(repo)
    assert repo.git("cat-file", "-t", gone) == "commit"


@pytest.mark.promise("undo.sequences")
def test_something_new_elsewhere_ends_the_way_forward_too(repo: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("mine", "a")
    undo(repo)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="other"))
    with pytest.raises(UndoRefusedError, match="taken nothing back"):
        redo(repo)


@pytest.mark.promise("undo.only-ones-own")
def test_each_actor_takes_back_its_own_last_operation(repo: Repo) -> None:
    repo.git("branch", "keep")
    repo.write("a", "a\n")
    ours = repo.commit("by ada", "a")
    repo.write("b", "b\n")
    theirs = repo.commit("by foo", "b", metadata=by("foo"))
    before = repo.snapshot()
    with pytest.raises(UndoRefusedError) as refused:
        undo(repo)
    assert "agent:foo (committed, " in refused.value.message
    assert refused.value.way_out.endswith(f"ai-vcs revert {ours.git_commit[:10]}")
    assert repo.snapshot() == before
    with pytest.raises(UndoRefusedError, match="nothing of agent:bar"):
        undo(repo, "bar")
    taken = undo(repo, "foo")
    assert taken.target is not None
    assert taken.target.operation_id == theirs.operation_id
    assert taken.target.actor == "agent:foo"
    undo(repo)
    assert repo.git("log", "--format=%s") == "first"
    sound(repo)


@pytest.mark.promise("undo.only-ones-own")
def test_who_moved_the_stream_meanwhile_is_only_who_moved_it_from_there(repo: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("mine", "a")
    undo(repo)
    redo(repo)
    repo.git("commit", "--quiet", "--allow-empty", "-m", "plain")
    with pytest.raises(UndoRefusedError) as refused:
        undo(repo)
    assert "system:git (plain git committed, " in refused.value.message
    assert "human:ada" not in refused.value.message


@pytest.mark.promise("undo.only-ones-own")
def test_a_plain_commit_since_refuses_undo_and_redo_and_changes_nothing(repo: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("mine", "a")
    undo(repo)
    repo.write("b", "b\n")
    repo.git("add", "b")
    repo.git("commit", "--quiet", "-m", "plain")
    before = repo.snapshot()
    with pytest.raises(UndoRefusedError) as refused:
        redo(repo)
    assert "system:git (plain git committed, " in refused.value.message
    assert repo.snapshot() == before


@pytest.mark.promise("undo.only-this-worktree")
def test_undo_takes_back_what_was_done_in_this_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    made: dict[str, list[str]] = {"main": [repo.head()], "side": [side.head()]}
    for number in range(3):
        for each, name in ((repo, "main"), (side, "side")):
            each.write("src/app.py", f"x = {name} {number}\n")
            made[name].append(each.commit(f"{name} {number}").git_commit)
    content = files(repo.path), files(side.path)
    for number in (2, 1, 0):
        undo(repo)
        assert repo.head() == made["main"][number]
        assert side.head() == made["side"][3]
    with pytest.raises(UndoRefusedError):
        undo(repo)
    undo(side)
    assert (repo.head(), side.head()) == (made["main"][0], made["side"][2])
    for number in (1, 2, 3):
        redo(repo)
        assert repo.head() == made["main"][number]
    redo(side)
    assert side.head() == made["side"][3]
    assert (files(repo.path), files(side.path)) == content
    sound(repo)
    side.close()


@pytest.mark.promise("undo.pushed-is-refused")
def test_a_pushed_commit_is_not_taken_back(repo: Repo, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    repo.git("init", "--quiet", "--bare", str(remote))
    repo.git("remote", "add", "origin", str(remote))
    repo.write("a", "a\n")
    made = repo.commit("pushed")
    repo.git("push", "--quiet", "origin", "main")
    before = repo.snapshot()
    for dry_run in (True, False):
        with pytest.raises(UndoRefusedError) as refused:
            undo(repo, dry_run=dry_run)
        assert "origin/main" in refused.value.message
        assert refused.value.way_out.endswith(f"ai-vcs revert {made.git_commit[:10]}")
    assert repo.snapshot() == before
    repo.write("a", "aa\n")
    repo.commit("not pushed")
    undo(repo)
    assert repo.head() == made.git_commit


@pytest.mark.promise("undo.says-before-and-after")
def test_a_dry_run_says_the_same_as_the_undo_and_changes_nothing(repo: Repo) -> None:
    repo.write("a", "a\n")
    made = repo.commit("mine", "a")
    before, operations = repo.snapshot(), len(log(repo).operations)
    said = undo(repo, dry_run=True)
    assert repo.snapshot() == before
    assert len(log(repo).operations) == operations
    assert said.operation_id is None
    assert said.target is not None
    assert (said.target.operation_id, said.reversibility) == (made.operation_id, "reversible")
    done = undo(repo)
    assert done.operation_id == newest(repo)
    assert (done.moves, done.paths, done.left, done.target) == (said.moves, said.paths, said.left, said.target)
    again = redo(repo, dry_run=True)
    assert redo(repo).moves == again.moves


def test_undo_of_a_checkpoint_takes_the_name_away_and_redo_gives_it_back(repo: Repo) -> None:
    call(repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="good"))
    undo(repo)
    assert call(repo.caller(), wire.CHECKPOINT_LIST, wire.CheckpointListParams()).checkpoints == ()
    redo(repo)
    (found,) = call(repo.caller(), wire.CHECKPOINT_LIST, wire.CheckpointListParams()).checkpoints
    assert (found.name, found.actor) == ("good", "human:ada@example.org")


def test_an_undo_goes_through_the_reference_transaction_hook(repo: Repo) -> None:
    hook = repo.write(".git/hooks/reference-transaction", f'#!/bin/sh\ncat >> "{repo.path}/seen"\n')
    hook.chmod(0o755)
    repo.write("a", "a\n")
    before = repo.head()
    made = repo.commit("mine", "a").git_commit
    (repo.path / "seen").unlink()
    undo(repo)
    assert f"{made} {before} refs/heads/main" in (repo.path / "seen").read_text()
    assert repo.head() == before


def test_the_reflog_of_an_undo_names_its_operation(repo: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("mine", "a")
    done = undo(repo)
    assert repo.git("reflog", "-1", "--format=%gs", "main").startswith(f"anvcs {done.operation_id}")
    assert repo.git("reflog", "-1", "--format=%gs", "HEAD").startswith(f"anvcs {done.operation_id}")


def test_undo_where_anvcs_is_not_set_up_is_refused(make_repo: Callable[..., Repo]) -> None:
    with pytest.raises(NotInitializedError):
        undo(make_repo(init=False))


@pytest.mark.promise("undo.records-who-and-why")
def test_an_undo_says_who_did_it_why_and_what_caused_it(repo: Repo) -> None:
    repo.write("a", "a\n")
    made = repo.commit("mine", "a", metadata=by("foo"))
    params = wire.UndoParams(agent="foo", prompt="That was wrong.", confidence=2500, causes=(newest(repo),))
    done = call(repo.caller(), wire.UNDO, params)
    shown = call(repo.caller(), wire.OP_SHOW, wire.OpShowParams(operation="@"))
    assert shown.operation.operation_id == done.operation_id
    assert shown.operation.actor == "agent:foo"
    assert (shown.confidence, shown.prompt) == (2500, "That was wrong.")
    assert made.operation_id in shown.causes
    assert shown.operation.details["undoes"] == made.operation_id
    assert shown.signature == "known"
    assert shown.operation.tier == "green"


@pytest.mark.promise("undo.files-follow-where-unchanged")
def test_undo_of_a_switch_brings_files_back_that_nobody_changed(repo: Repo) -> None:
    repo.write("same", "main\n")
    repo.write("changed", "main\n")
    repo.commit("on main")
    state = pointers(repo), files(repo.path)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="login", switch=True))
    for name in ("same", "changed", "new", "new and changed"):
        repo.write(name, "login\n")
    repo.commit("on login")
    call(repo.caller(), wire.STREAM_SWITCH, wire.StreamSwitchParams(name="main"))
    assert (pointers(repo)[1:], files(repo.path)) == (state[0][1:], state[1])
    repo.write("untracked", "u\n")
    undo(repo)
    assert repo.git("branch", "--show-current") == "login"
    assert repo.read("new") == repo.read("same") == b"login\n"
    repo.write("changed", "mine\n")
    repo.write("new and changed", "mine\n")
    said = redo(repo)
    assert {each.path: each.reason for each in said.left} == {
        "changed": "has changes",
        "new and changed": "has changes",
    }
    assert repo.read("changed") == repo.read("new and changed") == b"mine\n"
    assert repo.read("same") == b"main\n"
    assert not (repo.path / "new").exists()
    assert repo.read("untracked") == b"u\n"
    assert repo.status() == ' M changed\n?? "new and changed"\n?? untracked'
    sound(repo)


@pytest.mark.promise("undo.files-follow-where-unchanged")
def test_undo_of_a_pull_brings_stream_index_and_files_back(
    make_repo: Callable[..., Repo], tmp_path: Path, env: dict[str, str]
) -> None:
    theirs = make_repo("theirs")
    ours = Repo(tmp_path / "ours", env, theirs.config_home)
    theirs.git("clone", "--quiet", str(theirs.path), str(ours.path))
    ours.init()
    theirs.write("src/app.py", "x = 2\n")
    theirs.write("new", "n\n")
    theirs.git_commit("more")
    before, content = pointers(ours), files(ours.path)
    call(ours.caller(), wire.PULL, wire.PullParams(remote="origin", stream="main"))
    assert ours.read("new") == b"n\n"
    after = pointers(ours), files(ours.path)
    undo(ours)
    assert (pointers(ours), files(ours.path)) == (before, content)
    assert ours.git("rev-parse", "origin/main") == theirs.head()
    redo(ours)
    assert (pointers(ours), files(ours.path)) == after
    sound(ours)
    ours.close()


def test_streams_that_were_made_renamed_and_deleted_come_and_go(repo: Repo) -> None:
    states = [pointers(repo)]
    steps: list[tuple[wire.Request[Any, Any], wire.Params]] = [
        (wire.STREAM_CREATE, wire.StreamCreateParams(name="one")),
        (wire.STREAM_CREATE, wire.StreamCreateParams(name="two", switch=True)),
        (wire.STREAM_RENAME, wire.StreamRenameParams(old="two", new="three")),
        (wire.STREAM_SWITCH, wire.StreamSwitchParams(name="main", detach=True)),
        (wire.STREAM_DELETE, wire.StreamDeleteParams(name="three")),
    ]
    for request, params in steps:
        call(repo.caller(), request, params)
        states.append(pointers(repo))
    for state in reversed(states[:-1]):
        undo(repo)
        assert pointers(repo) == state
        collect_garbage(repo)
    for state in states[1:]:
        redo(repo)
        assert pointers(repo) == state
    sound(repo)


@pytest.mark.promise("undo.files-follow-where-unchanged")
def test_undo_of_a_restore_gives_back_what_the_files_held_byte_for_byte(repo: Repo) -> None:
    repo.write(".gitattributes", "*.txt text eol=crlf\n")
    repo.write("a.txt", "one\r\n")
    repo.write("run", "#!/bin/sh\n").chmod(0o755)
    repo.commit("base")
    repo.write("a.txt", "mixed\r\nends\nhere\r")
    (repo.path / "run").chmod(0o644)
    (repo.path / "src/app.py").unlink()
    (repo.path / "README.md").unlink()
    (repo.path / "README.md").symlink_to("a.txt")
    repo.write("untracked", "u\n")
    before, content = repo.snapshot(), files(repo.path)
    done = call(repo.caller(), wire.RESTORE, wire.RestoreParams(paths=(".",)))
    assert done.paths == ("README.md", "a.txt", "run", "src/app.py")
    assert repo.status() == "?? untracked"
    assert repo.read("a.txt") == b"one\r\n"
    collect_garbage(repo)
    undo(repo)
    assert (repo.snapshot(), files(repo.path)) == (before, content)
    redo(repo)
    assert repo.status() == "?? untracked"
    repo.write("a.txt", "newer\r\n")
    left = undo(repo).left
    assert [(each.path, each.reason) for each in left] == [("a.txt", "has changed since")]
    assert repo.read("a.txt") == b"newer\r\n"
    assert not (repo.path / "src/app.py").exists()
    sound(repo)
