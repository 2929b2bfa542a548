"""A page of the operation log, newest first."""

from __future__ import annotations

from anvcs import actors, ids, wire
from anvcs.actions import foreign
from anvcs.actions.caller import Caller
from anvcs.actions.moved import operation
from anvcs.actions.undoing import REDOES, UNDOES
from anvcs.actions.workspace import Workspace
from anvcs.history.ledger import Entry


def op_log(caller: Caller, params: wire.OpLogParams) -> wire.OpLogPage:
    """The operations asked for, what plain git did included. Raises UnknownOperationError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        ledger = workspace.ledger
        if params.at_op is None and params.before is None:
            foreign.look(workspace)
        last = ledger.find(params.at_op) if params.at_op is not None else None
        before = ledger.find(params.before) if params.before is not None else None
        found = _page(workspace, params, last if before is None else before, inclusive=before is None)
        more, found = len(found) > params.limit, found[: params.limit]
        undone = taken_back(workspace, found)
        notices = tuple(workspace.notices)
        return wire.OpLogPage(
            operations=tuple(operation(workspace, each, undone=each.signed.id in undone) for each in found),
            more=more,
            notices=notices,
        )


def _page(workspace: Workspace, params: wire.OpLogParams, last: bytes | None, *, inclusive: bool) -> list[Entry]:
    """One more than asked for, to tell whether there are more."""
    ledger, wanted = workspace.ledger, params.limit + 1
    limit = None if last is None else ledger.entry(last).sequence + inclusive
    if params.actor is None:
        first = [ledger.entry(last)] if last is not None and inclusive else []
        return (first + ledger.operations(wanted, last))[:wanted]
    actor = params.actor if ":" in params.actor else actors.agent(params.actor)
    found: list[Entry] = []
    place = 0
    while len(found) < wanted and (page := ledger.by_actor(actor, wanted, place)):
        place = page[-1][0]
        found += [entry for _, entry in page if limit is None or entry.sequence < limit]
    return found[:wanted]


def taken_back(workspace: Workspace, entries: list[Entry]) -> set[bytes]:
    """Which of the operations, a page in order, are taken back and not done again."""
    if not entries:
        return set()
    ledger = workspace.ledger
    done: dict[str, bool] = {}
    # Whoever took one of them back did so later, by the same actor.
    for actor in {entry.operation.actor for entry in entries}:
        oldest = min(entry.sequence for entry in entries if entry.operation.actor == actor)
        place = 0
        newer = True
        while newer and (page := ledger.by_actor(actor, 100, place)):
            place = page[-1][0]
            for _, entry in page:
                newer = entry.sequence >= oldest
                if not newer:
                    break
                operation = entry.operation
                target = operation.details.get(UNDOES) or operation.details.get(REDOES)
                if entry.state == "published" and isinstance(target, str):
                    done.setdefault(target, operation.kind == "undo")
    return {ids.raw(name) for name, back in done.items() if back}
