"""``ai-vcs clone``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.remote import cloned


@declare("clone", "ai-vcs clone https://example.org/tide-table.git", "ai-vcs clone ../tide-table copy")
@click.argument("url")
@click.argument("path", required=False, type=click.Path())
def command(invocation: Invocation, url: str, path: str | None) -> None:
    """Copy a repository with its metadata into a new folder.

    It is a plain git clone with ANVCS set up in it. If it fails or is interrupted, nothing of it stays.
    """
    result = invocation.perform(wire.CLONE, wire.CloneParams(url=url, path=path))
    invocation.show(result, lambda _: cloned(result))
    invocation.notices(result.notices)
