"""``ai-vcs proposal resolve``."""

from __future__ import annotations

from typing import Any, cast

import click

from anvcs import wire
from anvcs.cli.inputs import read
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.proposal import resolved
from anvcs.wire.merge import Take


@declare(
    "resolve",
    "ai-vcs proposal resolve 5c1f09ab src/app.py --take left",
    "ai-vcs proposal resolve login src/app.py --conflict 2 --file part.py",
    "ai-vcs proposal resolve login src/app.py --take right --whole",
    "ai-vcs proposal resolve login src/app.py --conflict 1 --take suggestion",
    "ai-vcs proposal resolve login old.py --delete",
)
@click.argument("proposal")
@click.argument("path")
@click.option("--conflict", type=click.IntRange(1), metavar="N", help="Only this conflict of the file.")
@click.option(
    "--take",
    type=click.Choice(["left", "right", "base", "both", "suggestion"]),
    help="A version: the target's, the source's, what both began with, both one after the other, or what a language "
    "model suggested.",
)
@click.option("--whole", is_flag=True, help="Take the whole file of that version, also what is not in conflict.")
@click.option("--file", "text", metavar="PATH", help="A file with what is to stand there (- is standard input).")
@click.option("--delete", is_flag=True, help="The file is not to be there.")
@acting()
def command(
    invocation: Invocation,
    proposal: str,
    path: str,
    conflict: int | None,
    take: str | None,
    whole: bool,
    text: str | None,
    delete: bool,
    **who: Any,
) -> None:
    """Decide the conflicts of a file, or the whole file.

    A version is taken in all conflicts of the file that are open, or in the one with this number; what is merged stays,
    unless you ask for the --whole file.

    Any file of the result can be decided, also one that is not in conflict. The decision stays when the merge is
    worked out anew, as long as the file's three versions are the same.
    """
    params = wire.ProposalResolveParams(
        proposal=proposal,
        path=path,
        conflict=conflict,
        take=cast("Take | None", take),
        whole=whole,
        text=read(text, invocation.cwd, "--file", exact=True) if text is not None else None,
        delete=delete,
        **acting_params(who),
    )
    result = invocation.perform(wire.PROPOSAL_RESOLVE, params)
    invocation.show(result, lambda look: resolved(result.proposal, path, look))
    invocation.notices(result.notices)
