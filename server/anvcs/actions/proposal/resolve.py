"""Decides a file of a merge's result, or one conflict of it; every decision is an event of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import applying, computing, keeping
from anvcs.actions.proposal.book import key, short
from anvcs.actions.proposal.chosen import Chosen, chosen, refuse_closed
from anvcs.actions.proposal.computing import Tips
from anvcs.errors import PathError, PathNotFoundError, ProposalError, ProposalMovedError, UsageError
from anvcs.gitmirror.paths import quote, to_repo_path, unquote
from anvcs.gitmirror.trees import EXECUTABLE, FILE, TREE, Entry, edit, lookup
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Flaw, Resolved, Take
from anvcs.merge.model import Options

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposals import State
    from anvcs.merge.model import TreeMerge


@dataclass(frozen=True)
class _At:
    """A path that is to be decided."""

    found: Chosen
    merge: TreeMerge
    path: bytes
    versions: bytes

    @property
    def workspace(self) -> Workspace:
        return self.found.actor.workspace

    @property
    def state(self) -> State:
        return self.found.state

    def sides(self) -> dict[str, Entry | None]:
        """What the versions have there."""
        outcome = applying.outcome_of(self.merge, self.path)
        if outcome is not None and (outcome.base or outcome.left or outcome.right):
            named = {"base": outcome.base, "left": outcome.left, "right": outcome.right}
            return {name: Entry(int(it.mode, 8), it.oid) if it is not None else None for name, it in named.items()}
        computed = self.state.computed
        assert computed is not None  # noqa: S101 - it was brought up to date
        commits = {"left": computed.target, "right": computed.sources[0]}
        if self.merge.bases:
            commits["base"] = self.merge.bases[0]
        return {name: applying.at(self.workspace, commit, self.path) for name, commit in commits.items()}

    def marked(self) -> applying.Marked | None:
        """Its text with conflicts."""
        outcome = applying.outcome_of(self.merge, self.path)
        return applying.marked(self.workspace, self.merge, outcome) if outcome is not None else None

    def there(self) -> Entry | None:
        """What the result has there now."""
        return lookup(self.workspace.repo.objects, str(self.state.tree), self.path)


@dataclass(frozen=True)
class _Decision:
    """What is written down."""

    take: Take
    entry: Entry | None
    conflict: int | None = None
    sides: bytes | None = None
    text: bytes | None = None


def proposal_resolve(caller: Caller, params: wire.ProposalResolveParams) -> wire.ProposalResult:
    """Decide it. Raises UsageError, PathNotFoundError, ProposalError for a text with conflict markers left.

    Raises ProposalMovedError where the versions changed just now.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        if sum((params.take is not None, params.text is not None, params.delete)) != 1:
            raise UsageError("A version, a text, or removing the file: just one of them decides.", "Choose one.")
        found = chosen(workspace, params)
        refuse_closed(found.state)
        it = _place(found, params.path)
        decision = _whole(it, params) if params.conflict is None else _part(it, params, params.conflict)
        return found.result(_record(it, decision))


def _place(found: Chosen, given: str) -> _At:
    """The path that is meant: from the repository's root, as proposals show it, else from where the caller stands."""
    workspace, state = found.actor.workspace, found.state
    merge = computing.merge_of(found.book, state)
    computed = state.computed
    assert computed is not None  # noqa: S101 - it was brought up to date
    tips = (computed.target, *computed.sources)
    tried = [unquote(given)]
    if not given.startswith('"'):
        tried.append(to_repo_path(workspace.repo.root, workspace.caller.cwd, os.fsencode(given)))
    for path in tried:
        listed = any(each.path == path for each in merge.files)
        entry = lookup(workspace.repo.objects, str(state.tree), path)
        if listed or (entry is not None and entry.mode != TREE) or path in state.applied:
            versions = applying.versions(workspace, merge, tips, path)
            _refuse_changed(found, path)
            return _At(found, merge, path, versions)
    raise PathNotFoundError(
        f"{given} is not in the result of the proposal {short(state.id)}.",
        f"See its files with: ai-vcs proposal show {short(state.id)}",
    )


def _refuse_changed(found: Chosen, path: bytes) -> None:
    """Raise ProposalMovedError where working it out anew just now gave the path other versions."""
    before, now = (
        {each.path: each.versions for each in state.computed.disputed} if state.computed is not None else {}
        for state in (found.before, found.state)
    )
    if found.renewed and before.get(path) != now.get(path):
        raise ProposalMovedError(
            f"The streams moved, and {quote(path)} has changed with them.",
            f"Look at it again first: ai-vcs proposal show {short(found.state.id)}",
        )


def _whole(it: _At, params: wire.ProposalResolveParams) -> _Decision:
    if params.delete:
        return _Decision("delete", None)
    if params.text is not None:
        data = params.text.encode("utf-8", "surrogateescape")
        return _Decision("text", _file(it, data), text=data)
    take = params.take
    if take == "both":
        text = it.marked()
        if text is None:
            raise ProposalError(
                f"{quote(it.path)} has no conflicts in its text, so both versions cannot stand in it.",
                "Take left or right, or give a text with --file.",
            )
        all_of_both = {n: resolutions.take(region.sides, "both") or b"" for n, region in enumerate(text.regions, 1)}
        data = resolutions.fill(text.text, text.regions, all_of_both)
        return _Decision("both", applying.partly(it.workspace, text, all_of_both), text=data)
    return _Decision(cast("Take", take), it.sides().get(str(take)))


def _file(it: _At, data: bytes) -> Entry:
    """A file with a text, in the mode that it has."""
    objects = it.workspace.repo.objects
    sides = [each for each in (it.there(), *it.sides().values()) if each is not None]
    texts = [objects.read(each.oid, "blob") for each in it.sides().values() if each is not None and each.mode in _TEXTS]
    if resolutions.left_over(data, texts):
        raise ProposalError("The text has conflict markers left in it.", "Decide what stands there, and remove them.")
    mode = next((each.mode for each in sides if each.mode in _TEXTS), FILE)
    return Entry(mode, objects.write("blob", data))


_TEXTS = (FILE, EXECUTABLE)


def _part(it: _At, params: wire.ProposalResolveParams, number: int) -> _Decision:
    text = it.marked()
    if text is None or number > len(text.regions):
        count = len(text.regions) if text is not None else 0
        raise UsageError(
            f"{quote(it.path)} has {count or 'no'} conflict{'' if count == 1 else 's'} in its text.",
            "Leave --conflict out to decide the whole file." if not count else f"They are numbered from 1 to {count}.",
        )
    region = text.regions[number - 1]
    take: Take = params.take or "text"
    chosen_text = _chosen(it, params, region)
    if chosen_text and region.end < len(text.text) and not chosen_text.endswith((b"\n", b"\r")):
        chosen_text += b"\n"
    known = it.state.resolution(it.path)
    before = applying.chosen(it.found.book, known) if known is not None else {}
    entry = applying.partly(it.workspace, text, {**before, number: chosen_text})
    return _Decision(take, entry, number, resolutions.digest(region.sides), chosen_text)


def _chosen(it: _At, params: wire.ProposalResolveParams, region: resolutions.Region) -> bytes:
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


def _record(it: _At, decision: _Decision) -> State:
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
        flaws=_flaws(it, entry),
        between=computing.between(workspace, tips, state.opened, it.merge, tree, {*state.applied, it.path}),
    )
    return it.found.book.add(it.found.actor, state, event, (decision.text,) if decision.text is not None else ())


def _flaws(it: _At, entry: Entry | None) -> tuple[Flaw, ...]:
    """What is wrong with a text that is decided; that it leaves edits out is just what was decided."""
    if entry is None or entry.mode not in _TEXTS:
        return ()
    objects, sides = it.workspace.repo.objects, it.sides()
    entries = [sides.get(name) for name in ("base", "left", "right")]
    if any(each is not None and each.mode not in _TEXTS for each in entries):
        return ()
    texts = [objects.read(each.oid, "blob") if each is not None else b"" for each in entries]
    text = objects.read(entry.oid, "blob")
    if resolutions.left_over(text, texts) or len(text) > Options().largest:
        return ()
    from anvcs.merge.guards import check

    found = check(texts[0], texts[1], texts[2], text, path=it.path.decode("utf-8", "replace"), allowed=_DECIDED)
    return tuple(
        Flaw(it.path, each.kind, each.message, each.line, each.column) for each in found if each.severity == "hard"
    )


_DECIDED = frozenset({"lost", "doubled", "vanished"})
