"""Works a proposal out: the merge of the commits that its streams stand on now, with the resolutions that still fit."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs.actions import ancestry, making
from anvcs.actions.checking_subject import config_of
from anvcs.actions.proposal import applying, carrying, keeping
from anvcs.actions.proposal.book import Book, key, short
from anvcs.errors import ConfigError, MergeError, StreamError
from anvcs.gitmirror.trees import edit
from anvcs.governance.proposal_events import Computed, Flaw, Kept, Named, Opened, Resolved, Suggested, Superseded
from anvcs.governance.proposals import State
from anvcs.merge.model import Finding, TreeMerge, Versions

if TYPE_CHECKING:
    from anvcs.actions.acting import Acting
    from anvcs.actions.workspace import Workspace

HEADS = "refs/heads/"
_SHORT = 10
"""How many digits of a commit messages show."""


class Tips(msgspec.Struct, frozen=True):
    """The commits that a proposal joins."""

    target: str
    sources: tuple[str, ...]


class Worked(msgspec.Struct, frozen=True):
    """A merge worked out."""

    tips: Tips
    forward: bool
    merge: TreeMerge
    between: tuple[Flaw, ...] = ()
    """What was found between files."""


def tips(workspace: Workspace, state: State) -> Tips:
    """Where target and sources stand now. Raises StreamError for a target that is gone.

    A source that is gone, or was given as a commit, stays what it was.
    """
    known = state.computed.sources if state.computed is not None else ()
    try:
        return tips_of(workspace, state.opened, known)
    except StreamError as error:
        raise StreamError(
            error.message, f"Bring it back with ai-vcs undo, or end this with: ai-vcs proposal reject {short(state.id)}"
        ) from None


def tips_of(workspace: Workspace, opened: Opened, known: tuple[str, ...] = ()) -> Tips:
    """Where the streams of an opening stand; ``known`` is where its sources stood when they were last looked at."""
    repo = workspace.repo
    target = repo.ref(opened.target)
    if target is None:
        name = opened.target.removeprefix(HEADS)
        raise StreamError(f"The stream {name} is gone, so nothing can be merged into it.", "See ai-vcs stream list.")
    sources: list[str] = []
    for place, source in enumerate(opened.sources):
        now = repo.ref(source.ref) if source.ref is not None else None
        commit = repo.peel(now) if now is not None else None
        sources.append(commit or (known[place] if known else source.name))
    return Tips(target, tuple(sources))


def has_moved(state: State, now: Tips) -> bool:
    """The result was worked out for other commits."""
    computed = state.computed
    if computed is None or state.stale:
        return True
    return (computed.target, computed.sources) != (now.target, now.sources)


def is_outdated(workspace: Workspace, state: State) -> bool:
    """A stream moved since it was worked out, or its target is gone."""
    return workspace.repo.ref(state.opened.target) is None or has_moved(state, tips(workspace, state))


def is_contained(workspace: Workspace, now: Tips) -> bool:
    """The target has all of the sources already."""
    return all(each == now.target or ancestry.is_ancestor(workspace, each, now.target) for each in now.sources)


def work_out(workspace: Workspace, now: Tips, opened: Opened) -> Worked:
    """Merge the sources into the target, one after another. Raises MergeError where several are in conflict."""
    only = now.sources[0] if len(now.sources) == 1 else None
    if only is not None and (only == now.target or ancestry.is_ancestor(workspace, now.target, only)):
        merge = TreeMerge(workspace.repo.tree_of(only), (now.target,))
        return Worked(now, opened.fast_forward, merge)
    from anvcs.actions.merging import How, merge_commits

    names = _names(opened)
    how = How(versions=_versions(workspace, now.target))
    merge = merge_commits(workspace, now.target, now.sources, names=names, how=how)
    if len(now.sources) > 1 and not merge.clean:
        # Its conflicts would be between the last source and all others at once, which nobody could decide well.
        raise _several(now)
    return Worked(now, False, merge, between(workspace, now, opened, merge.tree))


def _versions(workspace: Workspace, target: str) -> Versions:
    """What the target wants of versions that both sides raised; a person is asked while its settings cannot be read."""
    try:
        return config_of(workspace, workspace.repo.tree_of(target)).merge.versions
    except ConfigError:
        return "ask"


def between(
    workspace: Workspace, now: Tips, opened: Opened, tree: str, decided: Collection[bytes] = ()
) -> tuple[Flaw, ...]:
    """What is found between files of a result, in which somebody ``decided`` these paths."""
    from anvcs.actions.crossing import between_files

    if decided:
        # What looks between files reads what is written.
        workspace.repo.objects.flush()
    found = between_files(workspace, (now.target, *now.sources), _names(opened), tree, decided)
    return tuple(_flaw(each.path, each.finding, each.other) for each in found)


def record(actor: Acting, book: Book, state: State, worked: Worked) -> State:
    """Write a revision down, its trees kept alive first. Raises StoreConflictError as ``Book.add`` does."""
    found = revision(actor.workspace, book, state, worked)
    joined = (worked.tips.target, *worked.tips.sources)
    keeping.hold(actor.workspace, state.id, found.tree, worked.merge.tree, joined)
    now = book.add_all(actor, state, (found.computed, *found.carried), found.objects)
    actor.workspace.notices += carrying.told(state.id, found.carried)
    return now


class Revision(NamedTuple):
    """The merge as a proposal has it, with all that was decided about it before."""

    computed: Computed
    carried: tuple[Suggested | Resolved, ...]
    """What was decided of the same conflicts in other revisions, or in proposals before this one."""
    objects: tuple[bytes, ...]
    """What these name."""
    tree: str
    """The result."""


def revision(workspace: Workspace, book: Book, state: State, worked: Worked) -> Revision:
    """The next revision of a proposal, with the resolutions that fit it."""
    merge = worked.merge
    raw = msgspec.msgpack.encode(merge)
    disputed = applying.disputed(workspace, merge)
    entries, kept = applying.held(workspace, book, state, merge, (worked.tips.target, *worked.tips.sources), disputed)
    tree = edit(workspace.repo.objects, merge.tree, entries) if entries else merge.tree
    carry = carrying.carry(workspace, book, state, carrying.Result(merge, disputed, kept, tree))
    crossing = _between(workspace, state, worked, carry.tree, {*kept, *carry.paths})
    computed = Computed(
        revision=state.revision + 1,
        target=worked.tips.target,
        sources=worked.tips.sources,
        bases=merge.bases,
        tree=tree,
        forward=worked.forward,
        engine=making.engine(workspace.git),
        merge=key(raw),
        disputed=disputed,
        kept=tuple(Kept(path, versions) for path, versions in sorted(kept.items())),
        flaws=flaws(merge),
        between=crossing,
    )
    return Revision(computed, carry.events, (raw, *carry.objects), carry.tree)


def refresh(actor: Acting, book: Book, state: State) -> tuple[State, bool]:
    """The proposal for where its streams stand now; true if that made it another one."""
    workspace = actor.workspace
    if state.closed is not None or state.landing is not None:
        # Who lets it land moves the target, which is no reason to work it out anew.
        return state, False
    now = tips(workspace, state)
    if is_contained(workspace, now):
        reason = f"{state.opened.target.removeprefix(HEADS)} has all of it already."
        state = book.add(actor, state, Superseded(reason=reason))
        keeping.release(workspace, state.id)
        return state, True
    if not has_moved(state, now):
        return state, False
    worked = work_out(workspace, now, state.opened)
    return record(actor, book, state, worked), True


def merge_of(book: Book, state: State) -> TreeMerge:
    """Everything that the merge gave, path by path."""
    assert state.computed is not None  # noqa: S101 - callers have worked it out
    return msgspec.msgpack.decode(book.object(state.computed.merge), type=TreeMerge)


def flaws(merge: TreeMerge) -> tuple[Flaw, ...]:
    """The hard findings, those of single files first."""
    found = [(each.path, finding) for each in merge.files for finding in each.findings]
    found += [(each.path, each.finding) for each in merge.findings]
    return tuple(_flaw(path, it) for path, it in found if it.severity == "hard")


def _between(
    workspace: Workspace, state: State, worked: Worked, tree: str, kept: Collection[bytes]
) -> tuple[Flaw, ...]:
    """What is found between files, decisions included."""
    if worked.forward or tree == worked.merge.tree:
        return worked.between
    return between(workspace, worked.tips, state.opened, tree, kept)


def _flaw(path: bytes, it: Finding, other: bytes | None = None) -> Flaw:
    return Flaw(path, it.kind, it.message, it.line, it.column, it.severity, other)


def _several(now: Tips) -> MergeError:
    return MergeError(
        f"Merged one after another, the last of the {len(now.sources)} sources is in conflict with the others.",
        "Merge them one at a time: each gets a proposal of its own.",
    )


def _names(opened: Opened) -> tuple[str, ...]:
    """Target and sources as people call them."""
    return (_name(opened.target), *(_shown(each) for each in opened.sources))


def _shown(source: Named) -> str:
    return source.name if source.ref is not None else source.name[:_SHORT]


def _name(ref: str) -> str:
    return ref.removeprefix(HEADS)
