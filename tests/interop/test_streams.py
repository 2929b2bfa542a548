"""Streams: made, switched, renamed and deleted as git does it, and never over anybody's work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import (
    AnvcsError,
    CommitError,
    OperationInProgressError,
    StreamError,
    UnknownCommitError,
    UsageError,
    WouldLoseWorkError,
)
from tests.conftest import Repo

MakeRepo = Callable[..., Repo]


def create(repo: Repo, name: str, start: str = "HEAD", *, switch: bool = False) -> wire.StreamResult:
    return call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name=name, start=start, switch=switch))


def switch(repo: Repo, name: str, *, detach: bool = False, caller: Caller | None = None) -> wire.StreamResult:
    return call(caller or repo.caller(), wire.STREAM_SWITCH, wire.StreamSwitchParams(name=name, detach=detach))


def delete(repo: Repo, name: str, *, force: bool = False) -> wire.StreamResult:
    return call(repo.caller(), wire.STREAM_DELETE, wire.StreamDeleteParams(name=name, force=force))


def rename(repo: Repo, old: str, new: str) -> wire.StreamResult:
    return call(repo.caller(), wire.STREAM_RENAME, wire.StreamRenameParams(old=old, new=new))


def undo(repo: Repo) -> wire.MoveResult:
    return call(repo.caller(), wire.UNDO, wire.UndoParams())


def streams(repo: Repo) -> dict[str, wire.Stream]:
    found = call(repo.caller(), wire.STREAM_LIST, wire.StreamListParams())
    return {stream.name: stream for stream in found.streams}


def two(repo: Repo) -> None:
    """A stream ``topic`` that changes a file, adds one and removes one, and ``main`` checked out."""
    create(repo, "topic", switch=True)
    repo.write("src/app.py", "x = 2\n")
    repo.write("deep/new", "n\n")
    (repo.path / "README.md").unlink()
    repo.commit("on topic")
    switch(repo, "main")


def refused(repo: Repo, error: type[AnvcsError], act: Callable[[], object]) -> str:
    before = repo.snapshot()
    with pytest.raises(error) as raised:
        act()
    assert repo.snapshot() == before
    return str(raised.value)


@pytest.mark.promise("streams.switch")
def test_a_switch_brings_files_index_and_head_as_git_does(repo: Repo) -> None:
    two(repo)
    assert repo.git("branch", "--show-current") == "main"
    assert repo.status() == ""
    assert repo.read("src/app.py") == b"x = 1\n"
    assert not (repo.path / "deep").exists()
    result = switch(repo, "topic")
    assert result.paths == ("README.md", "deep/new", "src/app.py")
    assert repo.git("branch", "--show-current") == "topic"
    assert repo.status() == ""
    assert repo.read("deep/new") == b"n\n"
    assert not (repo.path / "README.md").exists()
    repo.git("checkout", "--quiet", "-")
    assert repo.git("branch", "--show-current") == "main"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("streams.switch-loses-nothing")
@pytest.mark.parametrize("case", ["changed", "staged", "untracked", "ignored", "in a folder's place", "removed there"])
def test_a_switch_that_would_lose_work_fails_before_touching_anything(repo: Repo, case: str) -> None:
    two(repo)
    name = "src/app.py"
    if case == "changed":
        repo.write("src/app.py", "mine\n")
    elif case == "staged":
        repo.write("src/app.py", "mine\n")
        repo.git("add", "src/app.py")
        repo.write("src/app.py", "x = 1\n")
    elif case == "untracked":
        name = "deep/new"
        repo.write("deep/new", "mine\n")
    elif case == "ignored":
        name = "deep/new"
        (repo.path / ".git/info/exclude").write_text("/deep/\n/.ai/\n")
        repo.write("deep/new", "mine\n")
    elif case == "in a folder's place":
        name = "deep/new"
        repo.write("deep", "a file of mine\n")
    else:
        name = "README.md"
        repo.write("README.md", "mine\n")
    assert name in refused(repo, WouldLoseWorkError, lambda: switch(repo, "topic"))
    if case in ("untracked", "ignored"):
        assert repo.read("deep/new") == b"mine\n"


def test_changes_to_other_files_come_along(repo: Repo) -> None:
    repo.write("other", "1\n")
    repo.commit("other")
    two(repo)
    repo.write("other", "mine\n")
    repo.write("untracked", "u\n")
    repo.write("staged", "s\n")
    repo.git("add", "staged")
    switch(repo, "topic")
    assert repo.status() == " M other\nA  staged\n?? untracked"
    assert repo.read("other") == b"mine\n"


def test_a_file_that_was_only_touched_is_in_nobodys_way(repo: Repo) -> None:
    two(repo)
    os.utime(repo.path / "src/app.py", (1, 1))
    switch(repo, "topic")
    os.utime(repo.path / "src/app.py", (1, 1))
    undo(repo)
    assert repo.read("src/app.py") == repo.git_bytes("cat-file", "blob", "main:src/app.py")
    assert repo.status() == ""


def test_a_switch_is_undone_with_its_files_but_for_those_that_changed_since(repo: Repo) -> None:
    two(repo)
    before = repo.snapshot()
    switch(repo, "topic")
    undo(repo)
    assert repo.snapshot() == before
    switch(repo, "topic")
    repo.write("src/app.py", "mine\n")
    result = undo(repo)
    assert [(left.path, left.reason) for left in result.left] == [("src/app.py", "has changes")]
    assert repo.git("branch", "--show-current") == "main"
    assert repo.read("src/app.py") == b"mine\n"
    assert repo.status() == " M src/app.py"


def test_a_commit_can_be_stood_on_without_a_stream(repo: Repo) -> None:
    first = repo.head()
    two(repo)
    switch(repo, "topic")
    switch(repo, first, detach=True)
    assert (repo.path / ".git/HEAD").read_text().strip() == first
    assert repo.status() == ""
    switch(repo, "topic")
    assert repo.git("branch", "--show-current") == "topic"


@pytest.mark.promise("streams.other-worktrees")
def test_a_stream_of_another_worktree_is_neither_switched_to_nor_moved_nor_removed(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    for act in (
        lambda: switch(repo, "side"),
        lambda: delete(repo, "side", force=True),
        lambda: rename(repo, "side", "other"),
    ):
        assert "side is checked out in" in refused(repo, StreamError, act)
    # One that is being rebased there is held as well, although HEAD is detached.
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    side.write("f", "1\n")
    side.git_commit("one")
    side.git("-c", "sequence.editor=sed -i -e s/^pick/edit/", "rebase", "--quiet", "-i", "HEAD^")
    refused(repo, StreamError, lambda: delete(repo, "side", force=True))
    side.close()


def test_git_in_the_middle_of_something_is_not_switched_away_from(repo: Repo) -> None:
    two(repo)
    repo.write("src/app.py", "x = 3\n")
    repo.commit("main too")
    repo.git_fails("merge", "topic")
    with pytest.raises(OperationInProgressError):
        switch(repo, "topic")


def test_streams_are_listed_with_where_they_are_and_how_far(repo: Repo, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    repo.git("init", "--quiet", "--bare", str(remote))
    repo.git("remote", "add", "origin", str(remote))
    repo.git("push", "--quiet", "-u", "origin", "main")
    create(repo, "topic")
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    repo.write("src/app.py", "x = 2\n")
    repo.commit("ahead")
    found = streams(repo)
    assert found["main"].current
    assert (found["main"].upstream, found["main"].ahead, found["main"].behind) == ("origin/main", 1, 0)
    assert (found["topic"].current, found["topic"].upstream, found["topic"].worktree) == (False, None, None)
    assert found["side"].worktree == str(tmp_path / "side")
    assert found["main"].subject == "ahead"


def test_streams_are_listed_as_they_were(repo: Repo) -> None:
    then = call(repo.caller(), wire.OP_LOG, wire.OpLogParams(limit=1)).operations[0].operation_id
    first = repo.head()
    create(repo, "topic")
    repo.write("src/app.py", "x = 2\n")
    repo.commit("later")
    found = call(repo.caller(), wire.STREAM_LIST, wire.StreamListParams(at_op=then)).streams
    assert [(stream.name, stream.git_commit, stream.current) for stream in found] == [("main", first, True)]


def test_a_stream_begins_at_any_commit_and_follows_a_remote_stream_it_begins_at(repo: Repo, tmp_path: Path) -> None:
    first = repo.head()
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("two")
    assert create(repo, "old", "HEAD^").git_commit == first
    assert create(repo, "by-id", made.commit_id[:20]).git_commit == made.git_commit
    assert create(repo, "by-stream", "old").git_commit == first
    repo.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repo.git("push", "--quiet", "origin", "main:shared")
    create(repo, "shared", "origin/shared")
    assert repo.git("rev-parse", "--abbrev-ref", "shared@{upstream}") == "origin/shared"


@pytest.mark.parametrize("name", ["", "a b", "-x", "a..b", "HEAD", "x.lock", "@{-1}", "a/", "~x"])
def test_a_name_that_git_would_not_take_is_refused(repo: Repo, name: str) -> None:
    refused(repo, UsageError, lambda: create(repo, name))


def test_names_that_are_taken_or_in_each_others_way_are_refused(repo: Repo) -> None:
    create(repo, "a/b")
    assert "already" in refused(repo, StreamError, lambda: create(repo, "a/b"))
    assert "folder" in refused(repo, StreamError, lambda: create(repo, "a"))
    assert "folder" in refused(repo, StreamError, lambda: create(repo, "a/b/c"))
    assert "step" in refused(repo, StreamError, lambda: rename(repo, "a/b", "a"))
    refused(repo, UnknownCommitError, lambda: create(repo, "c", "nowhere"))
    refused(repo, StreamError, lambda: switch(repo, "nowhere"))


def test_an_empty_repository_has_nothing_to_begin_a_stream_at(make_repo: MakeRepo) -> None:
    empty = make_repo("empty", empty=True)
    with pytest.raises(CommitError, match="first commit"):
        create(empty, "topic")


@pytest.mark.promise("streams.delete-keeps-commits")
def test_a_deleted_stream_comes_back_even_after_git_collected_its_garbage(repo: Repo) -> None:
    two(repo)
    tip = repo.git("rev-parse", "topic")
    repo.git("config", "branch.topic.description", "about it")
    assert "no other stream" in refused(repo, StreamError, lambda: delete(repo, "topic"))
    assert "checked out here" in refused(repo, StreamError, lambda: delete(repo, "main", force=True))
    delete(repo, "topic", force=True)
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    undo(repo)
    assert repo.git("rev-parse", "topic") == tip
    assert repo.git("config", "branch.topic.description") == "about it"
    create(repo, "merged", "main")
    delete(repo, "merged")
    assert "merged" not in streams(repo)


def test_a_renamed_stream_keeps_its_log_its_settings_and_its_worktree(repo: Repo) -> None:
    repo.git("config", "branch.main.description", "about it")
    tip = repo.head()
    rename(repo, "main", "trunk")
    assert repo.git("branch", "--show-current") == "trunk"
    assert repo.head() == tip
    assert repo.git("config", "branch.trunk.description") == "about it"
    log = repo.git("reflog", "show", "--format=%gs", "trunk").splitlines()
    assert log[-1] == "commit (initial): first"
    assert "renamed refs/heads/main to refs/heads/trunk" in log[0]
    undo(repo)
    assert repo.git("branch", "--show-current") == "main"
    assert repo.git("config", "branch.main.description") == "about it"
    assert repo.status() == ""


class Following:
    """What rooms or artifacts will be: asked before, told after."""

    def __init__(self, *, refuses: bool = False, fails: bool = False) -> None:
        self.refuses = refuses
        self.fails = fails
        self.followed: list[tuple[str | None, str | None]] = []

    def check(self, workspace: object, old: str | None, new: str | None) -> None:
        """Refuse where following would lose work."""
        del workspace, old, new
        if self.refuses:
            raise WouldLoseWorkError("A room has unsaved text.", "Save it.")

    def follow(self, workspace: object, old: str | None, new: str | None) -> list[str]:
        """Follow the switch."""
        del workspace
        self.followed.append((old, new))
        if self.fails:
            raise StreamError("A room could not follow.", "Open it again.")
        return ["A room followed."]


@pytest.mark.promise("streams.followers")
def test_rooms_and_artifacts_are_asked_before_anything_is_touched_and_follow_after(repo: Repo) -> None:
    two(repo)
    caller = repo.caller()
    first, second = Following(), Following(refuses=True)
    caller.workspace(None).followers += [first, second]
    refused(repo, WouldLoseWorkError, lambda: switch(repo, "topic", caller=caller))
    assert first.followed == []
    second.refuses, second.fails = False, True
    old, new = repo.head(), repo.git("rev-parse", "topic")
    result = switch(repo, "topic", caller=caller)
    assert first.followed == second.followed == [(old, new)]
    assert result.notices == ("A room followed.", "A room could not follow. Open it again.")
    assert repo.head() == new
    call(caller, wire.UNDO, wire.UndoParams())
    assert first.followed[-1] == (new, old)


def test_the_post_checkout_hook_hears_of_a_switch(repo: Repo) -> None:
    two(repo)
    hook = repo.path / ".git/hooks/post-checkout"
    hook.write_text('#!/bin/sh\necho "$1 $2 $3" > "$(git rev-parse --git-dir)/told"\necho said\nexit 1\n')
    hook.chmod(0o755)
    old, new = repo.head(), repo.git("rev-parse", "topic")
    assert switch(repo, "topic").hook_output == "said\n"
    assert (repo.path / ".git/told").read_text() == f"{old} {new} 1\n"


def test_filters_line_endings_and_modes_are_gits_own(repo: Repo) -> None:
    repo.git("config", "filter.rot.clean", "tr a-y b-z")
    repo.git("config", "filter.rot.smudge", "tr b-z a-y")
    create(repo, "topic", switch=True)
    repo.write(".gitattributes", "*.rot filter=rot\n*.crlf text eol=crlf\n")
    repo.write("secret.rot", "abc\n")
    repo.write("win.crlf", "a\r\nb\r\n")
    repo.write("tool", "#!/bin/sh\n").chmod(0o755)
    (repo.path / "link").symlink_to("tool")
    repo.commit("special")
    switch(repo, "main")
    assert not (repo.path / "link").is_symlink()
    switch(repo, "topic")
    assert repo.read("secret.rot") == b"abc\n"
    assert repo.read("win.crlf") == b"a\r\nb\r\n"
    assert (repo.path / "tool").stat().st_mode & 0o111
    assert (repo.path / "link").readlink() == Path("tool")
    assert repo.status() == ""
