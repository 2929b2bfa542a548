"""Proposing a merge, and landing it at once: against what git's own merge gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import MergeError, StreamError, UnknownCommitError, UsageError
from tests.conftest import Repo
from tests.merging import apart, codes, conflicting, listed, merge, proposed


def git_merged(repo: Repo, *args: str) -> tuple[str, str]:
    """The tree and the message of git's own merge, which is taken back again."""
    head = repo.head()
    repo.git("merge", "--quiet", "--no-edit", *args)
    found = repo.git("rev-parse", "HEAD^{tree}"), repo.git("log", "-1", "--format=%B")
    repo.git("reset", "--quiet", "--hard", head)
    return found


@pytest.mark.promise("proposals.moves-nothing")
def test_a_merge_is_proposed_and_moves_nothing(repo: Repo) -> None:
    apart(repo)
    before = repo.snapshot()
    it = proposed(repo)
    assert repo.snapshot() == before
    assert (it.status, it.clean, it.safe, it.target, it.revision) == ("ready", True, True, "main", 1)
    assert [(each.name, each.git_commit) for each in it.sources] == [("login", repo.git("rev-parse", "login"))]
    assert it.target_commit == repo.head()
    assert it.bases == (repo.git("merge-base", "main", "login"),)
    assert it.tree == git_merged(repo, "login")[0]


@pytest.mark.promise("proposals.as-git")
def test_auto_lands_what_git_would_have_made(repo: Repo) -> None:
    apart(repo)
    tree, message = git_merged(repo, "login")
    ours, theirs = repo.head(), repo.git("rev-parse", "login")
    result = merge(repo, auto=True)
    assert result.outcome == "accepted"
    assert repo.git("rev-parse", "HEAD^{tree}") == tree
    assert repo.git("log", "-1", "--format=%P") == f"{ours} {theirs}"
    assert repo.git("log", "-1", "--format=%s") == message.splitlines()[0] == "Merge branch 'login'"
    assert repo.status() == ""
    assert repo.read("theirs") == b"t\n"
    assert repo.show().metadata_state == "full"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("proposals.auto")
def test_what_is_in_conflict_stays_a_proposal_that_names_it(repo: Repo) -> None:
    conflicting(repo)
    before = repo.snapshot()
    result = merge(repo, auto=True)
    it = result.proposal
    assert result.outcome == "proposed"
    assert it is not None
    assert repo.snapshot() == before
    assert (it.status, it.clean, it.conflicts, codes(it)) == ("blocked", False, 1, ["conflict"])
    (file,) = [each for each in it.files if each.open]
    assert (file.path, file.how, file.kind) == ("f", "conflict", "content")
    assert [(each.number, each.left, each.right) for each in file.conflicts] == [
        (1, "two ours\n", "two theirs\n"),
        (2, "nine ours\n", "nine theirs\n"),
    ]
    assert it.next[0].startswith(f"ai-vcs proposal resolve {it.proposal_id[3:11]} f --take")


def test_a_target_that_has_it_all_is_told_so(repo: Repo) -> None:
    apart(repo)
    repo.git("merge", "--quiet", "--no-edit", "login")
    result = merge(repo)
    assert (result.outcome, result.proposal) == ("up-to-date", None)
    assert listed(repo, everything=True) == ()


def test_a_stream_that_only_went_on_moves_the_target_on(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "login")
    repo.write("new", "n\n")
    tip = repo.git_commit("new")
    repo.git("switch", "--quiet", "main")
    it = proposed(repo)
    assert (it.fast_forward, it.status) == (True, "ready")
    assert repo.git("rev-parse", "main") != tip
    result = merge(repo, auto=True)
    assert result.outcome == "accepted"
    assert repo.head() == tip
    assert repo.read("new") == b"n\n"
    assert repo.status() == ""


@pytest.mark.parametrize("how", ["option", "setting", "stream's setting"])
def test_a_merge_commit_is_made_where_it_is_asked_for(repo: Repo, how: str) -> None:
    repo.git("switch", "--quiet", "-c", "login")
    repo.write("new", "n\n")
    tip = repo.git_commit("new")
    repo.git("switch", "--quiet", "main")
    ours = repo.head()
    if how == "setting":
        repo.git("config", "merge.ff", "false")
    elif how == "stream's setting":
        repo.git("config", "branch.main.mergeOptions", "--no-ff")
    merge(repo, auto=True, no_ff=how == "option")
    assert repo.git("log", "-1", "--format=%P") == f"{ours} {tip}"
    assert repo.git("rev-parse", "HEAD^{tree}") == repo.git("rev-parse", "login^{tree}")


def test_a_setting_that_forbids_merge_commits_is_kept(repo: Repo) -> None:
    apart(repo)
    repo.git("config", "merge.ff", "only")
    with pytest.raises(StreamError, match=r"merge\.ff=only"):
        merge(repo)
    assert merge(repo, no_ff=True).outcome == "proposed"


def test_several_streams_become_one_commit_with_all_parents(repo: Repo) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "-c", "search", "HEAD~1")
    repo.write("search", "s\n")
    repo.git_commit("search")
    repo.git("switch", "--quiet", "main")
    tree, message = git_merged(repo, "login", "search")
    merge(repo, "login", "search", auto=True)
    parents = repo.git("log", "-1", "--format=%P").split()
    assert parents[1:] == [repo.git("rev-parse", "login"), repo.git("rev-parse", "search")]
    assert repo.git("rev-parse", "HEAD^{tree}") == tree
    assert repo.git("log", "-1", "--format=%s") == message.splitlines()[0]


def test_several_streams_in_conflict_are_merged_one_at_a_time(repo: Repo) -> None:
    conflicting(repo)
    repo.git("branch", "search", "HEAD~1")
    repo.git("switch", "--quiet", "search")
    repo.write("s", "s\n")
    repo.git_commit("search")
    repo.git("switch", "--quiet", "main")
    with pytest.raises(MergeError, match="one at a time"):
        merge(repo, "login", "search")
    assert listed(repo) == ()


def test_a_stream_that_another_source_has_is_left_out(repo: Repo) -> None:
    apart(repo)
    repo.git("branch", "older", "login~1")
    it = proposed(repo, "older", "login")
    assert [each.name for each in it.sources] == ["login"]


def test_the_target_need_not_be_checked_out(repo: Repo) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "-c", "elsewhere", "HEAD~1")
    before = repo.head()
    ours = repo.git("rev-parse", "main")
    result = merge(repo, into="main", auto=True)
    assert result.outcome == "accepted"
    assert repo.git("log", "-1", "--format=%P", "main") == f"{ours} {repo.git('rev-parse', 'login')}"
    assert repo.git("log", "-1", "--format=%s", "main") == "Merge branch 'login'"
    assert (repo.head(), repo.status()) == (before, "")


def test_a_target_that_another_worktree_has_is_refused_and_the_proposal_stays(repo: Repo, tmp_path: Path) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "-c", "elsewhere", "HEAD~1")
    repo.git("worktree", "add", "--quiet", str(tmp_path / "side"), "main")
    result = merge(repo, into="main", auto=True)
    assert result.outcome == "proposed"
    assert result.refused is not None
    assert result.refused.code == "stream"
    assert str(tmp_path / "side") in result.refused.message
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    assert merge(side, auto=True).outcome == "accepted"
    assert side.read("theirs") == b"t\n"


def test_a_tag_a_commit_and_a_remotes_stream_can_be_merged(repo: Repo) -> None:
    apart(repo)
    tip = repo.git("rev-parse", "login")
    repo.git("tag", "-a", "v1", "-m", "v1", "login")
    repo.git("update-ref", "refs/remotes/origin/login", "login")
    repo.git("branch", "--quiet", "-D", "login")
    for name, message in (
        ("v1", "Merge tag 'v1'"),
        (tip, f"Merge commit '{tip}'"),
        ("origin/login", "Merge remote-tracking branch 'origin/login'"),
    ):
        merge(repo, name, auto=True)
        assert repo.git("log", "-1", "--format=%s") == message
        call(repo.caller(), wire.UNDO, wire.UndoParams())


def test_what_cannot_be_merged_is_said_and_leaves_nothing_behind(repo: Repo) -> None:
    apart(repo)
    with pytest.raises(UsageError, match="into itself"):
        merge(repo, "main")
    with pytest.raises(UnknownCommitError):
        merge(repo, "nowhere")
    with pytest.raises(StreamError, match="no stream nowhere"):
        merge(repo, into="nowhere")
    repo.git("switch", "--quiet", "--orphan", "other")
    repo.write("o", "o\n")
    repo.git_commit("another beginning")
    with pytest.raises(MergeError, match="no commit in common"):
        merge(repo)
    repo.git("switch", "--quiet", "--detach", "main")
    with pytest.raises(StreamError, match="HEAD is detached"):
        merge(repo)
    repo.git("switch", "--quiet", "--orphan", "unborn")
    with pytest.raises(StreamError, match="has no commit yet"):
        merge(repo)
    assert listed(repo, everything=True) == ()


def test_asked_for_again_it_is_the_same_proposal(repo: Repo) -> None:
    apart(repo)
    first = proposed(repo)
    again = proposed(repo, message="Words of our own")
    assert (again.proposal_id, again.tree, again.message) == (first.proposal_id, first.tree, "Words of our own")
    merge(repo, auto=True)
    assert repo.git("log", "-1", "--format=%s") == "Words of our own"


def test_a_stream_that_moved_on_is_merged_as_it_is_now(repo: Repo) -> None:
    apart(repo)
    first = proposed(repo)
    repo.write("more", "m\n")
    repo.git_commit("more")
    again = proposed(repo)
    assert (again.proposal_id, again.revision) == (first.proposal_id, 2)
    assert again.tree != first.tree
