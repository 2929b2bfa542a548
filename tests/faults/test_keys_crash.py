"""kill -9 before each write that changes whose keys are whose: the registry and the ledger say the same afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.actor import keys
from anvcs.actions.caller import call
from anvcs.actors import KeyStore
from anvcs.gitmirror import actors
from anvcs.governance import sshsig
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.interop.operation_support import newest

OTHER = "agent:other"
BEFORE = ("actor-prepare", "registry-objects", "registry-ref")
"""The steps before which the registry has not changed."""


def listed(repo: Repo) -> list[tuple[str, str, str]]:
    found = call(repo.caller(), wire.ACTOR_LIST, wire.ActorListParams()).keys
    return sorted((key.actor, key.key, key.state) for key in found)


def state(repo: Repo) -> tuple[object, ...]:
    """What must be as it was: the user's own refs, index and files, and the registry."""
    return repo.snapshot(), listed(repo)


def sworn(repo: Repo, *others: str) -> None:
    """The ledger and the registry agree, and every signature is known or of the other states that may be."""
    sound(repo)
    report = call(repo.caller(), wire.VERIFY, wire.VerifyParams())
    assert report.sound
    assert report.signatures.keys() <= {"known", *others}
    known = set(actors.read(repo.caller().workspace(None).repo, repo.git("rev-parse", actors.REF)))
    for entry in repo.caller().workspace(None).ledger.operations():
        said = entry.operation.details.get("entry")
        if entry.operation.kind.startswith("actor-") and isinstance(said, str):
            assert (entry.state == "published") == (bytes.fromhex(said.removeprefix("b3:")) in known)


def foreign_key(tmp_path: Path) -> str:
    """The public key of an actor on another machine."""
    return sshsig.key_text(KeyStore(tmp_path / "elsewhere").signer(OTHER).public_key)


def tried(repo: Repo, step: str, request: wire.Request[Any, Any], params: wire.Params) -> bool:
    """Kill the verb there; whether it had taken effect then, which ledger and registry must agree on."""
    before, operation = state(repo), newest(repo)
    die(repo, step, request, params)
    reopen(repo)
    done = newest(repo) != operation
    assert (state(repo) != before) == done == (step not in BEFORE)
    sworn(repo)
    assert reopen(repo).notices == ()
    return done


@pytest.mark.promise("identity.survives-kill")
@pytest.mark.parametrize("step", keys.STEPS)
def test_a_killed_enrolment_is_as_before_or_as_after(repo: Repo, step: str, tmp_path: Path) -> None:
    params = wire.ActorEnrollParams(actor=OTHER, key=foreign_key(tmp_path))
    if not tried(repo, step, wire.ACTOR_ENROLL, params):
        assert call(repo.caller(), wire.ACTOR_ENROLL, params).key.state == "known"
        sworn(repo)
    assert OTHER in {actor for actor, _, state in listed(repo) if state == "known"}
    assert "other@agent" in (repo.path / ".git/anvcs" / identity.ALLOWED).read_text()


@pytest.mark.promise("identity.survives-kill")
@pytest.mark.parametrize("step", keys.STEPS)
def test_a_killed_revocation_is_as_before_or_as_after(repo: Repo, step: str, tmp_path: Path) -> None:
    call(repo.caller(), wire.ACTOR_ENROLL, wire.ActorEnrollParams(actor=OTHER, key=foreign_key(tmp_path)))
    params = wire.ActorRevokeParams(key=OTHER, reason="lost")
    if not tried(repo, step, wire.ACTOR_REVOKE, params):
        assert call(repo.caller(), wire.ACTOR_REVOKE, params).key.state == "revoked"
        sworn(repo)
    assert OTHER in {actor for actor, _, state in listed(repo) if state == "revoked"}


@pytest.mark.promise("identity.survives-kill")
@pytest.mark.parametrize("step", ["actor-key", *keys.STEPS])
def test_a_key_that_was_being_replaced_is_the_old_or_the_new_one(repo: Repo, step: str) -> None:
    before = repo.snapshot()
    die(repo, step, wire.ACTOR_ROTATE, wire.ActorRotateParams())
    reopen(repo)
    assert repo.snapshot() == before
    # The new key has signed what was taken back, and comes into the registry when it next signs.
    sworn(repo, "unknown")
    repo.write("src/app.py", "x = 9\n")
    repo.commit("signed")
    sworn(repo)
    active = [key for actor, key, state in listed(repo) if state == "known" and actor.startswith("human:")]
    assert sshsig.key_text(KeyStore(repo.config_home).signer("human:ada@example.org").public_key) in active
    call(repo.caller(), wire.ACTOR_ROTATE, wire.ActorRotateParams())
    repo.write("src/app.py", "x = 10\n")
    repo.commit("signed again")
    sworn(repo)


@pytest.mark.promise("identity.survives-kill")
@pytest.mark.parametrize("step", identity.STEPS)
def test_a_killed_first_signature_is_made_by_the_next_one(repo: Repo, step: str) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    agent = wire.Metadata(agent_id="agent:fresh")
    die(repo, step, wire.COMMIT, wire.CommitParams(message="work", metadata=agent))
    reopen(repo)
    assert repo.snapshot() == before
    sworn(repo)
    repo.commit("work", metadata=agent)
    assert ("agent:fresh", "known") in {(actor, state) for actor, _, state in listed(repo)}
    sworn(repo)
