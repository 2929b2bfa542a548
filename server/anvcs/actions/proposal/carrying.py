"""Decisions that are carried over: made for another revision, or in a proposal before this one, of the same conflict.

A conflict is the same where path and all three texts are, byte for byte, wherever it stands; a file that is decided as
a whole, where all three versions are. What policy decided is not carried over, since no person has looked at it, nor is
what cannot be told from another conflict of the same file with just the same texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs.actions.proposal import applying
from anvcs.actions.proposal.book import key, short
from anvcs.errors import CorruptStoreError
from anvcs.gitmirror.trees import Entry, edit
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Carried, Disputed, Resolved, SignedEvent, Suggested
from anvcs.governance.proposals import Resolution, State
from anvcs.merge.model import FileOutcome, TreeMerge

if TYPE_CHECKING:
    from anvcs.actions.proposal.book import Book
    from anvcs.actions.workspace import Workspace

_LOOKED_AT = 20
"""How many earlier proposals for the same streams are asked."""


class Result(NamedTuple):
    """A merge with what is kept of earlier decisions because a file's versions are the same."""

    merge: TreeMerge
    disputed: Sequence[Disputed]
    kept: Mapping[bytes, bytes]
    tree: str


class Carry(NamedTuple):
    """What is carried over."""

    events: tuple[Suggested | Resolved, ...]
    paths: frozenset[bytes]
    """The files in which something is."""
    objects: tuple[bytes, ...]
    """Texts that the events name."""
    tree: str
    """The result with all of it."""


def author(event: SignedEvent) -> str:
    """Who said it, or said it first."""
    came = origin(event)
    return came.by if came is not None else event.body.by


def origin(event: SignedEvent) -> Carried | None:
    """Where a decision or a suggestion was carried over from."""
    return event.what.carried if isinstance(event.what, Resolved | Suggested) else None


def carry(workspace: Workspace, book: Book, state: State, result: Result) -> Carry:
    """The decisions about what is still in conflict that were made of just the same."""
    known = _Known(book, state)
    made = _Made(workspace)
    for disputed in result.disputed:
        before = state.resolutions.get((disputed.path, result.kept.get(disputed.path, b"")))
        outcome = applying.outcome_of(result.merge, disputed.path)
        if outcome is None or (before is not None and before.settles(disputed)):
            continue
        whole = known.of(disputed.path, disputed.versions) if before is None else None
        if whole is not None:
            made.whole(disputed, outcome, whole)
        else:
            made.parts(disputed, outcome, applying.marked(workspace, result.merge, outcome), before, known)
    return made.carry(result.tree)


def told(proposal: bytes, events: Sequence[Suggested | Resolved]) -> list[str]:
    """A sentence for people about what was carried over."""
    found = [each.carried for each in events if isinstance(each, Resolved) and each.carried is not None]
    if not found:
        return []
    who = ", ".join(sorted({each.by for each in found}))
    others = sorted({short(each.proposal) for each in found if each.proposal != proposal})
    where = f" in proposal {', '.join(others)}" if others else ""
    many = "1 decision is" if len(found) == 1 else f"{len(found)} decisions are"
    return [f"{many} carried over, since the conflict is the same: by {who}{where}."]


class _Found(NamedTuple):
    """A decision that may be carried over."""

    state: State
    """The proposal that it was made in."""
    event: SignedEvent
    what: Resolved
    text: bytes | None


class _Known:
    """What was decided in this proposal, then in those before it for the same streams, the newest first."""

    def __init__(self, book: Book, state: State) -> None:
        self.book = book
        self._state = state

    def of(self, path: bytes, about: bytes) -> _Found | None:
        """The newest decision about a conflict, or a file as a whole, if it may be carried over."""
        for state in self._states():
            event = state.decisions.get((path, about))
            if event is not None and isinstance(event.what, Resolved):
                return self._usable(state, event, event.what)
        return None

    def _states(self) -> Iterator[State]:
        yield self._state
        yield from self._earlier

    @cached_property
    def _earlier(self) -> tuple[State, ...]:
        # Only where something is left in conflict does anybody pay for reading them.
        return tuple(each for each in self.book.ended(self._state.opened, _LOOKED_AT) if each.id != self._state.id)

    def _usable(self, state: State, event: SignedEvent, what: Resolved) -> _Found | None:
        named = what.suggestion
        if what.by_policy or what.alike > 1 or (named is not None and named not in state.suggestions):
            return None
        try:
            text = self.book.object(what.text) if what.text is not None else None
        except CorruptStoreError:
            # The collector had it, since its proposal ended long ago.
            return None
        return _Found(state, event, what, text)


class _File(NamedTuple):
    """A file, or conflicts of it, with decisions that are carried over."""

    outcome: FileOutcome
    entry: Entry | None
    """What stands there; None where it is to be gone."""
    decisions: Sequence[tuple[Resolved, _Found]]

    def events_for(self, workspace: Workspace, tree: str) -> Iterator[Suggested | Resolved]:
        """What is written down of it in a result."""
        flaws = applying.judged(workspace, self.outcome.path, self.entry, applying.entries(self.outcome))
        for event, found in self.decisions:
            suggested = _suggestion(event, found)
            if suggested is not None:
                yield suggested
            yield msgspec.structs.replace(event, tree=tree, flaws=flaws)


@dataclass
class _Made:
    """What is carried over, file by file."""

    workspace: Workspace
    files: list[_File] = field(default_factory=list["_File"])
    objects: list[bytes] = field(default_factory=list[bytes])

    def whole(self, disputed: Disputed, outcome: FileOutcome, found: _Found) -> None:
        """A file that was decided as a whole."""
        if found.text is not None and found.what.entry is not None:
            # git's collector may have had the blob since.
            self.workspace.repo.objects.write("blob", found.text)
            self.objects.append(found.text)
        entry = Entry(*found.what.entry) if found.what.entry is not None else None
        self.files.append(_File(outcome, entry, [(_carried(found, disputed), found)]))

    def parts(
        self,
        disputed: Disputed,
        outcome: FileOutcome,
        text: applying.Marked | None,
        before: Resolution | None,
        known: _Known,
    ) -> None:
        """A file of which single conflicts were decided."""
        if text is None:
            return
        sides = [resolutions.digest(region.sides) for region in text.regions]
        often = Counter(sides)
        decided = applying.chosen(known.book, before) if before is not None else {}
        events: list[tuple[Resolved, _Found]] = []
        for number, about in enumerate(sides, 1):
            found = known.of(disputed.path, about) if number not in decided and often[about] == 1 else None
            if found is None or found.text is None:
                continue
            data = resolutions.ended(found.text, last=text.regions[number - 1].end >= len(text.text))
            decided[number] = data
            self.objects.append(data)
            event = msgspec.structs.replace(_carried(found, disputed), conflict=number, text=key(data))
            events.append((event, found))
        if events:
            self.files.append(_File(outcome, applying.partly(self.workspace, text, decided), events))

    def carry(self, tree: str) -> Carry:
        """All of it, laid over a result."""
        objects = self.workspace.repo.objects
        entries = {each.outcome.path: each.entry for each in self.files}
        if not entries:
            return Carry((), frozenset(), (), tree)
        tree = edit(objects, tree, entries)
        # Guards read what is written.
        objects.flush()
        events = [event for each in self.files for event in each.events_for(self.workspace, tree)]
        return Carry(tuple(events), frozenset(entries), tuple(self.objects), tree)


def _carried(found: _Found, disputed: Disputed) -> Resolved:
    """The decision as it is made of this revision."""
    return msgspec.structs.replace(
        found.what, versions=disputed.versions, carried=_first(found.state, found.event), between=None
    )


def _suggestion(event: Resolved, found: _Found) -> Suggested | None:
    """What a language model said in another proposal, where the decision took it: this one is to tell of it too."""
    named = event.suggestion
    asked = found.state.suggestions.get(named) if named is not None else None
    if asked is None or event.carried is None or not isinstance(asked.what, Suggested) or event.sides is None:
        return None
    return msgspec.structs.replace(
        asked.what,
        versions=event.versions,
        conflict=event.conflict or asked.what.conflict,
        carried=_first(found.state, asked),
    )


def _first(state: State, event: SignedEvent) -> Carried:
    return origin(event) or Carried(state.id, event.id, event.body.by, event.body.time)
