"""Decides a file of a merge's result, or one conflict of it; every decision is an event of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import applying, computing, keeping, suggestions
from anvcs.actions.proposal.book import key
from anvcs.actions.proposal.chosen import chosen, refuse_closed
from anvcs.actions.proposal.computing import Tips
from anvcs.actions.proposal.deciding import At, place
from anvcs.errors import PathError, ProposalError, UsageError
from anvcs.gitmirror import mergefile
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.treemerge_attributes import place_of
from anvcs.gitmirror.trees import EXECUTABLE, FILE, TREE, Entry, edit
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Resolved, SignedEvent, Take

if TYPE_CHECKING:
    from anvcs.actions.proposal.applying import Marked
    from anvcs.governance.proposals import State


class Decision(msgspec.Struct, frozen=True):
    """What is written down."""

    take: Take
    entry: Entry | None
    conflict: int | None = None
    sides: bytes | None = None
    text: bytes | None = None
    suggestion: bytes | None = None
    """The event that suggested the text."""
    by_policy: bool = False
    """The team's settings decided it."""
    alike: int = 1
    """How many conflicts of the file have just these sides."""


def proposal_resolve(caller: Caller, params: wire.ProposalResolveParams) -> wire.ProposalResult:
    """Decide it. Raises UsageError, PathNotFoundError, ProposalError for a text with conflict markers left.

    Raises ProposalMovedError where the versions changed just now, and as ``suggestions.taken`` does.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        if sum((params.take is not None, params.text is not None, params.delete)) != 1:
            raise UsageError("A version, a text, or removing the file: just one of them decides.", "Choose one.")
        if params.whole and params.conflict is not None:
            raise UsageError(
                "Either one conflict is decided or the whole file.", "Leave out the conflict's number, or --whole."
            )
        found = chosen(workspace, params)
        refuse_closed(found.state)
        it = place(found, params.path)
        number = params.conflict
        if number is None and params.take == "suggestion":
            number = _only(it)
        if number is None and (numbers := _every(it, params)):
            for each in numbers:
                state = record(it, _part(it, params, each))
                it = replace(it, found=replace(it.found, state=state))
            return found.result(it.state)
        decision = _whole(it, params) if number is None else _part(it, params, number)
        return found.result(record(it, decision))


def _every(it: At, params: wire.ProposalResolveParams) -> tuple[int, ...]:
    """The conflicts that a version is taken in: those still open, or all if none is; none for the whole file."""
    text = it.marked() if params.take is not None and not params.whole else None
    numbers = range(1, len(text.regions) + 1) if text is not None else ()
    known = suggestions.decided(it) if numbers else {}
    return tuple(number for number in numbers if number not in known) or tuple(numbers)


def _whole(it: At, params: wire.ProposalResolveParams) -> Decision:
    if params.delete:
        return Decision("delete", None)
    if params.text is not None:
        data = _kept(it, params.text.encode("utf-8", "surrogateescape"))
        return Decision("text", _file(it, data), text=data)
    take = params.take
    if take == "both":
        raise ProposalError(
            f"{quote(it.path)} has no conflicts in its text, so both versions cannot stand in it."
            if it.marked() is None
            else "Both versions can stand in a conflict, but not as a whole file.",
            "Take left or right, or give a text with --file.",
        )
    return Decision(cast("Take", take), it.sides().get(str(take)))


def _kept(it: At, data: bytes) -> bytes:
    """A file as Git keeps it by the attributes of the result: of one that Git LFS keeps, that is a pointer."""
    repo = it.workspace.repo
    with place_of(repo, str(it.state.tree)) as where:
        return mergefile.kept(repo.git, where, it.path, data)


def _file(it: At, data: bytes) -> Entry:
    """A file with a text, in the mode that it has."""
    objects = it.workspace.repo.objects
    sides = [each for each in (it.there(), *it.sides().values()) if each is not None]
    texts = [objects.read(each.oid, "blob") for each in it.sides().values() if each is not None and each.mode in _TEXTS]
    if resolutions.left_over(data, texts):
        raise ProposalError("The text has conflict markers left in it.", "Decide what stands there, and remove them.")
    mode = next((each.mode for each in sides if each.mode in _TEXTS), FILE)
    return Entry(mode, objects.write("blob", data))


_TEXTS = (FILE, EXECUTABLE)


def _only(it: At) -> int:
    """The number of the only conflict of a file. Raises UsageError where it has several, or none."""
    text = it.marked()
    if text is None or len(text.regions) != 1:
        raise UsageError("A suggestion is about one conflict.", "Say which one with --conflict.")
    return 1


def _part(it: At, params: wire.ProposalResolveParams, number: int) -> Decision:
    text = it.marked()
    if text is None or number > len(text.regions):
        count = len(text.regions) if text is not None else 0
        raise UsageError(
            f"{quote(it.path)} has {count or 'no'} conflict{'' if count == 1 else 's'} in its text.",
            "Leave --conflict out to decide the whole file." if not count else f"They are numbered from 1 to {count}.",
        )
    region = text.regions[number - 1]
    if params.take == "suggestion":
        event, suggested = suggestions.taken(it, text, number, params.suggestion)
        return suggestion(it, text, number, event, suggested)
    take: Take = params.take or "text"
    chosen_text = resolutions.ended(_chosen(it, params, region), last=region.end >= len(text.text))
    return _replaced(it, text, number, Decision(take, None, text=chosen_text))


def suggestion(
    it: At, text: Marked, number: int, event: SignedEvent, suggested: bytes, *, by_policy: bool = False
) -> Decision:
    """The decision that takes what a language model suggested for a conflict."""
    decision = Decision("suggestion", None, text=suggested, suggestion=event.id, by_policy=by_policy)
    return _replaced(it, text, number, decision)


def _replaced(it: At, text: Marked, number: int, decision: Decision) -> Decision:
    entry = applying.partly(it.workspace, text, {**suggestions.decided(it), number: decision.text or b""})
    sides = [resolutions.digest(region.sides) for region in text.regions]
    mine = sides[number - 1]
    return replace(decision, entry=entry, conflict=number, sides=mine, alike=sides.count(mine))


def _chosen(it: At, params: wire.ProposalResolveParams, region: resolutions.Region) -> bytes:
    """What is to stand in a conflict's place."""
    if params.take is not None:
        found = resolutions.take(region.sides, params.take)
        if found is None:
            raise ProposalError(
                f"What both sides began with is not known for this conflict of {quote(it.path)}.",
                "Take left or right, or give a text with --file.",
            )
        return found
    text = (params.text or "").encode("utf-8", "surrogateescape")
    if resolutions.left_over(text, [each for each in region.sides if each is not None]):
        raise ProposalError("The text has conflict markers left in it.", "Decide what stands there, and remove them.")
    return text


def record(it: At, decision: Decision) -> State:
    """Write the decision down, its result kept alive first."""
    workspace, state, computed = it.workspace, it.state, it.state.computed
    assert computed is not None  # noqa: S101 - it was brought up to date
    entry = decision.entry
    if entry is not None and entry.mode == TREE:
        raise PathError(f"{quote(it.path)} is a folder there.", "Decide its files one by one.")
    tips = Tips(computed.target, computed.sources)
    tree = edit(workspace.repo.objects, str(state.tree), {it.path: entry})
    keeping.hold(workspace, state.id, tree, it.merge.tree, (computed.target, *computed.sources))
    whole = decision.conflict is None
    event = Resolved(
        path=it.path,
        versions=it.versions,
        conflict=decision.conflict,
        sides=decision.sides,
        take=decision.take,
        text=key(decision.text) if decision.text is not None else None,
        entry=(entry.mode, entry.oid) if whole and entry is not None else None,
        tree=tree,
        flaws=applying.judged(workspace, it.path, entry, [it.sides().get(name) for name in ("base", "left", "right")]),
        between=computing.between(workspace, tips, state.opened, tree, {*state.applied, it.path}),
        suggestion=decision.suggestion,
        by_policy=decision.by_policy,
        alike=decision.alike,
    )
    return it.found.book.add(it.found.actor, state, event, (decision.text,) if decision.text is not None else ())
