"""``ai-vcs proposal assist``."""

from __future__ import annotations

from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare
from anvcs.cli.render.assist import assisted, prompts


@declare(
    "assist",
    "ai-vcs proposal assist",
    "ai-vcs proposal assist login src/app.py --conflict 2",
    "ai-vcs proposal assist login --show-prompt",
)
@click.argument("proposal", required=False)
@click.argument("path", required=False)
@click.option("--conflict", type=click.IntRange(1), metavar="N", help="Only this conflict of the file.")
@click.option("--check", is_flag=True, help="Run the guards on the result with everything suggested in it.")
@click.option("--fresh", is_flag=True, help="Ask again what was asked before, word for word.")
@click.option("--show-prompt", is_flag=True, help="Only print exactly what would be sent; nothing is.")
@acting()
def command(
    invocation: Invocation,
    proposal: str | None,
    path: str | None,
    conflict: int | None,
    check: bool,
    fresh: bool,
    show_prompt: bool,
    **who: Any,
) -> None:
    """Ask a language model how to decide what is in conflict.

    Off unless merge.assist.url is set in ai-vcs.config.yaml, as the target has it. What is sent is the conflict and
    little around it, without secrets. What comes back is checked like any merge, shown and recorded; it decides nothing
    until somebody takes it (ai-vcs proposal resolve ... --take suggestion). Exits with 1 if a conflict has no
    suggestion that can be taken.
    """
    params = wire.ProposalAssistParams(
        proposal=proposal,
        path=path,
        conflict=conflict,
        check=check,
        fresh=fresh,
        show_prompt=show_prompt,
        **acting_params(who),
    )
    result = invocation.perform(wire.PROPOSAL_ASSIST, params)
    if show_prompt:
        invocation.show(result, lambda _: prompts(result))
        if not invocation.json:
            invocation.remark(_where(result))
    else:
        invocation.show(result, lambda look: assisted(result, look))
    invocation.notices(result.notices)
    if any(each.prompt is None and (each.suggestion is None or each.suggestion.text is None) for each in result.asked):
        invocation.exit_code = 1


def _where(result: wire.ProposalAssisted) -> str:
    if not result.place:
        return "Nothing was sent: no language model is set up here."
    return f"Nothing was sent. It would go to {result.model or 'the model'} at {result.place}."
