"""``ai-vcs queue run``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.queue import ran


@declare("run", "ai-vcs queue run", "ai-vcs queue run main --batch 1")
@click.argument("stream", required=False)
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Test at most so many together.")
@acting()
def command(invocation: Invocation, stream: str | None, batch: int | None, **who: Any) -> None:
    """Test what waits together, and let it land.

    STREAM is the one that is to have it; the only one for which something waits, if absent. What waits is merged in its
    order and the team's guards run on the result. If they pass, all of it lands, one merge after the other; if not, the
    culprits are found by halves and leave the queue. Stopped at any time, nothing is lost: run it again. Exits with 1
    if something left the queue or the stream does not pass itself.
    """
    params = wire.QueueRunParams(into=stream, batch=batch, **acting_params(who))
    result = invocation.perform(wire.QUEUE_RUN, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda look: ran(result, look))
    invocation.notices(result.notices)
    if result.blocked or result.stopped:
        invocation.exit_code = 1
