"""``ai-vcs sync``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.team import synced


@declare("sync", "ai-vcs sync", "ai-vcs sync origin")
@click.argument("remote", required=False)
def command(invocation: Invocation, remote: str | None) -> None:
    """Exchange operations with the other clones of the team.

    Through what is set by storage.team in ai-vcs.config.yaml: git, postgres or s3; or through the Git remote REMOTE. No
    stream moves; streams that two clones moved two ways are shown.
    """
    result = invocation.perform(wire.SYNC, wire.SyncParams(remote=remote))
    invocation.show(result, lambda _: synced(result))
    invocation.notices(result.notices)
