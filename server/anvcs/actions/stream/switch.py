"""Checks a stream out: Git first, then rooms, then artifacts; nothing at all where any of them would lose work."""

from __future__ import annotations

from collections.abc import Mapping

from anvcs import ids, wire
from anvcs.actions import foreign, moving, publish, streams
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.moving import Wish
from anvcs.actions.resolve import resolve
from anvcs.errors import StoreConflictError, StreamMovedError
from anvcs.gitmirror import worktrees
from anvcs.gitmirror.paths import quote

_ATTEMPTS = 10


def stream_switch(caller: Caller, params: wire.StreamSwitchParams) -> wire.StreamResult:
    """Switch. Raises StreamError, WouldLoseWorkError naming the files, OperationInProgressError; nothing is changed."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        arguments: dict[str, ids.Value] = {"name": params.name, "detach": params.detach}
        for _ in range(_ATTEMPTS):
            try:
                if params.detach:
                    commit = resolve(workspace, params.name)
                    return perform(actor, None, commit, {}, "switch", arguments)
                ref = streams.ref_of(workspace, params.name)
                return perform(actor, ref, workspace.repo.ref(ref), {}, "switch", arguments)
            except StoreConflictError:
                continue
        raise StreamMovedError(f"{params.name} kept moving.", "Try again when others have finished.")


def perform(
    actor: Acting,
    ref: str | None,
    commit: str | None,
    moves: Mapping[str, tuple[str | None, str | None]],
    kind: str,
    arguments: Mapping[str, ids.Value],
) -> wire.StreamResult:
    """Check the stream (or, without one, the commit) out, moving other pointers along."""
    workspace = actor.workspace
    repo = workspace.repo
    streams.refuse_busy(workspace)
    holder = worktrees.holders(repo).get(ref) if ref is not None else None
    if ref is not None and holder is not None and holder != repo.worktree_name():
        raise publish.checked_out(repo, ref, holder)
    now, before = repo.head_value(), repo.head()
    then = f"ref: {ref}" if ref is not None else commit
    wanted = dict(moves)
    if now != then:
        wanted[moving.own_head(repo)] = (now, then)
    name = ref.removeprefix(streams.HEADS) if ref is not None else str(commit)
    wish = Wish(
        kind=kind,
        moves=wanted,
        files="require",
        summary=f"checkout: moving from {_name(now)} to {name}",
        details={"stream": name},
        arguments=arguments,
        causes=(workspace.ledger.producer(commit) if commit is not None else None,),
        keep=tuple(value for value in (before, commit) if value is not None),
    )
    ready = moving.prepare(workspace, wish)
    made = moving.carry_out(actor, wish, ready)
    return wire.StreamResult(
        operation_id=ids.text(made.id),
        name=name,
        git_commit=commit,
        paths=tuple(quote(path) for path in sorted(ready.paths)),
        hook_output=streams.told(workspace, before, commit),
        notices=tuple(workspace.notices),
    )


def _name(head: str | None) -> str:
    """What git calls it in the reflog, where ``git checkout -`` finds the way back."""
    if head is None:
        return "0" * 40
    return head[5:].removeprefix(streams.HEADS) if head.startswith("ref: ") else head
