"""Brings pointers, index and files from where they are to where they shall be, as one operation.

Undo, redo, restore, switch and pull differ only in which pointers move and whether files follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from anvcs import ids
from anvcs.actions import foreign, kept, publish
from anvcs.actions.acting import Acting
from anvcs.actions.place import Place, other, own
from anvcs.actions.plan import Checkout, FileMove, IndexMove, Left, Order, Plan
from anvcs.actions.publish import PartOf, Publication
from anvcs.errors import AnvcsError, UndoRefusedError
from anvcs.gitmirror import checkout, worktrees
from anvcs.gitmirror.index import IndexEntry
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, Entry, differing
from anvcs.history.operations import Move, SignedOperation
from anvcs.history.views import View

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

Files: TypeAlias = Literal["leave", "follow", "require"]
"""leave: files stay; follow: those without changes of the user's follow, others stay; require: all follow or none."""
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be."""

    kind: str
    moves: Mapping[str, tuple[str | None, str | None]]
    """Pointers as a view names them, each with its value now and then."""
    files: Files = "leave"
    summary: str = ""
    """For reflogs; empty leaves the operation's name alone."""
    details: Mapping[str, str | int | bool] = msgspec.field(default_factory=dict[str, "str | int | bool"])
    arguments: Mapping[str, ids.Value] = msgspec.field(default_factory=dict[str, "ids.Value"])
    causes: tuple[bytes | None, ...] = ()
    plan: Plan | None = None
    """Of an operation whose index changes are taken back (or, ``again``, done once more)."""
    again: bool = False
    file_moves: tuple[FileMove, ...] = ()
    worktrees: tuple[str, ...] = ()
    """Other worktrees that take part, by git's names."""
    keep: tuple[str, ...] = ()
    keep_blobs: tuple[str, ...] = ()
    private: Mapping[bytes, bytes] = msgspec.field(default_factory=dict[bytes, bytes])
    note: tuple[str, Callable[[bytes | None], bytes]] | None = None
    """The commit that gets a note, and what the note becomes."""
    held: bool = False


class Ready(NamedTuple):
    """A wish worked out."""

    parts: tuple[PartOf, ...]
    order: Order
    paths: tuple[bytes, ...]
    """Files that change."""
    left: dict[bytes, str]
    """Files that stay, with the reason."""
    commits: tuple[str | None, str | None]
    """What the work tree stands on, before and after."""


def prepare(workspace: Workspace, wish: Wish) -> Ready:
    """Work out what has to be done; changes nothing.

    Raises WouldLoseWorkError where all files are to follow, or what follows a checkout (rooms, artifacts) refuses, and
    UndoRefusedError where what a pointer is to name is not here any more.
    """
    moves = dict(wish.moves)
    for name, (_, new) in moves.items():
        if new is not None and is_ref(name) and not kept.is_here(workspace.repo, new):
            raise UndoRefusedError(
                f"{shown(name)} would go to {new[:10]}, which is not here any more.", "Fetch it, if a clone has it."
            )
    folders = worktrees.folders(workspace.repo)
    others = [other(workspace, folders[name]) for name in wish.worktrees if name in folders]
    worked_out = [_part(own(workspace), wish, moves, shared=True)]
    worked_out += [_part(place, wish, moves, shared=False) for place in others]
    paths: list[bytes] = [move.path for move in wish.file_moves]
    left: dict[bytes, str] = {}
    for _, obstacles, changed in worked_out:
        paths += changed
        left |= obstacles
    made = tuple(part for part, _, _ in worked_out)
    touches = any(part.checkout or part.files for part in made)
    commits = _commits(workspace.repo, moves)
    if made[0].checkout is not None:
        ask(workspace, *commits)
    return Ready(made, "checkout" if touches else "forward" if wish.again else "back", tuple(paths), left, commits)


def carry_out(acting: Acting, wish: Wish, ready: Ready) -> SignedOperation:
    """Do it, as one signed operation. Raises as ``publish`` does."""
    workspace = acting.workspace
    names = [publish.view_name(part.place.repo, move.name) for part in ready.parts for move in part.refs]
    first = ready.parts[0].refs
    draft, private = acting.draft(
        wish.kind,
        tuple(move for part in ready.parts for move in publish.moves_of(part.place, part.refs))
        + _unpublished(wish, names),
        arguments=wish.arguments,
        details=wish.details,
        commit_point=publish.view_name(workspace.repo, first[-1].name) if first else None,
        names=_written(wish),
        paths=tuple(sorted(ready.paths)[:_MANY]),
        causes=wish.causes,
    )
    made = publish.publish(
        workspace,
        Publication(
            draft=draft,
            signer=acting.signer,
            parts=ready.parts,
            who=acting.who,
            order=ready.order,
            keep=wish.keep,
            keep_blobs=wish.keep_blobs,
            private={**private, **wish.private},
            note=wish.note,
            summary=wish.summary,
            held=wish.held,
        ),
    )
    if ready.parts[0].checkout is not None:
        workspace.notices += followed(workspace, *ready.commits)
    return made


def ask(workspace: Workspace, before: str | None, after: str | None) -> None:
    """Let rooms and artifacts refuse what would lose work of theirs. Raises WouldLoseWorkError."""
    for follower in workspace.followers:
        follower.check(workspace, before, after)


def followed(workspace: Workspace, before: str | None, after: str | None) -> list[str]:
    """Rooms and artifacts after Git; what was done stands, whatever becomes of them. Gives what is worth saying."""
    said: list[str] = []
    for follower in workspace.followers:
        try:
            said += follower.follow(workspace, before, after)
        except AnvcsError as error:
            said.append(f"{error.message} {error.way_out}")
    return said


_MANY = 1000
"""How many paths an operation names."""


class Pointers(Protocol):
    """Where pointers stand: a view, read as needed, or a map."""

    def get(self, name: str, /) -> str | None:
        """The pointer's value, if it has one."""
        ...


def current(workspace: Workspace) -> View:
    """Every pointer as it is now, what plain git did included."""
    foreign.look(workspace)
    return workspace.ledger.view()


def own_head(repo: GitRepository) -> str:
    """The name of this worktree's HEAD in a view."""
    return f"{repo.worktree_name()}/HEAD"


def shown(name: str) -> str:
    """A pointer as people call it."""
    if name.startswith(_HEADS):
        return f"The stream {name.removeprefix(_HEADS)}"
    if name.startswith(_TAGS):
        return f"The tag {name.removeprefix(_TAGS)}"
    return "HEAD" if name.endswith("/HEAD") else name


def is_ref(name: str) -> bool:
    """The pointer is a stream or tag, which a publication moves."""
    return name.startswith((_HEADS, _TAGS))


def _written(wish: Wish) -> tuple[str, ...]:
    keep = (publish.KEEP,) if wish.keep or wish.keep_blobs else ()
    return (*((publish.NOTES,) if wish.note is not None else ()), *keep)


def _unpublished(wish: Wish, published: list[str]) -> tuple[Move, ...]:
    """Pointers that live in the view alone, such as checkpoints."""
    return tuple(Move(name, old, new) for name, (old, new) in wish.moves.items() if name not in published)


def _part(
    place: Place, wish: Wish, moves: dict[str, tuple[str | None, str | None]], *, shared: bool
) -> tuple[PartOf, dict[bytes, str], list[bytes]]:
    """What happens in one worktree; the shared refs belong to the first."""
    repo = place.repo
    head = moves.get(own_head(repo))
    now = repo.head_value()
    refs = [RefMove(name, *moves[name]) for name in sorted(moves) if is_ref(name)] if shared else []
    # The commit point is HEAD where it moves, else the stream that is checked out, else the last in order.
    refs.sort(key=lambda move: f"ref: {move.name}" == now)
    if head is not None:
        refs.append(RefMove("HEAD", *head))
    before, after = _commits(repo, moves)
    trees = [repo.tree_of(commit) if commit else EMPTY_TREE for commit in (before, after)]
    index: tuple[IndexMove, ...] = ()
    change: Checkout | None = None
    obstacles: dict[bytes, str] = {}
    changed: list[bytes] = []
    if trees[0] != trees[1]:
        place.index.load()
        differ = differing(repo.objects, trees[0], trees[1])
        if wish.files == "leave":
            index = _index_moves(place, differ, wish)
        else:
            obstacles = checkout.obstacles(repo, place.index, differ)
            if obstacles and wish.files == "require":
                raise checkout.refusal(obstacles, "This")
            staged = {path: place.index.get(path) for path, why in obstacles.items() if why == checkout.STAGED}
            left = tuple(Left(path, staged.get(path)) for path in sorted(obstacles))
            change = Checkout(trees[0], trees[1], left)
            changed = [path for path in differ if path not in obstacles]
    files = wish.file_moves if shared else ()
    part = PartOf(place, tuple(refs), index, change, files, head=now)
    return part, obstacles, changed


def _commits(repo: GitRepository, moves: Mapping[str, tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    """The commits that a worktree stands on before and after the moves."""
    now, head = repo.head_value(), moves.get(own_head(repo))
    return _commit(repo, now, {}), _commit(repo, head[1] if head is not None else now, moves)


def _commit(repo: GitRepository, head: str | None, moves: Mapping[str, tuple[str | None, str | None]]) -> str | None:
    """The commit that HEAD stands on when it says this and the pointers have moved."""
    if head is None or not head.startswith("ref: "):
        return head
    moved = moves.get(head[5:])
    return moved[1] if moved is not None else repo.ref(head[5:])


def _index_moves(
    place: Place, differ: Mapping[bytes, tuple[Entry | None, Entry | None]], wish: Wish
) -> tuple[IndexMove, ...]:
    """Each entry that is as the operation left it goes to what it was; what the user staged since stays."""
    recorded = _recorded(place, wish)
    # What was staged before the operation is in its trees but not in its plan; undone, it is still staged.
    by_tree = recorded is None or wish.again
    found: list[IndexMove] = []
    for path, (old, new) in differ.items():
        known = place.index.get(path)
        entry = known.entry if known is not None else None
        here, there = (recorded or {}).get(path, (_UNKNOWN, None))
        if here == entry and _is_here(place, there):
            found.append(IndexMove(path, known, there))
        elif entry == old and (by_tree or here is not _UNKNOWN):
            found.append(IndexMove(path, known, IndexEntry(new.mode, new.oid) if new is not None else None))
    return tuple(found)


_UNKNOWN = Entry(0, "")
"""Stands for an index entry that no plan speaks of."""


def _recorded(place: Place, wish: Wish) -> dict[bytes, tuple[Entry | None, IndexEntry | None]] | None:
    """What the plan did to the index, seen from where it goes now: the entry it should find, and the one to set.

    None where no plan is known of this worktree.
    """
    parts = [part for part in wish.plan.parts if part.worktree == str(place.repo.git_dir)] if wish.plan else []
    if not parts:
        return None
    found: dict[bytes, tuple[Entry | None, IndexEntry | None]] = {}
    for move in parts[0].index:
        here, there = (move.old, move.new) if wish.again else (move.new, move.old)
        found[move.path] = (here.entry if here is not None else None, there)
    return found


def _is_here(place: Place, entry: IndexEntry | None) -> bool:
    # The blob of a path of which only the name was added need not exist.
    return entry is None or entry.intent_to_add or entry.oid in place.repo.handle


def left_files(left: Mapping[bytes, str]) -> list[tuple[str, str]]:
    """What was left, as messages name it."""
    return [(quote(path), why) for path, why in sorted(left.items())]
