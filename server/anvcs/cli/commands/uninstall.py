"""``ai-vcs uninstall``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.doctor import uninstalled
from anvcs.errors import CancelledError, UsageError


@declare("uninstall", "ai-vcs uninstall --dry-run", "ai-vcs uninstall --export metadata.jsonl")
@click.option("--export", metavar="FILE", type=click.Path(), help="Where the export goes [anvcs-export.jsonl].")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(invocation: Invocation, export: str | None, dry_run: bool, yes: bool) -> None:
    """Export the metadata, then remove ANVCS from the repository.

    Your commits stay as they are; what goes are ANVCS' own refs, settings, exclude lines and state.
    """
    if not dry_run and not yes:
        _confirm(invocation, export)
    result = invocation.perform(wire.UNINSTALL, wire.UninstallParams(export=export, dry_run=dry_run))
    invocation.show(result, lambda _: uninstalled(result, dry_run=dry_run))


def _confirm(invocation: Invocation, export: str | None) -> None:
    if invocation.json or not invocation.interactive:
        raise UsageError("There is nobody to ask whether to remove ANVCS.", "Add --yes, or --dry-run to look first.")
    plan = invocation.perform(wire.UNINSTALL, wire.UninstallParams(export=export, dry_run=True))
    invocation.screen.lines(uninstalled(plan, dry_run=True))
    invocation.screen.flush()
    if not click.confirm("Go on?", err=True):
        raise CancelledError("Nothing was removed.")
