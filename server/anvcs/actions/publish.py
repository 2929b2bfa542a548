"""The one way pointers change: objects, operation, notes, index, then the commit-point ref, under one lock.

The order is DESIGN's and is the point. An index behind the branch would silently revert the commit in the user's next
one, so the index goes first; a ref that moved before its operation is known could not be told from a user's reset, so
the operation is prepared, signed and durable before. A crash anywhere in between is settled by ``recovery``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from anvcs.actions import recovery
from anvcs.actions.plan import IndexMove, Plan, conclude, reflog_message
from anvcs.actors import Signer
from anvcs.errors import LockedError, StoreConflictError
from anvcs.gitmirror import notes, refs
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.index import locked
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE
from anvcs.history.ledger import Draft
from anvcs.history.operations import SignedOperation
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

KEEP = "refs/anvcs/keep"
NOTES = "refs/notes/anvcs"

STEPS = ("objects", "keep", "prepare", "notes", "index", "ref", "published")
"""The fault points, each reached just before the step of its name."""


@dataclass(frozen=True)
class Publication:
    """A commit ready to become visible."""

    draft: Draft
    signer: Signer
    ref: str
    old: str | None
    new: str
    index: tuple[IndexMove, ...]
    private: Mapping[bytes, bytes]
    who: Ident
    note: Callable[[bytes | None], bytes] | None = None
    summary: str = ""
    concludes: tuple[str, ...] = ()
    held: bool = False
    """The caller holds the repository lock."""


def publish(workspace: Workspace, publication: Publication) -> SignedOperation:
    """Make it visible, durably and as one operation.

    Raises StoreConflictError, having put the index back, if the ref no longer stands at ``old``.
    """
    at = workspace.caller.at
    repo = workspace.repo
    with nullcontext() if publication.held else exclusive(workspace.lock_path):
        _settle_others(workspace)
        at("objects")
        note = _build_note(repo, publication)
        keep = _build_keep(repo, publication)
        repo.objects.flush()
        at("keep")
        _swap_own(repo, KEEP, keep)
        with locked(repo.index_path, workspace.index_token):
            if repo.head_ref() != (None if publication.ref == "HEAD" else publication.ref):
                raise StoreConflictError("HEAD was switched meanwhile.", "Try again.")
            if repo.ref(publication.ref) != publication.old:
                raise StoreConflictError(f"{publication.ref} moved meanwhile.", "Try again.")
            moves = _index_moves(workspace, publication.index)
            plan = Plan(
                str(repo.git_dir), publication.ref, publication.old, publication.new, moves, publication.concludes
            )
            at("prepare")
            operation = workspace.ledger.prepare(
                publication.draft, publication.signer, msgspec.msgpack.encode(plan), publication.private
            )
            at("notes")
            _publish_note(repo, publication, note)
            at("index")
            _write_index(workspace, moves)
            at("ref")
            try:
                refs.swap(
                    repo,
                    publication.ref,
                    publication.old,
                    publication.new,
                    message=reflog_message(operation, publication.summary),
                    who=publication.who,
                    hooks=workspace.hooks(),
                )
            except BaseException:
                _write_index(workspace, tuple(IndexMove(move.path, move.new, move.old) for move in moves))
                workspace.ledger.finish(operation.id, "aborted", publication.draft.time, durable=False)
                raise
            conclude(repo, publication.concludes)
        at("published")
        workspace.ledger.finish(operation.id, "published", publication.draft.time, durable=False)
    return operation


def _settle_others(workspace: Workspace) -> None:
    # We hold the lock, so whatever is still prepared belongs to a process that died.
    if recovery.needed(workspace):
        workspace.notices += recovery.settle(workspace)
        raise StoreConflictError("A dead process's work was settled first.", "Try again.")


def _index_moves(workspace: Workspace, wanted: tuple[IndexMove, ...]) -> tuple[IndexMove, ...]:
    """The moves that still apply: a path that someone staged anew meanwhile keeps what they staged."""
    if not wanted:
        return ()
    index = workspace.index
    index.load()
    return tuple(move for move in wanted if index.get(move.path) == move.old != move.new)


def _write_index(workspace: Workspace, moves: tuple[IndexMove, ...]) -> None:
    if not moves:
        return
    index = workspace.index
    try:
        for move in moves:
            index.set(move.path, move.new)
        index.write_scratch()
        index.replace()
    except BaseException:
        index.forget()
        raise


def _build_keep(repo: GitRepository, publication: Publication) -> str:
    """A commit of an empty tree whose parents are the chain so far and the new commit: git gc keeps both."""
    tree = repo.objects.write("tree", b"")
    assert tree == EMPTY_TREE  # noqa: S101 - Git's own constant
    parents = [parent for parent in (repo.ref(KEEP), publication.new) if parent]
    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    ident = replace(publication.who, name=b"anvcs", email=b"keep@anvcs.invalid").raw()
    lines += [b"author " + ident, b"committer " + ident]
    return repo.objects.write("commit", b"\n".join(lines) + b"\n\nKept alive for undo\n")


Built = tuple[Any, Any]
"""A notes ref's value that a notes commit was built on, and that commit."""


def _build_note(repo: GitRepository, publication: Publication) -> Built | None:
    if publication.note is None:
        return None
    tip = notes.tip(repo.handle, NOTES)
    added = notes.add(repo.objects, str(tip) if tip else None, publication.new, publication.note, publication.who.raw())
    if added is not None:
        return tip, repo.oid(added)
    content = publication.note(notes.read(repo.handle, tip, publication.new))
    made = notes.build(repo.handle, tip, {publication.new: content}, repo.signature(publication.who))
    if made is None or made == tip:
        return None
    repo.objects.adopt_commit(str(made), publication.new)
    return tip, made


def _publish_note(repo: GitRepository, publication: Publication, built: Built | None) -> None:
    if publication.note is None or (built is not None and notes.swap(repo.handle, NOTES, *built, "anvcs")):
        return
    notes.write(repo.handle, NOTES, publication.note, publication.new, repo.signature(publication.who))


def _swap_own(repo: GitRepository, name: str, new: str) -> None:
    # Under the repository lock nobody else of ours writes it; plain git has no business there.
    old = notes.tip(repo.handle, name)
    if notes.swap(repo.handle, name, old, repo.oid(new), ""):
        if old is None:
            # The first time nothing is replaced, which is when a file system may leave an empty file behind a crash.
            refs.sync(repo, name)
    else:
        raise LockedError(f"{name} is locked.", f"If no process is at work here, delete {name}.lock in .git.")
