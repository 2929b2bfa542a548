"""``ai-vcs collab status``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import agent, declare
from anvcs.cli.render.collab import status


@declare("status", "ai-vcs collab status", "ai-vcs collab status --minutes 60")
@click.option(
    "--minutes", type=click.IntRange(1, 10_080), default=10, metavar="N", help="How far back edits are counted."
)
@agent()
def command(invocation: Invocation, minutes: int, agent: str | None) -> None:
    """Show who works on what, here and elsewhere.

    Elsewhere means other streams and worktrees, whose text is never merged live. You are warned when somebody there
    changes a file in which you have changes of your own.
    """
    result = invocation.perform(wire.COLLAB_STATUS, wire.CollabStatusParams(minutes=minutes, agent=agent))
    invocation.show(result, lambda look: status(result, look.now))
    invocation.notices(result.notices)
