"""``ai-vcs checkpoint create``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.operations import checkpoint


@declare("create", "ai-vcs checkpoint create before-the-agents -m 'All tests pass'")
@click.argument("name")
@click.option("-m", "--message", metavar="TEXT", help="Why it is worth coming back to.")
@acting()
def command(invocation: Invocation, name: str, message: str | None, **who: Any) -> None:
    """Name the present state.

    That is streams, tags and what is checked out, to come back to. What is not committed is not in it.
    """
    params = wire.CheckpointCreateParams(name=name, message=message, **acting_params(who))
    result = invocation.perform(wire.CHECKPOINT_CREATE, params)
    invocation.show(result, lambda look: checkpoint(result, look))
