"""The pointers that differ around an operation, or between two."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.caller import Caller
from anvcs.history.views import View


def op_diff(caller: Caller, params: wire.OpDiffParams) -> wire.OpDiff:
    """Every pointer with its value in each. Raises UnknownOperationError, AmbiguousOperationError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        ledger = workspace.ledger
        first = ledger.find(params.operation)
        after = ledger.view_of(first)
        if params.to is None:
            before: View = ledger.view_before(first)
        else:
            before, after = after, ledger.view_of(ledger.find(params.to))
        return wire.OpDiff(
            moves=tuple(
                wire.PointerMove(name=name, old=old, new=new) for name, (old, new) in before.diff(after).items()
            )
        )
