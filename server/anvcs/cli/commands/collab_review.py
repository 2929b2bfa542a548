"""``ai-vcs collab review``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import agent, declare
from anvcs.cli.render.collab import reviewed


@declare(
    "review",
    "ai-vcs collab review",
    "ai-vcs collab review --actor agent:foo --since 2h src",
    "ai-vcs collab review --seen",
)
@click.argument("paths", nargs=-1)
@click.option("--actor", metavar="ACTOR", help="Only this one's changes: agent:foo, human:ada@example.org.")
@click.option("--task", metavar="TASK", help="Only those for this task or session of theirs.")
@click.option("--since", metavar="WHEN", help="An edit's number, 10m, 2h, 3d, an ISO time, or a commit.")
@click.option("--seen", is_flag=True, help="You have looked at all that is shown; it is not shown again.")
@click.option("--keep", multiple=True, metavar="HUNK", help="This hunk is good and not to be shown again.")
@agent()
def command(
    invocation: Invocation,
    paths: tuple[str, ...],
    actor: str | None,
    task: str | None,
    since: str | None,
    seen: bool,
    keep: tuple[str, ...],
    agent: str | None,
) -> None:
    """Show what others changed since you last looked.

    By actor and task, as hunks of lines, with how it is known who wrote them. Only what still stands is shown. Take
    hunks back with ai-vcs collab revert.
    """
    params = wire.CollabReviewParams(
        paths=paths, actor=actor, task=task, since=since, seen=seen, keep=keep, agent=agent
    )
    result = invocation.perform(wire.COLLAB_REVIEW, params)
    invocation.show(result, lambda _: reviewed(result, seen=seen))
    invocation.notices(result.notices)
