"""``ai-vcs diff``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import at_op, declare
from anvcs.cli.render.diff import patch
from anvcs.errors import UnknownCommitError, UsageError


class _PathsAfterDashes(click.Command):
    """A command whose arguments before ``--`` are commits and after it paths, as in git."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set the paths aside, then parse the rest."""
        at = args.index("--") if "--" in args else len(args)
        ctx.params["paths"] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line, with the paths."""
        return [*super().collect_usage_pieces(ctx), "[-- PATHS...]"]


@declare("diff", "ai-vcs diff", "ai-vcs diff --staged -- src", "ai-vcs diff main~3 main", cls=_PathsAfterDashes)
@click.option("--staged", is_flag=True, help="Compare what is staged with HEAD.")
@at_op("Names are understood as they were after this operation.")
@click.argument("old", metavar="[A", required=False)
@click.argument("new", metavar="[B]]", required=False)
def command(
    invocation: Invocation,
    staged: bool,
    at_operation: str | None,
    old: str | None,
    new: str | None,
    paths: tuple[str, ...],
) -> None:
    """Show what differs, as a patch that git can apply.

    Without A: the work tree against the index. With A: the work tree against A. With A and B: B against A.
    """
    if staged and new is not None:
        raise UsageError("--staged compares with one commit at most.", "Leave out --staged to compare A with B.")
    params = wire.DiffParams(paths=paths, staged=staged, old=old, new=new, at_op=at_operation)
    try:
        result = invocation.perform(wire.DIFF, params)
    except UnknownCommitError as error:
        named = next((each for each in (old, new) if each and (invocation.cwd / each).exists()), None)
        if named is None:
            raise
        raise UsageError(f"{named} is a path, not a commit.", f"Put -- before paths: ai-vcs diff -- {named}") from error
    if invocation.json or invocation.screen.look.terminal:
        invocation.show(result, lambda _: patch(result.patch))
    else:
        invocation.screen.document(result.patch.encode())
