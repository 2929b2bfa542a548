"""Settles operations that a dead process left prepared: published, aborted, or honestly unknown; never guessed."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from anvcs import ids
from anvcs.actions import files
from anvcs.actions.place import LOCK_PROOF, Place, other, own
from anvcs.actions.plan import Checkout, Part, Plan, conclude, decode, reflog_message
from anvcs.errors import AnvcsError
from anvcs.gitmirror import actors, checkout, reflogs, refs
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.index import IndexEntry, locked, release_stale
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, differing, lookup
from anvcs.history.ledger import Outcome
from anvcs.history.operations import SignedOperation
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_ABANDONED = 24 * 3600
"""Seconds after which nobody is still at work with a candidate."""


def recover(workspace: Workspace) -> list[str]:
    """Settle what is pending, unless a live process is still at it; one sentence for each operation settled."""
    with exclusive(workspace.lock_path):
        return settle(workspace)


def settle(workspace: Workspace) -> list[str]:
    """As :func:`recover`, for a caller that holds the repository lock: whatever is prepared has a dead owner."""
    said: list[str] = []
    for token in _tokens(workspace):
        release_stale(token)
    for operation, raw in workspace.ledger.pending():
        plan = decode(raw)
        places = [_place_of(workspace, part) for part in plan.parts]
        for place, part in zip(places, plan.parts, strict=True):
            for move in part.refs:
                refs.release_stale(place.repo, move.name, move.new)
        state = verdict(places[0].repo, operation, plan)
        if state == "aborted":
            left = take_back(places, plan, operation, _nobody())
        elif state == "published":
            left = _complete(places, plan, operation, _nobody())
        else:
            left = []
        workspace.ledger.finish(operation.id, state, int(time.time() * 1000))
        workspace.index.forget()
        said.append(_sentence(operation, plan, state))
        said += [f"{quote(path)} was changed meanwhile and is left as it is." for path in left]
    _tidy(workspace.folder / "tmp")
    return said


def _tidy(folder: Path) -> None:
    """Remove candidates that dead processes left; a living one makes and uses its own without the repository lock."""
    for leftover in folder.glob("candidate-*"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.lstat().st_ctime > _ABANDONED:
                leftover.unlink()


def needed(workspace: Workspace) -> bool:
    """Some publication has not ended: one of a dead process, or of a live one that holds the repository lock."""
    return bool(_tokens(workspace) or workspace.ledger.pending())


def _tokens(workspace: Workspace) -> list[Path]:
    return list((workspace.folder / "tmp").glob(LOCK_PROOF + "*"))


def verdict(repo: GitRepository, operation: SignedOperation, plan: Plan) -> Outcome:
    """What became of the operation, from the ref and its reflog: ``published``, ``aborted`` or ``unknown``."""
    if plan.entry is not None:
        return "published" if actors.holds(repo, plan.entry) else "aborted"
    point = plan.commit_point
    if point is None:
        # It takes effect by being published, and nobody published it.
        return "aborted"
    now = repo.value(point.name)
    if now == point.new:
        return "published"
    log = refs.reflog(repo, point.name)
    if log is not None:
        name = ids.text(operation.id)
        ours = [at for at, (_, _, message) in enumerate(log) if reflogs.operation_of(message) == name]
        # git writes the log entry before the ref: a last entry of ours on an unmoved ref never took effect.
        if any(at < len(log) - 1 for at in ours):
            return "published"
        if now == point.old:
            return "aborted"
        # Somebody moved the ref straight from our starting point, so our own move never happened.
        if any(old == (point.old or refs.ZERO) for old, _, _ in log):
            return "aborted"
    if now == point.old:
        return "aborted"
    if plan.order == "forward" and log is None and now is not None and point.new is not None:
        # Without a log only a forward move can be recognized.
        return "published" if repo.is_ancestor(point.new, now) else "unknown"
    return "unknown"


def take_back(places: list[Place], plan: Plan, operation: SignedOperation, who: Ident) -> list[bytes]:
    """Put everything that is still as the operation left it back to what was before.

    Gives the files that somebody changed meanwhile, which stay. The caller holds the repository lock; index locks are
    taken where nobody holds them.
    """
    others: list[bytes] = []
    for place, part in zip(places, plan.parts, strict=True):
        back = tuple(
            RefMove(move.name, move.new, move.old)
            for move in part.refs
            if move.old != move.new and place.repo.value(move.name) == move.new
        )
        if back:
            refs.swap(place.repo, back, message=f"{reflog_message(operation)} taken back", who=who)
        if not _is_itself(place, part):
            continue
        with _holding(place, part):
            others += _take_back_files(place, part)
            _restore_index(place, part)
    return others


def _complete(places: list[Place], plan: Plan, operation: SignedOperation, who: Ident) -> list[bytes]:
    """Roll forward what was still to be done when the commit point had moved."""
    for place, part in zip(places, plan.parts, strict=True):
        rest = tuple(move for move in part.refs if move.old != move.new and place.repo.value(move.name) == move.old)
        point = plan.commit_point
        rest = tuple(move for move in rest if move is not point)
        if rest:
            refs.swap(place.repo, rest, message=reflog_message(operation), who=who)
        if plan.order == "back" and part.index and _is_itself(place, part):
            with _holding(place, part):
                place.index.load()
                place.set_entries(
                    {move.path: move.new for move in part.index if place.index.get(move.path) == move.old}
                )
    conclude(places[0].repo, plan.concludes)
    return []


def _holding(place: Place, part: Part) -> AbstractContextManager[None]:
    """The index lock, unless we hold it already or have nothing to do there."""
    if not (part.index or part.checkout or part.files) or place.token.exists():
        return nullcontext()
    return locked(place.repo.index_path, place.token)


def _is_itself(place: Place, part: Part) -> bool:
    return str(place.repo.git_dir) == part.worktree


def _place_of(workspace: Workspace, part: Part) -> Place:
    try:
        return other(workspace, Path(part.worktree))
    except AnvcsError:
        # The worktree is gone; its branch can still be judged from here.
        return own(workspace)


def _take_back_files(place: Place, part: Part) -> list[bytes]:
    others: list[bytes] = []
    if part.checkout is not None:
        left = {each.path for each in part.checkout.left}
        moves = differing(place.repo.objects, part.checkout.old, part.checkout.new)
        mine = {path: move for path, move in moves.items() if path not in left}
        others += checkout.take_back(place.repo, place.index, mine, with_index=True)
        _unstage(place, part.checkout, moves)
    new, old = files.still_new(place.repo, part.files), files.still_old(place.repo, part.files)
    files.write(place.repo, [move.back() for move in part.files if new[move] and not old[move]])
    return others + [move.path for move in part.files if not new[move] and not old[move]]


def _unstage(place: Place, change: Checkout, moves: checkout.Moves) -> None:
    """Give paths whose files stayed as they were their old index entries, unless the user's own stands there."""
    place.index.load()
    entries: dict[bytes, IndexEntry | None] = {}
    for each in change.left:
        old, new = moves.get(each.path, (None, None))
        known = place.index.get(each.path)
        if each.staged is None and old != new and (known.entry if known is not None else None) == new:
            entries[each.path] = IndexEntry(old.mode, old.oid) if old is not None else None
    place.set_entries(entries)


def _restore_index(place: Place, part: Part) -> None:
    """Put each entry that is still ours back, unless somebody's commit has taken our content in."""
    if not part.index:
        return
    head = place.repo.head()
    tree = place.repo.tree_of(head) if head else EMPTY_TREE
    place.index.load()
    entries: dict[bytes, IndexEntry | None] = {}
    for move in part.index:
        new = move.new.entry if move.new else None
        if place.index.get(move.path) == move.new and lookup(place.repo.objects, tree, move.path) != new:
            entries[move.path] = move.old
    place.set_entries(entries)


def _nobody() -> Ident:
    return Ident(b"anvcs", b"recovery@anvcs.invalid", int(time.time()), 0)


def _sentence(operation: SignedOperation, plan: Plan, state: str) -> str:
    name = f"{ids.text(operation.id)[:15]} ({operation.operation.kind})"
    if state == "published":
        return f"Operation {name} was cut short after it had become visible; it is complete now."
    if state == "aborted":
        return f"Operation {name} was cut short before it became visible; it was taken back."
    point = plan.commit_point
    ref, new = (point.name, point.new or "its removal") if point is not None else ("", "")
    return (
        f"Operation {name} was cut short, and {ref} has moved since in a way that does not tell whether "
        f"{new[:10]} had become visible; what it made is kept, see: git show {new[:10]}"
    )
