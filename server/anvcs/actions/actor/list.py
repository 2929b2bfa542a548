"""Whose keys are whose in this repository."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.actor.keys import described, named
from anvcs.actions.caller import Caller


def actor_list(caller: Caller, params: wire.ActorListParams) -> wire.ActorListResult:
    """Every key that the registry names. Raises NotInitializedError, UsageError for what cannot be an actor."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        wanted = named(params.actor) if params.actor is not None else None
        registry = identity.registry(workspace)
        keys = described(workspace, registry)
        return wire.ActorListResult(
            keys=tuple(each for each in keys if wanted is None or each.actor == wanted),
            damaged=tuple(registry.damaged.values()),
        )
