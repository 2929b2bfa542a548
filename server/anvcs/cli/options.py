"""How commands are declared: what all of them share is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from anvcs.cli.invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])


def tell(context: click.Context, text: str) -> None:
    """Write text to standard output the way results are written, and end the command line well."""
    invocation = context.find_object(Invocation)
    if invocation is not None and not context.resilient_parsing:
        invocation.screen.document(text.encode() + b"\n")
        context.exit()


def _help(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        tell(context, context.get_help())


def _json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    invocation = context.find_object(Invocation)
    if value and invocation is not None:
        invocation.json = True


def common() -> list[click.Parameter]:
    """The options of every command and of ``ai-vcs`` itself."""
    return [
        click.Option(
            ["--json"], is_flag=True, expose_value=False, callback=_json, help="Answer with one JSON document."
        ),
        # Not click's own, which takes a closed pipe for a defect.
        click.Option(
            ["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_help, help="Show this help."
        ),
    ]


def declare(
    name: str, *examples: str, cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a command that takes the invocation first; the examples end its help."""
    title = "Example:" if len(examples) == 1 else "Examples:"
    # The mark keeps click from wrapping the lines.
    epilog = "\n".join(["\b", title, *(f"  {each}" for each in examples)])

    def made(function: Callable[..., Any]) -> click.Command:
        passing = click.make_pass_decorator(Invocation)(function)
        command = click.command(name, cls=cls, epilog=epilog, add_help_option=False)(passing)
        command.params.extend(common())
        return command

    return made


def acting() -> Callable[[F], F]:
    """The options of every command that makes an operation; the command takes them as ``**acting``."""
    return _all(_AGENT, *_JUDGED)


def agent() -> Callable[[F], F]:
    """The option of every command that acts without making an operation; the command takes it as ``agent``."""
    return _AGENT


def judged() -> Callable[[F], F]:
    """Those options without the agent, for a command that names it otherwise."""
    return _all(*_JUDGED)


def acting_params(acting: Mapping[str, Any]) -> dict[str, Any]:
    """The values of those options as the wire's ``Acting`` takes them."""
    return {
        "agent": acting["agent"],
        "confidence": acting["confidence"],
        "causes": tuple(acting["causes"]),
    }


def at_op(said: str) -> Callable[[F], F]:
    """The option of every command that reads the past; the command takes it as ``at_operation``."""
    return click.option("--at-op", "at_operation", metavar="OPERATION", help=said)


def dry_run() -> Callable[[F], F]:
    """The option of every command that can say beforehand what it would do."""
    return click.option("--dry-run", is_flag=True, help="Only say what would be done, and whether it can be undone.")


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def made(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return made


_AGENT = click.option("--agent", metavar="NAME", help="The agent that acts.")
_JUDGED = (
    click.option(
        "--confidence", type=click.IntRange(0, 10_000), metavar="N", help="How sure the agent is, in basis points."
    ),
    click.option("--cause", "causes", multiple=True, metavar="OPERATION", help="An operation that led to this one."),
)
