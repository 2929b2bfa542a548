"""``ai-vcs proposal vote``."""

from __future__ import annotations

from typing import Any, cast

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import voted
from anvcs.wire.merge import Choice


@declare(
    "vote",
    "ai-vcs proposal vote 5c1f09ab approve",
    "ai-vcs proposal vote login reject --reason 'It drops the retry.'",
)
@click.argument("proposal")
@click.argument("choice", type=click.Choice(["approve", "reject", "withdraw"]))
@click.option("--reason", metavar="TEXT", help="Why.")
@acting()
def command(invocation: Invocation, proposal: str, choice: str, reason: str | None, **who: Any) -> None:
    """Approve of the result of a merge, or object to it.

    A vote is signed and names the result: an approval ends with it, unless merge.keep_approvals is set; an objection
    stays until you say otherwise. withdraw takes your vote back.
    """
    params = wire.ProposalVoteParams(
        proposal=proposal, choice=cast("Choice", choice), reason=reason, **acting_params(who)
    )
    result = invocation.perform(wire.PROPOSAL_VOTE, params)
    invocation.show(result, lambda _: voted(result.proposal, choice))
    invocation.notices(result.notices)
