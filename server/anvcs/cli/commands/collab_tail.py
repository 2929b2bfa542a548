"""``ai-vcs collab tail``."""

from __future__ import annotations

import time

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.collab import tailed

PAUSE = 0.2
"""Seconds between two looks at the log."""


@declare("tail", "ai-vcs collab tail --follow", "ai-vcs collab tail src/app.py --since 120 --json")
@click.argument("path", required=False)
@click.option("--since", type=click.IntRange(0), metavar="N", help="All edits behind this one of each room.")
@click.option("-n", "--lines", type=click.IntRange(1, 1000), default=20, metavar="N", help="How many of the newest.")
@click.option("-f", "--follow", is_flag=True, help="Go on until you interrupt it.")
def command(invocation: Invocation, path: str | None, since: int | None, lines: int, follow: bool) -> None:
    """Show edits as they happen.

    Each with its time, file and line, its number in the room, who made it and how that is known. With --json, one edit
    a line.
    """
    params = wire.CollabTailParams(path=path, since=since, limit=lines)
    page = invocation.perform(wire.COLLAB_TAIL, params)
    while True:
        _show(invocation, page)
        if page.more:
            params = wire.CollabTailParams(path=path, after=page.after, limit=1000)
        elif follow:
            time.sleep(PAUSE)
            params = wire.CollabTailParams(path=path, after=page.after, limit=1000)
        else:
            return
        page = invocation.perform(wire.COLLAB_TAIL, params)


def _show(invocation: Invocation, page: wire.TailPage) -> None:
    if invocation.json:
        import msgspec

        encoder = msgspec.json.Encoder()
        if page.edits:
            invocation.screen.document(b"".join(encoder.encode(edit) + b"\n" for edit in page.edits))
        return
    invocation.screen.lines(tailed(page))
    invocation.screen.flush()
    invocation.notices(page.notices)
