"""``ai-vcs proposal accept``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import accepted


@declare(
    "accept",
    "ai-vcs proposal accept",
    "ai-vcs proposal accept 5c1f09ab",
    "ai-vcs proposal accept login --force --reason 'The finding is about generated code.'",
)
@click.argument("proposal", required=False)
@click.option("-m", "--message", metavar="TEXT", help="The message of the merge commit.")
@click.option("--force", is_flag=True, help="Let pass what a person may let pass; never conflicts, never for agents.")
@click.option("--reason", metavar="TEXT", help="Why it is forced; this is recorded.")
@click.option("-n", "--no-verify", is_flag=True, help="Skip the hooks that may refuse; this is recorded.")
@acting()
def command(
    invocation: Invocation,
    proposal: str | None,
    message: str | None,
    force: bool,
    reason: str | None,
    no_verify: bool,
    **who: Any,
) -> None:
    """Let a merge land.

    What lands is just what was looked at and tested; if a stream moved since, the merge is worked out anew and you are
    asked to look again. Where the target is checked out here its files follow. ai-vcs undo takes it back.
    """
    params = wire.ProposalAcceptParams(
        proposal=proposal, message=message, force=force, reason=reason, no_verify=no_verify, **acting_params(who)
    )
    result = invocation.perform(wire.PROPOSAL_ACCEPT, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda _: accepted(result.proposal, result.paths))
    invocation.notices(result.notices)
