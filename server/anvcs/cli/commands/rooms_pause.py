"""``ai-vcs rooms pause``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.rooms import rooms


@declare("pause", "ai-vcs rooms pause", "ai-vcs rooms pause agent:foo", "ai-vcs rooms pause --resume")
@click.argument("actor", required=False)
@click.option("--resume", is_flag=True, help="Go on.")
def command(invocation: Invocation, actor: str | None, resume: bool) -> None:
    """Stop recording for a while, or hold back one actor.

    Without ACTOR nothing is recorded until you resume. What a paused actor writes meanwhile is set aside, not lost.
    """
    result = invocation.perform(wire.ROOMS_PAUSE, wire.RoomsPauseParams(actor=actor, resume=resume))
    invocation.show(result, lambda _: rooms(result))
    invocation.notices(result.notices)
