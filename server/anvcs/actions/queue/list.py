"""What waits in merge queues."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import foreign, streams
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import leases
from anvcs.actions.proposal.book import book
from anvcs.actions.queue import lines


def queue_list(caller: Caller, params: wire.QueueListParams) -> wire.Queue:
    """Line by line; nothing is worked out anew. Raises StreamError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        target = streams.ref_of(workspace, params.into) if params.into is not None else None
        found = book(workspace, make=False)
        states = lines.line(workspace, found, target) if found is not None else []
        targets = dict.fromkeys(each.opened.target for each in states)
        running = tuple(each.removeprefix(streams.HEADS) for each in targets if leases.is_running(workspace, each))
        notices = tuple(workspace.notices)
        workspace.notices.clear()
        return wire.Queue(entries=lines.entries(workspace, states), running=running, notices=notices)
