"""``ai-vcs revert``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.commit import made


@declare("revert", "ai-vcs revert", "ai-vcs revert 1a2b3c4d", "ai-vcs revert b3:5c1f09ab")
@click.argument("commit", default="HEAD")
@click.option("-n", "--no-verify", is_flag=True, help="Skip the pre-commit and commit-msg hooks; this is recorded.")
@acting()
def command(invocation: Invocation, commit: str, no_verify: bool, **who: Any) -> None:
    """Make a commit that takes back another one.

    This is the way for commits that are pushed, or that others have built on. COMMIT is named as for ai-vcs show, or by
    the operation that made it.
    """
    params = wire.RevertParams(commit=commit, no_verify=no_verify, **acting_params(who))
    result = invocation.perform(wire.REVERT, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda _: made(result))
    invocation.notices(result.notices)
