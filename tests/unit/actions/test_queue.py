"""Merge queues: what waits is tested together and lands together, culprits leave, and nothing lands untested."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.actions.proposal.leases import running
from anvcs.errors import (
    CancelledError,
    ProposalBlockedError,
    ProposalError,
    UntrustedError,
    WouldLoseWorkError,
)
from tests.conftest import Repo
from tests.merging import listed, proposed, reject, resolve, show, vote
from tests.unit.actions.test_proposal_check import guarded

GOOD = "import pathlib; assert 'bad' not in {each.name for each in pathlib.Path().iterdir()}"


def add(repo: Repo, name: str | None = None, **fields: Any) -> wire.QueuePlace:
    """Put a proposal in line."""
    return call(repo.caller(), wire.QUEUE_ADD, wire.QueueAddParams(proposal=name, **fields))


def remove(repo: Repo, name: str, **fields: Any) -> wire.QueuePlace:
    """Take a proposal out of line."""
    return call(repo.caller(), wire.QUEUE_REMOVE, wire.QueueRemoveParams(proposal=name, **fields))


def waiting(repo: Repo) -> list[str]:
    """The streams that wait, in their order."""
    found = call(repo.caller(), wire.QUEUE_LIST, wire.QueueListParams()).entries
    return [each.proposal.sources[0].name for each in found]


def run(repo: Repo, caller: Caller | None = None, **fields: Any) -> wire.QueueResult:
    """Run the queue."""
    return call(caller or repo.caller(), wire.QUEUE_RUN, wire.QueueRunParams(**fields))


def streams(repo: Repo, *names: str, **files: str) -> None:
    """Streams beside main, each of which adds a file of its name; put in line in this order."""
    for name in names:
        repo.git("switch", "--quiet", "-c", name, "main")
        repo.write(files.get(name, name), f"{name}\n")
        repo.git_commit(f"add {name}")
    repo.git("switch", "--quiet", "main")
    for name in names:
        proposed(repo, name, no_ff=True)
        add(repo, name)


def sources(found: tuple[wire.ProposalSummary, ...]) -> list[str]:
    return [each.sources[0].name for each in found]


@pytest.mark.promise("queue.together")
def test_what_waits_is_tested_once_and_lands_as_it_was_tested(repo: Repo) -> None:
    guarded(repo, tests=GOOD)
    streams(repo, "a", "b", "c")
    assert waiting(repo) == ["a", "b", "c"]
    result = run(repo)
    assert (sources(result.landed), result.blocked, result.waiting, result.tests) == (["a", "b", "c"], (), (), 1)
    assert repo.git("log", "--first-parent", "--format=%s", "-3") == "\n".join(
        f"Merge branch '{name}'" for name in "cba"
    )
    assert repo.git("ls-tree", "--name-only", "main", "a", "b", "c").split() == ["a", "b", "c"]
    assert repo.status() == ""
    evidence = show(repo, result.landed[-1].proposal_id).proposal.evidence
    assert [(each.guard, each.outcome) for each in evidence] == [("tests", "passed")]
    details = [repo.show(f"HEAD{'~' * back}").metadata for back in range(3)]
    assert [each.tests_passed if each is not None else None for each in details] == [True, None, None]
    for _ in range(3):
        call(repo.caller(), wire.UNDO, wire.UndoParams())
    assert repo.git("log", "-1", "--format=%s") == "guards"


@pytest.mark.promise("queue.culprit")
def test_a_culprit_leaves_with_the_evidence_and_the_others_land(repo: Repo) -> None:
    guarded(repo, tests="import os, sys; print('looked'); sys.exit(os.path.exists('bad'))")
    streams(repo, "a", "b", "c", "d", b="bad")
    result = run(repo)
    assert (sources(result.landed), waiting(repo)) == (["a", "c", "d"], [])
    (left,) = result.blocked
    assert (left.proposal.sources[0].name, left.proposal.status) == ("b", "blocked")
    assert left.reason == "It did not pass tests with what landed before it (1), tested again too."
    assert [(each.guard, each.exit_code, each.output) for each in left.evidence] == [("tests", 1, "looked\n")]
    assert left.after == (result.landed[0].proposal_id,)
    assert (result.flaky, result.stopped) == ((), None)
    now = show(repo, left.proposal.proposal_id).proposal
    assert (now.status, now.queued) == ("blocked", None)
    assert now.obstacles[0].message.startswith("It left the merge queue: It did not pass tests")
    assert not repo.git("ls-tree", "--name-only", "main", "bad")
    # Mended, it is nothing to be held against it.
    repo.git("switch", "--quiet", "b")
    repo.git("mv", "bad", "good")
    repo.git_commit("mend")
    repo.git("switch", "--quiet", "main")
    assert show(repo, "b").proposal.status == "open"
    assert add(repo, "b").position == 1
    assert sources(run(repo).landed) == ["b"]


@pytest.mark.promise("queue.culprit")
def test_what_conflicts_with_what_landed_before_it_leaves_and_says_with_what(repo: Repo) -> None:
    streams(repo, "a", "b", "c", a="same", b="same")
    result = run(repo)
    assert sources(result.landed) == ["a", "c"]
    (left,) = result.blocked
    assert (left.reason, left.tree, left.evidence) == ("1 file in conflict needs a decision.", None, ())
    it = show(repo, "b").proposal
    assert (it.status, it.conflicts) == ("blocked", 1)
    with pytest.raises(ProposalBlockedError, match="cannot be queued: 1 file in conflict"):
        add(repo, "b")
    resolve(repo, "same", "b", take="both")
    add(repo, "b")
    assert sources(run(repo).landed) == ["b"]
    assert repo.read("same") == b"a\nb\n"


def test_two_that_only_fail_together_let_the_first_land(repo: Repo) -> None:
    guarded(repo, tests="import os, sys; sys.exit(os.path.exists('a') and os.path.exists('d'))")
    streams(repo, "a", "b", "c", "d")
    result = run(repo)
    assert (sources(result.landed), sources(tuple(each.proposal for each in result.blocked))) == (
        ["a", "b", "c"],
        ["d"],
    )


@pytest.mark.promise("queue.flaky")
def test_a_flaky_guard_is_named_and_nobody_is_blamed(repo: Repo) -> None:
    once = repo.path.parent / "failed-once"
    body = (
        f"import os, sys; there = os.path.exists({str(once)!r}); open({str(once)!r}, 'w').close(); sys.exit(not there)"
    )
    guarded(repo, tests=body, lint="")
    streams(repo, "a", "b")
    result = run(repo)
    assert (sources(result.landed), result.blocked) == (["a", "b"], ())
    assert [(each.guard, len(each.proposals)) for each in result.flaky] == [("tests", 2)]


@pytest.mark.promise("queue.flaky")
def test_a_stream_that_does_not_pass_itself_blames_nobody(repo: Repo) -> None:
    guarded(repo, tests="raise SystemExit(1)")
    streams(repo, "a", "b")
    result = run(repo)
    assert (result.landed, result.blocked, result.stopped) == ((), (), "base")
    assert [(each.guard, each.outcome) for each in result.base] == [("tests", "failed")]
    assert waiting(repo) == ["a", "b"]


def test_a_hanging_guard_ends_at_its_limit_and_its_culprit_leaves(repo: Repo) -> None:
    hang = "import os, time\nif os.path.exists('bad'): time.sleep(600)"
    guarded(repo, tests=hang)
    config = repo.read("ai-vcs.config.yaml").decode().replace("      required", "      seconds: 1\n      required")
    repo.write("ai-vcs.config.yaml", config)
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("limit")
    streams(repo, "a", "b", b="bad")
    result = run(repo)
    assert sources(result.landed) == ["a"]
    assert [each.outcome for each in result.blocked[0].evidence] == ["timed-out"]


@pytest.mark.promise("queue.moved")
def test_a_target_that_moves_while_tests_run_is_tested_anew(repo: Repo) -> None:
    flag, diary = repo.path.parent / "moved", repo.path.parent / "diary"
    body = (
        "import os, subprocess\n"
        "seen = subprocess.run(['git', 'show', '-s', '--format=%P'], capture_output=True, text=True).stdout.split()\n"
        f"print(len(seen), file=open({str(diary)!r}, 'a'))\n"
        f"if not os.path.exists({str(flag)!r}):\n"
        f"    open({str(flag)!r}, 'w').close()\n"
        f"    git = ['git', '-C', {str(repo.path)!r}]\n"
        "    made = [*git, 'commit-tree', '-p', 'main', '-m', 'moved', 'moved^{tree}']\n"
        "    moved = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()\n"
        "    subprocess.run([*git, 'update-ref', 'refs/heads/main', moved], check=True)\n"
    )
    guarded(repo, tests=body)
    repo.git("switch", "--quiet", "-c", "moved")
    repo.write("moved", "m\n")
    repo.git_commit("moved")
    repo.git("switch", "--quiet", "main")
    streams(repo, "a", "b")
    repo.git("switch", "--quiet", "-c", "elsewhere")
    result = run(repo, into="main")
    assert (sources(result.landed), result.tests, result.stopped) == (["a", "b"], 2, None)
    assert repo.git("ls-tree", "--name-only", "main", "a", "b", "moved").split() == ["a", "b", "moved"]
    # Both were tested together again: neither had landed on what it was not tested with.
    assert diary.read_text() == "3\n3\n"


@pytest.mark.promise("queue.moved")
def test_a_source_that_moves_while_tests_run_is_tested_anew(repo: Repo) -> None:
    guarded(repo, tests=GOOD)
    streams(repo, "a", "b")
    seen: list[str] = []

    def progress(message: str, percent: int | None) -> None:
        del percent
        if message.startswith("Running guards") and not seen:
            seen.append(message)
            repo.git("update-ref", "refs/heads/b", repo.git("commit-tree", "-p", "b", "-m", "on", "b^{tree}"))

    caller = repo.caller()
    caller.progress = progress
    result = run(repo, caller)
    assert sources(result.landed) == ["a", "b"]
    assert repo.git("rev-parse", "main^2") == repo.git("rev-parse", "b")


def test_a_cancelled_run_leaves_the_line_as_it_is(repo: Repo) -> None:
    guarded(repo, tests="import time; time.sleep(600)")
    streams(repo, "a", "b")
    before = repo.git("rev-parse", "main")

    def progress(message: str, percent: int | None) -> None:
        del percent
        if message.startswith("Running guards"):
            raise CancelledError("Stopped.")

    caller = repo.caller()
    caller.progress = progress
    with pytest.raises(CancelledError):
        run(repo, caller)
    assert (waiting(repo), repo.git("rev-parse", "main")) == (["a", "b"], before)


def test_nothing_of_an_untrusted_repository_is_run(repo: Repo) -> None:
    guarded(repo, tests="")
    streams(repo, "a")
    caller = repo.caller()
    caller.trusted = False
    with pytest.raises(UntrustedError):
        run(repo, caller)
    assert waiting(repo) == ["a"]


def test_of_two_who_run_a_queue_one_does(repo: Repo) -> None:
    streams(repo, "a")
    workspace = repo.caller().workspace(None)
    with running(workspace, "refs/heads/main"):
        assert call(repo.caller(), wire.QUEUE_LIST, wire.QueueListParams()).running == ("main",)
        with pytest.raises(ProposalError, match="is running already"):
            run(repo)
    assert sources(run(repo).landed) == ["a"]


def test_the_line_keeps_its_order_and_a_place_is_kept(repo: Repo) -> None:
    streams(repo, "a", "b", "c")
    assert add(repo, "a").position == 1
    assert remove(repo, "a", reason="Not yet.").position == 0
    assert waiting(repo) == ["b", "c"]
    assert add(repo, "a", agent="foo").position == 3
    entries = call(repo.caller(), wire.QUEUE_LIST, wire.QueueListParams(into="main")).entries
    assert [(each.position, each.actor) for each in entries][-1] == (3, "agent:foo")
    reject(repo, "b")
    assert waiting(repo) == ["c", "a"]
    with pytest.raises(ProposalError, match="rejected already"):
        add(repo, entries[0].proposal.proposal_id)
    remove(repo, "c")
    with pytest.raises(ProposalError, match="is in no queue"):
        remove(repo, "c")


def test_an_objection_keeps_it_out_and_one_that_comes_later_takes_it_out(repo: Repo) -> None:
    streams(repo, "a", "b")
    vote(repo, "reject", "a", agent="critic")
    result = run(repo)
    assert sources(result.landed) == ["b"]
    assert "agent:critic votes against it" in result.blocked[0].reason
    with pytest.raises(ProposalBlockedError, match="votes against"):
        add(repo, "a")


def test_an_approval_that_is_missing_for_the_new_result_is_waited_for(repo: Repo) -> None:
    repo.write("ai-vcs.config.yaml", "merge:\n  approvals: 1\n")
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("rules")
    repo.git("branch", "a")
    repo.git("branch", "b")
    for name in ("a", "b"):
        repo.git("switch", "--quiet", name)
        repo.write(name, name)
        repo.git_commit(name)
    repo.git("switch", "--quiet", "main")
    for name in ("a", "b"):
        proposed(repo, name, no_ff=True)
        with pytest.raises(ProposalBlockedError, match="must approve"):
            add(repo, name)
        approved(repo, name)
        add(repo, name)
    result = run(repo)
    # What was approved of is not what it would be now.
    assert (sources(result.landed), result.blocked) == (["a"], ())
    assert "must approve" in result.waiting[0].awaits
    approved(repo, "b")
    assert sources(run(repo).landed) == ["b"]


def approved(repo: Repo, name: str) -> None:
    """Somebody else approves."""
    other = repo.caller(GIT_AUTHOR_EMAIL="bob@example.org", GIT_COMMITTER_EMAIL="bob@example.org")
    show(repo, name)
    call(other, wire.PROPOSAL_VOTE, wire.ProposalVoteParams(proposal=name, choice="approve"))


def test_a_hook_that_refuses_one_takes_it_out_and_the_others_land(repo: Repo) -> None:
    streams(repo, "a", "b", "c")
    hook = repo.write(
        ".git/hooks/pre-merge-commit",
        "#!/bin/sh\ngit ls-files --error-unmatch c 2>/dev/null && echo no c && exit 1 || exit 0\n",
    )
    hook.chmod(0o755)
    result = run(repo)
    assert sources(result.landed) == ["a", "b"]
    assert "pre-merge-commit hook refused" in result.blocked[0].reason
    assert "no c" in result.blocked[0].reason


def test_files_in_the_way_stop_it_and_nothing_is_lost(repo: Repo) -> None:
    streams(repo, "a", "b")
    repo.write("b", "mine\n")
    with pytest.raises(WouldLoseWorkError):
        run(repo)
    assert repo.read("b") == b"mine\n"
    assert waiting(repo) == ["b"]
    (repo.path / "b").unlink()
    assert sources(run(repo).landed) == ["b"]


@pytest.mark.promise("queue.rules")
def test_what_the_team_allows_counts_for_batches(repo: Repo) -> None:
    repo.write(
        "ai-vcs.config.yaml",
        f"merge:\n  batch: 2\nguards:\n  checks:\n    tests:\n      command: {sys.executable} -c ''\n",
    )
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("rules")
    streams(repo, "a", "b", "c")
    assert run(repo, batch=5).tests == 2
    streams(repo, "d", "e", "f")
    assert run(repo, batch=1).tests == 3


@pytest.mark.promise("queue.rules")
def test_a_batch_that_changes_the_rules_is_judged_by_them_from_then_on(repo: Repo) -> None:
    guarded(repo, tests="")
    repo.git("switch", "--quiet", "-c", "strict")
    guarded(repo, tests="import os, sys; sys.exit(os.path.exists('b'))")
    repo.git("switch", "--quiet", "main")
    proposed(repo, "strict", no_ff=True)
    add(repo, "strict")
    streams(repo, "b", "c")
    result = run(repo)
    assert (sources(result.landed), [each.proposal.sources[0].name for each in result.blocked]) == (
        ["strict", "c"],
        ["b"],
    )


def test_a_result_that_is_known_to_fail_does_not_land_as_a_part_of_one_that_passes(repo: Repo) -> None:
    guarded(repo, tests="import os, sys; sys.exit(os.path.exists('bad') and not os.path.exists('b'))")
    streams(repo, "a", "b", a="bad")
    call(repo.caller(), wire.PROPOSAL_CHECK, wire.ProposalCheckParams(proposal="a"))
    result = run(repo)
    assert sources(result.landed) == ["b"]
    assert result.blocked[0].reason == "The guard tests failed on this result."


def test_what_the_target_has_by_now_leaves_by_itself(repo: Repo) -> None:
    streams(repo, "a", "b")
    repo.git("merge", "--quiet", "--no-edit", "a")
    result = run(repo)
    assert (sources(result.landed), waiting(repo)) == (["b"], [])
    assert [each.status for each in listed(repo, everything=True)] == ["accepted", "superseded"]


def test_a_stream_that_only_moves_on_does_so(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "a")
    repo.write("a", "a\n")
    tip = repo.git_commit("a")
    repo.git("switch", "--quiet", "main")
    proposed(repo, "a")
    add(repo)
    streams(repo, "b")
    assert sources(run(repo).landed) == ["a", "b"]
    assert repo.git("rev-parse", "main^1") == tip


def test_an_empty_queue_is_no_mistake_and_several_lines_are_told_apart(repo: Repo) -> None:
    assert run(repo) == wire.QueueResult(target="main")
    streams(repo, "a")
    repo.git("branch", "release", "main")
    proposed(repo, "a", into="release", no_ff=True)
    name = next(each.proposal_id for each in listed(repo) if each.target == "release")
    add(repo, name)
    with pytest.raises(ProposalError, match="several lines: main, release"):
        run(repo)
    assert sources(run(repo, into="release").landed) == ["a"]
    assert waiting(repo) == ["a"]
    repo.git("switch", "--quiet", "--detach")
    assert sources(run(repo).landed) == ["a"]
    with pytest.raises(ProposalError, match="No merge proposal waits"):
        run(repo)
