"""``ai-vcs push``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.remote import pushed


@declare("push", "ai-vcs push", "ai-vcs push origin main")
@click.argument("remote", required=False)
@click.argument("stream", required=False)
@acting()
def command(invocation: Invocation, remote: str | None, stream: str | None, **given: Any) -> None:
    """Send a stream with its metadata to a remote.

    Without arguments: the stream that is checked out, to where git push would send it. Nothing is ever forced. How
    much metadata leaves is set by provenance.push in ai-vcs.config.yaml: full, hashes (as installed) or none.
    """
    result = invocation.perform(wire.PUSH, wire.PushParams(remote=remote, stream=stream, **acting_params(given)))
    if not invocation.json:
        invocation.remark(result.output)
    invocation.show(result, lambda _: pushed(result))
    invocation.notices(result.notices)
