"""``ai-vcs completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare


@declare(
    "completion", 'eval "$(ai-vcs completion bash)"', "ai-vcs completion fish > ~/.config/fish/completions/ai-vcs.fish"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(invocation: Invocation, shell: str) -> None:
    """Print the completion script for a shell.

    Put the evaluation of its output into the shell's start-up file.
    """
    from anvcs.cli.main import COMPLETE, NAME, cli

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click knows each of the choices
    script = kind(cli, {}, NAME, COMPLETE).source()
    if invocation.json:
        import msgspec

        invocation.screen.document(msgspec.json.encode({"shell": shell, "script": script}) + b"\n")
    else:
        invocation.screen.document(script.encode())
