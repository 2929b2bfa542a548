"""``ai-vcs collab revert``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import agent, declare
from anvcs.cli.render.collab import reverted


@declare(
    "revert",
    "ai-vcs collab revert --actor agent:foo --dry-run",
    "ai-vcs collab revert --actor agent:foo --hunk 2",
    "ai-vcs collab revert --actor agent:foo --since 2h src",
)
@click.argument("paths", nargs=-1)
@click.option("--actor", required=True, metavar="ACTOR", help="Whose changes: agent:foo.")
@click.option("--task", metavar="TASK", help="Only those for this task or session of theirs.")
@click.option("--since", metavar="WHEN", help="An edit's number, 10m, 2h, 3d, an ISO time, or a commit.")
@click.option("--hunk", "hunks", multiple=True, metavar="N", help="Only this hunk of the review, by number or id.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken back.")
@agent()
def command(
    invocation: Invocation,
    paths: tuple[str, ...],
    actor: str,
    task: str | None,
    since: str | None,
    hunks: tuple[str, ...],
    dry_run: bool,
    agent: str | None,
) -> None:
    """Take back what one actor changed in rooms.

    Nothing of others is touched; where they wrote in the same place, that is named and stays. Without --since it is
    what ai-vcs collab review shows. You can undo it in the editor.
    """
    params = wire.CollabRevertParams(
        paths=paths, actor=actor, task=task, since=since, hunks=hunks, dry_run=dry_run, agent=agent
    )
    result = invocation.perform(wire.COLLAB_REVERT, params)
    invocation.show(result, lambda _: reverted(result))
    invocation.notices(result.notices)
    if result.refused:
        invocation.exit_code = 1
