"""``ai-vcs merge``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import merged
from anvcs.errors import UsageError

INTO = "into"


@declare(
    "merge",
    "ai-vcs merge login",
    "ai-vcs merge login into main --auto --test-check",
    "ai-vcs merge login search into main",
)
@click.argument("streams", nargs=-1, required=True, metavar="STREAMS... [into STREAM]")
@click.option("--auto", is_flag=True, help="Accept it at once if it is clean and safe and all guards and rules allow.")
@click.option("--test-check", is_flag=True, help="Run the guards on the result.")
@click.option("--no-ff", is_flag=True, help="Make a merge commit even where the stream could just move on.")
@click.option("-m", "--message", metavar="TEXT", help="The message of the merge commit.")
@click.option("-n", "--no-verify", is_flag=True, help="Skip the hooks that may refuse; this is recorded.")
@acting()
def command(
    invocation: Invocation,
    streams: tuple[str, ...],
    auto: bool,
    test_check: bool,
    no_ff: bool,
    message: str | None,
    no_verify: bool,
    **who: Any,
) -> None:
    """Work out what merging streams would give.

    That is a proposal: nothing moves before it is accepted, and no file of yours is touched until then. It merges into
    the stream that is checked out, or the one after the word into. With --auto it lands at once where nothing stands in
    the way; else it is left open, and the reasons are said. Exits with 1 if --auto did not land it.
    """
    sources, into = _divided(streams)
    params = wire.MergeParams(
        sources=sources,
        into=into,
        auto=auto,
        test_check=test_check,
        no_ff=no_ff,
        message=message,
        no_verify=no_verify,
        **acting_params(who),
    )
    result = invocation.perform(wire.MERGE, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda look: merged(result, look))
    invocation.notices(result.notices)
    if auto and result.outcome == "proposed":
        invocation.exit_code = 1


def _divided(streams: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """The sources, and the stream after the word ``into``."""
    if len(streams) == 2 and streams[0] == INTO:
        raise UsageError(
            "Before the word into stands what is to be merged.", "For example: ai-vcs merge login into main"
        )
    if INTO not in streams[1:]:
        return streams, None
    place = streams.index(INTO, 1)
    if len(streams) != place + 2:
        raise UsageError(
            "After the word into stands the name of one stream.", "For example: ai-vcs merge login into main"
        )
    return streams[:place], streams[place + 1]
