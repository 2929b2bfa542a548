"""``ai-vcs actor enroll``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.actor import changed


@declare("enroll", "ai-vcs actor enroll human:bob@example.org 'ssh-ed25519 AAAA... bob'")
@click.argument("actor")
@click.argument("key")
@acting()
def command(invocation: Invocation, actor: str, key: str, **who: Any) -> None:
    """Vouch for an actor's key.

    KEY is the line of its .pub file. A human who is enrolled vouches for anyone, other actors for themselves.
    """
    params = wire.ActorEnrollParams(actor=actor, key=key, **acting_params(who))
    result = invocation.perform(wire.ACTOR_ENROLL, params)
    invocation.show(result, lambda _: changed(result))
    invocation.notices(result.notices)
