"""Guards on the result of a merge: run in a scratch worktree, recorded as evidence about just this tree."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import CancelledError, ProposalBlockedError, ProposalError, UntrustedError, UsageError
from tests.conftest import Repo
from tests.merging import accept, apart, codes, conflicting, listed, merge, proposed, resolve, show, vote

PATIENCE = 30.0


def guarded(repo: Repo, *, required: bool = True, **commands: str) -> None:
    """Commit a configuration with guards that are lines of Python."""
    lines = ["guards:", "  checks:"]
    for name, body in commands.items():
        lines += [f"    {name}:", f"      required: {str(required).lower()}", "      command:"]
        lines += [f"        - {sys.executable}", "        - '-c'", f"        - {body!r}"]
    repo.write("ai-vcs.config.yaml", "\n".join(lines) + "\n")
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("guards")


def check(repo: Repo, *guards: str, fresh: bool = False, caller: Caller | None = None) -> wire.Proposal:
    params = wire.ProposalCheckParams(guards=guards, fresh=fresh)
    return call(caller or repo.caller(), wire.PROPOSAL_CHECK, params).proposal


BOTH = "import os; assert os.path.exists('theirs') and os.path.exists('ours')"


@pytest.mark.promise("proposals.auto")
def test_auto_lands_only_what_its_guards_have_passed(repo: Repo) -> None:
    guarded(repo, tests=BOTH)
    apart(repo)
    assert proposed(repo).status == "open"
    with pytest.raises(ProposalBlockedError, match="Not run on this result yet: tests"):
        accept(repo)
    result = merge(repo, auto=True)
    assert result.outcome == "accepted"
    assert result.proposal is not None
    (evidence,) = result.proposal.evidence
    assert (evidence.guard, evidence.outcome) == ("tests", "passed")
    shown = repo.show()
    assert shown.metadata is not None
    assert shown.metadata.tests_passed is True


@pytest.mark.promise("proposals.auto")
def test_what_fails_its_guards_stays_open_and_shows_why(repo: Repo) -> None:
    guarded(repo, tests="print('1 failed'); raise SystemExit(3)")
    apart(repo)
    head = repo.head()
    result = merge(repo, auto=True)
    it = result.proposal
    assert (result.outcome, repo.head()) == ("proposed", head)
    assert it is not None
    assert (it.status, codes(it)) == ("blocked", ["guard-failed"])
    assert (it.evidence[0].exit_code, it.evidence[0].output) == (3, "1 failed\n")
    assert it.next[0] == f"ai-vcs proposal check {it.proposal_id[3:11]}"
    with pytest.raises(ProposalBlockedError, match="The guard tests failed"):
        accept(repo)
    accept(repo, force=True, reason="It fails on main too.")
    shown = repo.show()
    assert shown.metadata is not None
    assert shown.metadata.tests_passed is False


def test_a_guard_that_need_not_pass_only_says_so(repo: Repo) -> None:
    guarded(repo, required=False, lint="raise SystemExit(1)")
    apart(repo)
    it = merge(repo, test_check=True).proposal
    assert it is not None
    assert (it.status, it.evidence[0].outcome) == ("ready", "failed")
    assert merge(repo, auto=True).outcome == "accepted"


@pytest.mark.promise("proposals.lands-what-was-judged")
def test_evidence_is_about_one_tree(repo: Repo) -> None:
    guarded(repo, tests=BOTH)
    apart(repo)
    proposed(repo)
    it = check(repo)
    assert (it.status, it.evidence[0].cached) == ("ready", False)
    repo.write("more", "m\n")
    repo.git_commit("more")
    it = show(repo).proposal
    assert (it.status, it.evidence) == ("open", ())
    check(repo)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    it = show(repo).proposal
    assert (it.status, it.revision) == ("ready", 3)


def test_what_is_known_of_a_tree_is_not_run_again_unless_asked_for(repo: Repo, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    guarded(repo, tests=f"open({str(diary)!r}, 'a').write('x')")
    apart(repo)
    proposed(repo)
    assert [check(repo).evidence[0].cached for _ in range(2)] == [False, True]
    assert diary.read_text() == "x"
    assert not check(repo, fresh=True).evidence[0].cached
    assert diary.read_text() == "xx"


def test_only_the_guards_that_are_named_are_run(repo: Repo) -> None:
    guarded(repo, tests=BOTH, types="raise SystemExit(1)")
    apart(repo)
    proposed(repo)
    it = check(repo, "tests")
    assert [each.guard for each in it.evidence] == ["tests"]
    assert (it.status, codes(it)) == ("open", ["guard-missing"])
    with pytest.raises(UsageError, match="no guard called nothing"):
        check(repo, "nothing")
    assert show(repo).proposal.status == "open"


def test_without_guards_there_is_nothing_to_run(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    with pytest.raises(ProposalError, match="No guards are configured"):
        check(repo)
    result = merge(repo, auto=True, test_check=True)
    assert result.outcome == "proposed"
    assert result.refused is not None
    assert "No guards are configured" in result.refused.message
    assert merge(repo, auto=True).outcome == "accepted"


def test_files_in_conflict_are_decided_before_guards_run(repo: Repo) -> None:
    guarded(repo, tests="pass")
    conflicting(repo)
    result = merge(repo, auto=True, test_check=True)
    assert result.proposal is not None
    assert codes(result.proposal) == ["conflict"]
    with pytest.raises(ProposalError, match="files in conflict"):
        check(repo)
    resolve(repo, "f", take="left")
    assert check(repo).status == "ready"


def test_the_rules_are_those_of_the_target(repo: Repo) -> None:
    guarded(repo, tests="raise SystemExit(1)")
    apart(repo)
    repo.git("switch", "--quiet", "login")
    repo.git("rm", "--quiet", "ai-vcs.config.yaml")
    repo.git_commit("no guards any more")
    repo.git("switch", "--quiet", "main")
    it = merge(repo, auto=True).proposal
    assert it is not None
    assert codes(it) == ["guard-failed"]


def test_rules_that_cannot_be_read_stand_in_the_way_and_are_named(repo: Repo) -> None:
    apart(repo)
    it = proposed(repo)
    repo.write("ai-vcs.config.yaml", "merge:\n  approval: 1\n")
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("a slip")
    # Here nobody would get that far with such a file.
    repo.write("ai-vcs.config.yaml", "")
    (summary,) = listed(repo)
    assert (summary.proposal_id, summary.status) == (it.proposal_id, "blocked")
    it = show(repo).proposal
    assert codes(it) == ["config"]
    assert "merge.approval is not a known key" in it.obstacles[0].message
    accept(repo, force=True, reason="The settings are mended next.")


def test_commands_of_a_repository_that_is_not_trusted_are_not_run(repo: Repo) -> None:
    guarded(repo, tests="pass")
    apart(repo)
    caller = repo.caller()
    caller.trusted = False
    result = merge(repo, auto=True, caller=caller)
    assert result.refused is not None
    assert (result.outcome, result.refused.code) == ("proposed", "untrusted")
    with pytest.raises(UntrustedError):
        check(repo, caller=caller)
    assert show(repo).proposal.status == "open"


SLOW = "import time; open({here!r}, 'w').close(); time.sleep(100)"


def _check(arguments: tuple[str, dict[str, str], str]) -> None:
    cwd, env, config = arguments
    call(Caller(cwd=Path(cwd), env=env, config_home=Path(config)), wire.PROPOSAL_CHECK, wire.ProposalCheckParams())


@pytest.mark.heavy
@pytest.mark.promise("proposals.survives-kill")
def test_who_dies_while_checking_leaves_it_open(repo: Repo, tmp_path: Path) -> None:
    here = tmp_path / "here"
    os.mkfifo(here)
    guarded(repo, tests=SLOW.format(here=str(here)))
    apart(repo)
    proposed(repo)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_check, args=((str(repo.path), repo.env, str(repo.config_home)),))
    child.start()
    try:
        # Until the guard opens it too.
        here.read_bytes()
        it = show(repo).proposal
        assert it.status == "checking"
        assert it.next == (f"ai-vcs proposal show {it.proposal_id[3:11]}",)
        for refused in (lambda: check(repo), lambda: accept(repo)):
            with pytest.raises(ProposalError, match="at work on the proposal"):
                refused()
        # Others may look at it and vote meanwhile.
        assert vote(repo, "reject", agent="critic").status == "checking"
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
    finally:
        child.kill()
        child.join(PATIENCE)
    assert show(repo).proposal.status == "blocked"
    assert vote(repo, "withdraw", agent="critic").status == "open"


def test_cancelled_nothing_is_recorded(repo: Repo, tmp_path: Path) -> None:
    here = tmp_path / "here"
    guarded(repo, tests=SLOW.format(here=str(here)))
    apart(repo)
    proposed(repo)
    caller = repo.caller()

    def progress(message: str, percent: int | None) -> None:
        del message, percent
        if here.exists():
            raise CancelledError("Cancelled; nothing was changed.")

    caller.progress = progress
    with pytest.raises(CancelledError):
        check(repo, caller=caller)
    it = show(repo).proposal
    assert (it.status, it.evidence, codes(it)) == ("open", (), ["guard-missing"])


def test_a_vote_while_guards_run_is_kept_beside_what_they_say(repo: Repo) -> None:
    guarded(repo, tests="pass")
    apart(repo)
    proposed(repo)
    caller, voted = repo.caller(), list[str]()

    def progress(message: str, percent: int | None) -> None:
        del percent
        if message.startswith("Running guards") and not voted:
            voted.append(vote(repo, "approve", agent="critic").status)

    caller.progress = progress
    it = check(repo, caller=caller)
    assert voted == ["checking"]
    assert (it.evidence[0].outcome, [each.actor for each in it.votes]) == ("passed", ["agent:critic"])
