"""Ends a merge proposal without landing it."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import keeping
from anvcs.actions.proposal.chosen import held
from anvcs.governance.proposal_events import Rejected
from anvcs.provenance.redaction import redact_text


def proposal_reject(caller: Caller, params: wire.ProposalRejectParams) -> wire.ProposalResult:
    """Reject it, whatever became of its streams. Raises ProposalError for one that has ended or is just landing."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        with held(workspace, params) as found:
            reason = redact_text(params.reason or "")[0]
            state = found.book.add(found.actor, found.state, Rejected(reason=reason))
        keeping.release(workspace, state.id)
        return found.result(state)
