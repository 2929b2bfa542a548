"""``ai-vcs op diff``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.operations import differences


@declare("diff", "ai-vcs op diff", "ai-vcs op diff '@{5}' @")
@click.argument("operation", default="@")
@click.argument("to", required=False)
def command(invocation: Invocation, operation: str, to: str | None) -> None:
    """Show which pointers an operation moved.

    With TO: which streams, tags and HEADs stand elsewhere after that one. OPERATION is the newest one (@), one
    before it (@{1}), or an operation's id or the start of it.
    """
    result = invocation.perform(wire.OP_DIFF, wire.OpDiffParams(operation=operation, to=to))
    invocation.show(result, lambda _: differences(result))
