"""Takes back the actor's own last operation in this worktree; what others did since is never touched."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions import moving, streams, undoing
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.files import still_new
from anvcs.actions.moved import result
from anvcs.actions.moving import Wish
from anvcs.errors import UndoRefusedError
from anvcs.history import kinds
from anvcs.history.ledger import Entry


def undo(caller: Caller, params: wire.UndoParams) -> wire.MoveResult:
    """Move its pointers back by a three-way merge of views. Files follow where the kind moved them.

    Raises UndoRefusedError, naming who moved a pointer since and the way out.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        now = moving.current(workspace)
        actor = acting(workspace, params)
        entry = undoing.stack(actor).undo
        if entry is None or entry.operation.kind == "init":
            raise UndoRefusedError(
                f"There is nothing of {actor.signer.actor} to undo in this worktree.",
                "See ai-vcs op log for what was done.",
            )
        undoing.can_be_undone(workspace, entry, now)
        return perform(actor, entry, now, dry_run=params.dry_run)


def perform(actor: Acting, entry: Entry, now: moving.Pointers, *, dry_run: bool) -> wire.MoveResult:
    """Take the operation back, however it came to be chosen."""
    workspace = actor.workspace
    operation = entry.operation
    plan, files = undoing.files_back(workspace, entry, again=False)
    # Reversed moves: what they call old is what the operation left.
    kept = still_new(workspace.repo, [move.back() for move in files])
    going = tuple(move for move in files if kept[move.back()])
    wish = Wish(
        kind="undo",
        moves=undoing.differences(operation.moves, now),
        files="follow" if kinds.of(operation).files else "leave",
        details={undoing.UNDOES: ids.text(entry.signed.id)},
        arguments={"operation": ids.text(entry.signed.id)},
        causes=(entry.signed.id,),
        plan=plan,
        file_moves=going,
        worktrees=undoing.taking_part(workspace, plan),
    )
    ready = moving.prepare(workspace, wish)
    left = ready.left | {move.path: "has changed since" for move in files if move not in going}
    made = None if dry_run else moving.carry_out(actor, wish, ready)
    if made is not None:
        streams.follow_name(workspace, entry, again=False)
    return result(workspace, entry, wish, ready.paths, left, made)
