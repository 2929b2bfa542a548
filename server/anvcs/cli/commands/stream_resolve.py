"""``ai-vcs stream resolve``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.team import resolved


@declare(
    "stream resolve",
    "ai-vcs stream resolve main --keep ours",
    "ai-vcs stream resolve main --keep theirs --replica 4f1d",
    "ai-vcs stream resolve main --keep 3f1c2b7a",
)
@click.option("--keep", required=True, metavar="ours|theirs|COMMIT", help="The value that the stream shall have.")
@click.option("--replica", metavar="ID", help="The clone whose value theirs means; the start of its id.")
@click.argument("stream")
@acting()
def command(invocation: Invocation, stream: str, keep: str, replica: str | None, **given: Any) -> None:
    """End the conflict of a stream that two clones moved two ways.

    The other clones learn of it with the next sync. Where the stream is checked out, its files follow, if none of them
    has changes.
    """
    params = wire.StreamResolveParams(stream=stream, keep=keep, replica=replica, **acting_params(given))
    result = invocation.perform(wire.STREAM_RESOLVE, params)
    invocation.show(result, lambda _: resolved(result))
    invocation.notices(result.notices)
