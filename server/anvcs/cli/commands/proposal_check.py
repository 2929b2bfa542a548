"""``ai-vcs proposal check``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import checked, renewed


@declare("check", "ai-vcs proposal check", "ai-vcs proposal check login --guard tests --fresh")
@click.argument("proposal", required=False)
@click.option("--guard", "guards", multiple=True, metavar="NAME", help="Only this guard; may be given again.")
@click.option("--fresh", is_flag=True, help="Run what has been run on this very tree too.")
@acting()
def command(invocation: Invocation, proposal: str | None, guards: tuple[str, ...], fresh: bool, **who: Any) -> None:
    """Run the team's guards on the result of a merge.

    They run in a scratch worktree, never in yours, and are configured in ai-vcs.config.yaml under guards.checks, as the
    target has it. What they say is evidence about just this result. Exits with 1 if one of them does not pass.
    """
    params = wire.ProposalCheckParams(proposal=proposal, guards=guards, fresh=fresh, **acting_params(who))
    result = invocation.perform(wire.PROPOSAL_CHECK, params)
    renewed(invocation, result)
    invocation.show(result, lambda _: checked(result.proposal))
    invocation.notices(result.notices)
    if any(each.outcome != "passed" for each in result.proposal.evidence):
        invocation.exit_code = 1
