"""Replaces the key of the actor who acts."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.acting import acting
from anvcs.actions.actor import keys
from anvcs.actions.caller import Caller
from anvcs.actors import KeyStore
from anvcs.governance import sshsig
from anvcs.governance.authority import Pair


def actor_rotate(caller: Caller, params: wire.ActorRotateParams) -> wire.ActorResult:
    """A new key signs from now on; other repositories learn of it when the actor next signs there.

    Raises UsageError, StoreError where the key cannot be written; then nothing was changed.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor_at_work = acting(workspace, params)
        old = actor_at_work.signer
        identity.enrolled(workspace, old)
        caller.at("actor-key")
        # The new key is on disk before the registry knows it: after a crash the next signature brings it there.
        new = KeyStore(caller.config_home).rotate(old.actor)
        entry = identity.replacement(workspace, old, new, params.reason)
        pair = Pair(new.actor, new.public_key)
        if entry is None:
            workspace.notices.append(
                f"Nobody here can vouch for the new key of {new.actor}. Ask an enrolled person to run: "
                f"ai-vcs actor enroll {new.actor} '{sshsig.key_text(new.public_key)}'"
            )
        arguments = {"reason": params.reason, "old": sshsig.key_text(old.public_key)}
        return keys.carried_out(actor_at_work, new, "actor-rotate", pair, entry, arguments)
