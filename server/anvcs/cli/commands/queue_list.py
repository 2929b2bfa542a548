"""``ai-vcs queue list``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.queue import listed


@declare("list", "ai-vcs queue list", "ai-vcs queue list main")
@click.argument("stream", required=False)
def command(invocation: Invocation, stream: str | None) -> None:
    """Show what waits to land.

    Line by line, in the order in which it will be tested; only for STREAM, if it is named.
    """
    result = invocation.perform(wire.QUEUE_LIST, wire.QueueListParams(into=stream))
    invocation.show(result, lambda look: listed(result, look))
    invocation.notices(result.notices)
