"""``ai-vcs rooms off``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.rooms import rooms


@declare("off", "ai-vcs rooms off")
def command(invocation: Invocation) -> None:
    """Switch rooms off in this repository.

    Recording stops within a second. Files stay as they are on the screen, and what was recorded stays until you purge
    it.
    """
    result = invocation.perform(wire.ROOMS_OFF, wire.RoomsOffParams())
    invocation.show(result, lambda _: rooms(result))
    invocation.notices(result.notices)
