"""``ai-vcs op log``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import at_op, declare
from anvcs.cli.render.operations import log


@declare("log", "ai-vcs op log", "ai-vcs op log --actor agent:foo -n 20", "ai-vcs op log --before b3:5c1f09ab")
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help="How many operations.")
@click.option("--actor", metavar="ACTOR", help="Only this actor's: agent:foo, human:ada@example.org; foo is an agent.")
@click.option("--before", metavar="OPERATION", help="Begin with the one before this operation.")
@at_op("The log as it was after this operation.")
def command(
    invocation: Invocation, limit: int, actor: str | None, before: str | None, at_operation: str | None
) -> None:
    """List the operations, newest first.

    They are what anyone did to streams, tags and work trees, plain git too. OPERATION is the newest one (@), one
    before it (@{1}), or an operation's id or the start of it.
    """
    params = wire.OpLogParams(limit=limit, actor=actor, before=before, at_op=at_operation)
    result = invocation.perform(wire.OP_LOG, params)
    invocation.show(result, lambda look: log(result, look))
    invocation.notices(result.notices)
