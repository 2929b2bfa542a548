"""Pull and clone, judged by git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.config import load
from anvcs.errors import (
    CancelledError,
    DivergedError,
    RemoteError,
    StreamError,
    UsageError,
    WouldLoseWorkError,
)
from tests.conftest import Repo
from tests.interop.remote_support import (
    SECRET,
    clone,
    mode,
    newest,
    pull,
    push,
    refs,
    stopping,
    work,
)

MakeRepo = Callable[..., Repo]


@pytest.mark.promise("remote.pull-is-safe")
def test_a_pull_moves_stream_index_and_files_forward(one: Repo, two: Repo) -> None:
    one.git("rm", "--quiet", "src/app.py")
    made = work(one, "new/file", prompt=SECRET)
    push(one)
    two.write("unrelated", "mine\n")
    result = pull(two)
    assert (result.outcome, result.new, set(result.files)) == (
        "fast-forward",
        made.git_commit,
        {"new/file", "src/app.py"},
    )
    assert two.read("new/file") == b"x\n"
    assert not (two.path / "src/app.py").exists()
    assert two.status() == "?? unrelated"
    assert newest(two, "pull")["fetched"] == made.git_commit
    assert pull(two).outcome == "up-to-date"


@pytest.mark.promise("remote.pull-is-safe")
@pytest.mark.parametrize("how", ["changed", "staged", "untracked", "ignored"])
def test_a_pull_that_would_touch_work_in_progress_is_refused_first(one: Repo, two: Repo, how: str) -> None:
    work(one, "README.md", "theirs\n")
    work(one, "new", "theirs\n")
    push(one)
    name = "README.md" if how in {"changed", "staged"} else "new"
    two.write(name, "mine\n")
    if how == "staged":
        two.git("add", name)
    if how == "ignored":
        (two.path / ".git/info/exclude").write_text("new\n")
    before = two.snapshot()
    with pytest.raises(WouldLoseWorkError, match=name):
        pull(two)
    assert two.snapshot() == before
    assert two.read(name) == b"mine\n"


def test_a_stream_that_is_not_checked_out_moves_without_files(one: Repo, two: Repo) -> None:
    two.git("switch", "--quiet", "-c", "side")
    made = work(one, "a")
    push(one)
    result = pull(two, "origin", "main")
    assert (result.outcome, two.git("rev-parse", "main")) == ("fast-forward", made.git_commit)
    assert not (two.path / "a").exists()
    assert two.status() == ""


def test_a_stream_in_another_worktree_is_left_to_it(one: Repo, two: Repo) -> None:
    two.git("switch", "--quiet", "-c", "side")
    two.git("worktree", "add", "--quiet", str(two.path.parent / "tree"), "main")
    work(one, "a")
    push(one)
    before = two.git("rev-parse", "main")
    with pytest.raises(StreamError, match="checked out in"):
        pull(two, "origin", "main")
    assert two.git("rev-parse", "main") == before


def test_a_stream_that_is_new_here_is_made_and_follows_the_remotes(one: Repo, two: Repo) -> None:
    one.git("switch", "--quiet", "-c", "feature")
    made = work(one, "a")
    push(one)
    assert pull(two, "origin", "feature").outcome == "created"
    assert two.git("rev-parse", "feature") == made.git_commit
    assert two.git("rev-parse", "--abbrev-ref", "feature@{upstream}") == "origin/feature"


def test_a_pull_of_a_stream_that_the_remote_has_not(two: Repo) -> None:
    with pytest.raises(RemoteError, match="has no stream absent"):
        pull(two, "origin", "absent")


@pytest.mark.promise("remote.pull-merges-or-refuses")
def test_two_sides_that_touch_different_lines_become_a_merge_commit(one: Repo, two: Repo) -> None:
    theirs = work(one, "a")
    push(one)
    mine = work(two, "b")
    two.write("untracked", "stays\n")
    result = pull(two)
    assert result.outcome == "merge"
    assert two.git("show", "--no-patch", "--format=%P", result.new).split() == [mine.git_commit, theirs.git_commit]
    assert (two.read("a"), two.read("b")) == (b"x\n", b"x\n")
    assert two.status() == "?? untracked"
    assert two.show().metadata_state == "full"
    assert two.git("log", "-1", "--format=%s").startswith("Merge branch 'main' of ")
    assert two.git("fsck", "--strict") == ""
    push(two)


@pytest.mark.promise("remote.pull-merges-or-refuses")
def test_a_conflict_is_refused_with_the_files_and_the_way_out(one: Repo, two: Repo) -> None:
    work(one, "README.md", "theirs\n")
    push(one)
    work(two, "README.md", "mine\n")
    before = two.snapshot()
    with pytest.raises(DivergedError, match=r"same lines of README\.md") as refused:
        pull(two)
    assert "git pull --no-rebase origin main" in refused.value.way_out
    assert two.snapshot() == before
    two.git_fails("pull", "--no-rebase", "origin", "main")
    two.write("README.md", "both\n")
    call(two.caller(), wire.ADD, wire.AddParams(paths=("README.md",)))
    two.commit(None)
    push(two)


@pytest.mark.promise("remote.pull-merges-or-refuses")
@pytest.mark.parametrize(
    ("key", "value", "way_out"),
    [
        ("pull.ff", "only", "git rebase origin/main"),
        ("pull.rebase", "true", "git pull --rebase origin main"),
        ("branch.main.rebase", "merges", "git pull --rebase origin main"),
    ],
)
def test_settings_that_want_no_merge_commit_are_kept(one: Repo, two: Repo, key: str, value: str, way_out: str) -> None:
    work(one, "a")
    push(one)
    work(two, "b")
    two.git("config", key, value)
    before = two.snapshot()
    with pytest.raises(DivergedError) as refused:
        pull(two)
    assert way_out in refused.value.way_out
    assert two.snapshot() == before


def test_a_setting_that_always_wants_a_merge_commit_is_kept(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    two.git("config", "pull.ff", "false")
    assert pull(two).outcome == "merge"
    assert len(two.git("show", "--no-patch", "--format=%P", "HEAD").split()) == 2


def test_a_pre_merge_commit_hook_gets_its_merge_from_git(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    work(two, "b")
    hook = two.path / ".git/hooks/pre-merge-commit"
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    with pytest.raises(DivergedError, match="pre-merge-commit"):
        pull(two)


def test_the_post_merge_hook_is_told(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    hook = two.path / ".git/hooks/post-merge"
    hook.write_text('#!/bin/sh\necho "merged $1"\n')
    hook.chmod(0o755)
    assert "merged 0" in pull(two).output


def test_having_more_than_the_remote_is_said(two: Repo) -> None:
    work(two, "a")
    assert pull(two).outcome == "ahead"


# Clone


@pytest.mark.promise("remote.clone")
def test_a_clone_has_the_metadata_and_a_plain_clone_is_plain(one: Repo, hub: Path, tmp_path: Path) -> None:
    mode(one, "full")
    made = work(one, "a", prompt=SECRET)
    push(one)
    result = call(one.caller(tmp_path), wire.CLONE, wire.CloneParams(url=str(hub)))
    copy = Repo(tmp_path / "hub", one.env, one.config_home)
    assert (result.root, result.stream, result.notes) == (str(tmp_path / "hub"), "main", 1)
    shown = copy.show()
    assert shown.metadata is not None
    assert shown.metadata.prompt == SECRET
    assert newest(copy, "clone")["remote"] == "origin"
    assert copy.git("rev-parse", "refs/notes/anvcs") == refs(hub, one.env)["refs/notes/anvcs"]
    copy.close()
    plain = clone(str(hub), one, "plain", init=False)
    assert set(refs(plain.path, one.env)) == {"refs/heads/main", "refs/remotes/origin/main", "refs/remotes/origin/HEAD"}
    assert plain.head() == made.git_commit


@pytest.mark.promise("remote.clone")
@pytest.mark.parametrize("at", ["Cloning", "receiving objects", "Joining notes"])
def test_a_cancelled_clone_leaves_nothing(one: Repo, hub: Path, tmp_path: Path, at: str) -> None:
    for number in range(300):
        one.write(f"many/{number}", f"{number}\n" * number)
    one.git("add", ".")
    one.commit("many")
    push(one)
    with pytest.raises(CancelledError):
        call(stopping(one, at), wire.CLONE, wire.CloneParams(url=f"file://{hub}", path=str(tmp_path / "new/copy")))
    assert not (tmp_path / "new").exists()
    (tmp_path / "there").mkdir()
    with pytest.raises(CancelledError):
        call(stopping(one, at), wire.CLONE, wire.CloneParams(url=f"file://{hub}", path=str(tmp_path / "there")))
    assert list((tmp_path / "there").iterdir()) == []


def test_a_clone_of_nothing_and_into_something_is_refused(one: Repo, hub: Path, tmp_path: Path) -> None:
    caller = one.caller(tmp_path)
    with pytest.raises(RemoteError):
        call(caller, wire.CLONE, wire.CloneParams(url=str(tmp_path / "absent")))
    assert not (tmp_path / "absent").exists()
    with pytest.raises(UsageError, match="not empty"):
        call(caller, wire.CLONE, wire.CloneParams(url=str(hub), path="one"))


def test_an_empty_repository_can_be_cloned_and_pushed_to(one: Repo, hub: Path, tmp_path: Path) -> None:
    result = call(one.caller(tmp_path), wire.CLONE, wire.CloneParams(url=str(hub), path="copy"))
    assert (result.head, result.stream) == (None, "main")
    copy = Repo(tmp_path / "copy", one.env, one.config_home)
    work(copy, "a")
    assert push(copy).stream == "main"
    copy.close()


# What init writes


@pytest.mark.promise("init.push-setting-is-visible")
def test_init_writes_what_leaves_where_the_team_sees_it(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    result = repo.init()
    text = repo.read("ai-vcs.config.yaml").decode()
    assert "\n  push: hashes\n" in text
    assert load(repo.path / "ai-vcs.config.yaml", {}).provenance.push == "hashes"
    assert any("ai-vcs.config.yaml" in each for each in result.changed)
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert repo.read("ai-vcs.config.yaml").decode() == text


def test_init_leaves_a_configuration_that_is_there_alone(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.write("ai-vcs.config.yaml", "agent:\n  name: porter\n")
    result = repo.init()
    assert repo.read("ai-vcs.config.yaml") == b"agent:\n  name: porter\n"
    assert not any("ai-vcs.config.yaml" in each for each in result.changed)
