"""All checkpoints."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions.caller import Caller
from anvcs.actions.checkpoint.create import PREFIX
from anvcs.actions.undoing import REDOES
from anvcs.actions.workspace import Workspace


def checkpoint_list(caller: Caller, params: wire.CheckpointListParams) -> wire.Checkpoints:
    """Every checkpoint by name, with who made it and when."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        return wire.Checkpoints(checkpoints=tuple(_all(workspace)))


def _all(workspace: Workspace) -> list[wire.Checkpoint]:
    names = {
        name.removeprefix(PREFIX): value
        for name, value in workspace.ledger.view().items().items()
        if name.startswith(PREFIX)
    }
    found: list[wire.Checkpoint] = []
    for name, target in names.items():
        made = workspace.ledger.maker(PREFIX + name)
        entry = workspace.ledger.entry(made) if made is not None else None
        done_again = entry.operation.details.get(REDOES) if entry is not None else None
        if isinstance(done_again, str):
            entry = workspace.ledger.entry(ids.raw(done_again))
        operation = entry.operation if entry is not None else None
        message = operation.details.get("message") if operation is not None else None
        found.append(
            wire.Checkpoint(
                name=name,
                operation_id=target,
                actor=operation.actor if operation is not None else None,
                time=operation.time if operation is not None else None,
                message=message if isinstance(message, str) else None,
            )
        )
    return found
