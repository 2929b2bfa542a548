"""kill -9 while decisions are carried over, and while ended proposals are compacted."""

from __future__ import annotations

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.proposal import book, keeping
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.merging import accept, conflicting, merge, proposed, reject, resolve, show


def takes(it: wire.Proposal) -> list[str | None]:
    return [each.resolved.take if each.resolved is not None else None for each in it.files[0].conflicts]


@pytest.mark.promise("proposals.survives-kill")
@pytest.mark.parametrize(("step", "passed"), [(book.STEPS[0], 0), (keeping.STEPS[0], 0), (book.STEPS[0], 1)])
def test_a_new_proposal_has_the_decisions_of_the_last_one_whenever_it_was_killed(
    repo: Repo, step: str, passed: int
) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", conflict=2, text="mine")
    reject(repo)
    die(repo, step, wire.MERGE, wire.MergeParams(sources=("login",)), passed=passed)
    reopen(repo)
    it = merge(repo).proposal
    assert it is not None
    assert (it.status, takes(it)) == ("ready", ["left", "text"])
    accept(repo)
    sound(repo)


@pytest.mark.promise("proposals.survives-kill")
@pytest.mark.parametrize("step", [keeping.STEPS[0], book.STEPS[0]])
def test_a_revision_has_all_decisions_or_is_none_whenever_it_was_killed(repo: Repo, step: str) -> None:
    conflicting(repo)
    it = proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", conflict=2, text="mine")
    repo.write("f", "first\n" + repo.read("f").decode())
    repo.git_commit("above")
    die(repo, step, wire.PROPOSAL_SHOW, wire.ProposalShowParams())
    reopen(repo)
    now = show(repo, it.proposal_id).proposal
    assert (now.revision, now.status, takes(now)) == (2, "ready", ["left", "text"])
    sound(repo)


@pytest.mark.promise("proposals.compacted")
@pytest.mark.parametrize("step", ["gc-proposals", "gc-views", "gc-scrub"])
def test_who_is_killed_while_proposals_are_compacted_leaves_the_open_ones_whole(repo: Repo, step: str) -> None:
    conflicting(repo)
    old = proposed(repo)
    resolve(repo, "f", conflict=1, text="mine")
    resolve(repo, "f", conflict=2, text="not this, on second thoughts")
    resolve(repo, "f", conflict=2, take="left")
    reject(repo)
    now = proposed(repo)
    die(repo, step, wire.GC, wire.GcParams(days=0))
    reopen(repo)
    call(repo.caller(), wire.GC, wire.GcParams(days=0))
    files = (repo.path / ".git/anvcs").glob("proposals.db*")
    assert not any(b"on second thoughts" in each.read_bytes() for each in files)
    assert show(repo).proposal == now
    assert show(repo, old.proposal_id).proposal.status == "rejected"
    sound(repo)
