"""Goes back to a checkpoint."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import moving
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.checkpoint.create import PREFIX
from anvcs.actions.op.restore import perform
from anvcs.errors import UnknownOperationError


def checkpoint_restore(caller: Caller, params: wire.CheckpointRestoreParams) -> wire.MoveResult:
    """Restore the state it names, as ``op restore`` does. Raises UnknownOperationError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        now = moving.current(workspace)
        name = now.get(PREFIX + params.name)
        if name is None:
            raise UnknownOperationError(
                f"There is no checkpoint {params.name}.", "See ai-vcs checkpoint list for those there are."
            )
        actor = acting(workspace, params)
        target = workspace.ledger.find(name)
        # The checkpoint names the operation before it; where live texts stood when it was made, its own view says.
        made = workspace.ledger.maker(PREFIX + params.name)
        return perform(actor, target, now, all_worktrees=params.all_worktrees, dry_run=params.dry_run, live=made)
