"""Names the present state, to come back to it."""

from __future__ import annotations

import re

from anvcs import ids, wire
from anvcs.actions import foreign
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.errors import UsageError
from anvcs.history.operations import Move

PREFIX = "checkpoints/"
"""How the names of checkpoints begin in a view."""
_NAME = re.compile(r"[^\s\x00-\x1f\x7f/@][^\x00-\x1f\x7f]{0,199}")


def checkpoint_create(caller: Caller, params: wire.CheckpointCreateParams) -> wire.CheckpointResult:
    """Record the name as an operation. Raises UsageError for a name that is taken or cannot be one."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        ledger = workspace.ledger
        name = PREFIX + params.name
        if not _NAME.fullmatch(params.name):
            raise UsageError(
                f"{params.name!r} cannot name a checkpoint.", "Begin it with a letter or digit; 200 characters at most."
            )
        if ledger.view().get(name) is not None:
            raise UsageError(f"There is a checkpoint {params.name} already.", "Choose another name.")
        target = ledger.find("@")
        actor = acting(workspace, params)
        details: dict[str, str | int | bool] = {"checkpoint": params.name}
        if params.message is not None:
            details["message"] = params.message
        draft, private = actor.draft(
            "checkpoint", (Move(name, None, ids.text(target)),), details=details, causes=(target,)
        )
        made = actor.record(draft, private)
        operation = made.operation
        return wire.CheckpointResult(
            checkpoint=wire.Checkpoint(
                name=params.name,
                operation_id=ids.text(target),
                actor=operation.actor,
                time=operation.time,
                message=params.message,
            ),
            operation_id=ids.text(made.id),
        )
