"""What a merge proposal may do: what stands in its way, and what status that gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from anvcs.governance.proposal_events import Ran, SignedEvent
from anvcs.governance.proposals import State, Vote

Status: TypeAlias = Literal["open", "checking", "ready", "blocked", "accepted", "rejected", "superseded"]
"""open: something is still awaited; ready: it can land; blocked: somebody has to do something first."""
Code: TypeAlias = Literal[
    "conflict", "unsafe", "guard-failed", "guard-missing", "vote-against", "approvals", "not-computed", "config"
]
"""Stable names of what can stand in the way."""

_SHOWN = 3


class Rules(msgspec.Struct, frozen=True):
    """What the team asks of a merge."""

    guards: tuple[str, ...] = ()
    """The names of those that must pass."""
    approvals: int = 0
    """How many people other than its author must approve of it."""
    keep_approvals: bool = False
    """An approval of an earlier result counts for the next ones too."""


class Obstacle(msgspec.Struct, frozen=True):
    """One thing that stands in the way."""

    code: Code
    message: str
    waits: bool = False
    """Nobody objects: something is merely still to come."""
    can_be_forced: bool = True
    """A person may let it pass, giving a reason."""


Counts: TypeAlias = Callable[[SignedEvent], bool]
"""Whether the key that signed an event is known to be its actor's."""


def approvals(state: State, rules: Rules, counts: Counts) -> tuple[Vote, ...]:
    """The votes that count for it: of people, not of who opened it, for this very result unless they are kept."""
    return tuple(
        vote
        for actor, vote in state.votes.items()
        if vote.choice == "approve"
        and actor.startswith("human:")
        and actor != state.opening.body.by
        and (rules.keep_approvals or vote.tree == state.tree)
        and counts(vote.event)
    )


def objections(state: State, counts: Counts) -> tuple[Vote, ...]:
    """The votes against it; they stand, whatever became of the result, until who gave them says otherwise."""
    return tuple(vote for vote in state.votes.values() if vote.choice == "reject" and counts(vote.event))


def ran(state: State) -> dict[str, Ran]:
    """How each guard judged the result as it is now: the newest run that nobody cancelled counts."""
    found: dict[str, Ran] = {}
    for evidence in state.evidence:
        if evidence.tree == state.tree:
            for each in evidence.ran:
                if each.outcome != "cancelled":
                    found.setdefault(each.guard, each)
    return found


def obstacles(state: State, rules: Rules, counts: Counts) -> tuple[Obstacle, ...]:
    """What stands in the way of landing, the hardest first."""
    if state.computed is None:
        return (Obstacle("not-computed", "The merge is not worked out yet.", waits=True, can_be_forced=False),)
    found: list[Obstacle] = []
    unresolved = state.unresolved()
    if unresolved:
        count = len(unresolved)
        found.append(
            Obstacle(
                "conflict",
                f"{count} file{'' if count == 1 else 's'} in conflict need{'s' if count == 1 else ''} a decision.",
                can_be_forced=False,
            )
        )
    flaws = state.flaws()
    if flaws:
        said = "; ".join(each.message.rstrip(".") for each in flaws[:_SHOWN])
        more = f"; and {len(flaws) - _SHOWN} more" if len(flaws) > _SHOWN else ""
        found.append(Obstacle("unsafe", f"The result is not safe: {said}{more}."))
    found += _votes(state, rules, counts)
    if not unresolved:
        found += _guards(state, rules)
    return tuple(sorted(found, key=lambda each: each.waits))


def _votes(state: State, rules: Rules, counts: Counts) -> list[Obstacle]:
    found: list[Obstacle] = []
    for vote in objections(state, counts):
        why = f": {vote.reason.rstrip('.')}" if vote.reason else ""
        found.append(Obstacle("vote-against", f"{vote.event.body.by} votes against it{why}."))
    missing = rules.approvals - len(approvals(state, rules, counts))
    if missing > 0:
        people = "1 more person" if missing == 1 else f"{missing} more people"
        found.append(
            Obstacle("approvals", f"{people} other than its author must approve of this very result.", waits=True)
        )
    return found


def _guards(state: State, rules: Rules) -> list[Obstacle]:
    judged = ran(state)
    found = [
        Obstacle("guard-failed", f"The guard {name} {_ended(judged[name])} on this result.")
        for name in sorted(judged)
        if judged[name].outcome != "passed" and (judged[name].required or name in rules.guards)
    ]
    missing = [name for name in rules.guards if name not in judged]
    left = state.unqueued
    if missing and left is not None and left.blocked and left.tree and left.sources == _sources(state):
        found.append(Obstacle("guard-failed", f"It left the merge queue: {left.reason}"))
    elif missing:
        found.append(
            Obstacle("guard-missing", f"Not run on this result yet: {', '.join(missing)}.", waits=True),
        )
    return found


def _sources(state: State) -> tuple[str, ...]:
    return state.computed.sources if state.computed is not None else ()


def _ended(found: Ran) -> str:
    return {"timed-out": "ran out of time", "error": "could not be run"}.get(found.outcome, found.outcome)


def status(state: State, standing: tuple[Obstacle, ...], *, at_work: bool) -> Status:
    """Where it is; ``at_work`` says that who runs its guards is alive."""
    if state.closed is not None:
        return state.closed
    if state.checking is not None and at_work:
        return "checking"
    if any(not each.waits for each in standing):
        return "blocked"
    return "open" if standing else "ready"
