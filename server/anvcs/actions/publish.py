"""Publishes operations: the one function through which pointers of ours move.

Nothing is visible before the commit point, one compare-and-swap of a ref whose reflog entry names the operation.
Objects and operation are durable before it: a ref that moved before its operation is known could not be told from a
user's reset, so the operation is prepared, signed and durable before. A crash anywhere in between is settled by
``recovery``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from anvcs.actions import files, identity, kept, recovery
from anvcs.actions.place import Place
from anvcs.actions.plan import Checkout, FileMove, IndexMove, Order, Part, Plan, conclude, reflog_message
from anvcs.actions.rooms import heads
from anvcs.actors import Signer
from anvcs.errors import AnvcsError, DiskError, LockedError, StoreConflictError, StreamError
from anvcs.gitmirror import checkout, notes, refs, worktrees
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.index import locked
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import FILE, Entry, edit, lookup
from anvcs.history.ledger import Draft
from anvcs.history.operations import Move, SignedOperation
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

KEEP = kept.KEEP
NOTES = "refs/notes/anvcs"
_BRANCHES = "refs/heads/"
_KEEPER = "keep@anvcs.invalid"
"""Who makes the commits of the keep chain."""
_AT_ONCE = 50
"""How many commits one commit of the keep chain holds."""

STEPS = ("objects", "keep", "prepare", "notes", "files", "index", "ref", "published")
"""The fault points, each reached just before the step of its name."""


class PartOf(msgspec.Struct, frozen=True):
    """What a publication does in one worktree."""

    place: Place
    refs: tuple[RefMove, ...] = ()
    """The last one, in the first part, is the commit point."""
    index: tuple[IndexMove, ...] = ()
    checkout: Checkout | None = None
    files: tuple[FileMove, ...] = ()
    head: str | None = None
    """What HEAD must say still: ``ref: refs/heads/...`` or a Git id; unchecked if absent."""

    @property
    def has_index(self) -> bool:
        """Index or files change."""
        return bool(self.index or self.files or self.checkout)


class Publication(msgspec.Struct, frozen=True):
    """An operation ready to take effect."""

    draft: Draft
    signer: Signer
    parts: tuple[PartOf, ...]
    """The first belongs to the worktree it is made in."""
    who: Ident
    order: Order = "forward"
    keep: tuple[str, ...] = ()
    """Commits (or annotated tags) that must stay alive with it."""
    keep_blobs: tuple[str, ...] = ()
    private: Mapping[bytes, bytes] | None = None
    note: tuple[str, Callable[[bytes | None], bytes]] | None = None
    """The commit that gets a note, and what the note becomes."""
    summary: str = ""
    concludes: tuple[str, ...] = ()
    held: bool = False
    """The caller holds the repository lock."""


def moves_of(place: Place, moves: tuple[RefMove, ...]) -> tuple[Move, ...]:
    """The moves of refs as a view names them."""
    return tuple(Move(view_name(place.repo, move.name), move.old, move.new) for move in moves)


def view_name(repo: GitRepository, ref: str) -> str:
    """A ref's name in a view: HEAD belongs to its worktree."""
    return f"{repo.worktree_name()}/HEAD" if ref == "HEAD" else ref


def publish(workspace: Workspace, publication: Publication) -> SignedOperation:
    """Make it take effect, durably and as one operation.

    Raises StoreConflictError, having put index and files back, if a ref no longer stands at its old value, and
    StreamError for a stream that is checked out in a worktree which has no part in it.
    """
    at = workspace.caller.at
    repo = workspace.repo
    identity.enrolled(workspace, publication.signer)
    with nullcontext() if publication.held else exclusive(workspace.lock_path):
        _settle_others(workspace)
        _follow_foreign(workspace, publication)
        at("objects")
        note = _build_note(repo, publication)
        keep = _build_keep(repo, publication.keep, publication.keep_blobs, publication.who)
        repo.objects.flush()
        at("keep")
        if keep is not None:
            _swap_own(repo, KEEP, keep)
        with ExitStack() as stack:
            for part in publication.parts:
                if part.has_index:
                    stack.enter_context(locked(part.place.repo.index_path, part.place.token))
            _check(publication)
            plan = _plan(publication)
            at("prepare")
            draft = heads.with_heads(workspace, publication.draft)
            operation = workspace.ledger.prepare(
                draft, publication.signer, msgspec.msgpack.encode(plan), publication.private
            )
            at("notes")
            _publish_note(workspace, publication, note)
            try:
                _carry_out(workspace, publication, plan, operation)
            except BaseException:
                # Where even that fails (a full disk), it stays prepared and the next process settles it.
                with suppress(OSError, AnvcsError):
                    recovery.take_back([part.place for part in publication.parts], plan, operation, publication.who)
                    workspace.ledger.finish(operation.id, "aborted", publication.draft.time, durable=False)
                raise
            conclude(repo, publication.concludes)
        at("published")
        note_published(workspace, operation, publication.draft.time)
    return operation


def note_published(workspace: Workspace, operation: SignedOperation, moment: int | None = None) -> None:
    """Write down that it took effect; where there is no room for that, the next process finds it by what it did."""
    try:
        workspace.ledger.finish(operation.id, "published", moment, durable=False)
    except DiskError as error:
        workspace.notices.append(f"It is done, but the ledger can say so only once there is room: {error.message}")


def keep_alive(workspace: Workspace, values: tuple[str, ...], who: Ident) -> None:
    """Keep commits and annotated tags from git's collector. The caller holds the repository lock."""
    keep = _build_keep(workspace.repo, values, (), who)
    if keep is not None:
        workspace.repo.objects.flush()
        _swap_own(workspace.repo, KEEP, keep)


def keep_only(workspace: Workspace, values: tuple[str, ...], blobs: tuple[str, ...], who: Ident) -> int:
    """Keep these alive and nothing else that the chain held; gives how many commits went.

    The caller holds the repository lock.
    """
    repo = workspace.repo
    before = _count_kept(repo)
    made = _build_keep(repo, values, blobs, who, anew=True)
    if made is not None:
        repo.objects.flush()
        _swap_own(repo, KEEP, made)
    elif repo.ref(KEEP) is not None:
        repo.handle.references.delete(KEEP)
    return max(before - _count_kept(repo), 0)


def _count_kept(repo: GitRepository) -> int:
    """How many commits only the chain holds, its own left out."""
    tip = repo.ref(KEEP)
    if tip is None:
        return 0
    form = ("--no-commit-header", "--format=%ae")
    authors = repo.git.text("rev-list", *form, tip, "--not", "--branches", "--tags", "--remotes").splitlines()
    return sum(author != _KEEPER for author in authors)


def _carry_out(workspace: Workspace, publication: Publication, plan: Plan, operation: SignedOperation) -> None:
    at = workspace.caller.at
    forward = plan.order != "back"
    at("files")
    for part, planned in zip(publication.parts, plan.parts, strict=True):
        _change_files(part.place, planned)
    if forward:
        at("index")
        _write_indexes(publication, plan)
    at("ref")
    # Those of other worktrees first: the commit point is the last of all.
    for part in reversed(publication.parts):
        if part.refs:
            refs.swap(
                part.place.repo,
                part.refs,
                message=reflog_message(operation, publication.summary),
                who=publication.who,
                hooks=workspace.hooks(),
            )
    if not forward:
        at("index")
        _write_indexes(publication, plan)


def _settle_others(workspace: Workspace) -> None:
    # We hold the lock, so whatever is still prepared belongs to a process that died.
    if recovery.needed(workspace):
        workspace.notices += recovery.settle(workspace)
        raise StoreConflictError("A dead process's work was settled first.", "Try again.")


def _follow_foreign(workspace: Workspace, publication: Publication) -> None:
    """Import what plain git did to the pointers before they are moved on from there."""
    from anvcs.actions import foreign

    view = workspace.ledger.view()
    if any(view.get(move.name) != move.old for move in publication.draft.moves):
        foreign.look(workspace, held=True)


def _check(publication: Publication) -> None:
    """Nothing moved since the publication was made ready, and no stream is pulled away under another worktree."""
    streams = any(move.name.startswith(_BRANCHES) for part in publication.parts for move in part.refs)
    first = publication.parts[0]
    held = worktrees.holders(first.place.repo) if streams else {}
    taking_part = {part.place.repo.worktree_name() for part in publication.parts}
    for part in publication.parts:
        repo = part.place.repo
        if part.head is not None and repo.head_value() != part.head:
            raise StoreConflictError("HEAD was switched meanwhile.", "Try again.")
        for move in part.refs:
            if repo.value(move.name) != move.old:
                raise StoreConflictError(f"{move.name} moved meanwhile.", "Try again.")
            holder = held.get(move.name)
            if holder is not None and holder not in taking_part:
                raise checked_out(first.place.repo, move.name, holder)


def checked_out(repo: GitRepository, ref: str, holder: str) -> StreamError:
    """The refusal to move a stream under another worktree."""
    folder = worktrees.folders(repo).get(holder)
    place = worktrees.root_of(folder) if folder is not None else holder
    return StreamError(
        f"The stream {ref.removeprefix(_BRANCHES)} is checked out in {place}.",
        "Do it there, or switch that worktree to another stream first.",
    )


def _plan(publication: Publication) -> Plan:
    return Plan(
        parts=tuple(
            Part(str(part.place.repo.git_dir), part.refs, _index_moves(part), part.checkout, part.files)
            for part in publication.parts
        ),
        order=publication.order,
        concludes=publication.concludes,
    )


def _index_moves(part: PartOf) -> tuple[IndexMove, ...]:
    """The moves that still apply: a path that someone staged anew meanwhile keeps what they staged."""
    if not part.index:
        return ()
    index = part.place.index
    index.load()
    return tuple(move for move in part.index if index.get(move.path) == move.old != move.new)


def _change_files(place: Place, part: Part) -> None:
    if part.checkout is not None:
        objects, change = place.repo.objects, part.checkout
        left = {each.path: (lookup(objects, change.new, each.path), each.staged) for each in change.left}
        checkout.run(place.repo, place.index, change.old, change.new, left)
    files.write(place.repo, part.files)


def _write_indexes(publication: Publication, plan: Plan) -> None:
    for part, planned in zip(publication.parts, plan.parts, strict=True):
        part.place.set_entries({move.path: move.new for move in planned.index})


def _build_keep(
    repo: GitRepository, values: tuple[str, ...], blobs: tuple[str, ...], who: Ident, *, anew: bool = False
) -> str | None:
    """The chain's next commit: its parents are the chain so far and the commits, so that git's collector keeps them.

    Annotated tags cannot be parents; their bytes are kept as blobs ``tags/<id>`` of its tree.
    """
    tip = None if anew else repo.ref(KEEP)
    rest = [value if repo.objects.is_new(value, "commit") else repo.peel(value) for value in values]
    commits = list(dict.fromkeys(each for each in rest if each is not None))
    tags = [value for value, commit in zip(values, rest, strict=True) if value != commit]
    if not commits and not tags and not blobs:
        return None
    made = tags or blobs or any(repo.objects.is_new(each, "commit") for each in commits)
    if tip is not None and not made and kept.recent(repo, tip).issuperset(commits):
        # The chain leads to all of them: an object and a ref less to wait for.
        return None
    named: dict[bytes, Entry | None] = {b"blobs/" + blob.encode(): Entry(FILE, blob) for blob in blobs}
    for tag in tags:
        raw = repo.raw_tag(tag)
        if raw is not None:
            named[b"tags/" + tag.encode()] = Entry(FILE, repo.objects.write("blob", raw))
    empty = repo.objects.write("tree", b"")
    tree = edit(repo.objects, None, named) if named else empty
    ident = replace(who, name=b"anvcs", email=_KEEPER.encode()).raw()
    for start in range(0, max(len(commits), 1), _AT_ONCE):
        parents = [parent for parent in (tip, *commits[start : start + _AT_ONCE]) if parent]
        lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
        lines += [b"author " + ident, b"committer " + ident]
        tip = repo.objects.write("commit", b"\n".join(lines) + b"\n\nKept alive for undo\n")
        tree = empty
    return tip


Built = tuple[Any, Any]
"""A notes ref's value that a notes commit was built on, and that commit."""


def _build_note(repo: GitRepository, publication: Publication) -> Built | None:
    if publication.note is None:
        return None
    commit, becomes = publication.note
    tip = notes.tip(repo.handle, NOTES)
    added = notes.add(repo.objects, str(tip) if tip else None, commit, becomes, publication.who.raw())
    if added is not None:
        return tip, repo.oid(added)
    content = becomes(notes.read(repo.handle, tip, commit))
    made = notes.build(repo.handle, tip, {commit: content}, repo.signature(publication.who))
    if made is None or made == tip:
        return None
    repo.objects.adopt_commit(str(made), commit)
    return tip, made


def _publish_note(workspace: Workspace, publication: Publication, built: Built | None) -> None:
    from anvcs.actions import foreign

    repo = workspace.repo
    if publication.note is None:
        return
    if built is not None and notes.swap(repo.handle, NOTES, *built, "anvcs"):
        foreign.noted(workspace, str(built[0]) if built[0] is not None else None, str(built[1]))
        return
    commit, becomes = publication.note
    notes.write(repo.handle, NOTES, becomes, commit, repo.signature(publication.who))


def _swap_own(repo: GitRepository, name: str, new: str) -> None:
    # Under the repository lock nobody else of ours writes it; plain git has no business there.
    old = notes.tip(repo.handle, name)
    if notes.swap(repo.handle, name, old, repo.oid(new), ""):
        if old is None:
            # The first time nothing is replaced, which is when a file system may leave an empty file behind a crash.
            refs.sync(repo, name)
    else:
        raise LockedError(f"{name} is locked.", f"If no process is at work here, delete {name}.lock in .git.")
