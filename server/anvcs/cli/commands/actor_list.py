"""``ai-vcs actor list``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.actor import keys


@declare("list", "ai-vcs actor list", "ai-vcs actor list agent:foo --json")
@click.argument("actor", required=False)
def command(invocation: Invocation, actor: str | None) -> None:
    """Show whose keys are whose.

    A signature by a known key counts; one by an unknown key is true, but nothing says whose it is.
    """
    result = invocation.perform(wire.ACTOR_LIST, wire.ActorListParams(actor=actor))
    invocation.show(result, lambda _: keys(result))
    invocation.notices(result.damaged)
