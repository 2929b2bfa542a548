"""``ai-vcs op restore``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare, dry_run
from anvcs.cli.render.operations import moved


@declare("restore", "ai-vcs op restore '@{3}' --dry-run", "ai-vcs op restore b3:5c1f09ab")
@click.argument("operation")
@click.option("--all-worktrees", is_flag=True, help="Other worktrees too, with the streams they have checked out.")
@dry_run()
@acting()
def command(invocation: Invocation, operation: str, all_worktrees: bool, dry_run: bool, **who: Any) -> None:
    """Go back to the state after an operation.

    That is streams, tags, and what is checked out here. Files follow where you have not changed them; the others
    stay and are named, and so do untracked and ignored files. Remotes, stashes and checkpoints are never moved. It
    is an operation itself: ai-vcs undo takes it back.
    """
    params = wire.OpRestoreParams(
        operation=operation, all_worktrees=all_worktrees, dry_run=dry_run, **acting_params(who)
    )
    result = invocation.perform(wire.OP_RESTORE, params)
    invocation.show(
        result,
        lambda _: moved(
            result, "Would go back to the state after" if dry_run else "Gone back to the state after", dry_run=dry_run
        ),
    )
    invocation.notices(result.notices)
