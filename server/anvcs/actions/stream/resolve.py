"""Ends a conflict of a stream: one signed operation chooses its value and names all values that it chose between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import foreign, identity, moving, team
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.moving import Wish
from anvcs.actions.resolve import resolve
from anvcs.actions.team import conflicted
from anvcs.errors import StreamError
from anvcs.gitmirror import segments as git
from anvcs.history.conflicts import Conflict
from anvcs.history.operations import SignedOperation
from anvcs.history.replicas import RESOLVE, STREAMS
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def stream_resolve(caller: Caller, params: wire.StreamResolveParams) -> wire.StreamResolveResult:
    """Keep our value, the other clone's, or a third commit; the other clones learn of it with the next exchange.

    Raises StreamError where the stream is not in conflict or the value is not clear or not here, WouldLoseWorkError
    where it is checked out and files in the way have changes; then nothing was changed.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        found = [each for each in team.conflicts(workspace) if each.stream == STREAMS + params.stream]
        if not found:
            raise StreamError(f"The stream {params.stream} is not in conflict.", "See ai-vcs sync for those that are.")
        new = _chosen(workspace, params, found)
        operation = _record(acting(workspace, params), found, new)
        left = conflicted.update(workspace)
        return wire.StreamResolveResult(
            stream=params.stream,
            old=found[0].ours,
            new=new,
            operation_id=ids.text(operation.id),
            conflicts=tuple(conflicted.shown(workspace, each) for each in left),
            notices=tuple(workspace.notices),
        )


def _chosen(workspace: Workspace, params: wire.StreamResolveParams, found: list[Conflict]) -> str:
    if params.keep == "ours":
        return found[0].ours
    if params.keep != "theirs":
        return resolve(workspace, params.keep)
    meant = [each for each in found if each.replica.startswith(params.replica or "")]
    values = {each.theirs for each in meant}
    if not meant:
        raise StreamError(
            f"The stream {params.stream} is not in conflict with a replica {params.replica}.",
            f"It is with: {', '.join(each.replica[:8] for each in found)}.",
        )
    if len(values) > 1:
        raise StreamError(
            f"{len(values)} replicas have other values of {params.stream}.",
            f"Name one of them with --replica: {', '.join(each.replica[:8] for each in meant)}.",
        )
    value = values.pop()
    if not git.is_here(workspace.repo, value):
        raise StreamError(
            f"The commit {value[:10]} is not here: operations were exchanged, commits travel by Git.",
            "Fetch it from where it was pushed to, or ask for it to be pushed; then try again.",
        )
    return value


def _record(acting: Acting, found: list[Conflict], new: str) -> SignedOperation:
    """The operation; the stream moves with it where its value changes."""
    workspace = acting.workspace
    ref, old = found[0].stream, found[0].ours
    values = list(dict.fromkeys([old, *(each.theirs for each in found), new]))
    causes = tuple(each.operation for each in found)
    arguments: dict[str, ids.Value] = {"stream": ref, "keep": new}
    details: dict[str, str | int | bool] = {"stream": ref, "values": " ".join(values), "kept": new}
    if new == old:
        identity.enrolled(workspace, acting.signer)
        draft, private = acting.draft(RESOLVE, arguments=arguments, details=details, causes=causes)
        with exclusive(workspace.lock_path):
            return acting.record(draft, private)
    wish = Wish(
        kind=RESOLVE,
        moves={ref: (old, new)},
        files="require" if workspace.repo.head_ref() == ref else "leave",
        summary=f"resolve: {ref.removeprefix(STREAMS)}",
        details=details,
        arguments=arguments,
        causes=causes,
        keep=(old, new),
    )
    return moving.carry_out(acting, wish, moving.prepare(workspace, wish))
