"""``ai-vcs rooms status``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.rooms import rooms


@declare("status", "ai-vcs rooms status")
def command(invocation: Invocation) -> None:
    """Show whether rooms are on, what they record and who is in them."""
    result = invocation.perform(wire.ROOMS_STATUS, wire.RoomsStatusParams())
    invocation.show(result, lambda _: rooms(result))
    invocation.notices(result.notices)
