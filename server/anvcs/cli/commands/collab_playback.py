"""``ai-vcs collab playback``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.collab import frame, played
from anvcs.errors import UsageError


@declare(
    "playback",
    "ai-vcs collab playback src/app.py",
    "ai-vcs collab playback src/app.py --from 100 --to 120 --text",
    "ai-vcs collab playback src/app.py --at 2h",
)
@click.argument("path")
@click.option("--from", "since", type=click.IntRange(0), metavar="N", help="The steps behind this edit.")
@click.option("--to", "until", type=click.IntRange(0), metavar="N", help="The last step; the newest by default.")
@click.option("--at", metavar="WHEN", help="Only the text at this edit, or at a time: 10m, 2h, 3d, ISO.")
@click.option("--text", "texts", is_flag=True, help="The whole text after each step.")
def command(
    invocation: Invocation, path: str, since: int | None, until: int | None, at: str | None, texts: bool
) -> None:
    """Show how a file's text came to be.

    Step by step, who changed what; or with --at, the text as it was. What is not kept any more is named.
    """
    if at is not None and (since is not None or until is not None):
        raise UsageError("--at is one moment.", "Leave out --from and --to, or --at.")
    params = wire.CollabPlaybackParams(path=path, since=since or 0, until=until, at=at, texts=texts)
    result = invocation.perform(wire.COLLAB_PLAYBACK, params)
    if at is not None and not invocation.json:
        invocation.screen.document(result.text.encode())
        return
    invocation.show(result, lambda _: played(result))
    while result.more and not invocation.json:
        params = wire.CollabPlaybackParams(path=path, since=result.frames[-1].sequence, until=until, texts=texts)
        result = invocation.perform(wire.COLLAB_PLAYBACK, params)
        invocation.screen.lines(each for step in result.frames for each in frame(step))
        invocation.screen.flush()
