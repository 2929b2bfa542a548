"""``ai-vcs conflicts``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.conflicts import found


@declare("conflicts", "ai-vcs conflicts", "ai-vcs conflicts feature/login origin/main", "ai-vcs conflicts --hard")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option("--hard", is_flag=True, help="Only what is likely to break in a merge.")
def command(invocation: Invocation, streams: tuple[str, ...], hard: bool) -> None:
    """Show where others meet what you change, before anyone merges.

    By functions, classes, keys and tables: what both change, and what one changes that the other's changes call, use
    or inherit. Commits, saved files and live text count, here and in other worktrees. Without names, streams that
    moved lately are looked at. ! is likely to break in a merge.
    """
    result = invocation.perform(wire.CONFLICTS, wire.ConflictsParams(streams=streams, hard=hard))
    invocation.show(result, lambda _: found(result))
    invocation.notices(result.notices)
