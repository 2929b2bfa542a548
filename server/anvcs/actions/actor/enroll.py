"""Vouches for an actor's key."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.acting import acting
from anvcs.actions.actor import keys
from anvcs.actions.caller import Caller
from anvcs.errors import ActorError
from anvcs.governance import sshsig
from anvcs.governance.authority import Pair


def actor_enroll(caller: Caller, params: wire.ActorEnrollParams) -> wire.ActorResult:
    """The key is the actor's, says who acts. Raises UsageError, ActorError; then nothing was changed."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor, key = keys.named(params.actor), sshsig.public_key(params.key)
        actor_at_work = acting(workspace, params)
        signer = actor_at_work.signer
        identity.enrolled(workspace, signer)
        registry = identity.registry(workspace)
        state = registry.status(key, actor, keys.now()).state
        if state == "known":
            raise ActorError(f"This key is known as {actor}'s already.", "There is nothing to do.")
        if state == "revoked":
            raise ActorError(
                f"This key of {actor} was revoked, and a revoked key never counts again.",
                "Make a new one with: ai-vcs actor rotate",
            )
        entry = registry.enroll(signer, actor, key, keys.now())
        keys.check(registry, entry)
        arguments = {"actor": actor, "key": sshsig.key_text(key)}
        return keys.carried_out(actor_at_work, signer, "actor-enroll", Pair(actor, key), entry, arguments)
