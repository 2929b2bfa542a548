"""``ai-vcs merge-file``."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.mergetool import left
from anvcs.errors import AnvcsError, UsageError

FAILED = 255
"""From 128 on a merge driver says that it has no result."""


@declare(
    "merge-file",
    "ai-vcs merge-file base.py ours.py theirs.py --stdout",
    "ai-vcs merge-file %O %A %B --path %P --marker-size %L -L %X -L %S -L %Y",
)
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path())
@click.argument("theirs", type=click.Path())
@click.option("--path", metavar="PATH", help="The file's real name, which tells its language [OURS].")
@click.option("--marker-size", type=click.IntRange(1), default=7, metavar="N", help="How long markers are [7].")
@click.option(
    "-L", "labels", multiple=True, metavar="LABEL", help="What markers call OURS, BASE and THEIRS, in this order."
)
@click.option("-p", "--stdout", "shown", is_flag=True, help="Print the result; OURS stays as it is.")
def command(
    invocation: Invocation,
    base: str,
    ours: str,
    theirs: str,
    path: str | None,
    marker_size: int,
    labels: tuple[str, ...],
    shown: bool,
) -> None:
    """Merge three files, as git's merge drivers do.

    The result is written into OURS. Where `git merge-file` leaves a conflict, they are merged by syntax; what it merges
    without one stays byte for byte, and where that is broken you are warned. Exits with 0 for a clean and safe result,
    with 1 if conflicts are left, with 255 if there is no result and OURS is as it was.
    """
    from anvcs.actions.merge_file import Files, merge_file

    if len(labels) > 3:
        raise UsageError("-L is given more than three times.", "Name OURS, BASE and THEIRS, in this order.")
    named = (*labels, *("ours", "base", "theirs")[len(labels) :])
    files = Files(
        base=invocation.cwd / base,
        ours=invocation.cwd / ours,
        theirs=invocation.cwd / theirs,
        path=path or Path(ours).name,
        labels=(named[0], named[1], named[2]),
        marker_size=marker_size,
        write=not shown,
    )
    try:
        result, text = merge_file(invocation.caller, files)
    except AnvcsError as error:
        error.exit_code = FAILED
        raise
    _show(invocation, result, text if shown else None, files.path)
    invocation.exit_code = 0 if result.clean else 1


def _show(invocation: Invocation, result: wire.MergedFile, text: bytes | None, path: str) -> None:
    if invocation.json:
        shown = text.decode("utf-8", "replace") if text is not None else None
        invocation.show(msgspec.structs.replace(result, text=shown), lambda _: ())
        return
    if text is not None:
        invocation.screen.document(text)
    for each in left(path, result.conflicts):
        invocation.remark(each)
    for finding in result.findings:
        invocation.remark(f"Warning: {finding}")
