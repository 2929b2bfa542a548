"""``ai-vcs proposal show``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import details, renewed


@declare("show", "ai-vcs proposal show", "ai-vcs proposal show 5c1f09ab", "ai-vcs proposal show login")
@click.argument("proposal", required=False)
@acting()
def command(invocation: Invocation, proposal: str | None, **who: Any) -> None:
    """Show what a merge would give, and what stands in its way.

    PROPOSAL is the start of its id, or a stream that it merges; the only open one if absent. If a stream moved since,
    the merge is worked out anew first.
    """
    result = invocation.perform(wire.PROPOSAL_SHOW, wire.ProposalShowParams(proposal=proposal, **acting_params(who)))
    renewed(invocation, result)
    invocation.show(result, lambda look: details(result.proposal, look))
    invocation.notices(result.notices)
