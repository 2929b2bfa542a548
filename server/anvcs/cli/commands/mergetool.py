"""``ai-vcs mergetool``."""

from __future__ import annotations

from pathlib import Path

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.mergetool import left, tried


@declare("mergetool", "ai-vcs mergetool", "ai-vcs mergetool --only src/ --dry-run")
@click.option("--only", multiple=True, metavar="PATH", type=click.Path(), help="Only these files and folders.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each file.")
@click.option("--no-stage", is_flag=True, help="Write files, but stage none.")
@click.option("--force", is_flag=True, help="Take files too that were changed since git left them.")
@click.option(
    "--files",
    nargs=4,
    type=click.Path(),
    metavar="BASE LOCAL REMOTE MERGED",
    help="Work on one file, as git mergetool calls its tools.",
)
def command(
    invocation: Invocation,
    only: tuple[str, ...],
    dry_run: bool,
    no_stage: bool,
    force: bool,
    files: tuple[str, str, str, str] | None,
) -> None:
    """Try what git left in conflict with merging by syntax.

    Files whose result is clean and safe are written and staged. Where only some conflicts of a file can be solved, the
    others stay between their markers. What you have changed by hand since is left alone. Says of every conflict that is
    left what it is about and why. Exits with 1 if something is left.
    """
    if files is not None:
        _one(invocation, files, force=force)
        return
    params = wire.MergetoolParams(only=only, force=force, stage=not no_stage, dry_run=dry_run)
    result = invocation.perform(wire.MERGETOOL, params)
    invocation.show(result, lambda _: tried(result))
    if any(each.outcome != "merged" for each in result.files):
        invocation.exit_code = 1


def _one(invocation: Invocation, files: tuple[str, str, str, str], *, force: bool) -> None:
    from anvcs.actions.merge_file import Files, merge_for_tool

    base, ours, theirs, merged = (invocation.cwd / each for each in files)
    result = merge_for_tool(invocation.caller, Files(base, ours, theirs, Path(merged).name), merged, force=force)
    invocation.show(result, lambda _: ())
    for each in left(files[3], result.conflicts):
        invocation.remark(each)
    invocation.exit_code = 0 if result.clean else 1
