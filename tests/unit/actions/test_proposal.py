"""A proposal's life: looked at, decided, voted on, landed, taken back."""

from __future__ import annotations

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.proposal.book import ALL, Book
from anvcs.errors import (
    AmbiguousProposalError,
    OperationInProgressError,
    PathNotFoundError,
    ProposalBlockedError,
    ProposalError,
    ProposalMovedError,
    UnknownProposalError,
    UsageError,
    WouldLoseWorkError,
)
from anvcs.storage.memory import MemoryStore
from tests.conftest import Repo
from tests.merging import (
    BASE,
    accept,
    apart,
    codes,
    conflicting,
    listed,
    merge,
    proposed,
    reject,
    resolve,
    show,
    vote,
)


def undo(repo: Repo) -> wire.MoveResult:
    return call(repo.caller(), wire.UNDO, wire.UndoParams())


@pytest.mark.promise("proposals.undo")
def test_an_accepted_merge_is_one_operation_that_undo_takes_back(repo: Repo) -> None:
    apart(repo)
    before = repo.snapshot()
    proposed(repo)
    done = accept(repo)
    details = call(repo.caller(), wire.OP_SHOW, wire.OpShowParams())
    assert details.operation.operation_id == done.operation_id
    assert details.operation.kind == "merge"
    assert details.operation.details["proposal"] == done.proposal.proposal_id
    assert details.operation.details["tree"] == repo.git("rev-parse", "HEAD^{tree}")
    assert done.paths == ("theirs",)
    assert undo(repo).paths == ("theirs",)
    assert repo.snapshot() == before
    (landed,) = listed(repo, everything=True)
    assert landed.landed is not None
    assert (landed.status, landed.landed.taken_back) == ("accepted", True)
    call(repo.caller(), wire.REDO, wire.RedoParams())
    assert repo.head() == done.git_commit
    assert repo.read("theirs") == b"t\n"


def test_a_merge_that_was_taken_back_can_be_proposed_again(repo: Repo) -> None:
    apart(repo)
    first = merge(repo, auto=True).proposal
    undo(repo)
    again = merge(repo, auto=True).proposal
    assert first is not None
    assert again is not None
    assert (again.status, again.tree) == ("accepted", first.tree)
    assert again.proposal_id != first.proposal_id


@pytest.mark.promise("proposals.one-by-one")
def test_conflicts_are_decided_one_after_another(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    it = resolve(repo, "f", conflict=2, take="both")
    (file,) = it.files
    assert file.open
    assert [(each.line, each.resolved is not None) for each in file.conflicts] == [(2, False), (0, True)]
    it = resolve(repo, "f", conflict=1, text="two of us")
    assert (it.status, it.clean) == ("ready", True)
    accept(repo)
    assert repo.read("f") == b"one\ntwo of us\n3\n4\n5\n6\n7\n8\nnine ours\nnine theirs\nten\n"


@pytest.mark.promise("proposals.take-in-conflicts")
def test_a_version_is_taken_in_what_is_open_and_what_is_merged_stays(repo: Repo) -> None:
    ours = BASE.replace("two", "two ours").replace("nine", "nine ours") + "mine\n"
    theirs = BASE.replace("two", "two theirs").replace("nine", "nine theirs").replace("5", "five")
    apart(repo, ours=ours, theirs=theirs)
    proposed(repo)
    resolve(repo, "f", conflict=2, take="left")
    assert resolve(repo, "f", take="right").status == "ready"
    assert repo.git("show", f"{show(repo).proposal.tree}:f").split("\n")[1::7] == ["two theirs", "nine ours"]
    it = resolve(repo, "f", take="right")
    merged = theirs + "mine\n"
    assert repo.git("show", f"{it.tree}:f") + "\n" == merged
    it = resolve(repo, "f", take="right", whole=True)
    assert repo.git("show", f"{it.tree}:f") + "\n" == theirs
    with pytest.raises(ProposalError, match="not as a whole file"):
        resolve(repo, "f", take="both", whole=True)


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize(("take", "second"), [("left", "two ours"), ("right", "two theirs"), ("base", "two")])
def test_one_conflict_is_taken_from_one_version_however_markers_show_it(
    repo: Repo, style: str, take: str, second: str
) -> None:
    repo.git("config", "merge.conflictStyle", style)
    conflicting(repo)
    (file,) = proposed(repo).files
    assert [each.base for each in file.conflicts] == ["two\n", "nine\n"]
    resolve(repo, "f", conflict=1, take=take)
    resolve(repo, "f", conflict=2, take="left")
    accept(repo)
    assert repo.read("f").decode() == BASE.replace("two", second).replace("nine", "nine ours")


@pytest.mark.parametrize(
    ("take", "second", "ninth"),
    [("left", "two ours", "nine ours"), ("right", "two theirs", "nine theirs"), ("base", "two", "nine")],
)
def test_a_file_is_taken_from_one_version(repo: Repo, take: str, second: str, ninth: str) -> None:
    conflicting(repo)
    proposed(repo)
    assert resolve(repo, "f", take=take).status == "ready"
    accept(repo)
    assert repo.read("f").decode() == BASE.replace("two", second).replace("nine", ninth)


def test_a_file_is_given_as_a_text_or_removed(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    assert resolve(repo, "f", text="whole\r\n").status == "ready"
    assert resolve(repo, "f", delete=True).status == "ready"
    accept(repo)
    assert not (repo.path / "f").exists()
    assert repo.status() == ""


def test_a_decision_that_breaks_the_file_is_not_safe(repo: Repo) -> None:
    for stream, value in (("main", 2), ("login", 3)):
        if stream == "login":
            repo.git("switch", "--quiet", "-c", "login", "main~1")
        repo.write("src/app.py", f"x = {value}\n")
        repo.git_commit(stream)
    repo.git("switch", "--quiet", "main")
    proposed(repo)
    it = resolve(repo, "src/app.py", text="x = (\n")
    assert (it.status, it.clean, it.safe, codes(it)) == ("blocked", True, False, ["unsafe"])
    assert [(each.path, each.kind, each.line) for each in it.findings] == [("src/app.py", "syntax", 1)]
    assert merge(repo, auto=True).outcome == "proposed"
    it = resolve(repo, "src/app.py", conflict=1, text="x = 5")
    assert (it.status, it.safe, it.findings) == ("ready", True, ())


def test_a_name_that_is_gone_in_another_file_is_not_safe_until_somebody_mends_it(repo: Repo) -> None:
    repo.write("basket.py", "def total(items):\n    return sum(items)\n")
    repo.write("shop.py", "import basket\n")
    repo.git_commit("base")
    repo.git("switch", "--quiet", "-c", "login")
    repo.write("basket.py", "def price(items):\n    return sum(items)\n")
    repo.git_commit("another name")
    repo.git("switch", "--quiet", "main")
    repo.write("shop.py", "import basket\n\nprint(basket.total([1]))\n")
    repo.git_commit("in use")
    result = merge(repo, auto=True)
    it = result.proposal
    assert it is not None
    assert (result.outcome, it.status, it.clean, codes(it)) == ("proposed", "blocked", True, ["unsafe"])
    (found,) = it.findings
    assert (found.path, found.line, found.other) == ("shop.py", 3, "basket.py")
    it = resolve(repo, "shop.py", text="import basket\n\nprint(basket.price([1]))\n")
    assert (it.status, it.findings) == ("ready", ())
    # What is decided in the other file mends it as well.
    it = resolve(repo, "shop.py", take="left")
    assert codes(it) == ["unsafe"]
    it = resolve(repo, "basket.py", take="left")
    assert (it.status, it.findings) == ("ready", ())
    accept(repo)
    assert b"total" in repo.read("basket.py")


@pytest.mark.promise("proposals.one-by-one")
def test_a_text_with_markers_left_is_refused(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    left = "one\n<<<<<<< ours\ntwo\n=======\n2\n>>>>>>> theirs\n"
    for conflict in (None, 1):
        with pytest.raises(ProposalError, match="markers left"):
            resolve(repo, "f", text=left, conflict=conflict)
    assert show(repo).proposal.status == "blocked"


def test_what_decides_nothing_is_refused(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    with pytest.raises(UsageError, match="just one"):
        resolve(repo, "f")
    with pytest.raises(UsageError, match="just one"):
        resolve(repo, "f", take="left", delete=True)
    with pytest.raises(UsageError, match="2 conflicts"):
        resolve(repo, "f", conflict=3, take="left")
    with pytest.raises(UsageError, match="one conflict is decided or the whole file"):
        resolve(repo, "f", conflict=1, take="left", whole=True)
    with pytest.raises(PathNotFoundError, match="nowhere is not in the result"):
        resolve(repo, "nowhere", take="left")
    assert show(repo).proposal.revision == 1


def test_one_side_removed_what_the_other_changed(repo: Repo) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "login")
    repo.git("rm", "--quiet", "f")
    repo.git_commit("without f")
    repo.git("switch", "--quiet", "main")
    repo.write("f", "changed\n")
    repo.git_commit("f")
    it = proposed(repo)
    (file,) = it.files
    assert (file.kind, file.right, file.conflicts) == ("modify/delete", None, ())
    with pytest.raises(ProposalError, match="no conflicts in its text"):
        resolve(repo, "f", take="both")
    assert resolve(repo, "f", take="right").status == "ready"
    accept(repo)
    assert not (repo.path / "f").exists()


@pytest.mark.promise("proposals.decisions-stay")
def test_a_decision_survives_a_move_that_leaves_the_file_alone(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    repo.write("more", "m\n")
    repo.git_commit("more")
    seen = show(repo)
    (file,) = seen.proposal.files
    assert (seen.renewed, seen.proposal.revision) == (True, 2)
    assert [each.resolved is not None for each in file.conflicts] == [True, False]
    assert resolve(repo, "f", conflict=2, take="right").status == "ready"
    accept(repo)
    assert b"two ours" in repo.read("f")
    assert b"nine theirs" in repo.read("f")
    assert repo.read("more") == b"m\n"


@pytest.mark.promise("proposals.decisions-stay")
def test_a_decision_ends_with_the_versions_it_was_made_for(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", take="left", whole=True)
    old = repo.head()
    repo.write("f", BASE.replace("two", "2").replace("nine", "6"))
    repo.git_commit("another way")
    it = show(repo).proposal
    assert (it.status, it.files[0].resolved) == ("blocked", None)
    # And comes back with them.
    repo.git("reset", "--quiet", "--hard", old)
    it = show(repo).proposal
    assert it.status == "ready"
    assert it.files[0].resolved is not None


def test_a_file_that_nobody_quarrels_about_can_be_decided_too(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    it = resolve(repo, "theirs", text="better\n")
    assert it.status == "ready"
    assert [(each.path, each.resolved is not None) for each in it.files] == [("theirs", True)]
    accept(repo)
    assert repo.read("theirs") == b"better\n"


def test_what_is_in_conflict_cannot_land_whoever_forces_it(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    for force in (False, True):
        with pytest.raises(ProposalBlockedError, match="1 file in conflict"):
            accept(repo, force=force, reason="I want it.")
    assert repo.git("log", "-1", "--format=%s") == "our work"


@pytest.mark.promise("proposals.lands-what-was-judged")
def test_a_target_that_moved_is_looked_at_again_before_it_lands(repo: Repo) -> None:
    apart(repo)
    first = proposed(repo)
    repo.write("more", "m\n")
    moved = repo.git_commit("more")
    with pytest.raises(ProposalMovedError, match="worked out anew"):
        accept(repo)
    assert repo.head() == moved
    with pytest.raises(ProposalMovedError):
        accept(repo, tree=first.tree)
    accept(repo)
    assert repo.read("theirs") == b"t\n"
    assert repo.read("more") == b"m\n"


def test_files_with_changes_are_in_the_way(repo: Repo) -> None:
    apart(repo, theirs=BASE.replace("two", "2"), ours=BASE.replace("nine", "6"))
    proposed(repo)
    repo.write("f", "mine\n")
    before = repo.snapshot()
    with pytest.raises(WouldLoseWorkError, match="f has changes"):
        accept(repo)
    assert repo.snapshot() == before
    assert repo.read("f") == b"mine\n"
    assert show(repo).proposal.status == "ready"


def test_changes_elsewhere_stay_as_they_are(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    repo.write("ours", "mine\n")
    repo.write("staged", "s\n")
    repo.git("add", "staged")
    accept(repo)
    assert repo.status() == " M ours\nA  staged"


def test_a_stream_merged_by_plain_git_supersedes_the_proposal(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    repo.git("merge", "--quiet", "--no-edit", "login")
    it = show(repo).proposal
    assert (it.status, it.reason) == ("superseded", "main has all of it already.")
    assert listed(repo) == ()
    with pytest.raises(UnknownProposalError):
        show(repo)


def test_a_rejected_proposal_is_over(repo: Repo) -> None:
    apart(repo)
    before = repo.snapshot()
    it = proposed(repo)
    assert reject(repo, reason="Not now.").status == "rejected"
    assert repo.snapshot() == before
    with pytest.raises(ProposalError, match="is rejected already: Not now"):
        accept(repo, it.proposal_id)
    assert repo.git("for-each-ref", "refs/anvcs/proposals") == ""


def test_a_proposal_is_named_by_its_id_its_start_or_its_stream(repo: Repo) -> None:
    apart(repo)
    it = proposed(repo)
    for name in (it.proposal_id, it.proposal_id[3:], it.proposal_id[:9], it.proposal_id[3:11], "login", None):
        assert show(repo, name).proposal.proposal_id == it.proposal_id
    for name in ("b3:0000", "nothing"):
        with pytest.raises(UnknownProposalError):
            show(repo, name)
    repo.git("branch", "search", "login")
    other = proposed(repo, "search")
    with pytest.raises(ProposalError, match="2 merge proposals are open"):
        show(repo)
    assert [each.proposal_id for each in listed(repo)] == [other.proposal_id, it.proposal_id]


def test_an_id_that_fits_several_is_not_guessed() -> None:
    book = Book(MemoryStore())
    with book.store.write() as writer:
        writer.append(ALL, bytes.fromhex("7d" * 32))
        writer.append(ALL, bytes.fromhex("7d" * 31 + "00"))
    with pytest.raises(AmbiguousProposalError, match="7d7d is the start of several"):
        book.find("7d7d")
    assert book.find("7d" * 31 + "00") == bytes.fromhex("7d" * 31 + "00")


@pytest.mark.promise("proposals.votes")
def test_a_vote_against_blocks_until_it_is_taken_back(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    it = vote(repo, "reject", agent="critic", reason="It drops the retry.")
    assert (it.status, codes(it)) == ("blocked", ["vote-against"])
    assert "agent:critic votes against it: It drops the retry." in it.obstacles[0].message
    with pytest.raises(ProposalBlockedError, match="votes against it"):
        accept(repo)
    # It stands for the next result too.
    repo.write("more", "m\n")
    repo.git_commit("more")
    assert show(repo).proposal.status == "blocked"
    assert vote(repo, "withdraw", agent="critic").status == "ready"
    with pytest.raises(ProposalError, match="has no vote"):
        vote(repo, "withdraw", agent="critic")


@pytest.mark.promise("proposals.force")
def test_a_person_may_force_what_is_not_in_conflict_with_a_reason(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    vote(repo, "reject", agent="critic")
    with pytest.raises(UsageError, match="needs a reason"):
        accept(repo, force=True)
    with pytest.raises(ProposalBlockedError, match="only people may"):
        accept(repo, force=True, reason="I am sure.", agent="foo")
    accept(repo, force=True, reason="The critic is wrong.")
    details = call(repo.caller(), wire.OP_SHOW, wire.OpShowParams()).operation.details
    assert details["forced"] == "The critic is wrong."


def approving(repo: Repo) -> Repo:
    """Another person at the same repository."""
    env = {**repo.env, "GIT_AUTHOR_EMAIL": "bo@example.org", "GIT_AUTHOR_NAME": "Bo"}
    return Repo(repo.path, env, repo.config_home)


@pytest.mark.promise("proposals.votes")
def test_approvals_are_counted_for_just_this_result(repo: Repo) -> None:
    repo.write("ai-vcs.config.yaml", "merge:\n  approvals: 1\n")
    apart(repo)
    result = merge(repo, auto=True)
    assert result.outcome == "proposed"
    assert result.proposal is not None
    assert (result.proposal.status, codes(result.proposal)) == ("open", ["approvals"])
    # Its author's own vote and an agent's do not count.
    assert vote(repo, "approve").status == "open"
    assert vote(repo, "approve", agent="foo").status == "open"
    bo = approving(repo)
    it = vote(bo, "approve")
    assert it.status == "ready"
    assert {each.actor: each.counts for each in it.votes}["human:bo@example.org"]
    repo.write("more", "m\n")
    repo.git_commit("more")
    it = show(repo).proposal
    assert it.status == "open"
    assert not any(each.counts for each in it.votes)
    vote(bo, "approve")
    accept(repo)
    bo.close()


def test_approvals_can_be_kept(repo: Repo) -> None:
    repo.write("ai-vcs.config.yaml", "merge:\n  approvals: 1\n  keep_approvals: true\n")
    apart(repo)
    proposed(repo)
    bo = approving(repo)
    vote(bo, "approve")
    repo.write("more", "m\n")
    repo.git_commit("more")
    assert show(repo).proposal.status == "ready"
    bo.close()


def test_a_vote_on_another_result_than_was_seen_is_refused(repo: Repo) -> None:
    apart(repo)
    it = proposed(repo)
    repo.write("more", "m\n")
    repo.git_commit("more")
    with pytest.raises(ProposalMovedError):
        vote(repo, "approve")
    with pytest.raises(ProposalMovedError):
        vote(repo, "approve", tree=it.tree)
    vote(repo, "approve", tree=show(repo).proposal.tree)


@pytest.mark.promise("proposals.kept")
def test_the_result_outlives_gits_collector(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    repo.git("branch", "--quiet", "-D", "login")
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    call(repo.caller(), wire.GC, wire.GcParams(days=0))
    repo.git("gc", "--quiet", "--prune=now")
    resolve(repo, "f", conflict=2, take="right")
    done = accept(repo)
    assert repo.git("log", "-1", "--format=%s", f"{done.git_commit}^2") == "their work"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("proposals.as-git")
def test_hooks_are_asked_as_git_asks_them(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    log = repo.path / ".git/seen"
    for name, script in {
        "pre-merge-commit": f'git ls-files > {log}; echo "pre-merge $#"',
        "prepare-commit-msg": f'echo "prepare $2" >> {log}',
        "commit-msg": f'echo "msg" >> {log}; echo "Reviewed-by: Bo <bo@example.org>" >> "$1"',
        "post-merge": f'echo "post $1" >> {log}',
    }.items():
        hook = repo.path / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
    done = accept(repo)
    assert log.read_text().splitlines() == [
        "README.md",
        "f",
        "ours",
        "src/app.py",
        "theirs",
        "prepare merge",
        "msg",
        "post 0",
    ]
    assert "pre-merge 0" in done.hook_output
    assert "Reviewed-by: Bo <bo@example.org>" in repo.git("log", "-1", "--format=%B")


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 3", "refused the merge"), ("echo x > x; git add x", "changed the result")],
)
def test_a_hook_that_refuses_or_changes_the_result_keeps_it_from_landing(repo: Repo, script: str, said: str) -> None:
    apart(repo)
    hook = repo.path / ".git/hooks/pre-merge-commit"
    hook.write_text(f"#!/bin/sh\necho no\n{script}\n")
    hook.chmod(0o755)
    head = repo.head()
    result = merge(repo, auto=True)
    assert result.refused is not None
    assert said in result.refused.message
    assert (repo.head(), result.outcome) == (head, "proposed")
    assert result.refused.output == "no\n"
    assert merge(repo, auto=True, no_verify=True).outcome == "accepted"


def test_a_plain_merge_in_progress_is_not_disturbed(repo: Repo) -> None:
    conflicting(repo)
    repo.git("branch", "search", "HEAD~1")
    proposed(repo)
    resolve(repo, "f", take="left")
    repo.git_fails("merge", "login")
    with pytest.raises(OperationInProgressError, match="A merge is in progress"):
        accept(repo)
    assert (repo.path / ".git/MERGE_HEAD").exists()
