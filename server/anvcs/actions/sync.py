"""Exchanges operations with the other clones of the team."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import team
from anvcs.actions.caller import Caller
from anvcs.actions.team import conflicted
from anvcs.actions.workspace import Workspace
from anvcs.history import replicas


def sync(caller: Caller, params: wire.SyncParams) -> wire.SyncResult:
    """Send ours, take in theirs, and show which streams are in conflict. No stream moves.

    Raises ConfigError where no place is set, GitFailedError or StoreUnreachableError where it cannot be reached.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        done = team.exchange(workspace, params.remote)
        return wire.SyncResult(
            place=done.place,
            sent=done.sent,
            received=sum(each.new for each in done.heard),
            replicas=tuple(_heard(workspace, each) for each in done.heard),
            conflicts=tuple(conflicted.shown(workspace, each) for each in done.conflicts),
            notices=(*workspace.notices, *done.notices),
        )


def _heard(workspace: Workspace, heard: team.Heard) -> wire.ReplicaHeard:
    store = workspace.ledger.store
    newest = replicas.log(store, heard.replica, 1)
    operation = newest[0].operation if newest else None
    return wire.ReplicaHeard(
        replica=heard.replica,
        operations=replicas.of(store, heard.replica).end.last,
        new=heard.new,
        actor=operation.actor if operation else None,
        time=operation.time if operation else None,
    )
