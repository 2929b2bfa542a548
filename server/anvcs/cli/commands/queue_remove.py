"""``ai-vcs queue remove``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.queue import placed


@declare("remove", "ai-vcs queue remove login --reason 'Not before the release.'")
@click.argument("proposal", required=False)
@click.option("--reason", metavar="TEXT", help="Why.")
@acting()
def command(invocation: Invocation, proposal: str | None, reason: str | None, **who: Any) -> None:
    """Take a merge proposal out of line.

    It stays open, and can be put in line again.
    """
    params = wire.QueueRemoveParams(proposal=proposal, reason=reason, **acting_params(who))
    result = invocation.perform(wire.QUEUE_REMOVE, params)
    invocation.show(result, lambda _: placed(result))
    invocation.notices(result.notices)
