"""Runs the team's guards on a result, and writes down what they say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from anvcs.actions import checking
from anvcs.actions.proposal import checks, leases, rules
from anvcs.actions.proposal.book import key, retrying, short
from anvcs.errors import AnvcsError, ProposalError
from anvcs.governance.proposal_events import Checking, Released

if TYPE_CHECKING:
    from anvcs.actions.proposal.chosen import Chosen
    from anvcs.governance.proposals import State
    from anvcs.guards.model import Evidence


def run(found: Chosen, names: Sequence[str] | None = None, *, fresh: bool = False, tree: str | None = None) -> State:
    """Run these guards, or all, on the result as it is now; what is known of it is not run again unless ``fresh``.

    ``tree`` is another one that the result could become; it is whole, and kept alive by the caller.

    Raises ProposalError where files are in conflict or no guard is configured, UsageError for an unknown guard,
    UntrustedError, CancelledError, and what else keeps guards from being run at all.
    """
    workspace, book = found.actor.workspace, found.book
    with leases.lease(workspace, found.state.id):
        state = book.load(found.state.id)
        tree = tree or _checkable(state)
        config = rules.config(workspace, state)
        if not config.guards.checks:
            raise ProposalError("No guards are configured.", "Name them in ai-vcs.config.yaml, under guards.checks.")
        wanted = tuple(names) if names else tuple(config.guards.checks)
        state = book.add(found.actor, state, Checking(tree=tree, guards=wanted))
        computed = state.computed
        assert computed is not None  # noqa: S101 - its tree is known
        try:
            evidence = checking.check(
                workspace,
                tree,
                config=config,
                names=wanted,
                parents=(computed.target, *computed.sources),
                progress=workspace.caller.progress,
                fresh=fresh,
            )
        except BaseException as error:
            with suppress(AnvcsError, OSError):
                _add(found, Released(reason=f"Guards did not end: {error}"))
            raise
        return _written(found, tree, evidence)


def _checkable(state: State) -> str:
    if state.tree is None or state.unresolved():
        raise ProposalError(
            f"The proposal {short(state.id)} has files in conflict, so there is nothing to run guards on yet.",
            f"Decide them first: ai-vcs proposal show {short(state.id)}",
        )
    return state.tree


def _written(found: Chosen, tree: str, evidence: Sequence[Evidence]) -> State:
    output = checks.packed(evidence)
    event = checks.event(tree, evidence, key(output))
    return retrying(lambda: found.book.add(found.actor, found.book.load(found.state.id), event, (output,)))


def _add(found: Chosen, what: Released) -> State:
    return retrying(lambda: found.book.add(found.actor, found.book.load(found.state.id), what))
