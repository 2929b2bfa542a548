"""Removes a stream; its commits are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import ancestry, foreign, moving, publish, streams
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.moving import Wish
from anvcs.errors import StreamError
from anvcs.gitmirror import pointers, worktrees

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def stream_delete(caller: Caller, params: wire.StreamDeleteParams) -> wire.StreamResult:
    """Remove it. Raises StreamError where it is checked out, or its commits are nowhere else and it is not forced."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        ref = streams.ref_of(workspace, params.name)
        name = ref.removeprefix(streams.HEADS)
        holder = worktrees.holders(workspace.repo).get(ref)
        if holder == workspace.repo.worktree_name():
            raise StreamError(f"The stream {name} is checked out here.", "Switch to another stream first.")
        if holder is not None:
            raise publish.checked_out(workspace.repo, ref, holder)
        old = str(workspace.repo.ref(ref))
        if not params.force and not _is_elsewhere(workspace, ref, old):
            raise StreamError(
                f"Commits of the stream {name} are in no other stream.",
                "Merge it first, or delete it with --force: its commits are kept, and undo brings it back.",
            )
        wish = Wish(
            kind="stream-delete",
            moves={ref: (old, None)},
            details={"stream": name},
            arguments={"name": params.name, "force": params.force},
            keep=(old,),
        )
        made = moving.carry_out(actor, wish, moving.prepare(workspace, wish))
        return wire.StreamResult(
            operation_id=ids.text(made.id), name=name, git_commit=old, notices=tuple(workspace.notices)
        )


def _is_elsewhere(workspace: Workspace, ref: str, tip: str) -> bool:
    """Another stream, a remote's or a tag has all its commits."""
    others = {
        value for name, value in pointers.read(workspace.repo).items() if name != ref and name.startswith("refs/")
    }
    commits = {workspace.repo.peel(value) for value in others if not value.startswith("ref: ") and " " not in value}
    head = workspace.repo.head()
    return any(
        other == tip or ancestry.is_ancestor(workspace, tip, other) for other in {*commits, head} if other is not None
    )
