"""What an actor says of the result of a merge proposal."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import chosen, refuse_closed, refuse_unseen
from anvcs.errors import ProposalError
from anvcs.governance.proposal_events import Voted
from anvcs.provenance.redaction import redact_text


def proposal_vote(caller: Caller, params: wire.ProposalVoteParams) -> wire.ProposalResult:
    """Approve of the result, object to it, or take one's own vote back; signed, and about just this result.

    Raises ProposalMovedError where it is not the result that was looked at, ProposalError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        found = chosen(workspace, params)
        refuse_closed(found.state)
        refuse_unseen(found, params.tree)
        state = found.state
        if params.choice == "withdraw" and found.actor.signer.actor not in state.votes:
            raise ProposalError(
                f"{found.actor.signer.actor} has no vote on the proposal {short(state.id)}.", "There is nothing to do."
            )
        what = Voted(tree=str(state.tree), choice=params.choice, reason=redact_text(params.reason or "")[0])
        return found.result(found.book.add(found.actor, state, what))
