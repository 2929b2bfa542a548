"""``ai-vcs restore``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, at_op, declare
from anvcs.cli.render.operations import moved


@declare(
    "restore", "ai-vcs restore src/login.py", "ai-vcs restore --source main~2 src", "ai-vcs restore --at-op @{4} ."
)
@click.option("--source", metavar="COMMIT", default="HEAD", show_default=True, help="The commit to take them from.")
@at_op("Names are understood as they were after this operation.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@acting()
def command(invocation: Invocation, source: str, at_operation: str | None, paths: tuple[str, ...], **who: Any) -> None:
    """Give files the content they have in a commit.

    What they hold now is recorded first, so that ai-vcs undo gives it back.
    """
    params = wire.RestoreParams(paths=paths, source=source, at_op=at_operation, **acting_params(who))
    result = invocation.perform(wire.RESTORE, params)
    invocation.show(result, lambda _: moved(result, f"Restored from {source}"))
    invocation.notices(result.notices)
