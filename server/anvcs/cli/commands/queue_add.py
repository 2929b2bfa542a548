"""``ai-vcs queue add``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.queue import placed


@declare("add", "ai-vcs queue add login", "ai-vcs queue add 5c1f09ab")
@click.argument("proposal", required=False)
@acting()
def command(invocation: Invocation, proposal: str | None, **who: Any) -> None:
    """Put a merge proposal in line for its stream.

    It waits there until somebody runs the queue. Nothing but tests may be missing: conflicts are decided and votes are
    given before. One that waits already keeps its place.
    """
    result = invocation.perform(wire.QUEUE_ADD, wire.QueueAddParams(proposal=proposal, **acting_params(who)))
    invocation.show(result, lambda _: placed(result))
    invocation.notices(result.notices)
