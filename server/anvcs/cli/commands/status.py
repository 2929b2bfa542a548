"""``ai-vcs status``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.status import status


@declare("status", "ai-vcs status --json")
def command(invocation: Invocation) -> None:
    """Show where the work tree stands and what differs."""
    result = invocation.perform(wire.STATUS, wire.StatusParams())
    invocation.show(result, lambda _: status(result))
    invocation.notices(result.notices)
