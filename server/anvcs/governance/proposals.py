"""What the events of a merge proposal come to: its revision, what is in conflict, resolutions, evidence and votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from anvcs.errors import CorruptStoreError
from anvcs.governance.proposal_events import (
    Accepted,
    Body,
    Checked,
    Checking,
    Computed,
    Disputed,
    Flaw,
    Landing,
    Opened,
    Queued,
    Ran,
    Rejected,
    Released,
    Resolved,
    Restated,
    SignedEvent,
    Suggested,
    Superseded,
    Unqueued,
    Voted,
)

Closed: TypeAlias = Literal["accepted", "rejected", "superseded"]
"""How a proposal can have ended."""


class Resolution(msgspec.Struct, frozen=True):
    """A path as somebody decided it."""

    versions: bytes
    last: SignedEvent
    """The newest decision."""
    whole: SignedEvent | None = None
    """The decision about the whole file, if that was the last word."""
    parts: Mapping[int, SignedEvent] = msgspec.field(default_factory=dict[int, SignedEvent])
    """Those about single conflicts, by number."""

    def settles(self, disputed: Disputed) -> bool:
        """Nothing is left in conflict there."""
        return self.whole is not None or (disputed.conflicts > 0 and len(self.parts) >= disputed.conflicts)


Place: TypeAlias = tuple[bytes, bytes]
"""A path with the hash of the three versions that a decision about it was made for."""


Known: TypeAlias = tuple[bytes, bytes]
"""A path with the hash of what was decided there: the sides of one conflict, or the versions of the whole file."""


class Vote(msgspec.Struct, frozen=True):
    """An actor's last word on a tree."""

    tree: str
    event: SignedEvent
    choice: Literal["approve", "reject"]
    reason: str


class Evidence(msgspec.Struct, frozen=True):
    """How guards judged a tree, and the object with their output."""

    tree: str
    ran: tuple[Ran, ...]
    output: bytes
    event: SignedEvent


class Taken(NamedTuple):
    """A suggestion that is in the result."""

    decision: SignedEvent
    decided: Resolved
    asked: SignedEvent
    suggested: Suggested


class State(msgspec.Struct, frozen=True):
    """A proposal after its events."""

    id: bytes
    opening: SignedEvent
    opened: Opened
    last: SignedEvent
    count: int = 1
    """How many events there are."""
    computed: Computed | None = None
    tree: str | None = None
    """The result now."""
    stale: bool = False
    """It has to be worked out anew, wherever the streams stand."""
    resolutions: Mapping[Place, Resolution] = msgspec.field(default_factory=dict["Place", Resolution])
    """All that was ever decided, for whatever versions of a path."""
    decisions: Mapping[Known, SignedEvent] = msgspec.field(default_factory=dict["Known", SignedEvent])
    """What counts of all that was ever decided, by what it was about, wherever that stood."""
    applied: Mapping[bytes, bytes] = msgspec.field(default_factory=dict[bytes, bytes])
    """The paths whose resolution is in the result, with the versions that it was made for."""
    suggestions: Mapping[bytes, SignedEvent] = msgspec.field(default_factory=dict[bytes, SignedEvent])
    """Everything that language models suggested, by the event's id, oldest first."""
    between: tuple[Flaw, ...] = ()
    """What is found between files of the result as it is now."""
    votes: Mapping[str, Vote] = msgspec.field(default_factory=dict[str, Vote])
    evidence: tuple[Evidence, ...] = ()
    """Newest first."""
    checking: SignedEvent | None = None
    """Guards began and nobody has said that they ended."""
    queued: SignedEvent | None = None
    """It waits in the merge queue since then."""
    unqueued: Unqueued | None = None
    """How it left the queue the last time, if it has not landed or been put there again."""
    landing: SignedEvent | None = None
    """It began to land, and nobody has said what became of it."""
    landed: Landing | None = None
    accepted: Accepted | None = None
    closed: Closed | None = None
    reason: str = ""

    @property
    def revision(self) -> int:
        """How often it was worked out."""
        return self.computed.revision if self.computed is not None else 0

    def resolution(self, path: bytes) -> Resolution | None:
        """What was decided about a path and is in the result."""
        versions = self.applied.get(path)
        return self.resolutions.get((path, versions)) if versions is not None else None

    def suggested(self, path: bytes, versions: bytes, conflict: int, sides: bytes) -> SignedEvent | None:
        """The newest suggestion for just this conflict."""
        for event in reversed(list(self.suggestions.values())):
            it = event.what
            if isinstance(it, Suggested) and (it.path, it.versions, it.conflict, it.sides) == (
                path,
                versions,
                conflict,
                sides,
            ):
                return event
        return None

    def taken(self) -> tuple[Taken, ...]:
        """The suggestions that are in the result."""
        found: list[Taken] = []
        for path in sorted(self.applied):
            known = self.resolution(path)
            for event in known.parts.values() if known is not None and known.whole is None else ():
                decided = event.what
                named = decided.suggestion if isinstance(decided, Resolved) else None
                made = self.suggestions.get(named) if named is not None else None
                if isinstance(decided, Resolved) and made is not None and isinstance(made.what, Suggested):
                    found.append(Taken(event, decided, made, made.what))
        return tuple(found)

    def unresolved(self) -> tuple[Disputed, ...]:
        """The paths that still need somebody."""
        disputed = self.computed.disputed if self.computed is not None else ()
        return tuple(
            each for each in disputed if (known := self.resolution(each.path)) is None or not known.settles(each)
        )

    def replaced(self) -> frozenset[bytes]:
        """The paths of which somebody decided all that was to be decided."""
        left = {each.path for each in self.unresolved()}
        return frozenset(path for path in self.applied if path not in left)

    def flaws(self) -> tuple[Flaw, ...]:
        """The hard findings in the result: where somebody decided, those that their text was found to have."""
        replaced = self.replaced()
        computed = self.computed.flaws if self.computed is not None else ()
        found = [each for each in (*computed, *self.between) if each.severity == "hard"]
        found = [each for each in found if each in self.between or each.path not in replaced]
        for path in sorted(replaced):
            known = self.resolution(path)
            if known is not None and isinstance(known.last.what, Resolved):
                found += known.last.what.flaws
        return tuple(found)


def fold(events: Iterable[SignedEvent]) -> State:
    """The proposal that events in the order of their log come to. Raises CorruptStoreError where a link is missing."""
    state: State | None = None
    for event in events:
        if state is None:
            state = _begun(event)
            continue
        state = after(state, event)
    if state is None:
        raise _broken("it has no events")
    return state


def after(state: State, event: SignedEvent) -> State:
    """The proposal after one more event. Raises CorruptStoreError if the event does not follow."""
    if event.body.before != state.last.id:
        raise _broken("an event does not name the one before it")
    return replace(_taken(state, event), last=event, count=state.count + 1)


def foreseen(state: State, computed: Computed, carried: Sequence[Suggested | Resolved]) -> State:
    """The proposal if it were worked out so; nobody has signed that."""
    state = revised(state, computed)
    for what in carried:
        body = Body(before=None, time=0, by="", signed_by=b"", what=what)
        state = _taken(state, SignedEvent(b"", b"", body))
    return state


def _begun(event: SignedEvent) -> State:
    if not isinstance(event.what, Opened) or event.body.before is not None:
        raise _broken("it does not begin with its opening")
    return State(event.id, event, event.what, event)


def _taken(state: State, event: SignedEvent) -> State:
    if state.closed is not None:
        # Two processes closed it at one moment; the first counts.
        return state
    match event.what:
        case Computed() as what:
            return revised(state, what)
        case Restated() as what:
            opened = msgspec.structs.replace(state.opened, message=what.message, fast_forward=what.fast_forward)
            return replace(state, opened=opened, stale=state.stale or what.fast_forward != state.opened.fast_forward)
        case Resolved() as what:
            return _resolved(state, event, what)
        case Suggested():
            # Decisions that are carried over name the first one.
            name = event.what.carried.event if event.what.carried is not None else event.id
            return replace(state, suggestions={**state.suggestions, name: event})
        case Checking():
            return replace(state, checking=event)
        case Checked() as what:
            known = Evidence(what.tree, what.ran, what.evidence, event)
            return replace(state, checking=None, evidence=(known, *state.evidence))
        case Voted() as what:
            return replace(state, votes=_voted(state.votes, event, what))
        case Queued():
            return replace(state, queued=event, unqueued=None)
        case Unqueued() as what:
            return replace(state, queued=None, unqueued=what)
        case _:
            return _ended(state, event)


def revised(state: State, what: Computed) -> State:
    """The proposal with another result."""
    applied = {each.path: each.versions for each in what.kept}
    return replace(
        state, computed=what, tree=what.tree, applied=applied, between=what.between, checking=None, stale=False
    )


def _ended(state: State, event: SignedEvent) -> State:
    match event.what:
        case Landing() as what:
            return replace(state, landing=event, landed=what)
        case Accepted() as what:
            return replace(
                state, accepted=what, closed="accepted", landing=None, checking=None, queued=None, tree=what.tree
            )
        case Released():
            return replace(state, landing=None, landed=None, checking=None)
        case Rejected() as what:
            return replace(state, closed="rejected", reason=what.reason, checking=None, queued=None)
        case Superseded() as what:
            return replace(state, closed="superseded", reason=what.reason, checking=None, queued=None)
        case _:
            raise _broken("it is opened twice")


def _resolved(state: State, event: SignedEvent, what: Resolved) -> State:
    place = (what.path, what.versions)
    if what.conflict is None:
        known = Resolution(what.versions, event, whole=event)
    else:
        # A decision about the whole file has no parts: after it conflicts are decided anew. So they are where what was
        # decided before does not fit, since another engine cuts the file into other conflicts.
        before = state.resolutions.get(place) if state.applied.get(what.path) == what.versions else None
        parts = dict(before.parts) if before is not None else {}
        known = Resolution(what.versions, event, parts={**parts, what.conflict: event})
    return replace(
        state,
        tree=what.tree,
        resolutions={**state.resolutions, place: known},
        decisions=_decisions(state.decisions, event, what),
        applied={**state.applied, what.path: what.versions},
        between=what.between if what.between is not None else state.between,
    )


def _decisions(known: Mapping[Known, SignedEvent], event: SignedEvent, what: Resolved) -> dict[Known, SignedEvent]:
    """What counts after one more decision: the whole file takes back what was said of its conflicts, and they it."""
    if what.conflict is None:
        others = {key: each for key, each in known.items() if key[0] != what.path or _is_whole(each)}
        return {**others, (what.path, what.versions): event}
    others = {key: each for key, each in known.items() if key != (what.path, what.versions)}
    return {**others, (what.path, what.sides): event} if what.sides is not None else others


def _is_whole(event: SignedEvent) -> bool:
    return isinstance(event.what, Resolved) and event.what.conflict is None


def _voted(votes: Mapping[str, Vote], event: SignedEvent, what: Voted) -> dict[str, Vote]:
    left = {actor: vote for actor, vote in votes.items() if actor != event.body.by}
    if what.choice == "withdraw":
        return left
    return {**left, event.body.by: Vote(what.tree, event, what.choice, what.reason)}


def _broken(reason: str) -> CorruptStoreError:
    return CorruptStoreError(f"A merge proposal cannot be read: {reason}.", "Run ai-vcs doctor to see what is damaged.")
