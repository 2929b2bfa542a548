"""``ai-vcs rooms on``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.rooms import rooms


@declare("on", "ai-vcs rooms on", "ai-vcs rooms on --retention 90d --exclude 'secrets/'")
@click.option(
    "--retention",
    type=click.Choice(["forever", "90d", "until-committed"]),
    help="How long edits are kept; forever, unless you said otherwise.",
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Files that never become rooms, as in .gitignore.")
def command(invocation: Invocation, retention: Any, exclude: tuple[str, ...]) -> None:
    """Switch rooms on in this repository.

    It is your own decision, on this machine: no repository can switch recording on.

    Files that you open in an editor become live documents, shared with your other windows and with agents. Every
    edit is recorded with its author in .git/anvcs/rooms.db and stays on this machine. Ignored files, .env files and
    keys never take part.
    """
    result = invocation.perform(wire.ROOMS_ON, wire.RoomsOnParams(retention=retention, exclude=exclude or None))
    invocation.show(result, lambda _: rooms(result))
    invocation.notices(result.notices)
