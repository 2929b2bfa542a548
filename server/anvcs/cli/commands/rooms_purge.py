"""``ai-vcs rooms purge``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.rooms import purged


@declare("purge", "ai-vcs rooms purge config.py", "ai-vcs rooms purge config.py --since 120 --until 140")
@click.argument("path")
@click.option("--since", type=click.IntRange(0), default=0, metavar="N", help="The first edit to erase.")
@click.option("--until", type=click.IntRange(0), metavar="N", help="The last edit to erase; the newest by default.")
def command(invocation: Invocation, path: str, since: int, until: int | None) -> None:
    """Erase edits of a file's room for good.

    The bytes go from the room log; the text of the file stays as it is. Playback begins after what was erased.
    """
    result = invocation.perform(wire.ROOMS_PURGE, wire.RoomsPurgeParams(path=path, since=since, until=until))
    invocation.show(result, lambda _: purged(result))
    invocation.notices(result.notices)
