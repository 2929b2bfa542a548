"""Operations and what moved, as the wire shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import moving
from anvcs.actions.moving import Wish
from anvcs.gitmirror import messages
from anvcs.gitmirror.paths import quote
from anvcs.history import kinds
from anvcs.history.ledger import Entry
from anvcs.history.operations import Move, SignedOperation

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

SHOWN_MOVES = 50
"""How many moves and paths of an operation a page lists."""


def result(
    workspace: Workspace,
    target: Entry | None,
    wish: Wish,
    paths: Iterable[bytes],
    left: Mapping[bytes, str],
    made: SignedOperation | None,
    left_pointers: tuple[str, ...] = (),
) -> wire.MoveResult:
    """What was done, for whoever asked for it."""
    notices = tuple(workspace.notices)
    workspace.notices.clear()
    return wire.MoveResult(
        operation_id=ids.text(made.id) if made is not None else None,
        target=operation(workspace, target) if target is not None else None,
        moves=tuple(wire.PointerMove(name=name, old=old, new=new) for name, (old, new) in sorted(wish.moves.items())),
        paths=tuple(quote(path) for path in sorted(paths)),
        left=tuple(wire.LeftFile(path=path, reason=why) for path, why in moving.left_files(left)),
        left_pointers=left_pointers,
        reversibility=kinds.KINDS[wish.kind].reversibility,
        notices=notices,
    )


def operation(workspace: Workspace, entry: Entry, *, undone: bool = False, whole: bool = False) -> wire.Operation:
    """One entry of the log; ``whole`` lists every move and path."""
    it = entry.operation
    known = kinds.of(it)
    commit = it.details.get("gitCommit")
    count = it.details.get("pathCount")
    most = None if whole else SHOWN_MOVES
    return wire.Operation(
        operation_id=ids.text(entry.signed.id),
        kind=it.kind,
        said=known.said,
        actor=it.actor,
        time=it.time,
        state=entry.state,
        reversibility=it.reversibility,
        tier=it.tier,
        sequence=entry.sequence,
        replica=it.replica,
        worktree=it.worktree or None,
        foreign=kinds.is_foreign(it),
        undone=undone,
        subject=subject(workspace, commit) if isinstance(commit, str) else None,
        git_commit=commit if isinstance(commit, str) else None,
        commit_id=_text(it.details.get("commitId")),
        change_id=_text(it.details.get("changeId")),
        moves=tuple(move_of(each) for each in it.moves[:most]),
        paths=tuple(quote(path) for path in it.paths[:most]),
        path_count=count if isinstance(count, int) else len(it.paths) if len(it.paths) > SHOWN_MOVES else None,
        details=it.details,
    )


def move_of(move: Move) -> wire.PointerMove:
    """A move as the wire shows it."""
    return wire.PointerMove(name=move.name, old=move.old, new=move.new)


def _text(value: str | int | bool | None) -> str | None:
    return value if isinstance(value, str) else None


def subject(workspace: Workspace, commit: str) -> str | None:
    """The commit's subject, unless the commit is not here any more."""
    if commit not in workspace.repo.handle:
        return None
    body = workspace.repo.objects.read(commit, "commit").partition(b"\n\n")[2]
    return messages.decode(messages.subject(body), None)
