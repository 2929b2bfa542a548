"""kill -9 before each write of sealing, of an exchange, and of making a ledger anew: nothing is lost or doubled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import lost, seal, team
from anvcs.actions.caller import call
from anvcs.gitmirror import segments as git
from anvcs.history import replicas
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.faults.test_lost_databases import DAMAGE, worked
from tests.interop.test_sync import Clones, commit, heard_log, own_log, replica, sync


@pytest.fixture
def clones(make_repo: Callable[..., Repo], tmp_path: Path) -> Clones:
    return Clones(make_repo, tmp_path)


def settled(clones: Clones) -> None:
    """After another round of exchanges both have all of each other's operations, once each, and all of it is true."""
    a, b = clones.a, clones.b
    for repo in (a, b, a):
        sync(repo)
    assert [entry.signed for entry in heard_log(a, b)] == [entry.signed for entry in own_log(b)]
    assert [entry.signed for entry in heard_log(b, a)] == [entry.signed for entry in own_log(a)]
    last = sync(a), sync(b)
    assert [(each.sent, each.received, len(each.conflicts)) for each in last] == [(0, 0, 1), (0, 0, 1)]
    assert replicas.verify(a.caller().workspace(None).ledger.store, replica(b)) == []
    for repo in (a, b):
        sound(repo)


@pytest.mark.promise("team.survives-kill")
@pytest.mark.parametrize("step", [*seal.STEPS, *team.STEPS])
def test_a_killed_exchange_is_made_up_for_by_the_next_one(clones: Clones, step: str) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    sync(a)
    commit(b, "two")
    before = b.snapshot()
    die(b, step, wire.SYNC, wire.SyncParams())
    reopen(b)
    assert b.snapshot() == before
    sound(b)
    settled(clones)


@pytest.mark.promise("team.survives-kill")
@pytest.mark.parametrize("step", team.PARTING)
def test_a_copy_that_was_killed_while_it_became_a_replica_becomes_one(
    clones: Clones, step: str, tmp_path: Path
) -> None:
    a = clones.a
    commit(a, "one")
    sync(a)
    a.close()
    shutil.copytree(a.path, tmp_path / "copy", symlinks=True)
    copy = Repo(tmp_path / "copy", a.env, a.config_home)
    commit(a, "two")
    sync(a)
    commit(copy, "three")
    before = copy.snapshot()
    die(copy, step, wire.SYNC, wire.SyncParams())
    reopen(copy)
    assert copy.snapshot() == before
    sound(copy)
    for repo in (copy, a, copy):
        sync(repo)
    assert replica(copy) != replica(a)
    assert (copy.path / ".git/anvcs/replica").read_text().strip() == replica(copy)
    assert [entry.signed for entry in heard_log(a, copy)] == [entry.signed for entry in own_log(copy)]
    assert [entry.signed for entry in heard_log(copy, a)] == [entry.signed for entry in own_log(a)]
    assert sync(copy).notices == ()
    logs = git.logs(copy.caller().workspace(None).repo)
    assert set(logs) == {replica(a), replica(copy)}
    # The file is right in time: a ledger that is lost now goes on as the new replica.
    name = replica(copy)
    copy.close()
    (copy.path / ".git/anvcs/ledger.db").unlink()
    assert "made anew" in " ".join(reopen(copy).notices)
    assert replica(copy) == name
    sound(copy)
    copy.close()


@pytest.mark.promise("segments.crash")
@pytest.mark.parametrize("step", seal.STEPS)
def test_a_kill_while_sealing_loses_and_doubles_nothing(clones: Clones, step: str) -> None:
    repo = clones.a
    before = worked(repo)
    die(repo, step, wire.SYNC, wire.SyncParams())
    workspace = repo.caller().workspace(None)
    end = seal.seal(workspace)
    assert end.last == end.outcomes == len(before.entries)
    tip = git.tip(workspace.repo, workspace.ledger.replica)
    assert git.count(workspace.repo, tip) == end.segments
    sound(repo)
    repo.close()
    (repo.path / ".git/anvcs/ledger.db").unlink()
    assert "No reflog names" in reopen(repo).notices[1]
    assert own_log(repo) == before.entries


@pytest.mark.promise("ledger.rebuilt")
@pytest.mark.parametrize("step", lost.STEPS)
@pytest.mark.parametrize("damage", ["deleted", "overwritten"])
def test_a_kill_while_a_ledger_is_made_anew_costs_nothing(repo: Repo, step: str, damage: str) -> None:
    before = worked(repo, tail=1)
    name, snapshot = replica(repo), repo.snapshot()
    repo.close()
    DAMAGE[damage](repo.path / ".git/anvcs/ledger.db")
    die(repo, step, wire.STATUS, wire.StatusParams())
    said = reopen(repo).notices
    # Once the new one is in its place, what it lacks is seen by the reflog.
    assert said[0].startswith("The ledger lacks 1 operation" if step == "rebuild-note" else "The ledger ")
    assert before.survive_in(repo)
    assert replica(repo) == name
    assert repo.snapshot() == snapshot
    sound(repo)
    repo.write("more", "content")
    repo.commit("more")
    assert call(repo.caller(), wire.VERIFY, wire.VerifyParams()).sound
