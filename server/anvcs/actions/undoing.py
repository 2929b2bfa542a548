"""Which operation undo and redo mean, and whether it can still be taken back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids
from anvcs.actions import ancestry, moving, plan
from anvcs.actions.acting import Acting
from anvcs.actions.plan import FileMove
from anvcs.actions.rooms import heads
from anvcs.errors import CompactedError, UndoRefusedError
from anvcs.gitmirror import pointers, worktrees
from anvcs.history import kinds
from anvcs.history.ledger import Entry
from anvcs.history.operations import Move

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_PASSED = ("gc", "purge", "rooms-purge", "rooms-trim", "actor-enroll", "actor-rotate", "actor-revoke")
"""Kinds that undo goes past: they move no pointer of anybody's work."""
UNDOES, REDOES = "undoes", "redoes"
"""The details that name what an undo took back and a redo did again."""


class Stack(NamedTuple):
    """Where an actor stands in its own operations of one worktree."""

    undo: Entry | None
    """What undo takes back next."""
    redo: Entry | None
    """What redo does again next."""


def stack(acting: Acting) -> Stack:
    """Walks back over the actor's own operations, as far as needed."""
    ledger = acting.workspace.ledger
    settled: set[str] = set()
    """Operations whose latest undo or redo was seen already."""
    taken_back: set[str] = set()
    redo: str | None = None
    for entry in ledger.own(acting.signer.actor, acting.workspace.repo.worktree_name()):
        operation, name = entry.operation, ids.text(entry.signed.id)
        target = operation.details.get(UNDOES) or operation.details.get(REDOES)
        if isinstance(target, str):
            if target not in settled:
                settled.add(target)
                if operation.kind == "undo":
                    taken_back.add(target)
                    redo = redo or target
            continue
        if operation.kind in _PASSED or name in taken_back:
            continue
        # Something newer than what was taken back ends the way forward.
        last = ledger.entry(ids.raw(redo)) if redo is not None else None
        return Stack(entry, last if last is not None and last.sequence > entry.sequence else None)
    return Stack(None, ledger.entry(ids.raw(redo)) if redo is not None else None)


def can_be_undone(workspace: Workspace, entry: Entry, now: moving.Pointers) -> None:
    """Raises UndoRefusedError, naming the way out, where the operation cannot be taken back as it was."""
    operation = entry.operation
    known = kinds.of(operation)
    commit = operation.details.get("gitCommit")
    if known.reversibility == "irreversible":
        raise UndoRefusedError(f"The last operation here {known.said}, which cannot be taken back.", _instead(commit))
    if known.reversibility == "compensable":
        raise UndoRefusedError(
            f"The last operation here {known.said}; it can be made up for, not undone.", "See ai-vcs actor --help."
        )
    refuse_compacted(workspace, entry)
    remote = pushed_to(workspace, commit) if isinstance(commit, str) else None
    if remote is not None:
        raise UndoRefusedError(
            f"The commit {str(commit)[:10]} is on {remote} already, and others may have built on it.",
            _instead(commit),
        )
    for move in operation.moves:
        _still_there(workspace, entry, move, now.get(move.name), commit)


def refuse_compacted(workspace: Workspace, entry: Entry) -> None:
    """Raises CompactedError for an operation whose plan and views are not kept any more."""
    if workspace.ledger.is_compacted(entry.sequence):
        raise CompactedError(
            f"The last operation here {kinds.of(entry.operation).said} long ago and is compacted: what taking it back "
            "or doing it again needs is not kept any more.",
            _instead(entry.operation.details.get("gitCommit")),
        )


def can_be_redone(workspace: Workspace, entry: Entry, now: moving.Pointers) -> None:
    """Raises UndoRefusedError, naming who moved a pointer since, where an operation cannot be done again as it was."""
    refuse_compacted(workspace, entry)
    for move in entry.operation.moves:
        if is_own_pointer(move.name) and now.get(move.name) not in (move.old, move.new):
            raise UndoRefusedError(
                f"{moving.shown(move.name)} was moved since by {_movers(workspace, entry, move, move.old)}, so the "
                "operation cannot be done again as it was.",
                f"To go to the state after it all the same: ai-vcs op restore {ids.text(entry.signed.id)[:15]}",
            )


def pushed_to(workspace: Workspace, commit: str) -> str | None:
    """A remote stream that has the commit, if one does."""
    tips = {
        name.removeprefix("refs/remotes/"): value
        for name, value in pointers.read(workspace.repo).items()
        if name.startswith("refs/remotes/") and not value.startswith("ref: ")
    }
    for name, tip in tips.items():
        if tip == commit or ancestry.is_ancestor(workspace, commit, tip):
            return name
    return None


def differences(operation_moves: tuple[Move, ...], now: moving.Pointers) -> dict[str, tuple[str | None, str | None]]:
    """The pointers that go back: base is after the operation, left is now, right is before it."""
    return {
        move.name: (now.get(move.name), move.old)
        for move in operation_moves
        if is_own_pointer(move.name) and now.get(move.name) == move.new != move.old
    }


def is_own_pointer(name: str) -> bool:
    """Ours to move back: not a remote's, which is recorded only, nor where a live text stood."""
    return not name.startswith(("refs/remotes/", heads.PREFIX)) and name != "refs/stash"


def files_back(workspace: Workspace, entry: Entry, *, again: bool) -> tuple[plan.Plan | None, tuple[FileMove, ...]]:
    """The plan an operation was carried out by, and its moves of single files, turned the way they go now."""
    raw = workspace.ledger.undo_plan(entry.signed.id)
    if raw is None:
        return None, ()
    found = plan.decode(raw)
    files = found.parts[0].files
    return found, files if again else tuple(move.back() for move in files)


def taking_part(workspace: Workspace, carried_out: plan.Plan | None) -> tuple[str, ...]:
    """The other worktrees, by git's names, in which an operation did something."""
    if carried_out is None:
        return ()
    folders = {str(folder): name for name, folder in worktrees.folders(workspace.repo).items()}
    return tuple(folders[part.worktree] for part in carried_out.parts[1:] if part.worktree in folders)


def _still_there(
    workspace: Workspace, entry: Entry, move: Move, now: str | None, commit: str | int | bool | None
) -> None:
    if not is_own_pointer(move.name) or now in (move.new, move.old):
        return
    raise UndoRefusedError(
        f"{moving.shown(move.name)} was moved since by {_movers(workspace, entry, move, move.new)}, so it cannot go "
        "back without taking back their work too.",
        _instead(commit),
    )


def _movers(workspace: Workspace, entry: Entry, move: Move, away: str | None) -> str:
    """Who moved the pointer away from a value that it had since the operation, the last three."""
    movers: list[Entry] = []
    for each in workspace.ledger.since(entry.signed.id):
        found = [other.new for other in each.operation.moves if other.name == move.name]
        if each.state == "published" and found:
            # Whatever led back there, such as a redo, is in nobody's way.
            movers = [] if found[0] == away else [*movers, each]
    said = (
        f"{each.operation.actor} ({kinds.of(each.operation).said}, {ids.text(each.signed.id)[:15]})"
        for each in movers[-3:]
    )
    return ", ".join(said) or "someone else"


def _instead(commit: str | int | bool | None) -> str:
    if isinstance(commit, str):
        return f"Make a commit that takes it back: ai-vcs revert {commit[:10]}"
    return "See ai-vcs op log, and ai-vcs op restore for going back to an earlier state."
