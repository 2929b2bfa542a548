"""Does again what the actor took back last in this worktree."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions import moving, streams, undoing
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.files import still_old
from anvcs.actions.moved import result
from anvcs.actions.moving import Wish
from anvcs.errors import UndoRefusedError
from anvcs.history import kinds


def redo(caller: Caller, params: wire.RedoParams) -> wire.MoveResult:
    """Move its pointers forward again. Raises UndoRefusedError where there is nothing, or something moved since."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        now = moving.current(workspace)
        actor = acting(workspace, params)
        entry = undoing.stack(actor).redo
        if entry is None:
            raise UndoRefusedError(
                f"{actor.signer.actor} has taken nothing back here that could be done again.",
                "See ai-vcs op log for what was done.",
            )
        operation = entry.operation
        undoing.can_be_redone(workspace, entry, now)
        moves = {
            move.name: (move.old, move.new)
            for move in operation.moves
            if undoing.is_own_pointer(move.name) and now.get(move.name) == move.old != move.new
        }
        plan, files = undoing.files_back(workspace, entry, again=True)
        old = still_old(workspace.repo, files)
        going = tuple(move for move in files if old[move])
        wish = Wish(
            kind="redo",
            moves=moves,
            files="follow" if kinds.of(operation).files else "leave",
            details={undoing.REDOES: ids.text(entry.signed.id)},
            arguments={"operation": ids.text(entry.signed.id)},
            causes=(entry.signed.id,),
            plan=plan,
            again=True,
            file_moves=going,
            worktrees=undoing.taking_part(workspace, plan),
        )
        ready = moving.prepare(workspace, wish)
        left = ready.left | {move.path: "has changed since" for move in files if move not in going}
        made = None if params.dry_run else moving.carry_out(actor, wish, ready)
        if made is not None:
            streams.follow_name(workspace, entry, again=True)
        return result(workspace, entry, wish, ready.paths, left, made)
