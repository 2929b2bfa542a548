"""What the team asks of a merge, and how a proposal stands to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from anvcs.actions import identity
from anvcs.actions.checking_subject import config_of
from anvcs.actions.proposal import leases
from anvcs.config import FILE_NAME, Config
from anvcs.errors import ConfigError
from anvcs.gitmirror.trees import lookup
from anvcs.governance import proposal_rules
from anvcs.governance.proposal_rules import Counts, Obstacle, Rules, Status

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposal_events import SignedEvent
    from anvcs.governance.proposals import State


_READ = "merge rules"


class _Read(NamedTuple):
    tree: str
    config: Config


class Ruling(NamedTuple):
    """Where a proposal is, and what stands in its way."""

    status: Status
    obstacles: tuple[Obstacle, ...]
    team: Rules
    """What is asked of it."""


def config(workspace: Workspace, state: State) -> Config:
    """The settings that the target has, so that no proposal changes the rules for itself. Raises ConfigError."""
    tip = workspace.repo.ref(state.opened.target)
    commit = tip if tip is not None else state.computed.target if state.computed is not None else None
    if commit is None:
        return Config()
    tree = workspace.repo.tree_of(commit)
    known = workspace.cache.get(_READ)
    if isinstance(known, _Read) and known.tree == tree:
        return known.config
    found = config_of(workspace, tree)
    if lookup(workspace.repo.objects, tree, os.fsencode(FILE_NAME)) is not None:
        # Else it may be the worktree's own file, which changes without the tree.
        workspace.cache[_READ] = _Read(tree, found)
    return found


def rules(workspace: Workspace, state: State) -> Rules:
    """What the team asks of this merge. Raises ConfigError."""
    found = config(workspace, state)
    return Rules(
        guards=tuple(name for name, check in found.guards.checks.items() if check.required),
        approvals=found.merge.approvals,
        keep_approvals=found.merge.keep_approvals,
    )


def counts(workspace: Workspace) -> Counts:
    """Whether the key of who signed an event is known to be theirs."""

    def known(event: SignedEvent) -> bool:
        body = event.body
        return identity.judge(workspace, body.signed_by, body.by, body.time).state == "known"

    return known


def ruling(workspace: Workspace, state: State) -> Ruling:
    """How it stands now; rules that cannot be read stand in its way."""
    unreadable: tuple[Obstacle, ...] = ()
    try:
        team = rules(workspace, state)
    except ConfigError as error:
        team, unreadable = Rules(), (Obstacle("config", error.message),)
    found = (*unreadable, *proposal_rules.obstacles(state, team, counts(workspace)))
    at_work = state.checking is not None and leases.is_held(workspace, state.id)
    return Ruling(proposal_rules.status(state, found, at_work=at_work), found, team)
