"""``ai-vcs init``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.doctor import initialized


@declare("init", "ai-vcs init", "ai-vcs init new-project", "ai-vcs init --merge-driver")
@click.argument("path", required=False, type=click.Path())
@click.option(
    "--merge-driver/--no-merge-driver",
    default=None,
    help="Have plain git (merge, rebase, cherry-pick, stash) ask ANVCS where it finds a conflict, or no longer.",
)
@click.option(
    "--check-clean/--no-check-clean",
    default=None,
    help="Have that driver look at files that git merges without a conflict too, and warn.",
)
def command(invocation: Invocation, path: str | None, merge_driver: bool | None, check_clean: bool | None) -> None:
    """Put ANVCS beside a Git repository.

    Nothing that exists is rewritten: commits made before stay as they are. In a new folder the Git repository is
    made too. Repeating it changes nothing.
    """
    result = invocation.perform(
        wire.INIT, wire.InitParams(folder=path, merge_driver=merge_driver, check_clean=check_clean)
    )
    invocation.show(result, lambda _: initialized(result))
    invocation.notices(result.notices)
