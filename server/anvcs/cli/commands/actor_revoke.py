"""``ai-vcs actor revoke``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.actor import changed
from anvcs.errors import UsageError


@declare(
    "revoke",
    "ai-vcs actor revoke agent:foo --reason 'the machine was stolen'",
    "ai-vcs actor revoke SHA256:r6/Ka49ueT4ZSlPWLCyz38fNyCCV/QrVqX/befxLJt0 --since 2026-11-01T12:00",
)
@click.argument("key")
@click.option("--since", metavar="TIME", help="Refuse what it signed from then on: 2026-11-01, 2026-11-01T12:00+01:00.")
@click.option("--reason", metavar="TEXT", default="", help="Why.")
@acting()
def command(invocation: Invocation, key: str, since: str | None, reason: str, **who: Any) -> None:
    """Let a key count no more.

    KEY is its text or fingerprint, or an actor who has one key only. A revoked key never counts again.
    """
    params = wire.ActorRevokeParams(key=key, since=_moment(since), reason=reason, **acting_params(who))
    result = invocation.perform(wire.ACTOR_REVOKE, params)
    invocation.show(result, lambda _: changed(result))
    invocation.notices(result.notices)


def _moment(text: str | None) -> int | None:
    """Milliseconds since 1970; a time without a zone is of here."""
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--since: {text!r} is not a time.", "Write it as 2026-11-01T12:00.") from error
