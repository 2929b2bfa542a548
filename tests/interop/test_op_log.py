"""The operation log as it is read: pages, actors, what plain git did, and the past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import AmbiguousCommitError, UnknownCommitError, UnknownOperationError, UsageError
from tests.conftest import Repo
from tests.interop.operation_support import by, collect_garbage, log, newest, redo, sound, undo


def show_op(repo: Repo, operation: str = "@") -> wire.OperationDetails:
    return call(repo.caller(), wire.OP_SHOW, wire.OpShowParams(operation=operation))


def show(repo: Repo, commit: str, at_op: str | None) -> wire.CommitDetails:
    return call(repo.caller(), wire.SHOW, wire.ShowParams(commit=commit, at_op=at_op))


def graph(repo: Repo, at_op: str | None = None, **fields: object) -> wire.GraphPage:
    return call(repo.caller(), wire.GRAPH, wire.GraphParams(at_op=at_op, **fields))  # pyright: ignore[reportArgumentType] - fields vary


def kinds(page: wire.OpLogPage) -> list[str]:
    return [each.kind for each in page.operations]


@pytest.mark.promise("op-log.everything-by-anyone")
def test_the_log_names_every_operation_with_who_did_it_and_what_moved(repo: Repo) -> None:
    start = repo.head()
    repo.write("a", "a\n")
    made = repo.commit("by foo", metadata=by("foo"))
    repo.write("a", "aa\n")
    plain = repo.git_commit("by git")
    page = log(repo)
    assert kinds(page)[:2] == ["git-commit", "commit"]
    theirs, ours = page.operations[:2]
    assert (theirs.actor, theirs.foreign, theirs.subject) == ("system:git", True, "by git")
    assert (ours.actor, ours.foreign, ours.subject) == ("agent:foo", False, "by foo")
    assert (ours.operation_id, ours.commit_id, ours.change_id) == (made.operation_id, made.commit_id, made.change_id)
    assert ours.moves == (wire.PointerMove(name="refs/heads/main", old=start, new=made.git_commit),)
    assert theirs.moves == (wire.PointerMove(name="refs/heads/main", old=made.git_commit, new=plain),)
    assert ours.paths == ("a",)
    assert ours.worktree == "main-worktree"
    assert (ours.reversibility, theirs.reversibility) == ("reversible", "compensable")


@pytest.mark.promise("op-log.pages")
def test_pages_put_together_are_the_whole_log(repo: Repo) -> None:
    for number in range(5):
        repo.commit(f"{number}", allow_empty=True, metadata=by("foo") if number % 2 else None)
    whole = log(repo, limit=1000)
    assert not whole.more
    for size in (1, 3):
        found: list[wire.Operation] = []
        before = None
        while True:
            page = log(repo, limit=size, before=before)
            found += page.operations
            if not page.more:
                break
            before = page.operations[-1].operation_id
        assert tuple(found) == whole.operations
    assert [each.subject for each in log(repo, actor="foo").operations] == ["3", "1"]
    first = log(repo, actor="agent:foo", limit=1)
    assert first.more
    assert [each.subject for each in log(repo, actor="foo", before=first.operations[0].operation_id).operations] == [
        "1"
    ]
    assert log(repo, actor="nobody").operations == ()


def test_what_is_taken_back_is_marked_until_it_is_done_again(repo: Repo) -> None:
    repo.commit("one", allow_empty=True)
    undo(repo)
    assert [each.undone for each in log(repo, limit=2).operations] == [False, True]
    assert show_op(repo, "@{1}").operation.undone
    redo(repo)
    assert [each.undone for each in log(repo, limit=3).operations] == [False, False, False]
    assert [each.undone for each in log(repo, limit=2, before="@").operations] == [False, False]


@pytest.mark.promise("op-log.names")
def test_operations_go_by_place_id_or_the_start_of_one(repo: Repo) -> None:
    ids = [repo.commit(f"{number}", allow_empty=True).operation_id for number in range(3)]
    assert show_op(repo).operation.operation_id == ids[2]
    assert show_op(repo, "@{0}").operation.operation_id == ids[2]
    assert show_op(repo, "@{2}").operation.operation_id == ids[0]
    assert show_op(repo, ids[1][:15]).operation.operation_id == ids[1]
    assert show_op(repo, ids[1].removeprefix("b3:")).operation.operation_id == ids[1]
    for wrong in ("@{99}", "b3:ffff0000ffff", "main", "@{-1}", ""):
        with pytest.raises(UnknownOperationError):
            show_op(repo, wrong)


def test_an_operation_shows_what_it_was_asked(repo: Repo) -> None:
    repo.write("a", "a\n")
    repo.commit("why\n\nBecause.", "a", metadata=wire.Metadata(prompt="Do it.", agent_id="agent:foo"))
    shown = show_op(repo)
    assert shown.prompt == "Do it."
    assert shown.arguments is not None
    assert shown.arguments["message"] == "why\n\nBecause."
    assert shown.public_key.startswith("ssh-ed25519 ")
    assert shown.undo == "agent:foo can take it back: pointers and index; files stay as they are."
    undo(repo, "foo")
    assert show_op(repo, "@{1}").undo == "It was taken back already."
    assert show_op(repo).operation.details == {"undoes": shown.operation.operation_id}


def test_op_diff_says_where_each_pointer_was_and_is(repo: Repo) -> None:
    start, first = newest(repo), repo.head()
    made = repo.commit("one", allow_empty=True)
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name="login", switch=True))
    assert {
        each.name: (each.old, each.new)
        for each in call(repo.caller(), wire.OP_DIFF, wire.OpDiffParams(operation=start, to="@")).moves
    } == {
        "refs/heads/main": (first, made.git_commit),
        "refs/heads/login": (None, made.git_commit),
        "main-worktree/HEAD": ("ref: refs/heads/main", "ref: refs/heads/login"),
    }
    (one,) = call(repo.caller(), wire.OP_DIFF, wire.OpDiffParams(operation=made.operation_id)).moves
    assert (one.name, one.old, one.new) == ("refs/heads/main", first, made.git_commit)
    assert call(repo.caller(), wire.OP_DIFF, wire.OpDiffParams(operation="@", to="@")).moves == ()


# The past


@pytest.fixture
def past(repo: Repo) -> tuple[Repo, str, dict[str, str]]:
    """A repository, an operation, and what names meant after it; since then everything has moved."""
    repo.write("a", "1\n")
    repo.commit("one")
    repo.git("tag", "-a", "-m", "t", "v1")
    repo.git("branch", "side", "HEAD~1")
    repo.write("a", "2\n")
    change = repo.commit("two").change_id
    at = newest(repo)
    names = (
        "HEAD",
        "@",
        "main",
        "side",
        "v1",
        "refs/heads/main",
        "heads/side",
        "main~1",
        "HEAD^",
        "v1~1",
        "@~2",
        "side^0",
    )
    meant = {name: repo.git("rev-parse", f"{name}^{{commit}}") for name in names}
    meant[change] = repo.head()
    repo.commit("amended", amend=True)
    repo.git("tag", "-d", "v1")
    repo.git("branch", "-D", "side")
    repo.git("switch", "--quiet", "-c", "later")
    repo.write("a", "3\n")
    repo.commit("three")
    repo.git("branch", "-D", "main")
    newest(repo)
    collect_garbage(repo)
    return repo, at, meant


@pytest.mark.promise("op-log.at-op")
def test_names_mean_what_they_meant(past: tuple[Repo, str, dict[str, str]]) -> None:
    repo, at, meant = past
    for name, commit in meant.items():
        assert show(repo, name, at).git_commit == commit, name
        assert show(repo, name, at[:12]).git_commit == commit, name
    commit = meant["main"]
    assert show(repo, commit[:10], at).git_commit == commit
    assert show(repo, show(repo, commit, None).commit_id[:20], at).git_commit == commit
    assert show(repo, "main", at).refs == ("main",)
    for wrong in (
        "later",
        "nothing",
        "main~9",
        "main@{1}",
        "@{1}",
        "HEAD@{yesterday}",
        "main..side",
        "-x",
        ":/one",
        "",
    ):
        with pytest.raises(UnknownCommitError) as refused:
            show(repo, wrong, at)
        assert not isinstance(refused.value, AmbiguousCommitError)
    with pytest.raises(UnknownOperationError):
        show(repo, "main", "@{999}")


@pytest.mark.promise("op-log.at-op")
def test_the_graph_of_the_past_has_its_commits_and_names(past: tuple[Repo, str, dict[str, str]]) -> None:
    repo, at, meant = past
    page = graph(repo, at)
    assert [row.subject for row in page.rows] == ["two", "one", "first"]
    assert [[(ref.name, ref.kind, ref.current) for ref in row.refs] for row in page.rows] == [
        [("main", "stream", True)],
        [("v1", "tag", False)],
        [("side", "stream", False)],
    ]
    assert page.rows[0].git_commit == meant["main"]
    assert [row.subject for row in graph(repo).rows] == ["three", "amended", "one", "first"]
    first = graph(repo, at, limit=2)
    assert first.next_cursor is not None
    rest = graph(repo, at, limit=2, cursor=first.next_cursor)
    assert [row.subject for row in (*first.rows, *rest.rows)] == ["two", "one", "first"]
    with pytest.raises(UsageError):
        graph(repo, None, limit=2, cursor=first.next_cursor)
    assert [row.subject for row in graph(repo, at, path="a").rows] == ["two", "one"]


@pytest.mark.promise("op-log.at-op")
def test_diff_streams_log_and_restore_read_the_past(past: tuple[Repo, str, dict[str, str]]) -> None:
    repo, at, meant = past
    caller = repo.caller()
    assert "-1\n+2\n" in call(caller, wire.DIFF, wire.DiffParams(old="v1", new="main", at_op=at)).patch
    assert "-2\n+3\n" in call(caller, wire.DIFF, wire.DiffParams(old="main", at_op=at)).patch
    with pytest.raises(UsageError):
        call(caller, wire.DIFF, wire.DiffParams(at_op=at))
    streams = call(caller, wire.STREAM_LIST, wire.StreamListParams(at_op=at)).streams
    assert [(each.name, each.git_commit, each.current) for each in streams] == [
        ("main", meant["main"], True),
        ("side", meant["side"], False),
    ]
    page = log(repo, at_op=at)
    assert page.operations[0].operation_id == at
    assert page.operations == log(repo, limit=1000).operations[-len(page.operations) :]
    restored = call(caller, wire.RESTORE, wire.RestoreParams(paths=("a",), source="v1", at_op=at))
    assert restored.paths == ("a",)
    assert repo.read("a") == b"1\n"
    undo(repo)
    assert repo.read("a") == b"3\n"
    sound(repo)


@pytest.mark.promise("op-log.at-op")
def test_stashes_of_the_past_are_found_by_their_place(repo: Repo) -> None:
    for number in range(2):
        repo.write("src/app.py", f"x = {number + 5}\n")
        repo.git("stash", "--quiet")
    at = newest(repo)
    meant = {name: repo.git("rev-parse", name) for name in ("stash", "stash@{0}", "stash@{1}", "refs/stash")}
    repo.git("stash", "clear")
    newest(repo)
    collect_garbage(repo)
    for name, commit in meant.items():
        assert show(repo, name, at).git_commit == commit, name
    with pytest.raises(UnknownCommitError):
        show(repo, "stash@{2}", at)


def test_head_of_the_past_is_this_worktrees(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    theirs = side.commit("on side", allow_empty=True).git_commit
    ours = repo.head()
    at = newest(repo)
    side.commit("more", allow_empty=True)
    repo.commit("more", allow_empty=True)
    assert show(side, "HEAD", at).git_commit == theirs
    assert show(repo, "HEAD", at).git_commit == ours
    side.close()


def test_before_the_first_commit_there_is_nothing_to_show(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(empty=True)
    at = newest(repo)
    repo.commit("first", allow_empty=True)
    with pytest.raises(UnknownCommitError, match="no commit HEAD then"):
        show(repo, "HEAD", at)
    assert graph(repo, at).rows == ()
