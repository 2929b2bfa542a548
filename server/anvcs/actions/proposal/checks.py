"""What guards say of a result, as it is kept and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from anvcs import wire
from anvcs.actions.checking_subject import SETUP
from anvcs.governance.proposal_events import Checked, Ran
from anvcs.guards.model import Evidence

if TYPE_CHECKING:
    from anvcs.actions.proposal.book import Book
    from anvcs.governance.proposals import State


def packed(evidence: Sequence[Evidence]) -> bytes:
    """Evidence as the object that an event names."""
    return msgspec.msgpack.encode(list(evidence))


def event(tree: str, evidence: Sequence[Evidence], named: bytes) -> Checked:
    """What is written down of guards that ended."""
    # Where setup fails the guards themselves could not be run, and say so.
    ran = tuple(Ran(each.guard, each.outcome, each.required) for each in evidence if each.guard != SETUP)
    return Checked(tree=tree, ran=ran, evidence=named)


def shown(book: Book, state: State, tree: str | None = None) -> tuple[wire.GuardEvidence, ...]:
    """The newest word of each guard on the result as it is now, or on another ``tree``."""
    found: dict[str, wire.GuardEvidence] = {}
    about = [known for known in state.evidence if known.tree == (tree or state.tree)]
    for known in about:
        for each in msgspec.msgpack.decode(book.object(known.output), type=list[Evidence]):
            if each.guard == SETUP and known is not about[0]:
                continue
            found.setdefault(each.guard, one(each, known.event.body.by, known.event.body.time))
    return tuple(found[name] for name in sorted(found))


def one(it: Evidence, actor: str, moment: int) -> wire.GuardEvidence:
    """What one guard says, to somebody at a moment."""
    return wire.GuardEvidence(
        guard=it.guard,
        outcome=it.outcome,
        required=it.required,
        command=it.command,
        exit_code=it.exit_code,
        milliseconds=round(it.seconds * 1000),
        output=it.output,
        cached=it.cached,
        flaky=it.flaky,
        notes=it.notes,
        actor=actor,
        time=moment,
    )
