"""Merge queues as they stand: which proposals wait for which stream, in which order, and what else they wait for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions import streams
from anvcs.actions.proposal import shown
from anvcs.actions.proposal.book import Book, short
from anvcs.errors import ProposalError

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposal_rules import Obstacle
    from anvcs.governance.proposals import State

TESTS = frozenset({"guard-failed", "guard-missing"})
"""What a queue finds out itself."""


def line(workspace: Workspace, book: Book, target: str | None = None) -> list[State]:
    """What waits, in its order; only for this stream, if one is named. Damaged proposals become notices."""
    damaged: list[bytes] = []
    found = [each for each in book.queued(damaged) if target is None or each.opened.target == target]
    workspace.notices += [f"The proposal {short(each)} is damaged; run: ai-vcs doctor" for each in damaged]
    return found


def target_of(workspace: Workspace, book: Book, name: str | None) -> str | None:
    """The ref of the stream whose line is meant; nothing where nothing waits. Raises StreamError, ProposalError."""
    if name is not None:
        return streams.ref_of(workspace, name)
    targets = list(dict.fromkeys(each.opened.target for each in line(workspace, book)))
    if len(targets) > 1:
        names = ", ".join(each.removeprefix(streams.HEADS) for each in targets)
        raise ProposalError(f"Proposals wait in several lines: {names}.", "Say which: ai-vcs queue run STREAM")
    return targets[0] if targets else None


def entries(
    workspace: Workspace, states: Iterable[State], awaited: Mapping[bytes, str] | None = None
) -> tuple[wire.QueueEntry, ...]:
    """What waits, as the wire shows it; ``awaited`` says what keeps some of them from being tested."""
    found: list[wire.QueueEntry] = []
    places = Counter[str]()
    for state in states:
        if state.queued is None:
            continue
        places[state.opened.target] += 1
        found.append(
            wire.QueueEntry(
                proposal=shown.summary(workspace, state),
                position=places[state.opened.target],
                actor=state.queued.body.by,
                time=state.queued.body.time,
                awaits=(awaited or {}).get(state.id, ""),
            )
        )
    return tuple(found)


def place(workspace: Workspace, book: Book, state: State) -> wire.QueuePlace:
    """Where a proposal stands in the line of its target."""
    ids = [each.id for each in line(workspace, book, state.opened.target)]
    notices = tuple(workspace.notices)
    workspace.notices.clear()
    return wire.QueuePlace(
        proposal=shown.summary(workspace, state),
        position=ids.index(state.id) + 1 if state.id in ids else 0,
        notices=notices,
    )


def beside_tests(obstacles: Iterable[Obstacle]) -> tuple[Obstacle, ...]:
    """What stands in the way that no test can take away."""
    return tuple(each for each in obstacles if each.code not in TESTS)
