"""Merge proposals, newest first."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import shown
from anvcs.actions.proposal.book import book, short


def proposal_list(caller: Caller, params: wire.ProposalListParams) -> wire.Proposals:
    """Those that are open, or all; nothing is worked out anew."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        found = book(workspace, make=False)
        damaged: list[bytes] = []
        states = found.states(only_open=not params.all, damaged=damaged) if found is not None else ()
        summaries = tuple(shown.summary(workspace, state) for state in states)
        workspace.notices += [f"The proposal {short(each)} is damaged; run: ai-vcs doctor" for each in damaged]
        notices = tuple(workspace.notices)
        workspace.notices.clear()
        return wire.Proposals(proposals=summaries, notices=notices)
