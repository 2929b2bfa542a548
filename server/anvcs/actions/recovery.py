"""Settles operations that a dead process left prepared: published, aborted, or honestly unknown; never guessed."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from anvcs import ids
from anvcs.actions.plan import Plan, conclude, reflog_message
from anvcs.errors import AnvcsError
from anvcs.gitmirror import refs
from anvcs.gitmirror.index import Index, locked, release_stale
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, lookup
from anvcs.history.ledger import Outcome
from anvcs.history.operations import SignedOperation
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_ABANDONED = 24 * 3600
"""Seconds after which nobody is still at work with a candidate."""
LOCK_PROOF = "index-lock-"
"""How the files that prove an ``index.lock`` to be ours are named."""


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
        plan = msgspec.msgpack.decode(raw, type=Plan)
        repo = _repository_of(workspace, plan)
        refs.release_stale(repo, plan.ref, plan.new)
        state = verdict(repo, operation, plan)
        if state == "aborted":
            _restore_index(workspace, repo, plan)
        elif state == "published":
            conclude(repo, plan.concludes)
        workspace.ledger.finish(operation.id, state, int(time.time() * 1000))
        said.append(_sentence(operation, plan, state))
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
    now = repo.ref(plan.ref)
    if now == plan.new:
        return "published"
    log = refs.reflog(repo, plan.ref)
    if log is not None:
        mark = reflog_message(operation)
        ours = [at for at, (_, _, message) in enumerate(log) if message.split(" ")[:2] == mark.split(" ")]
        # git writes the log entry before the ref: a last entry of ours on an unmoved ref never took effect.
        if any(at < len(log) - 1 for at in ours):
            return "published"
        if now == plan.old:
            return "aborted"
        # Somebody moved the ref straight from our starting point, so our own move never happened.
        if any(old == (plan.old or refs.ZERO) for old, _, _ in log):
            return "aborted"
    if now == plan.old:
        return "aborted"
    if log is None and now is not None and repo.is_ancestor(plan.new, now):
        return "published"
    return "unknown"


def _repository_of(workspace: Workspace, plan: Plan) -> GitRepository:
    if str(workspace.repo.git_dir) == plan.worktree:
        return workspace.repo
    gitdir = Path(plan.worktree) / "gitdir"
    root = Path(gitdir.read_text().strip()).parent if gitdir.exists() else Path(plan.worktree).parent
    try:
        return GitRepository.open(root, workspace.caller.env)
    except AnvcsError:
        # The worktree is gone; its branch can still be judged from here.
        return workspace.repo


def _restore_index(workspace: Workspace, repo: GitRepository, plan: Plan) -> None:
    """Put each entry that is still ours back, unless somebody's commit has taken our content in."""
    if not plan.index or str(repo.git_dir) != plan.worktree:
        return
    head = repo.head()
    tree = repo.tree_of(head) if head else EMPTY_TREE
    worktree = repo.worktree_name().replace("/", "-")
    index = Index(repo.index_path, workspace.folder / "tmp" / f"recovery-{worktree}")
    with locked(repo.index_path, workspace.folder / "tmp" / (LOCK_PROOF + worktree)):
        index.load()
        changed = False
        for move in plan.index:
            new = move.new.entry if move.new else None
            if index.get(move.path) == move.new and lookup(repo.objects, tree, move.path) != new:
                index.set(move.path, move.old)
                changed = True
        if changed:
            index.write_scratch()
            index.replace()
    index.forget()
    workspace.index.forget()


def _sentence(operation: SignedOperation, plan: Plan, state: str) -> str:
    name = ids.text(operation.id)[:15]
    if state == "published":
        return (
            f"Operation {name} was cut short after its commit {plan.new[:10]} had become visible; it is complete now."
        )
    if state == "aborted":
        return f"Operation {name} was cut short before its commit became visible; it was taken back."
    return (
        f"Operation {name} was cut short, and {plan.ref} has moved since in a way that does not tell whether its "
        f"commit {plan.new[:10]} had become visible; the commit is kept, see: git show {plan.new[:10]}"
    )
