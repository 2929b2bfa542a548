"""Ends a merge proposal without landing it."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import keeping, landings, leases
from anvcs.actions.proposal.book import open_book
from anvcs.actions.proposal.chosen import Chosen, named, refuse_closed
from anvcs.governance.proposal_events import Rejected
from anvcs.provenance.redaction import redact_text


def proposal_reject(caller: Caller, params: wire.ProposalRejectParams) -> wire.ProposalResult:
    """Reject it, whatever became of its streams. Raises ProposalError for one that has ended or is just landing."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor, book = acting(workspace, params), open_book(workspace)
        name = named(book, params.proposal)
        with leases.lease(workspace, name):
            state = landings.settle(actor, book, book.load(name), held=True)
            refuse_closed(state)
            state = book.add(actor, state, Rejected(reason=redact_text(params.reason or "")[0]))
        keeping.release(workspace, name)
        return Chosen(actor, book, state, renewed=False, before=state).result()
