"""``ai-vcs proposal list``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.proposal import listed


@declare("list", "ai-vcs proposal list", "ai-vcs proposal list --all")
@click.option("-a", "--all", "everything", is_flag=True, help="Those that have ended too.")
def command(invocation: Invocation, everything: bool) -> None:
    """List merge proposals, newest first."""
    result = invocation.perform(wire.PROPOSAL_LIST, wire.ProposalListParams(all=everything))
    invocation.show(result, lambda look: listed(result, look))
    invocation.notices(result.notices)
