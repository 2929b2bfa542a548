"""kill -9 anywhere in a merge: nothing is lost, what landed is known to have landed, and the next try goes on."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import publish
from anvcs.actions.caller import Caller, call
from anvcs.actions.proposal import book, keeping, landings
from anvcs.errors import AnvcsError, ProposalBlockedError, ProposalError, ProposalMovedError
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.merging import accept, apart, conflicting, listed, merge, proposed, resolve, show, vote

LANDING = (*landings.STEPS[:1], *publish.STEPS, *landings.STEPS[1:])
"""What accepting passes, in its order."""
NOT_YET = LANDING[: LANDING.index("ref") + 1]
"""Steps before which nothing is visible yet."""
pytestmark = pytest.mark.promise("proposals.survives-kill")


@pytest.mark.parametrize("step", LANDING)
@pytest.mark.parametrize("here", [True, False], ids=["checked-out", "elsewhere"])
def test_a_kill_while_it_lands_leaves_it_open_or_accepted(repo: Repo, step: str, here: bool) -> None:
    apart(repo)
    if not here:
        repo.git("switch", "--quiet", "-c", "elsewhere", "HEAD~1")
    it = proposed(repo, into="main")
    before, main = repo.snapshot(), repo.git("rev-parse", "main")
    die(repo, step, wire.PROPOSAL_ACCEPT, wire.ProposalAcceptParams())
    reopen(repo)
    # Where no file follows, the index comes after the stream, as it has nothing to do.
    if step in NOT_YET and (here or step != "index"):
        assert repo.snapshot() == before
        assert show(repo).proposal.status == "ready"
        accept(repo)
    (known,) = listed(repo, everything=True)
    if known.status != "accepted":
        known = show(repo, it.proposal_id).proposal
    assert known.status == "accepted"
    assert known.landed is not None
    assert repo.git("rev-parse", "main") == known.landed.git_commit != main
    assert repo.git("rev-parse", "main^{tree}") == it.tree
    assert repo.status() == ""
    sound(repo)
    call(repo.caller(), wire.UNDO, wire.UndoParams())
    assert repo.git("rev-parse", "main") == main
    sound(repo)


@pytest.mark.parametrize(("step", "passed"), [(book.STEPS[0], 0), (keeping.STEPS[0], 0), (book.STEPS[0], 1)])
def test_a_kill_while_it_is_proposed_leaves_nothing_or_the_whole(repo: Repo, step: str, passed: int) -> None:
    conflicting(repo)
    before = repo.snapshot()
    die(repo, step, wire.MERGE, wire.MergeParams(sources=("login",)), passed=passed)
    assert repo.snapshot() == before
    it = proposed(repo)
    assert (it.status, it.conflicts) == ("blocked", 1)
    assert len(listed(repo, everything=True)) == 1
    resolve(repo, "f", take="left")
    accept(repo)
    sound(repo)


@pytest.mark.parametrize(
    ("step", "passed"),
    [
        (keeping.STEPS[0], 0),
        *((book.STEPS[0], passed) for passed in range(4)),
        *((step, 0) for step in ("landing", "prepare", "index", "ref", "published", "accepted")),
    ],
)
def test_a_kill_while_auto_lands_it_leaves_nothing_a_proposal_or_the_whole(repo: Repo, step: str, passed: int) -> None:
    apart(repo)
    main = repo.git("rev-parse", "main")
    die(repo, step, wire.MERGE, wire.MergeParams(sources=("login",), auto=True), passed=passed)
    reopen(repo)
    if repo.git("rev-parse", "main") == main:
        assert repo.status() == ""
    again = merge(repo, auto=True)
    assert again.outcome in ("accepted", "up-to-date")
    assert repo.git("rev-list", "--count", "--merges", "main") == "1"
    assert {each.status for each in listed(repo, everything=True)} == {"accepted"}
    assert repo.status() == ""
    sound(repo)


@pytest.mark.parametrize("step", [*keeping.STEPS, *book.STEPS])
def test_a_kill_while_a_conflict_is_decided_leaves_it_undecided(repo: Repo, step: str) -> None:
    conflicting(repo)
    it = proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    die(repo, step, wire.PROPOSAL_RESOLVE, wire.ProposalResolveParams(path="f", conflict=2, take="right"))
    now = show(repo).proposal
    assert (now.proposal_id, now.status, now.revision) == (it.proposal_id, "blocked", 1)
    assert [each.resolved is not None for each in now.files[0].conflicts] == [True, False]
    repo.git("gc", "--quiet", "--prune=now")
    assert resolve(repo, "f", conflict=2, take="right").status == "ready"
    accept(repo)
    sound(repo)


def test_a_kill_while_a_moved_stream_is_merged_anew_costs_nothing(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", take="left")
    repo.write("more", "m\n")
    repo.git_commit("more")
    die(repo, "proposal-event", wire.PROPOSAL_SHOW, wire.ProposalShowParams())
    seen = show(repo)
    assert (seen.renewed, seen.proposal.revision, seen.proposal.status) == (True, 2, "ready")
    sound(repo)


def _accept(arguments: tuple[str, dict[str, str], str, str]) -> str:
    cwd, env, config, name = arguments
    caller = Caller(cwd=Path(cwd), env=env, config_home=Path(config))
    try:
        call(caller, wire.PROPOSAL_ACCEPT, wire.ProposalAcceptParams(proposal=name))
    except AnvcsError as error:
        return error.code
    finally:
        caller.close()
    return "accepted"


@pytest.mark.promise("proposals.one-wins")
@pytest.mark.heavy
@pytest.mark.parametrize("round_", range(3))
def test_of_two_processes_that_land_on_one_stream_one_wins_and_the_other_is_told(repo: Repo, round_: int) -> None:
    del round_
    apart(repo)
    repo.git("switch", "--quiet", "-c", "search", "HEAD~1")
    repo.write("search", "s\n")
    repo.git_commit("search")
    repo.git("switch", "--quiet", "-c", "elsewhere")
    names = [proposed(repo, source, into="main").proposal_id for source in ("login", "search")]
    given = [(str(repo.path), repo.env, str(repo.config_home), name) for name in names]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        ended = pool.map(_accept, given)
    assert sorted(ended) == ["accepted", "proposal-moved"]
    loser = names[ended.index("proposal-moved")]
    again = show(repo, loser).proposal
    assert (again.status, again.revision) == ("ready", 2)
    accept(repo, loser)
    assert repo.git("show", "main:search") == "s"
    assert repo.git("show", "main:theirs") == "t"
    sound(repo)


@pytest.mark.heavy
def test_of_two_who_land_one_proposal_one_does(repo: Repo) -> None:
    apart(repo)
    name = proposed(repo).proposal_id
    callers = [repo.caller(), repo.caller()]

    def go(caller: Caller) -> str:
        try:
            accept(repo, name, caller=caller)
        except ProposalError as error:
            return error.code
        return "accepted"

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(go, callers))
    assert ended[0] == "accepted"
    assert ended[1] in ("proposal", "proposal-moved")
    assert repo.git("rev-list", "--count", "--merges", "main") == "1"
    sound(repo)


@pytest.mark.promise("proposals.lands-what-was-judged")
def test_a_stream_that_moves_at_the_last_moment_keeps_it_from_landing(repo: Repo) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "-c", "elsewhere", "HEAD~1")
    proposed(repo, into="main")
    other = repo.git("commit-tree", "-p", "main", "-m", "other", "main^{tree}")

    def at(step: str) -> None:
        if step == "landing":
            repo.git("update-ref", "refs/heads/main", other)

    with pytest.raises(ProposalMovedError, match="moved while"):
        accept(repo, caller=repo.caller(at=at))
    assert repo.git("rev-parse", "main") == other
    assert show(repo).proposal.status == "ready"
    accept(repo)
    assert repo.git("log", "-1", "--format=%P", "main").split()[0] == other
    sound(repo)


@pytest.mark.parametrize("choice", ["approve", "reject"])
def test_a_vote_at_the_last_moment_counts(repo: Repo, choice: str) -> None:
    apart(repo)
    proposed(repo)
    voted: list[str] = []

    def at(step: str) -> None:
        if step == "landing" and not voted:
            voted.append(vote(repo, choice, agent="critic").status)

    if choice == "reject":
        with pytest.raises(ProposalBlockedError, match="agent:critic votes against it"):
            accept(repo, caller=repo.caller(at=at))
        assert repo.git("log", "-1", "--format=%s") == "our work"
    else:
        accept(repo, caller=repo.caller(at=at))
        assert listed(repo, everything=True)[0].status == "accepted"
    sound(repo)


def test_who_looks_while_it_lands_does_not_take_it_for_merged_by_others(repo: Repo) -> None:
    apart(repo)
    it = proposed(repo)
    seen: list[str] = []

    def at(step: str) -> None:
        if step == "accepted":
            seen.append(show(repo, it.proposal_id).proposal.status)
            seen.append(vote(repo, "approve", it.proposal_id, agent="critic").status)

    done = accept(repo, caller=repo.caller(at=at))
    assert seen == ["ready", "ready"]
    assert done.proposal.status == "accepted"
    assert [each.actor for each in done.proposal.votes] == ["agent:critic"]


def test_two_who_propose_one_merge_at_once_have_one_proposal(repo: Repo) -> None:
    apart(repo)
    others: list[str] = []

    def at(step: str) -> None:
        if step == "proposal-event" and not others:
            others.append(proposed(repo).proposal_id)

    it = merge(repo, caller=repo.caller(at=at)).proposal
    assert it is not None
    assert [it.proposal_id] == others == [each.proposal_id for each in listed(repo)]


def test_auto_goes_on_where_a_stream_moves_meanwhile(repo: Repo) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "-c", "elsewhere", "HEAD~1")
    moved: list[str] = []

    def at(step: str) -> None:
        if step == "landing" and not moved:
            moved.append(repo.git("commit-tree", "-p", "main", "-m", "other", "main^{tree}"))
            repo.git("update-ref", "refs/heads/main", moved[0])

    result = merge(repo, into="main", auto=True, caller=repo.caller(at=at))
    assert result.outcome == "accepted"
    assert repo.git("log", "-1", "--format=%P", "main").split()[0] == moved[0]
    sound(repo)
