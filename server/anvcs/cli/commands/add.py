"""``ai-vcs add``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.changes import changes


@declare("add", "ai-vcs add src README.md")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
def command(invocation: Invocation, paths: tuple[str, ...]) -> None:
    """Stage paths for the next commit.

    It is the same index as that of git add: either can continue the other's work.
    """
    result = invocation.perform(wire.ADD, wire.AddParams(paths=paths))
    invocation.show(result, lambda _: changes(result.staged, indent=""))
