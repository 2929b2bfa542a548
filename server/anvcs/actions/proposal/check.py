"""Runs guards on the result of a merge proposal; what they say is evidence about just this tree."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal.chosen import chosen, refuse_closed
from anvcs.actions.proposal.running import run


def proposal_check(caller: Caller, params: wire.ProposalCheckParams) -> wire.ProposalResult:
    """Run them, with progress; cancelled, nothing is written down. Raises as ``running.run`` does."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        found = chosen(workspace, params)
        refuse_closed(found.state)
        return found.result(run(found, params.guards, fresh=params.fresh))
