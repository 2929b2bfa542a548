"""Revokes a key."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.acting import acting
from anvcs.actions.actor import keys
from anvcs.actions.caller import Caller
from anvcs.errors import ActorError
from anvcs.governance.authority import Pair


def actor_revoke(caller: Caller, params: wire.ActorRevokeParams) -> wire.ActorResult:
    """The key counts no more. Raises UsageError, ActorError; then nothing was changed."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor_at_work = acting(workspace, params)
        signer = actor_at_work.signer
        identity.enrolled(workspace, signer)
        registry = identity.registry(workspace)
        pair = keys.resolve(registry, params.key)
        if pair == Pair(signer.actor, signer.public_key):
            raise ActorError(
                f"This is the key with which {signer.actor} signs here.",
                "Run ai-vcs actor rotate first, then revoke the old key.",
            )
        moment = keys.now()
        if params.since is not None and params.since > moment:
            raise ActorError("A key cannot be revoked from a moment yet to come.", "Name a moment in the past.")
        if pair in registry.state.revoked and params.since is None:
            raise ActorError(
                f"This key of {pair.actor} is revoked already.",
                "Name an earlier moment with --since, if it was lost before.",
            )
        entry = registry.revoke(signer, pair.actor, pair.key, moment, since=params.since, reason=params.reason)
        keys.check(registry, entry)
        arguments = {"key": params.key, "since": params.since, "reason": params.reason}
        return keys.carried_out(actor_at_work, signer, "actor-revoke", pair, entry, arguments)
