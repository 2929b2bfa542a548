"""``ai-vcs checkpoint restore``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare, dry_run
from anvcs.cli.render.operations import moved


@declare("restore", "ai-vcs checkpoint restore before-the-agents --dry-run")
@click.argument("name")
@click.option("--all-worktrees", is_flag=True, help="Other worktrees too, with the streams they have checked out.")
@dry_run()
@acting()
def command(invocation: Invocation, name: str, all_worktrees: bool, dry_run: bool, **who: Any) -> None:
    """Go back to a checkpoint.

    It goes as with ai-vcs op restore.
    """
    params = wire.CheckpointRestoreParams(name=name, all_worktrees=all_worktrees, dry_run=dry_run, **acting_params(who))
    result = invocation.perform(wire.CHECKPOINT_RESTORE, params)
    invocation.show(
        result,
        lambda _: moved(
            result, f"{'Would go' if dry_run else 'Gone'} back to {name}, the state after", dry_run=dry_run
        ),
    )
    invocation.notices(result.notices)
