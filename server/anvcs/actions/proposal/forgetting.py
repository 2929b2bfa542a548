"""What gc lets go of in merge proposals: all but the events of those that ended long ago.

Gone are then the merge path by path, the texts that were given or suggested, and the output of guards; what a guard
said of a result that landed stays as long as its commit is there. Open proposals stay whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from anvcs.actions.proposal import keeping
from anvcs.actions.proposal.book import book
from anvcs.errors import CorruptStoreError
from anvcs.governance.proposal_events import Checked, Computed, Resolved, SignedEvent, Suggested
from anvcs.governance.proposals import State, fold

if TYPE_CHECKING:
    from anvcs.actions.proposal.book import Book
    from anvcs.actions.workspace import Workspace
    from anvcs.storage.protocol import Reader

_KIND = "object"


class Old(msgspec.Struct, frozen=True):
    """What can go."""

    proposals: frozenset[bytes]
    """Those that ended long ago and of which more than the events is there."""
    objects: frozenset[bytes]
    kept_alive: tuple[bytes, ...]
    """Proposals that have ended and whose results a ref of ours still names."""

    def __bool__(self) -> bool:
        return bool(self.proposals or self.kept_alive)


def old(workspace: Workspace, before: int) -> Old:
    """What can go of the proposals that ended before a moment, in milliseconds since 1970."""
    there = book(workspace, make=False)
    if there is None:
        return Old(frozenset(), frozenset(), ())
    closed: set[bytes] = set()
    with there.store.read() as reader:
        proposals, objects = _old(workspace, there, reader, before, closed)
    return Old(proposals, objects, tuple(each for each in keeping.held(workspace) if each in closed))


def forget(workspace: Workspace, before: int) -> None:
    """Let it go."""
    there = book(workspace, make=False)
    if there is None:
        return
    closed: set[bytes] = set()
    # In one transaction, since what is begun meanwhile may take up decisions of what goes.
    with there.store.write() as writer:
        _, objects = _old(workspace, there, writer, before, closed)
        for name in objects:
            writer.delete(_KIND, name)
    for name in keeping.held(workspace):
        if name in closed:
            keeping.release(workspace, name)
    there.store.scrub()


def _old(
    workspace: Workspace, there: Book, reader: Reader, before: int, closed: set[bytes]
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """The proposals that ended before a moment with what only they name; ``closed`` gets all that have ended."""
    going: dict[bytes, set[bytes]] = {}
    needed: set[bytes] = set()
    for name in there.names(reader):
        try:
            events = there.events_in(reader, name)
            state = fold(events)
        except CorruptStoreError:
            # What it names nobody can tell, nor read.
            continue
        named = {each for event in events for each in _named(event)}
        if state.closed is not None:
            closed.add(name)
        if state.closed is None or state.last.body.time >= before:
            needed |= named
        else:
            evidence = _landed(workspace, state)
            needed |= evidence
            going[name] = named - evidence
    objects = frozenset(each for named in going.values() for each in named - needed if reader.get(_KIND, each))
    return frozenset(name for name, named in going.items() if not named.isdisjoint(objects)), objects


def _named(event: SignedEvent) -> Iterator[bytes]:
    match event.what:
        case Computed() as what:
            yield what.merge
        case Resolved(text=bytes(text)) | Suggested(text=bytes(text)):
            yield text
        case Checked() as what:
            yield what.evidence
        case _:
            pass


def _landed(workspace: Workspace, state: State) -> set[bytes]:
    """What guards said of a result that landed and is still there."""
    it = state.accepted
    if it is None or it.commit not in workspace.repo.handle:
        return set()
    return {each.output for each in state.evidence if each.tree == it.tree}
