"""``ai-vcs stream rename``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.streams import changed


@declare("rename", "ai-vcs stream rename login sign-in")
@click.argument("old")
@click.argument("new")
@acting()
def command(invocation: Invocation, old: str, new: str, **who: Any) -> None:
    """Give a stream another name."""
    params = wire.StreamRenameParams(old=old, new=new, **acting_params(who))
    result = invocation.perform(wire.STREAM_RENAME, params)
    invocation.show(result, lambda _: changed(result, f"Renamed {old} to"))
    invocation.notices(result.notices)
