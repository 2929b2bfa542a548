"""``ai-vcs stream create``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.streams import changed


@declare("create", "ai-vcs stream create login --switch", "ai-vcs stream create fix v1.2")
@click.argument("name")
@click.argument("start", default="HEAD")
@click.option("--switch", is_flag=True, help="Switch to it.")
@acting()
def command(invocation: Invocation, name: str, start: str, switch: bool, **who: Any) -> None:
    """Make a stream.

    It begins at START: a commit as for ai-vcs show, or another stream.
    """
    params = wire.StreamCreateParams(name=name, start=start, switch=switch, **acting_params(who))
    result = invocation.perform(wire.STREAM_CREATE, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda _: changed(result, "Created and switched to" if switch else "Created"))
    invocation.notices(result.notices)
