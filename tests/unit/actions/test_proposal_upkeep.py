"""Proposals in the doctor's eyes, in what the state costs, and beside a ledger that was lost."""

from __future__ import annotations

import shutil

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.proposal.book import DATABASE, open_book
from anvcs.errors import CorruptStoreError
from tests.conftest import Repo
from tests.merging import accept, apart, conflicting, listed, proposed, reject, resolve, show


def doctor(repo: Repo, *, repair: bool = False) -> list[wire.Check]:
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams(repair=repair))
    return [each for each in report.checks if each.id == "proposals"]


def test_the_doctor_reads_every_event(repo: Repo) -> None:
    assert doctor(repo) == []
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", take="left")
    (found,) = doctor(repo)
    assert (found.state, found.message) == ("ok", "All 1 merge proposals are chained, signed and whole.")


def damage(repo: Repo, it: wire.Proposal) -> None:
    """Spoil the log of one proposal."""
    with open_book(repo.caller().workspace(None)).store.write() as writer:
        writer.append(f"proposal/{it.proposal_id[3:]}", b"\x00")


def test_a_damaged_proposal_is_set_aside_and_the_others_stay(repo: Repo) -> None:
    apart(repo)
    repo.git("branch", "search", "login")
    broken, whole = proposed(repo), proposed(repo, "search")
    damage(repo, broken)
    (found,) = [each for each in doctor(repo) if each.state == "error"]
    assert found.message.startswith(broken.proposal_id[3:11])
    assert found.way_out
    assert "set aside" in doctor(repo, repair=True)[0].message
    assert all(each.state == "ok" for each in doctor(repo))
    assert [each.proposal_id for each in listed(repo)] == [whole.proposal_id]
    assert proposed(repo).proposal_id not in (broken.proposal_id, whole.proposal_id)


def test_a_damaged_file_is_moved_aside_and_merging_goes_on(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    path = repo.path / ".git/anvcs" / DATABASE
    path.with_name(path.name + "-wal").unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 100)
    (found,) = doctor(repo)
    assert found.state == "error"
    assert found.way_out
    (done,) = [each for each in doctor(repo, repair=True) if each.repaired and "moved aside" in each.message]
    assert done.state == "ok"
    assert list(path.parent.glob(DATABASE + ".damaged-*"))
    assert proposed(repo).status == "ready"
    accept(repo)


def test_one_damaged_proposal_hides_no_other(repo: Repo) -> None:
    apart(repo)
    repo.git("branch", "search", "login")
    broken, whole = proposed(repo), proposed(repo, "search")
    damage(repo, broken)
    found = call(repo.caller(), wire.PROPOSAL_LIST, wire.ProposalListParams())
    assert [each.proposal_id for each in found.proposals] == [whole.proposal_id]
    assert found.notices == (f"The proposal {broken.proposal_id[3:11]} is damaged; run: ai-vcs doctor",)
    with pytest.raises(CorruptStoreError):
        show(repo, broken.proposal_id)
    assert show(repo).proposal.proposal_id == whole.proposal_id
    accept(repo)


def test_what_an_ended_proposal_kept_is_let_go(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    (name,) = repo.git("for-each-ref", "--format=%(refname)", "refs/anvcs/proposals").splitlines()
    kept = repo.git("rev-parse", name)
    reject(repo)
    repo.git("update-ref", name, kept)
    found = doctor(repo)
    assert [each.state for each in found] == ["ok", "warning"]
    assert doctor(repo, repair=True)[1].repaired
    assert repo.git("for-each-ref", "refs/anvcs/proposals") == ""


def test_proposals_outlive_a_ledger_that_has_to_be_made_anew(repo: Repo) -> None:
    conflicting(repo)
    it = proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    for each in (repo.path / ".git/anvcs").glob("ledger.db*"):
        each.write_bytes(b"")
    now = show(repo).proposal
    assert now.proposal_id == it.proposal_id
    assert [each.resolved is not None for each in now.files[0].conflicts] == [True, False]


def test_what_proposals_cost_is_shown(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    costs = {cost.name: cost.bytes for cost in call(repo.caller(), wire.DU, wire.DuParams()).costs}
    assert costs["proposals"] > 0
    assert costs["results"] > 0


def test_uninstalling_takes_them_along(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert repo.git("for-each-ref", "refs/anvcs") == ""
    assert not (repo.path / ".git/anvcs").exists()


def test_a_copied_clone_has_proposals_of_its_own(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    other = Repo(repo.path.with_name("copy"), repo.env, repo.config_home)
    shutil.copytree(repo.path, other.path)
    accept(other)
    assert len(listed(repo)) == 1
    other.close()


def test_what_looks_like_a_secret_is_not_kept_in_words(repo: Repo) -> None:
    apart(repo)
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    proposed(repo, message=f"merge with {secret}")
    it = reject(repo, reason=f"it has {secret}")
    assert secret not in f"{it.message}{it.reason}"
    files = (repo.path / ".git/anvcs").glob(DATABASE + "*")
    assert not any(secret.encode() in each.read_bytes() for each in files)


def test_a_landed_merge_is_the_same_again_when_it_is_replayed(repo: Repo) -> None:
    apart(repo)
    proposed(repo)
    done = accept(repo)
    (found,) = call(repo.caller(), wire.REPLAY, wire.ReplayParams(operation=done.operation_id)).operations
    assert (found.kind, found.tier, found.outcome) == ("merge", "yellow", "same")
    assert call(repo.caller(), wire.VERIFY, wire.VerifyParams()).sound
