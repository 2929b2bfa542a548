"""``ai-vcs collab leave``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import agent, declare
from anvcs.cli.render.collab import left


@declare("leave", "ai-vcs collab leave")
@agent()
def command(invocation: Invocation, agent: str | None) -> None:
    """Take your editors out of their rooms for a while.

    What you type is not recorded any more and files stay as they are on the screen; others go on. You are back with
    ai-vcs collab start.
    """
    result = invocation.perform(wire.COLLAB_LEAVE, wire.CollabLeaveParams(agent=agent))
    invocation.show(result, lambda _: left(result))
    invocation.notices(result.notices)
