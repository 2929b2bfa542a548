"""``ai-vcs collab join``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.errors import RelayError

_COMMAND = "anvcs.collab.join"


class Joining(click.Command):
    """A command whose own arguments end at ``--``; what follows is another program's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the program for later, as it stands."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_COMMAND] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The arguments as usage shows them."""
        return [*super().collect_usage_pieces(ctx), "-- COMMAND..."]


@declare(
    "join",
    "ai-vcs collab join -- aider",
    "ai-vcs collab join --as agent:foo src/ -- ./rewrite.sh --all",
    cls=Joining,
)
@click.argument("paths", nargs=-1)
@click.option("--as", "agent", metavar="NAME", help="The agent's name; else that of the program.")
def command(invocation: Invocation, paths: tuple[str, ...], agent: str | None) -> None:
    """Run a program in an agent's name.

    What files get written in this worktree while it runs, and nobody else claims, is credited to the agent, as
    inferred. If PATHS are given, only those files and folders are its business, and they become rooms before it
    starts. The program finds its name in ANVCS_AGENT; ai-vcs commands that it runs, and hooks, act as that agent.

    Signals reach the program, and its exit code is the one of this command.
    """
    from anvcs.actions.collab.join import joining, named_after
    from anvcs.actions.evidence import AGENT
    from anvcs.cli.running import run
    from anvcs.link.claim import Claim

    program: list[str] = click.get_current_context().meta[_COMMAND]
    if not program:
        raise click.UsageError("There is no program to run. Name it after --.")
    stands = joining(invocation.caller, agent or named_after(program[0]), paths)
    begun = invocation.perform(wire.COLLAB_START, wire.CollabStartParams(paths=paths, agent=stands.actor))
    _tell(invocation, begun)
    claim = Claim(
        stands.state,
        invocation.caller.config_home,
        invocation.env,
        worktree=stands.root,
        actor=stands.actor,
        paths=stands.paths,
        session=f"{Path(program[0]).name} {os.getpid()}",
    )
    env = {**invocation.env, AGENT: stands.actor.removeprefix("agent:")}
    try:
        invocation.exit_code = run(program, env, invocation.cwd)
    finally:
        _end(invocation, claim)


def _tell(invocation: Invocation, begun: wire.CollabStarted) -> None:
    for each in (*begun.notices, *(f"{refused.path}: {refused.reason}" for refused in begun.refused)):
        invocation.remark(f"Note: {each}")


def _end(invocation: Invocation, claim: Any) -> None:
    try:
        claim.end()
    except RelayError as error:
        # The program has done its work, and its exit code is what counts.
        invocation.remark(f"Note: who wrote what the program wrote is not known: {error.message}")
