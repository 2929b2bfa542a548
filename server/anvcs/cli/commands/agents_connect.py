"""``ai-vcs agents connect``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.agents import connected
from anvcs.errors import CancelledError, UsageError
from anvcs.wire.agents import Connectable


@declare("connect", "ai-vcs agents connect claude", "ai-vcs agents connect codex --remove")
@click.argument("agent", type=click.Choice(["claude", "codex"]))
@click.option("--remove", is_flag=True, help="Take the hook out again.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(invocation: Invocation, agent: Connectable, remove: bool, dry_run: bool, yes: bool) -> None:
    """Have an agent say what it reads and writes.

    Adds a hook to the agent's own settings of this user. Where rooms are on, it notes which version of a file the
    agent read and what stood there before and after each write, so that text is merged and credited rightly. Where
    they are off it does nothing. It takes some milliseconds and never stops the agent.
    """
    params = wire.AgentsConnectParams(agent=agent, remove=remove, dry_run=dry_run)
    if not dry_run and not yes:
        _confirm(invocation, agent, remove=remove)
    result = invocation.perform(wire.AGENTS_CONNECT, params)
    # What was asked about has been seen already.
    invocation.show(result, lambda _: connected(result, dry_run=dry_run, diff=dry_run or yes))
    invocation.notices(result.notices)


def _confirm(invocation: Invocation, agent: Connectable, *, remove: bool) -> None:
    plan = invocation.perform(wire.AGENTS_CONNECT, wire.AgentsConnectParams(agent=agent, remove=remove, dry_run=True))
    if not plan.diff:
        return
    if invocation.json or not invocation.interactive:
        raise UsageError(
            f"There is nobody to ask whether to change {plan.file}.", "Add --yes, or --dry-run to look first."
        )
    invocation.screen.lines(connected(plan, dry_run=True, diff=True))
    invocation.screen.flush()
    if not click.confirm("Write this?", err=True):
        raise CancelledError("Nothing was changed.")
