"""Everything about one merge proposal."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal.chosen import chosen


def proposal_show(caller: Caller, params: wire.ProposalShowParams) -> wire.ProposalResult:
    """The proposal for where its streams stand now. Raises UnknownProposalError, AmbiguousProposalError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        return chosen(workspace, params).result()
