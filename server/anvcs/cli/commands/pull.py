"""``ai-vcs pull``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.remote import pulled


@declare("pull", "ai-vcs pull", "ai-vcs pull origin main")
@click.argument("remote", required=False)
@click.argument("stream", required=False)
@acting()
def command(invocation: Invocation, remote: str | None, stream: str | None, **given: Any) -> None:
    """Bring a remote's stream and metadata here.

    Without arguments: the stream that is checked out, from the remote it follows. Notes are joined line by line. Where
    both sides went on, a merge commit is made if no lines conflict; files with changes of yours are never touched.
    """
    result = invocation.perform(wire.PULL, wire.PullParams(remote=remote, stream=stream, **acting_params(given)))
    if not invocation.json:
        invocation.remark(result.output)
    invocation.show(result, lambda _: pulled(result))
    invocation.notices(result.notices)
