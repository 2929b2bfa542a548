"""Takes a merge proposal out of line; it stays open."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import held
from anvcs.actions.queue import lines
from anvcs.errors import ProposalError
from anvcs.governance.proposal_events import Unqueued
from anvcs.provenance.redaction import redact_text


def queue_remove(caller: Caller, params: wire.QueueRemoveParams) -> wire.QueuePlace:
    """Take it out, whatever became of its streams. Raises ProposalError where it does not wait or is just landing."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        with held(workspace, params) as found:
            if found.state.queued is None:
                raise ProposalError(f"The proposal {short(found.state.id)} is in no queue.", "See: ai-vcs queue list")
            reason = redact_text(params.reason or "")[0]
            state = found.book.add(found.actor, found.state, Unqueued(blocked=False, reason=reason))
        return lines.place(workspace, found.book, state)
