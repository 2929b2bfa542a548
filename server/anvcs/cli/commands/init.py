"""``ai-vcs init``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.doctor import initialized


@declare("init", "ai-vcs init", "ai-vcs init new-project")
@click.argument("path", required=False, type=click.Path())
def command(invocation: Invocation, path: str | None) -> None:
    """Put ANVCS beside a Git repository.

    Nothing that exists is rewritten: commits made before stay as they are. In a new folder the Git repository is
    made too. Repeating it changes nothing.
    """
    result = invocation.perform(wire.INIT, wire.InitParams(folder=path))
    invocation.show(result, lambda _: initialized(result))
    invocation.notices(result.notices)
