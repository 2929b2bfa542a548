"""Works a proposal out: the merge of the commits that its streams stand on now, with the resolutions that still fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from anvcs.actions import ancestry, making
from anvcs.actions.crossing import between_files
from anvcs.actions.merging import merge_commits
from anvcs.actions.proposal import applying, keeping
from anvcs.actions.proposal.book import Book, key, short
from anvcs.errors import MergeError, StreamError
from anvcs.gitmirror.trees import edit
from anvcs.governance.proposal_events import Computed, Flaw, Kept, Named, Opened, Superseded
from anvcs.governance.proposals import State
from anvcs.merge.model import TreeMerge

if TYPE_CHECKING:
    from anvcs.actions.acting import Acting
    from anvcs.actions.workspace import Workspace

HEADS = "refs/heads/"
_SHORT = 10
"""How many digits of a commit messages show."""


@dataclass(frozen=True)
class Tips:
    """The commits that a proposal joins."""

    target: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Worked:
    """A merge worked out."""

    tips: Tips
    forward: bool
    merge: TreeMerge


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
    names = (_name(opened.target), *(_shown(each) for each in opened.sources))
    merge = merge_commits(workspace, now.target, now.sources, names=names)
    if len(now.sources) > 1 and not merge.clean:
        # Its conflicts would be between the last source and all others at once, which nobody could decide well.
        raise _several(now)
    more = between_files(workspace, (now.target, *now.sources), names, merge.tree)
    return Worked(now, False, replace(merge, findings=merge.findings + more))


def record(actor: Acting, book: Book, state: State, worked: Worked) -> State:
    """Write a revision down, its trees kept alive first. Raises StoreConflictError as ``Book.add`` does."""
    workspace, merge = actor.workspace, worked.merge
    raw = msgspec.msgpack.encode(merge)
    disputed = applying.disputed(workspace, merge)
    entries, kept = applying.held(workspace, book, state, merge, (worked.tips.target, *worked.tips.sources), disputed)
    tree = edit(workspace.repo.objects, merge.tree, entries) if entries else merge.tree
    keeping.hold(workspace, state.id, tree, merge.tree, (worked.tips.target, *worked.tips.sources))
    what = Computed(
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
    )
    return book.add(actor, state, what, (raw,))


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
    return tuple(Flaw(path, it.kind, it.message, it.line, it.column) for path, it in found if it.severity == "hard")


def _several(now: Tips) -> MergeError:
    return MergeError(
        f"Merged one after another, the last of the {len(now.sources)} sources is in conflict with the others.",
        "Merge them one at a time: each gets a proposal of its own.",
    )


def _shown(source: Named) -> str:
    return source.name if source.ref is not None else source.name[:_SHORT]


def _name(ref: str) -> str:
    return ref.removeprefix(HEADS)
