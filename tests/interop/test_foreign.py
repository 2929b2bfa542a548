"""Plain git works beside us; what it did stands in the ledger afterwards."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.caller import Caller, call
from anvcs.actions.workspace import Workspace
from anvcs.gitmirror import pointers
from anvcs.history.operations import Operation
from tests.conftest import Repo
from tests.merging import apart, proposed, show

MakeRepo = Callable[..., Repo]
TIMEOUT = 30.0


def workspace(repo: Repo) -> Workspace:
    """The repository opened anew, which looks."""
    return repo.caller().workspace(None)


def operations(repo: Repo) -> list[Operation]:
    """What plain git did, as the ledger has it, oldest first, after a look; the first look left out."""
    there = workspace(repo)
    entries = reversed(there.ledger.operations())
    found = [entry.operation for entry in entries if entry.operation.actor == foreign.ACTOR]
    assert is_in_step(there)
    return [each for each in found if each.kind != "git-import"]


def is_in_step(there: Workspace) -> bool:
    """Whether the view is what git says, and the ledger sound."""
    view = there.ledger.view().items()
    shown = {name: value for name, value in view.items() if foreign.is_pointer(name)}
    return shown == pointers.read(there.repo) and there.ledger.verify_chain() == []


def kinds_of(repo: Repo) -> list[str]:
    """The kinds of what plain git did."""
    return [operation.kind for operation in operations(repo)]


def links_of(repo: Repo) -> list[tuple[str, str, str]]:
    """Every rewrite in the ledger."""
    return [(link.new, link.old, link.evidence) for each in operations(repo) for link in each.rewrites]


# One for each thing done


def test_the_first_look_takes_everything_as_it_is(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.git("branch", "topic")
    repo.git("tag", "-am", "x", "v1")
    repo.init()
    there = workspace(repo)
    (first,) = [each.operation for each in there.ledger.operations() if each.operation.kind == "git-import"]
    assert {move.name: move.new for move in first.moves} == pointers.read(there.repo)
    assert all(move.old is None for move in first.moves)
    assert is_in_step(there)
    assert operations(repo) == []


def rebase(repo: Repo) -> None:
    """A branch with a commit of its own, and its rebase."""
    repo.git("switch", "--quiet", "-c", "topic")
    repo.write("topic.txt", "topic\n")
    repo.git_commit("topic")
    repo.git("switch", "--quiet", "main")
    repo.git_commit("moves on")
    operations(repo)
    repo.git("rebase", "--quiet", "main", "topic")


DONE: dict[str, tuple[Callable[[Repo], object], list[str]]] = {
    "commit": (lambda repo: repo.git_commit("by git"), ["git-commit"]),
    "two commits": (lambda repo: (repo.git_commit("one"), repo.git_commit("two")), ["git-commit", "git-commit"]),
    "amend": (lambda repo: repo.git("commit", "--quiet", "--amend", "-m", "again"), ["git-amend"]),
    "branch": (lambda repo: repo.git("branch", "topic"), ["git-branch"]),
    "switch": (lambda repo: repo.git("switch", "--quiet", "-c", "topic"), ["git-branch", "git-switch"]),
    "renamed branch": (lambda repo: repo.git("branch", "--move", "main", "trunk"), ["git-branch"]),
    "tag": (lambda repo: (repo.git("tag", "v1"), repo.git("tag", "-am", "x", "v2")), ["git-tag"]),
    "stash": (lambda repo: (repo.write("README.md", "x"), repo.git("stash", "--quiet")), ["git-stash"]),
    "reset": (
        lambda repo: (repo.git_commit("two"), repo.git("reset", "--quiet", "--hard", "HEAD^")),
        ["git-commit", "git-reset"],
    ),
    "revert": (
        lambda repo: (repo.write("x", "x"), repo.git_commit("x"), repo.git("revert", "--no-edit", "HEAD")),
        ["git-commit", "git-revert"],
    ),
    "detached": (
        lambda repo: (repo.git("switch", "--quiet", "--detach"), repo.git_commit("apart")),
        ["git-switch", "git-commit"],
    ),
    "merge": (
        lambda repo: (
            repo.git("switch", "--quiet", "-c", "topic"),
            repo.git_commit("topic"),
            repo.git("switch", "--quiet", "main"),
            repo.git("merge", "--quiet", "--no-ff", "--no-edit", "topic"),
            repo.git("branch", "-d", "topic"),
        ),
        ["git-merge"],
    ),
    "rebase": (rebase, ["git-branch", "git-commit", "git-commit", "git-rebase"]),
    "worktree": (
        lambda repo: repo.git("worktree", "add", "--quiet", "../w", "-b", "w"),
        ["git-branch", "git-worktree"],
    ),
    "ref moved by hand": (lambda repo: repo.git("update-ref", "refs/heads/x", "HEAD"), ["git-branch"]),
}


@pytest.mark.promise("foreign.imported")
@pytest.mark.parametrize(("do", "expected"), DONE.values(), ids=DONE.keys())
def test_each_thing_that_plain_git_did_is_an_operation(
    repo: Repo, do: Callable[[Repo], object], expected: list[str]
) -> None:
    operations(repo)
    do(repo)
    assert kinds_of(repo) == expected
    # Nothing is found twice.
    assert kinds_of(repo) == expected


@pytest.mark.promise("foreign.imported")
def test_what_was_done_within_a_second_stands_in_its_order(repo: Repo) -> None:
    operations(repo)
    repo.git_commit("on main")
    repo.git("switch", "--quiet", "-c", "a")
    repo.git_commit("on a")
    repo.git("switch", "--quiet", "main")
    repo.git_commit("on main again")
    repo.git("switch", "--quiet", "a")
    said = [str(operation.details["command"]) for operation in operations(repo)]
    assert said == [
        "commit: on main",
        "branch: Created from HEAD",
        "commit: on a",
        "commit: on main again",
        "checkout: moving from main to a",
    ]


@pytest.mark.promise("foreign.imported")
def test_a_pointer_that_went_away_and_came_back_is_no_secret(repo: Repo) -> None:
    operations(repo)
    gone = repo.git_commit("gone again")
    repo.git("reset", "--quiet", "--hard", "HEAD^")
    assert kinds_of(repo) == ["git-commit", "git-reset"]
    collect(repo)
    repo.git("cat-file", "-e", gone)
    assert kinds_of(repo) == ["git-commit", "git-reset"]


@pytest.mark.promise("foreign.imported")
def test_without_reflogs_the_likeliest_is_assumed_and_nothing_is_missed(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    for log in (repo.path / ".git" / "logs").rglob("*"):
        if log.is_file():
            log.unlink()
    repo.git_commit("one")
    repo.git_commit("two")
    assert kinds_of(repo) == ["git-other"]
    repo.git_commit("three")
    repo.git("branch", "topic")
    assert kinds_of(repo)[1:] == ["git-commit", "git-branch"]
    repo.git("commit", "--quiet", "--allow-empty", "--amend", "-m", "again")
    repo.git("switch", "--quiet", "--detach")
    assert kinds_of(repo)[3:] == ["git-amend", "git-switch"]
    repo.git("switch", "--quiet", "main")
    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    assert kinds_of(repo)[5:] == ["git-reset", "git-switch"]
    assert all("command" not in operation.details for operation in operations(repo))


def test_an_operation_says_what_git_said_what_it_touched_and_what_it_came_from(repo: Repo) -> None:
    made = repo.commit("ours", caller=repo.caller()) if repo.write("ours.txt", "x") else None
    assert made is not None
    repo.write("src/app.py", "x = 2\n")
    repo.write("new.txt", "new\n")
    new = repo.git_commit("by git")
    (operation,) = operations(repo)
    assert operation.details["command"] == "commit: by git"
    assert operation.details["gitCommit"] == new
    assert operation.paths == (b"new.txt", b"src/app.py")
    assert [f"b3:{cause.hex()}" for cause in operation.causes] == [made.operation_id]
    assert operation.reversibility == "compensable"
    assert foreign.sentence(operation) == "Plain git committed (main): commit: by git"


def test_fetch_and_pull_are_one_operation_each(make_repo: MakeRepo, repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "topic")
    repo.git("switch", "--quiet", "main")
    other = make_repo("other", empty=True, init=False)
    other.git("remote", "add", "origin", str(repo.path))
    other.git("pull", "--quiet", "origin", "main")
    other.git("branch", "--set-upstream-to", "origin/main")
    other.init()
    repo.git("commit", "--quiet", "--allow-empty", "-m", "there")
    repo.git("branch", "--force", "topic", "main")
    other.git("pull", "--quiet")
    assert kinds_of(other) == ["git-pull"]
    repo.git("branch", "third")
    repo.git("branch", "fourth")
    other.git("fetch", "--quiet")
    assert kinds_of(other) == ["git-pull", "git-fetch"]


def test_a_branch_that_was_worked_on_and_renamed_keeps_its_story(repo: Repo) -> None:
    repo.git("branch", "old")
    operations(repo)
    repo.git("switch", "--quiet", "old")
    one = repo.git_commit("on the old name")
    repo.git("branch", "--move", "old", "new")
    two = repo.git_commit("on the new name")
    found = operations(repo)[1:]
    (renamed,) = [each for each in found if any(move.name == "refs/heads/old" for move in each.moves)]
    assert {move.name: move.new for move in renamed.moves} == {"refs/heads/old": None, "refs/heads/new": one}
    (committed,) = [each for each in found if each.kind == "git-commit"]
    assert [(move.name, move.new) for move in committed.moves] == [("refs/heads/new", two)]


def test_a_very_long_story_is_told_in_short(repo: Repo) -> None:
    tree, tip = repo.git("rev-parse", "HEAD^{tree}"), repo.head()
    lines: list[str] = []
    for number in range(130):
        tip = repo.git("commit-tree", tree, "-p", tip, "-m", str(number))
        lines.append(f"update refs/heads/main {tip}")
    for line in lines:
        repo.git("update-ref", "-m", "commit: x", *line.split(" ")[1:])
    found = operations(repo)
    assert len(found) == 100
    assert found[0].details["steps"] == 31
    assert {operation.kind for operation in found} == {"git-commit"}


# Rewrites


@pytest.mark.promise("foreign.rewrites-matched")
def test_an_amended_commit_is_linked_as_git_told_or_as_its_log_says(repo: Repo) -> None:
    first = repo.head()
    repo.write("README.md", "other\n")
    repo.git("commit", "--quiet", "--amend", "--all", "-m", "again")
    second = repo.head()
    assert links_of(repo) == [(second, first, "post-rewrite")]
    (repo.path / ".git" / "hooks" / "post-rewrite").unlink()
    repo.write("README.md", "third\n")
    repo.git("commit", "--quiet", "--amend", "--all", "-m", "and again")
    assert links_of(repo)[1:] == [(repo.head(), second, "reflog")]


@pytest.mark.promise("foreign.rewrites-matched")
def test_two_rewrites_between_looks_are_linked_one_after_the_other(repo: Repo) -> None:
    first = repo.head()
    repo.git("commit", "--quiet", "--amend", "-m", "again")
    second = repo.head()
    repo.git("commit", "--quiet", "--amend", "-m", "and again")
    assert links_of(repo) == [(second, first, "post-rewrite"), (repo.head(), second, "post-rewrite")]


@pytest.mark.promise("foreign.rewrites-matched")
def test_what_a_reset_took_away_is_known_when_it_is_committed_anew(repo: Repo) -> None:
    repo.write("x.txt", "x\n")
    old = repo.git_commit("x")
    operations(repo)
    repo.git("reset", "--quiet", "--soft", "HEAD^")
    repo.git("commit", "--quiet", "-m", "x, said better")
    assert links_of(repo) == [(repo.head(), old, "equal-tree")]


@pytest.mark.promise("foreign.rewrites-matched")
def test_a_rebase_of_our_commits_is_linked_even_without_the_hook(repo: Repo) -> None:
    (repo.path / ".git" / "hooks" / "post-rewrite").unlink()
    repo.git("switch", "--quiet", "-c", "topic")
    olds: list[str] = []
    for name in ("one", "two"):
        repo.write(f"{name}.txt", name)
        olds.append(repo.commit(name, f"{name}.txt").git_commit)
    repo.git("switch", "--quiet", "main")
    repo.git_commit("moves on")
    repo.git("rebase", "--quiet", "main", "topic")
    news = repo.git("rev-list", "--reverse", "main..topic").split()
    assert links_of(repo) == [(new, old, "change-id") for new, old in zip(news, olds, strict=True)]


def test_a_conflicting_rebase_looked_at_in_its_middle_ends_well(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "topic")
    repo.write("README.md", "topic\n")
    old = repo.commit("topic", "README.md").git_commit
    repo.git("switch", "--quiet", "main")
    repo.write("README.md", "main\n")
    repo.git_commit("main")
    repo.git("switch", "--quiet", "topic")
    repo.git_fails("rebase", "main")
    assert kinds_of(repo)[-1] == "git-rebase"
    repo.write("README.md", "both\n")
    repo.git("add", "README.md")
    repo.git("rebase", "--continue", GIT_EDITOR="true")
    assert kinds_of(repo)[-1] == "git-rebase"
    assert links_of(repo) == [(repo.head(), old, "post-rewrite")]


# What follows from it


@pytest.mark.promise("foreign.inherited")
def test_a_rewritten_commit_inherits_what_was_known_and_tests_only_for_an_equal_tree(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    metadata = wire.Metadata(prompt="make it two", agent_id="agent:foo", tests_passed=True)
    ours = repo.commit("two", "src/app.py", metadata=metadata)
    repo.git("commit", "--quiet", "--amend", "-m", "without our trailers")
    same = repo.show()
    assert (same.metadata_state, same.inherited_from) == ("inherited", ours.git_commit)
    assert same.metadata is not None
    assert (same.metadata.prompt, same.metadata.tests_passed) == ("make it two", True)
    assert same.change_id == ours.change_id
    repo.write("src/app.py", "x = 3\n")
    repo.git("commit", "--quiet", "--amend", "--all", "-m", "another tree")
    other = repo.show()
    assert (other.metadata_state, other.inherited_from) == ("inherited", ours.git_commit)
    assert other.metadata is not None
    assert (other.metadata.prompt, other.metadata.tests_passed) == ("make it two", None)


@pytest.mark.promise("foreign.divergent")
def test_a_change_with_two_live_commits_is_divergent_until_one_is_gone(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    ours = repo.commit("two", "src/app.py")
    repo.git("branch", "kept")
    assert repo_status(repo).divergent == ()
    repo.git("commit", "--quiet", "--amend", "--no-edit", "--date=@1700000000 +0000")
    status = repo_status(repo)
    expected = wire.Divergence(change_id=ours.change_id, commits=(ours.git_commit, repo.head()))
    assert status.divergent == (expected,)
    assert any(notice.startswith("Divergent: change") for notice in status.notices)
    assert repo.show().divergent == (ours.git_commit,)
    assert repo.show("kept").divergent == (repo.head(),)
    repo.git("branch", "-D", "kept")
    assert repo_status(repo).divergent == ()
    assert repo.show().divergent == ()


@pytest.mark.promise("foreign.divergent")
def test_a_picked_commit_makes_its_change_divergent(repo: Repo) -> None:
    repo.git("branch", "other")
    repo.write("src/app.py", "x = 2\n")
    ours = repo.commit("two", "src/app.py")
    repo.git("switch", "--quiet", "other")
    repo.git_commit("elsewhere")
    repo.git("cherry-pick", ours.git_commit)
    assert (repo.head(), ours.git_commit, "change-id") in links_of(repo)
    (found,) = repo_status(repo).divergent
    assert set(found.commits) == {ours.git_commit, repo.head()}


@pytest.mark.promise("foreign.notes-put-back")
@pytest.mark.parametrize("lost", ["overwritten", "deleted", "one removed", "collected"])
def test_notes_that_others_lost_are_put_back(repo: Repo, lost: str) -> None:
    metadata = wire.Metadata(prompt="why", tests_passed=True, agent_id="agent:foo")
    made: list[str] = []
    for name in ("one", "two"):
        repo.write(f"{name}.txt", name)
        made.append(repo.commit(name, f"{name}.txt", metadata=metadata).git_commit)
    before = {commit: repo.git("notes", "--ref=anvcs", "show", commit) for commit in made}
    workspace(repo)
    if lost == "one removed":
        repo.git("notes", "--ref=anvcs", "remove", made[0])
    else:
        repo.git("update-ref", "-d", "refs/notes/anvcs")
        if lost != "deleted":
            repo.git("notes", "--ref=anvcs", "add", "-m", "theirs", made[1])
    if lost == "collected":
        collect(repo)
    there = workspace(repo)
    assert any("Put back the provenance notes" in notice for notice in there.notices)
    for commit in made:
        assert before[commit] in repo.git("notes", "--ref=anvcs", "show", commit)
    if lost in ("overwritten", "collected"):
        assert "theirs" in repo.git("notes", "--ref=anvcs", "show", made[1])
    assert workspace(repo).notices == []


def collect(repo: Repo) -> None:
    """Let git forget and collect all it can."""
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")


@pytest.mark.promise("foreign.kept-alive")
def test_what_was_seen_stays_readable(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "topic")
    first = repo.git_commit("first")
    repo.git("tag", "-am", "annotated", "v1")
    tag = repo.git("rev-parse", "v1")
    repo.write("README.md", "stashed\n")
    repo.git("stash", "--quiet")
    stash = repo.git("rev-parse", "stash")
    workspace(repo)
    repo.git("switch", "--quiet", "--detach")
    apart = repo.git_commit("apart")
    repo.git("switch", "--quiet", "main")
    repo.git("branch", "-D", "topic")
    repo.git("stash", "drop", "--quiet")
    repo.git("tag", "-d", "v1")
    workspace(repo)
    collect(repo)
    for commit in (first, stash, apart):
        repo.git("cat-file", "-e", f"{commit}^{{tree}}")
    assert f"tags/{tag}" in repo.git("log", "--format=", "--raw", "--root", "-m", "--no-abbrev", "refs/anvcs/keep")
    repo.git("fsck", "--strict")


# Beside living processes


@pytest.mark.promise("foreign.live-is-not-foreign")
@pytest.mark.parametrize("step", ["notes", "index", "ref", "published"])
def test_a_publication_under_way_is_not_taken_for_foreign(
    repo: Repo, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def at(now: str) -> None:
        if now == step:
            reached.set()
            assert go_on.wait(TIMEOUT)

    # Opened before: opening waits for who is at work.
    there = workspace(repo)
    monkeypatch.setattr(foreign, "_WAIT", 0.01)
    made: list[wire.CommitResult] = []
    repo.write("src/app.py", "x = 2\n")
    slow = repo.caller(at=at)
    writer = threading.Thread(target=lambda: made.append(repo.commit("slow", "src/app.py", caller=slow)))
    writer.start()
    try:
        assert reached.wait(TIMEOUT)
        # The last step finds the branch where no published operation put it.
        moved = pointers.read(there.repo)["refs/heads/main"] != there.ledger.view().get("refs/heads/main")
        assert moved == (step == "published")
        assert foreign.look(there) == []
    finally:
        go_on.set()
        writer.join(TIMEOUT)
    assert foreign.look(there) == []
    assert operations(repo) == []
    assert made[0].git_commit == repo.head()


def test_a_commit_of_ours_on_top_of_plain_git_work_takes_that_in_first(repo: Repo) -> None:
    warm = repo.caller()
    call(warm, wire.STATUS, wire.StatusParams())
    theirs = repo.git_commit("by git")
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("ours", "src/app.py", caller=warm)
    there = workspace(repo)
    kinds = [entry.operation.kind for entry in there.ledger.operations(limit=2)]
    assert kinds == ["commit", "git-commit"]
    assert made.parents == (theirs,)
    assert is_in_step(there)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_may_be_written_reading_still_works(repo: Repo) -> None:
    check_read_only(repo, lambda path, mode: path.chmod(mode))


def test_where_the_folder_cannot_be_written_a_notice_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(repo)
    repo.git_commit("by git")

    def cannot(path: Path, mode: int) -> bool:
        del path, mode
        return False

    monkeypatch.setattr(os, "access", cannot)
    there = workspace(repo)
    assert foreign.look(there) == []
    assert [notice for notice in there.notices if "not recorded yet" in notice] == there.notices
    monkeypatch.undo()
    assert kinds_of(repo) == ["git-commit"]


def check_read_only(repo: Repo, chmod: Callable[[Path, int], None]) -> None:
    """A status where no folder of the Git folder can be written."""
    workspace(repo)
    repo.git_commit("by git")
    folders = [path for path in (repo.path / ".git").rglob("*") if path.is_dir()]
    for folder in folders:
        chmod(folder, 0o555)
    try:
        status = repo_status(repo)
    finally:
        for folder in folders:
            chmod(folder, 0o755)
    assert any("not recorded yet" in notice for notice in status.notices)


def repo_status(repo: Repo, caller: Caller | None = None) -> wire.RepositoryStatus:
    """What status says."""
    return call(caller or repo.caller(), wire.STATUS, wire.StatusParams())


def test_the_small_files_may_go_at_any_time(repo: Repo) -> None:
    repo.git_commit("one")
    assert kinds_of(repo) == ["git-commit"]
    for name in ("seen", "marks", "notes-seen"):
        path = repo.path / ".git" / "anvcs" / name
        path.write_bytes(b"\xc1 rubbish")
    repo.git_commit("two")
    assert kinds_of(repo) == ["git-commit", "git-commit"]
    for name in ("seen", "marks", "notes-seen"):
        (repo.path / ".git" / "anvcs" / name).unlink(missing_ok=True)
    repo.git_commit("three")
    assert kinds_of(repo) == ["git-commit"] * 3


def test_init_and_uninstall_leave_the_users_hook_as_it_was(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    hook = repo.write(".git/hooks/post-rewrite", "#!/bin/sh\necho mine\n")
    hook.chmod(0o755)
    assert any("post-rewrite" in said for said in repo.init().changed)
    assert hook.read_bytes() != b"#!/bin/sh\necho mine\n"
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert hook.read_bytes() == b"#!/bin/sh\necho mine\n"
    repo.git("config", "core.hooksPath", "/nowhere/hooks")
    assert any("core.hooksPath" in said for said in repo.init().notices)


def test_news_begin_with_the_first_question_and_are_told_once(repo: Repo) -> None:
    there = workspace(repo)
    found, last = foreign.news(there, None)
    assert found == ()
    new = repo.git_commit("by git")
    found, last = foreign.news(there, last)
    (told,) = found
    assert (told.kind, told.pointers) == ("git-commit", ("refs/heads/main",))
    assert told.sentence == "Plain git committed (main): commit: by git"
    assert repo.head() == new
    assert foreign.news(there, last) == ((), last)
    # What another process found is news all the same.
    repo.git("branch", "topic")
    workspace(repo)
    assert [each.kind for each in foreign.news(there, last)[0]] == ["git-branch"]


@pytest.mark.promise("foreign.concerns")
def test_what_happens_to_the_heads_of_other_worktrees_is_recorded_and_is_no_news(repo: Repo) -> None:
    repo.git("branch", "topic")
    repo.git("branch", "other")
    there = workspace(repo)
    _, last = foreign.news(there, None)
    for words in (("worktree", "add", "--quiet", "../w", "topic"), ("-C", "../w", "switch", "--quiet", "other")):
        repo.git(*words)
        found, last = foreign.news(there, last)
        assert found == ()
    recorded = [each for each in operations(repo) if each.kind != "git-branch"]
    assert [foreign.sentence(each) for each in recorded] == [
        "Plain git added or removed a worktree (HEAD of w).",
        "Plain git switched (HEAD of w): checkout: moving from topic to other",
    ]
    # The stream that the other one moves is everybody's.
    repo.git("-C", "../w", "commit", "--quiet", "--allow-empty", "-m", "there")
    repo.git("worktree", "remove", "../w")
    found, last = foreign.news(there, last)
    assert [(each.kind, each.pointers) for each in found] == [("git-commit", ("refs/heads/other",))]
    repo.git("switch", "--quiet", "topic")
    assert [each.pointers for each in foreign.news(there, last)[0]] == [("main-worktree/HEAD",)]


@pytest.mark.promise("foreign.concerns")
def test_in_another_worktree_its_own_head_is_news(repo: Repo) -> None:
    repo.git("worktree", "add", "--quiet", "../w", "-b", "topic")
    there = repo.caller().workspace(str(repo.path.parent / "w"))
    _, last = foreign.news(there, None)
    repo.git("switch", "--quiet", "-c", "fresh")
    repo.git("-C", "../w", "switch", "--quiet", "--detach")
    found, _ = foreign.news(there, last)
    assert [each.pointers for each in found] == [("refs/heads/fresh",), ("worktrees/w/HEAD",)]


def test_a_check_in_a_scratch_worktree_is_no_doing_of_plain_git(repo: Repo) -> None:
    repo.write("ai-vcs.config.yaml", "guards:\n  checks:\n    tests:\n      command: [git, log, '-1']\n")
    repo.git("add", "--all")
    repo.git_commit("rules")
    apart(repo)
    operations(repo)
    there = workspace(repo)
    _, last = foreign.news(there, None)
    proposed(repo, test_check=True)
    assert [each.outcome for each in show(repo).proposal.evidence] == ["passed"]
    assert foreign.news(there, last)[0] == ()
    assert [each for each in operations(repo) if each.kind == "git-worktree"] == []
