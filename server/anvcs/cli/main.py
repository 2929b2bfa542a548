"""The command line's entrance: global options, commands loaded when called, and how every failure ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from anvcs import __version__
from anvcs.cli.failure import INTERRUPTED, OUTPUT_CLOSED, document, internal
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import common, tell
from anvcs.cli.screen import OutputClosedError
from anvcs.errors import AnvcsError, HookFailedError, UsageError

NAME = "ai-vcs"
COMPLETE = "_AI_VCS_COMPLETE"
"""The variable through which the shells' completion scripts ask."""
_GARBAGE = 100_000
"""Objects that are made before Python looks for garbage; it would look for each 700."""

COMMANDS = {
    "init": "Put ANVCS beside a Git repository.",
    "status": "Show where the work tree stands and what differs.",
    "add": "Stage paths for the next commit.",
    "commit": "Record changes and why they were made.",
    "diff": "Show what differs, as a patch that git can apply.",
    "conflicts": "Show where others meet what you change, before anyone merges.",
    "graph": "Draw the commit graph, newest first.",
    "show": "Show a commit with everything known about it.",
    "undo": "Take back your own last operation here.",
    "redo": "Do again what you took back last.",
    "revert": "Make a commit that takes back another one.",
    "restore": "Give files the content they have in a commit.",
    "op log": "List the operations, newest first.",
    "op show": "Show everything that an operation says.",
    "op diff": "Show which pointers an operation moved.",
    "op restore": "Go back to the state after an operation.",
    "checkpoint create": "Name the present state.",
    "checkpoint list": "List the checkpoints.",
    "checkpoint restore": "Go back to a checkpoint.",
    "stream list": "List the streams.",
    "stream create": "Make a stream.",
    "stream switch": "Check a stream out here.",
    "stream delete": "Remove a stream.",
    "stream rename": "Give a stream another name.",
    "merge": "Work out what merging streams would give.",
    "mergetool": "Try what git left in conflict with merging by syntax.",
    "merge-file": "Merge three files, as git's merge drivers do.",
    "proposal list": "List merge proposals, newest first.",
    "proposal show": "Show what a merge would give, and what stands in its way.",
    "proposal check": "Run the team's guards on the result of a merge.",
    "proposal resolve": "Decide the conflicts of a file, or the whole file.",
    "proposal assist": "Ask a language model how to decide what is in conflict.",
    "proposal vote": "Approve of the result of a merge, or object to it.",
    "proposal accept": "Let a merge land.",
    "proposal reject": "End a merge proposal; its streams stay as they are.",
    "queue add": "Put a merge proposal in line for its stream.",
    "queue list": "Show what waits to land.",
    "queue remove": "Take a merge proposal out of line.",
    "queue run": "Test what waits together, and let it land.",
    "push": "Send a stream with its metadata to a remote.",
    "pull": "Bring a remote's stream and metadata here.",
    "clone": "Copy a repository with its metadata into a new folder.",
    "sync": "Exchange operations with the other clones of the team.",
    "stream resolve": "End the conflict of a stream that two clones moved two ways.",
    "actor list": "Show whose keys are whose.",
    "actor enroll": "Vouch for an actor's key.",
    "actor rotate": "Make a new key for the actor who acts.",
    "actor revoke": "Let a key count no more.",
    "verify": "Recompute every id, chain link, signature and note.",
    "audit": "Write the operation log as JSON lines.",
    "replay": "Do recorded operations again and compare.",
    "du": "Show what ANVCS keeps and how much room it takes.",
    "gc": "Compact old operations.",
    "purge": "Forget a prompt or another value for good.",
    "rooms on": "Switch rooms on in this repository.",
    "rooms off": "Switch rooms off in this repository.",
    "rooms pause": "Stop recording for a while, or hold back one actor.",
    "rooms status": "Show whether rooms are on, what they record and who is in them.",
    "rooms purge": "Erase edits of a file's room for good.",
    "collab start": "See to it that rooms can be joined, and come back to them.",
    "collab join": "Run a program in an agent's name.",
    "collab status": "Show who works on what, here and elsewhere.",
    "collab leave": "Take your editors out of their rooms for a while.",
    "collab tail": "Show edits as they happen.",
    "collab review": "Show what others changed since you last looked.",
    "collab revert": "Take back what one actor changed in rooms.",
    "collab playback": "Show how a file's text came to be.",
    "agents connect": "Have an agent say what it reads and writes.",
    "doctor": "Examine the installation and the repository, and repair it.",
    "uninstall": "Export the metadata, then remove ANVCS from the repository.",
    "completion": "Print the completion script for a shell.",
}
"""Every command with its short help, here so that ``--help`` imports none of them."""


GROUPS: dict[str, str] = {
    "op": "See the operation log and go back in it.",
    "checkpoint": "Name states and go back to them.",
    "proposal": "Look at merges that were worked out, decide what is in conflict, let them land.",
    "queue": "Let many merges land, tested together.",
    "stream": "See, make and switch streams, which are Git's branches.",
    "rooms": "Live documents that people and agents share.",
    "collab": "Work in rooms together: who is there, what they change, taking it back.",
    "agents": "Agents that work beside you.",
    "actor": "See and change with which keys actors sign.",
}
"""What the commands of two words share, by their first word."""


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    first = ""
    """The word that all its commands begin with, and a space; nothing at the top."""

    def names(self) -> dict[str, str]:
        """Each command's or group's word here, with its short help, in the order of their use."""
        words: dict[str, str] = {}
        for name, said in COMMANDS.items():
            if name.startswith(self.first):
                word, space, _ = name.removeprefix(self.first).partition(" ")
                words.setdefault(word, GROUPS[word] if space else said)
        return words

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of their use."""
        del ctx
        return list(self.names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        del ctx
        name = self.first + cmd_name
        if name in COMMANDS:
            command = import_module(f"anvcs.cli.commands.{name.replace(' ', '_').replace('-', '_')}").command
            assert isinstance(command, click.Command)  # noqa: S101 - a module of ours without one is a defect
            return command
        return _group(cmd_name) if not self.first and cmd_name in GROUPS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self.names().items()))


def _group(word: str) -> Commands:
    group = Commands(word, help=GROUPS[word], add_help_option=False)
    group.first = word + " "
    group.params.extend(common())
    return group


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        tell(context, f"{NAME} {__version__}")


@click.group(
    name=NAME,
    cls=Commands,
    add_help_option=False,
    epilog="""\b
Example:
  ai-vcs commit -m "feat: add login" --prompt @prompt.md --agent foo

\b
Exit codes:
  0    done
  1    refused or failed; nothing is half done
  2    called wrongly
  130  interrupted
  141  the reader of the output went away

\b
Environment:
  NO_COLOR      no colours
  ANVCS_DEBUG   1 shows the details of an internal error
""",
)
@click.option("-C", "folders", multiple=True, metavar="PATH", type=click.Path(), help="Act as if started in PATH.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.make_pass_decorator(Invocation)
def cli(invocation: Invocation, folders: tuple[str, ...]) -> None:
    """Version control for people and AI agents, beside plain Git.

    ai-vcs records commits in your Git repository together with why they were made: prompt, model, agent and tests.
    """
    for folder in folders:
        invocation.change_folder(folder)


cli.params.extend(common())


def run(arguments: Sequence[str], invocation: Invocation) -> int:
    """Run one command line to its exit code; every failure has been told to the user."""
    try:
        return _run(arguments, invocation)
    except OutputClosedError:
        return OUTPUT_CLOSED


def _run(arguments: Sequence[str], invocation: Invocation) -> int:
    try:
        with cli.make_context(NAME, list(arguments), obj=invocation) as context:
            cli.invoke(context)
        invocation.screen.flush()
    except click.exceptions.Exit as done:
        invocation.screen.flush()
        return done.exit_code
    except click.UsageError as error:
        return _called_wrongly(error, arguments, invocation)
    except AnvcsError as error:
        return _fail(error, invocation)
    except (KeyboardInterrupt, click.Abort):
        print(file=sys.stderr)
        return INTERRUPTED
    except OutputClosedError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        import traceback

        from anvcs.actions.places import state_home

        if invocation.env.get("ANVCS_DEBUG") == "1":
            traceback.print_exception(error)
        return _fail(internal(error, state_home(invocation.env)), invocation)
    else:
        return invocation.exit_code
    finally:
        invocation.close()


def _fail(error: AnvcsError, invocation: Invocation) -> int:
    if invocation.json:
        invocation.screen.document(document(error))
        return error.exit_code
    if isinstance(error, HookFailedError):
        invocation.remark(error.output)
    invocation.remark(f"Error: {error.message}")
    if error.way_out:
        invocation.remark(f"Hint: {error.way_out}")
    return error.exit_code


def _called_wrongly(error: click.UsageError, arguments: Sequence[str], invocation: Invocation) -> int:
    wrong = UsageError(error.format_message(), f"See {error.ctx.command_path if error.ctx else NAME} --help")
    # The parser may have stopped before it came to --json.
    invocation.json = "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not invocation.json:
        invocation.remark(error.message)
        return wrong.exit_code
    if error.ctx is not None and not invocation.json:
        invocation.remark(error.ctx.get_usage())
    return _fail(wrong, invocation)


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(cli, {}, NAME, COMPLETE, instruction)


def main() -> None:
    """The console script ``ai-vcs``."""
    # Most commands are over before garbage is worth collecting; imports alone set it off dozens of times.
    gc.set_threshold(_GARBAGE)
    env = dict(os.environ)
    if instruction := env.pop(COMPLETE, ""):
        sys.exit(_complete(instruction))
    try:
        cwd = Path.cwd()
    except FileNotFoundError:
        print("Error: The current folder no longer exists.\nHint: Change to another folder.", file=sys.stderr)
        sys.exit(1)
    try:
        code = run(sys.argv[1:], Invocation(cwd, env))
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
