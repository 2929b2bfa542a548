"""``ai-vcs purge``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.retention import purged
from anvcs.errors import CancelledError, UsageError


@declare("purge", "ai-vcs purge HEAD", "ai-vcs purge 1a2b3c4d --field env.TOKEN", "ai-vcs purge --operation @{2} --yes")
@click.argument("commit", required=False)
@click.option("--operation", metavar="OPERATION", help="Purge the prompt or arguments of an operation instead.")
@click.option("--field", default="prompt", show_default=True, metavar="NAME", help="prompt, env.NAME, arguments ...")
@click.option("--dry-run", is_flag=True, help="Only say where it is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@acting()
def command(
    invocation: Invocation,
    commit: str | None,
    operation: str | None,
    field: str,
    dry_run: bool,
    yes: bool,
    **who: Any,
) -> None:
    """Forget a prompt or another value for good.

    It goes wherever ANVCS keeps it here; its salted hash stays, so that everything still verifies. This cannot be
    undone. What had left by push is listed: only the owner of the other place can remove it there.
    """
    params = wire.PurgeParams(commit=commit, operation=operation, field=field, dry_run=dry_run, **acting_params(who))
    if not dry_run and not yes:
        _confirm(invocation, params)
    result = invocation.perform(wire.PURGE, params)
    invocation.show(result, lambda _: purged(result, dry_run=dry_run))
    invocation.notices(result.notices)


def _confirm(invocation: Invocation, params: wire.PurgeParams) -> None:
    import msgspec

    if invocation.json or not invocation.interactive:
        raise UsageError("There is nobody to ask whether to purge.", "Add --yes, or --dry-run to look first.")
    plan = invocation.perform(wire.PURGE, msgspec.structs.replace(params, dry_run=True))
    invocation.screen.lines(purged(plan, dry_run=True))
    invocation.screen.flush()
    if not click.confirm("Forget it for good?", err=True):
        raise CancelledError("Nothing was purged.")
