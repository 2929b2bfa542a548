"""``ai-vcs du``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.retention import used


@declare("du", "ai-vcs du")
def command(invocation: Invocation) -> None:
    """Show what ANVCS keeps and how much room it takes.

    What Git needs without ANVCS is not counted.
    """
    result = invocation.perform(wire.DU, wire.DuParams())
    invocation.show(result, lambda _: used(result))
