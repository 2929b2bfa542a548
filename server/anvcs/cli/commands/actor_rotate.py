"""``ai-vcs actor rotate``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.actor import changed


@declare("rotate", "ai-vcs actor rotate", "ai-vcs actor rotate --agent foo --reason 'once a year'")
@click.option("--reason", metavar="TEXT", default="", help="Why.")
@acting()
def command(invocation: Invocation, reason: str, **who: Any) -> None:
    """Make a new key for the actor who acts.

    The old key vouches for the new one, and counts for what it signed before. If others may have it, revoke it then.
    """
    result = invocation.perform(wire.ACTOR_ROTATE, wire.ActorRotateParams(reason=reason, **acting_params(who)))
    invocation.show(result, lambda _: changed(result))
    invocation.notices(result.notices)
