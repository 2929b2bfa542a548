"""Puts a merge proposal in line for its target, where it waits to be tested together with others."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import rules
from anvcs.actions.proposal.book import short
from anvcs.actions.proposal.chosen import chosen, refuse_closed
from anvcs.actions.queue import lines
from anvcs.errors import ProposalBlockedError
from anvcs.governance.proposal_events import Queued


def queue_add(caller: Caller, params: wire.QueueAddParams) -> wire.QueuePlace:
    """Put it at the end of the line; one that waits already keeps its place.

    Raises ProposalError for one that has ended, and ProposalBlockedError where something other than tests is missing.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        found = chosen(workspace, params)
        state = found.state
        refuse_closed(state)
        if state.queued is None:
            left = lines.beside_tests(rules.ruling(workspace, state).obstacles)
            if left:
                raise ProposalBlockedError(
                    f"The proposal {short(state.id)} cannot be queued: {' '.join(each.message for each in left)}",
                    f"Only tests may be missing. See: ai-vcs proposal show {short(state.id)}",
                )
            state = found.book.add(found.actor, state, Queued())
        return lines.place(workspace, found.book, state)
