"""What gc leaves of merge proposals that have ended, and that it never touches open ones."""

from __future__ import annotations

import json
import sys

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.proposal.book import open_book
from tests.conftest import Repo
from tests.interop.operation_support import collect_garbage
from tests.merging import accept, apart, conflicting, listed, proposed, reject, resolve, show, vote

CONFIG = "ai-vcs.config.yaml"


def gc(repo: Repo, days: int | None = 0, *, dry_run: bool = False) -> wire.GcResult:
    return call(repo.caller(), wire.GC, wire.GcParams(days=days, dry_run=dry_run))


def size(repo: Repo) -> int:
    """The bytes of all objects that events name."""
    with open_book(repo.caller().workspace(None)).store.read() as reader:
        book = open_book(repo.caller().workspace(None))
        events = [event for name in book.names(reader) for event in book.events_in(reader, name)]
        names = {each for event in events for each in vars_of(event.what)}
        return sum(len(reader.get("object", name) or b"") for name in names)


def vars_of(what: object) -> list[bytes]:
    return [each for name in ("merge", "text", "evidence") if isinstance(each := getattr(what, name, None), bytes)]


def told(it: wire.Proposal) -> tuple[object, ...]:
    return it.proposal_id, it.status, it.reason, it.tree, it.votes


@pytest.mark.promise("proposals.compacted")
def test_of_an_ended_proposal_only_what_was_said_stays(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", text="a text of my own\n")
    vote(repo, "approve", reason="Fine.")
    before = reject(repo, reason="Not now.")
    assert gc(repo, dry_run=True).proposals == 1
    assert show(repo, before.proposal_id).proposal.files
    result = gc(repo)
    assert (result.proposals, result.operation_id is not None) == (1, True)
    assert size(repo) == 0
    it = show(repo, before.proposal_id).proposal
    assert told(it) == told(before)
    assert (it.compacted, it.files, it.changed) == (True, (), 0)
    assert [each.proposal_id for each in listed(repo, everything=True)] == [before.proposal_id]
    files = (repo.path / ".git/anvcs").glob("proposals.db*")
    assert not any(b"a text of my own" in each.read_bytes() for each in files)
    assert gc(repo).proposals == 0
    assert all(
        each.state == "ok"
        for each in call(repo.caller(), wire.DOCTOR, wire.DoctorParams()).checks
        if each.id == "proposals"
    )


@pytest.mark.promise("proposals.compacted")
def test_an_open_proposal_stays_whole_with_what_it_shares(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, text="mine")
    old = reject(repo)
    now = proposed(repo)
    assert now.files[0].conflicts[0].resolved is not None
    gc(repo)
    collect_garbage(repo)
    assert show(repo).proposal == now
    resolve(repo, "f", conflict=2, take="left")
    accept(repo)
    assert b"mine\n" in repo.read("f")
    assert not show(repo, now.proposal_id).proposal.compacted
    assert show(repo, old.proposal_id).proposal.status == "rejected"


@pytest.mark.promise("proposals.compacted")
def test_how_long_is_for_the_settings_to_say(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    reject(repo)
    assert gc(repo, None).proposals == 0
    assert gc(repo, 1).proposals == 0
    repo.write(CONFIG, "retention:\n  proposals: 0\n")
    result = gc(repo, None)
    assert (result.proposals, result.compacted) == (1, 0)


@pytest.mark.promise("proposals.compacted")
def test_what_guards_said_of_what_landed_stays_with_its_commit(repo: Repo) -> None:
    command = json.dumps([sys.executable, "-c", "print('works')"])
    repo.write(CONFIG, f"guards:\n  checks:\n    tests:\n      command: {command}\n")
    repo.git("add", "--force", CONFIG)
    repo.git_commit("settings")
    apart(repo)
    proposed(repo, test_check=True)
    landed = accept(repo).proposal
    gc(repo)
    it = show(repo, landed.proposal_id).proposal
    assert it.compacted
    assert [(each.guard, each.outcome, each.output) for each in it.evidence] == [("tests", "passed", "works\n")]


def test_a_decision_of_a_forgotten_proposal_is_made_anew(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    reject(repo)
    gc(repo)
    assert [each.resolved for each in proposed(repo).files[0].conflicts] == [None, None]


def test_a_result_that_an_ended_proposal_still_keeps_alive_is_let_go(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    (name,) = repo.git("for-each-ref", "--format=%(refname)", "refs/anvcs/proposals").splitlines()
    kept = repo.git("rev-parse", name)
    reject(repo)
    repo.git("update-ref", name, kept)
    repo.git("branch", "search", "login")
    still = proposed(repo, "search")
    gc(repo, 3650)
    assert repo.git("for-each-ref", "--format=%(refname)", "refs/anvcs/proposals").endswith(still.proposal_id[3:])


def test_an_ended_proposal_can_be_looked_at_when_git_has_collected_its_trees(repo: Repo) -> None:
    conflicting(repo)
    it = proposed(repo)
    resolve(repo, "f", text="a text of my own\n")
    reject(repo, reason="Not now.")
    repo.git("branch", "--quiet", "-D", "login")
    repo.git("update-ref", "-d", "refs/anvcs/keep")
    collect_garbage(repo)
    found = show(repo, it.proposal_id).proposal
    assert (found.status, found.reason, found.compacted) == ("rejected", "Not now.", True)


def test_a_damaged_proposal_keeps_nobody_from_being_compacted(repo: Repo) -> None:
    conflicting(repo)
    it = proposed(repo)
    reject(repo)
    repo.git("branch", "search", "login")
    broken = proposed(repo, "search")
    with open_book(repo.caller().workspace(None)).store.write() as writer:
        writer.append(f"proposal/{broken.proposal_id[3:]}", b"\x00")
    assert gc(repo).proposals == 1
    assert show(repo, it.proposal_id).proposal.compacted
