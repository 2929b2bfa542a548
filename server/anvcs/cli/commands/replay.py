"""``ai-vcs replay``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.trust import replayed


@declare("replay", "ai-vcs replay", "ai-vcs replay @{3}")
@click.argument("operation", required=False)
@click.option("-n", "--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
def command(invocation: Invocation, operation: str | None, limit: int) -> None:
    """Do recorded operations again and compare.

    They are done from their recorded inputs in a scratch repository; nothing here changes. Merges, reverts, restores
    and moves of pointers must give the same again. Of commits the hashes are made again. What depends on the outside,
    or on another version of git, cannot be compared. Exits with 1 if anything differs.
    """
    result = invocation.perform(wire.REPLAY, wire.ReplayParams(operation=operation, limit=limit))
    invocation.show(result, lambda _: replayed(result))
    if result.different:
        invocation.exit_code = 1
