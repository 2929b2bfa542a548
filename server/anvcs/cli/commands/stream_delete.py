"""``ai-vcs stream delete``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.streams import changed


@declare("delete", "ai-vcs stream delete login", "ai-vcs stream delete --force experiment")
@click.argument("name")
@click.option("-f", "--force", is_flag=True, help="Also if commits of it are in no other stream.")
@acting()
def command(invocation: Invocation, name: str, force: bool, **who: Any) -> None:
    """Remove a stream. Its commits are kept, and ai-vcs undo brings it back."""
    params = wire.StreamDeleteParams(name=name, force=force, **acting_params(who))
    result = invocation.perform(wire.STREAM_DELETE, params)
    invocation.show(result, lambda _: changed(result, "Deleted"))
    invocation.notices(result.notices)
