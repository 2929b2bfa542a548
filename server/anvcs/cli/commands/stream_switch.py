"""``ai-vcs stream switch``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.streams import changed


@declare("switch", "ai-vcs stream switch main", "ai-vcs stream switch --detach v1.2")
@click.argument("name")
@click.option("--detach", is_flag=True, help="NAME is a commit to stand on without a stream.")
@acting()
def command(invocation: Invocation, name: str, detach: bool, **who: Any) -> None:
    """Check a stream out here.

    Changes of yours go along; if that would lose any of them, nothing is touched and the files are named.
    """
    params = wire.StreamSwitchParams(name=name, detach=detach, **acting_params(who))
    result = invocation.perform(wire.STREAM_SWITCH, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda _: changed(result, "Switched to"))
    invocation.notices(result.notices)
