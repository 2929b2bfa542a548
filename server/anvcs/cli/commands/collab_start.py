"""``ai-vcs collab start``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import agent, declare
from anvcs.cli.render.collab import started


@declare("start", "ai-vcs collab start", "ai-vcs collab start src/app.py --token")
@click.argument("paths", nargs=-1)
@click.option("--token", is_flag=True, help="Make a token with which any Yjs client joins as you.")
@agent()
def command(invocation: Invocation, paths: tuple[str, ...], token: bool, agent: str | None) -> None:
    """See to it that rooms can be joined, and come back to them.

    The relay runs when this returns. Each of PATHS (a folder stands for the files in it that Git knows) becomes a room,
    and any Yjs client on this machine can join at the address printed, with a token. Whoever left is back.
    """
    result = invocation.perform(wire.COLLAB_START, wire.CollabStartParams(paths=paths, token=token, agent=agent))
    invocation.show(result, lambda _: started(result))
    invocation.notices(result.notices)
    if result.refused and not result.rooms:
        invocation.exit_code = 1
