"""``ai-vcs proposal reject``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import rejected


@declare("reject", "ai-vcs proposal reject 5c1f09ab --reason 'Not needed any more.'")
@click.argument("proposal", required=False)
@click.option("--reason", metavar="TEXT", help="Why.")
@acting()
def command(invocation: Invocation, proposal: str | None, reason: str | None, **who: Any) -> None:
    """End a merge proposal; its streams stay as they are."""
    params = wire.ProposalRejectParams(proposal=proposal, reason=reason, **acting_params(who))
    result = invocation.perform(wire.PROPOSAL_REJECT, params)
    invocation.show(result, lambda _: rejected(result.proposal))
    invocation.notices(result.notices)
