"""Takes a merge proposal out of line; it stays open."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import landings, leases
from anvcs.actions.proposal.book import open_book, short
from anvcs.actions.proposal.chosen import named, refuse_closed
from anvcs.actions.queue import lines
from anvcs.errors import ProposalError
from anvcs.governance.proposal_events import Unqueued
from anvcs.provenance.redaction import redact_text


def queue_remove(caller: Caller, params: wire.QueueRemoveParams) -> wire.QueuePlace:
    """Take it out, whatever became of its streams. Raises ProposalError where it does not wait or is just landing."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor, book = acting(workspace, params), open_book(workspace)
        name = named(book, params.proposal)
        with leases.lease(workspace, name):
            state = landings.settle(actor, book, book.load(name), held=True)
            refuse_closed(state)
            if state.queued is None:
                raise ProposalError(f"The proposal {short(name)} is in no queue.", "See: ai-vcs queue list")
            reason = redact_text(params.reason or "")[0]
            state = book.add(actor, state, Unqueued(blocked=False, reason=reason))
        return lines.place(workspace, book, state)
