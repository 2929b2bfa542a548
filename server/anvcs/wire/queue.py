"""Requests about merge queues: proposals that wait in line for their target, are tested together and land together."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Acting, ActorId, GitId, Message, Params, Request
from anvcs.wire.merge import GuardEvidence, ProposalId, ProposalSummary
from anvcs.wire.proposals import ProposalActing


class QueueAddParams(ProposalActing, frozen=True, kw_only=True):
    """Put a proposal in line for its target; nothing but tests may be missing."""


class QueueRemoveParams(ProposalActing, frozen=True, kw_only=True):
    """Take a proposal out of line; it stays open."""

    reason: str | None = None


class QueuePlace(Message, frozen=True, kw_only=True):
    """Where a proposal stands now."""

    proposal: ProposalSummary
    position: Annotated[int, Meta(ge=0)]
    """In the line of its target, from 1; 0 if it is not in it."""
    notices: tuple[str, ...] = ()


class QueueListParams(Params, frozen=True, kw_only=True):
    """Ask what waits."""

    into: str | None = None
    """Only for this stream."""


class QueueEntry(Message, frozen=True, kw_only=True):
    """A proposal that waits."""

    proposal: ProposalSummary
    position: Annotated[int, Meta(ge=1)]
    """In the line of its target."""
    actor: ActorId
    """Who put it there."""
    time: int
    """When, in milliseconds since 1970."""
    awaits: str = ""
    """What keeps it from being tested, such as an approval."""


class Queue(Message, frozen=True, kw_only=True):
    """What waits, line by line."""

    entries: tuple[QueueEntry, ...] = ()
    running: tuple[str, ...] = ()
    """The streams whose queue somebody runs now."""
    notices: tuple[str, ...] = ()


class QueueRunParams(Acting, frozen=True, kw_only=True):
    """Test what waits and let it land, in its order."""

    into: str | None = None
    """The stream whose queue is meant; the only one in which something waits, if absent."""
    batch: Annotated[int, Meta(ge=1)] | None = None
    """Test at most so many together, where the target's ``merge.batch`` allows more."""


class QueueBlocked(Message, frozen=True, kw_only=True):
    """A proposal that left the queue because something is wrong with it."""

    proposal: ProposalSummary
    reason: str
    after: tuple[ProposalId, ...] = ()
    """What this run had let land before; without them it may be fine."""
    tree: GitId | None = None
    """The result on which guards failed."""
    evidence: tuple[GuardEvidence, ...] = ()
    """What they said of it."""


class QueueFlake(Message, frozen=True, kw_only=True):
    """A guard that failed and passed when it was run again on the same tree; nobody is blamed."""

    guard: str
    tree: GitId
    proposals: tuple[ProposalId, ...] = ()
    """What was tested together."""


class QueueResult(Message, frozen=True, kw_only=True):
    """What became of everything that waited."""

    target: str
    landed: tuple[ProposalSummary, ...] = ()
    blocked: tuple[QueueBlocked, ...] = ()
    waiting: tuple[QueueEntry, ...] = ()
    flaky: tuple[QueueFlake, ...] = ()
    tests: int = 0
    """How many results were tested, or known to be."""
    stopped: Literal["base", "moved"] | None = None
    """Why the rest waits: the target does not pass its guards itself, or its streams kept moving."""
    base: tuple[GuardEvidence, ...] = ()
    """What guards say of the target itself, where that stopped it."""
    hook_output: str = ""
    notices: tuple[str, ...] = ()


QUEUE_ADD = Request("queue.add", "anvcs/proposals/queue/add", QueueAddParams, QueuePlace)
QUEUE_LIST = Request("queue.list", "anvcs/proposals/queue/list", QueueListParams, Queue)
QUEUE_REMOVE = Request("queue.remove", "anvcs/proposals/queue/remove", QueueRemoveParams, QueuePlace)
QUEUE_RUN = Request("queue.run", "anvcs/proposals/queue/run", QueueRunParams, QueueResult)
