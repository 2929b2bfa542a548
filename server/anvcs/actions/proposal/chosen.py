"""Which proposal is meant, brought up to date before anything is done with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from anvcs import wire
from anvcs.actions import foreign
from anvcs.actions.acting import Acting, acting
from anvcs.actions.proposal import computing, landings, leases, shown
from anvcs.actions.proposal.book import Book, open_book, short, unknown
from anvcs.errors import ProposalError, ProposalMovedError, StoreConflictError, UnknownProposalError

if TYPE_CHECKING:
    from collections.abc import Generator

    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposals import State

_ATTEMPTS = 20


class Chosen(msgspec.Struct, frozen=True):
    """A proposal that somebody acts on."""

    actor: Acting
    book: Book
    state: State
    renewed: bool
    """It was worked out anew, since a stream had moved."""
    before: State
    """It as it was before that."""

    def result(self, state: State | None = None) -> wire.ProposalResult:
        """It as it stands now."""
        workspace = self.actor.workspace
        notices = tuple(workspace.notices)
        workspace.notices.clear()
        return wire.ProposalResult(
            proposal=shown.proposal(workspace, self.book, state or self.state), renewed=self.renewed, notices=notices
        )


def chosen(workspace: Workspace, params: wire.ProposalActing) -> Chosen:
    """The proposal that a request names, for where its streams stand now.

    Raises UnknownProposalError, AmbiguousProposalError, StreamError for a target that is gone.
    """
    foreign.look(workspace)
    actor = acting(workspace, params)
    book = open_book(workspace)
    name = named(book, params.proposal)
    for _ in range(_ATTEMPTS):
        try:
            before = landings.settle(actor, book, book.load(name))
            state, renewed = computing.refresh(actor, book, before)
            return Chosen(actor, book, state, renewed, before)
        except StoreConflictError:
            # Somebody else brought it up to date at the same moment.
            continue
    raise ProposalError(f"The proposal {short(name)} kept changing.", "Try again when others have finished.")


@contextmanager
def held(workspace: Workspace, params: wire.ProposalActing) -> Generator[Chosen]:
    """The proposal that a request names, whatever became of its streams; nobody else works on it until the block ends.

    Raises ProposalError for one that has ended or is just landing.
    """
    foreign.look(workspace)
    actor, book = acting(workspace, params), open_book(workspace)
    name = named(book, params.proposal)
    with leases.lease(workspace, name):
        state = landings.settle(actor, book, book.load(name), held=True)
        refuse_closed(state)
        yield Chosen(actor, book, state, renewed=False, before=state)


def named(book: Book, name: str | None) -> bytes:
    """The proposal by its id, by a stream that is the source of just one open one, or the only open one."""
    if name is None:
        there = list(book.states(only_open=True))
        if len(there) == 1:
            return there[0].id
        if not there:
            raise UnknownProposalError("No merge proposal is open.", "Make one with: ai-vcs merge STREAM")
        raise ProposalError(
            f"{len(there)} merge proposals are open: {', '.join(short(each.id) for each in there[:5])}.",
            "Say which one.",
        )
    try:
        return book.find(name)
    except UnknownProposalError:
        by_stream = [
            each.id
            for each in book.states(only_open=True)
            if any(name in (source.name, source.ref) for source in each.opened.sources)
        ]
        if len(by_stream) != 1:
            raise unknown(name) from None
        return by_stream[0]


def refuse_closed(state: State) -> None:
    """Raise ProposalError for a proposal that has ended."""
    if state.closed is not None:
        why = f": {state.reason.rstrip('.')}" if state.reason else ""
        raise ProposalError(
            f"The proposal {short(state.id)} is {state.closed} already{why}.",
            "See ai-vcs proposal list for those that are open.",
        )


def refuse_unseen(found: Chosen, tree: str | None) -> None:
    """Raise ProposalMovedError where the result is not the one that the caller has looked at."""
    state = found.state
    if found.renewed or (tree is not None and tree != state.tree):
        raise ProposalMovedError(
            f"The streams of the proposal {short(state.id)} moved, so it was worked out anew.",
            f"Look at revision {state.revision} first: ai-vcs proposal show {short(state.id)}",
        )
