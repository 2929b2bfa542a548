"""``ai-vcs show``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import at_op, declare
from anvcs.cli.render.commit import details


@declare("show", "ai-vcs show", "ai-vcs show main~2 --json", "ai-vcs show main --at-op '@{3}'")
@at_op("Names are understood as they were after this operation.")
@click.argument("commit", default="HEAD")
def command(invocation: Invocation, commit: str, at_operation: str | None) -> None:
    """Show a commit with everything known about it.

    COMMIT is a commit id, a change id, a Git id (or the start of one), or any name that git understands.
    """
    result = invocation.perform(wire.SHOW, wire.ShowParams(commit=commit, at_op=at_operation))
    invocation.show(result, lambda look: details(result, look))
