"""``ai-vcs gc``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.retention import collected


@declare("gc", "ai-vcs gc --dry-run", "ai-vcs gc --days 30")
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="N",
    help="What is older than this [retention.operations, retention.proposals].",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@acting()
def command(invocation: Invocation, days: int | None, dry_run: bool, **who: Any) -> None:
    """Compact old operations.

    They stay in the log, signed, but can no longer be undone or gone back to. Checkpoints and everything that is not
    pushed yet stay whole. Commits that nothing else keeps are left to git gc. Of merge proposals that ended long ago
    only what was said of them stays, and what guards said of what landed.
    """
    result = invocation.perform(wire.GC, wire.GcParams(days=days, dry_run=dry_run, **acting_params(who)))
    invocation.show(result, lambda _: collected(result, dry_run=dry_run))
    invocation.notices(result.notices)
