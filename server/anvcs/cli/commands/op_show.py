"""``ai-vcs op show``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.operations import details


@declare("show", "ai-vcs op show", "ai-vcs op show '@{2}' --json")
@click.argument("operation", default="@")
def command(invocation: Invocation, operation: str) -> None:
    """Show everything that an operation says.

    Whether it can be taken back is said too. OPERATION is the newest one (@), one before it (@{1}), or an
    operation's id or the start of it.
    """
    result = invocation.perform(wire.OP_SHOW, wire.OpShowParams(operation=operation))
    invocation.show(result, lambda look: details(result, look))
