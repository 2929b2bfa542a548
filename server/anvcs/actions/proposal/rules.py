"""What the team asks of a merge, and how a proposal stands to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from anvcs.actions import identity
from anvcs.actions.configured import configured
from anvcs.actions.proposal import leases
from anvcs.governance import proposal_rules
from anvcs.governance.proposal_rules import Counts, Obstacle, Rules, Status

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposal_events import SignedEvent
    from anvcs.governance.proposals import State


class Ruling(NamedTuple):
    """Where a proposal is, and what stands in its way."""

    status: Status
    obstacles: tuple[Obstacle, ...]


def rules(workspace: Workspace) -> Rules:
    """What is configured. Raises ConfigError."""
    config = configured(workspace, "merge", "guards")
    return Rules(
        guards=tuple(name for name, check in config.guards.checks.items() if check.required),
        approvals=config.merge.approvals,
        keep_approvals=config.merge.keep_approvals,
    )


def counts(workspace: Workspace) -> Counts:
    """Whether the key of who signed an event is known to be theirs."""

    def known(event: SignedEvent) -> bool:
        body = event.body
        return identity.judge(workspace, body.signed_by, body.by, body.time).state == "known"

    return known


def ruling(workspace: Workspace, state: State) -> Ruling:
    """How it stands now."""
    found = proposal_rules.obstacles(state, rules(workspace), counts(workspace))
    at_work = state.checking is not None and leases.is_held(workspace, state.id)
    return Ruling(proposal_rules.status(state, found, at_work=at_work), found)
