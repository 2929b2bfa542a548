"""``ai-vcs show``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.commit import details


@declare("show", "ai-vcs show", "ai-vcs show main~2 --json")
@click.argument("commit", default="HEAD")
def command(invocation: Invocation, commit: str) -> None:
    """Show a commit with everything known about it.

    COMMIT is a commit id, a change id, a Git id (or the start of one), or any name that git understands.
    """
    result = invocation.perform(wire.SHOW, wire.ShowParams(commit=commit))
    invocation.show(result, lambda look: details(result, look))
