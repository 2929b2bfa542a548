"""Brings the pointers back to what they were after an operation, with the files that nobody has changed."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions import kept, moving
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.moved import result
from anvcs.actions.moving import Wish
from anvcs.actions.rooms.heads import PREFIX, go_back
from anvcs.errors import UndoRefusedError
from anvcs.gitmirror import worktrees
from anvcs.history.views import View


def op_restore(caller: Caller, params: wire.OpRestoreParams) -> wire.MoveResult:
    """Go back (or forth) to the state after an operation; itself an operation that can be undone.

    Other worktrees, and the streams they have checked out, are left as they are unless all are asked for. Remotes,
    stashes and checkpoints are never moved. Raises UnknownOperationError, UndoRefusedError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        now = moving.current(workspace)
        actor = acting(workspace, params)
        target = workspace.ledger.find(params.operation)
        return perform(actor, target, now, all_worktrees=params.all_worktrees, dry_run=params.dry_run)


def perform(
    actor: Acting, target: bytes, now: View, *, all_worktrees: bool, dry_run: bool, live: bytes | None = None
) -> wire.MoveResult:
    """Restore the state after ``target``; live texts as they were at the operation ``live``, if another is given."""
    workspace = actor.workspace
    entry = workspace.ledger.entry(target)
    then = workspace.ledger.view_of(target).items()
    if not any(name.endswith("/HEAD") for name in then):
        raise UndoRefusedError(
            f"Nothing was known yet of streams and work trees after {ids.text(target)[:15]}.",
            "See ai-vcs op log for later operations.",
        )
    wanted = now.diff(workspace.ledger.view_of(target))
    moves, others, left = _allowed(actor, wanted, then, all_worktrees=all_worktrees)
    wish = Wish(
        kind="op-restore",
        moves=moves,
        files="follow",
        details={"restores": ids.text(target)},
        arguments={"operation": ids.text(target), "allWorktrees": all_worktrees},
        causes=(target,),
        worktrees=others,
        keep=tuple(value for value, _ in moves.values() if value is not None and not value.startswith("ref: ")),
    )
    ready = moving.prepare(workspace, wish)
    made = None if dry_run or not moves else moving.carry_out(actor, wish, ready)
    workspace.notices += go_back(
        workspace,
        actor.signer.actor,
        then if live is None else workspace.ledger.view_of(live).items(),
        dry_run=dry_run,
    )
    return result(workspace, entry, wish, ready.paths, ready.left, made, tuple(left))


def _allowed(
    actor: Acting, wanted: dict[str, tuple[str | None, str | None]], then: dict[str, str], *, all_worktrees: bool
) -> tuple[dict[str, tuple[str | None, str | None]], tuple[str, ...], list[str]]:
    """What of it can be moved, which other worktrees take part, and what is left with the reason."""
    repo = actor.workspace.repo
    own = moving.own_head(repo)
    # A worktree of which nothing was known stays where it is; any other may have stood on a stream yet to be born.
    standing = repo.head_ref() if own not in then else None
    heads = {f"{name}/HEAD": name for name in worktrees.folders(repo)}
    holders = worktrees.holders(repo)
    others = tuple(name for name in heads.values() if name != repo.worktree_name()) if all_worktrees else ()
    moves: dict[str, tuple[str | None, str | None]] = {}
    left: list[str] = []
    for name, (old, new) in sorted(wanted.items()):
        holder = heads.get(name) or holders.get(name)
        if name.endswith("/HEAD") and (name not in heads or new is None):
            continue
        if name.startswith(("refs/remotes/", "checkpoints/", PREFIX)):
            continue
        if not (moving.is_ref(name) or name.endswith("/HEAD")):
            left.append(f"{moving.shown(name)} is left as it is.")
        elif holder is not None and holder != repo.worktree_name() and not all_worktrees:
            left.append(f"{moving.shown(name)} of {holder} is left as it is: that worktree was not named.")
        elif new is not None and not new.startswith("ref: ") and not kept.is_here(repo, new):
            left.append(f"{moving.shown(name)} is left as it is: {new[:10]} is not here any more.")
        elif new is None and name == standing:
            left.append(f"{moving.shown(name)} is left as it is: it is checked out.")
        else:
            moves[name] = old, new
    return moves, others, left
