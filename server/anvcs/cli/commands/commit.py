"""``ai-vcs commit``."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from anvcs import wire
from anvcs.cli.inputs import pairs, read, text_or_file, utf8
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare, judged
from anvcs.cli.render.commit import made
from anvcs.errors import EmptyMessageError, UsageError


@declare(
    "commit",
    'ai-vcs commit -m "feat: add login" --prompt "Implement login" --model gpt-5 --agent foo',
    "ai-vcs commit -m fix --prompt @prompt.md --test-report report.xml --tests-passed -- src/login.py",
)
@click.option("-m", "--message", "messages", multiple=True, metavar="TEXT", help="The message; each is a paragraph.")
@click.option("-F", "--file", metavar="FILE", type=click.Path(), help="Read the message from FILE (- for input).")
@click.option("--prompt", metavar="TEXT|@FILE|@-", help="What the agent was asked to do.")
@click.option("--model", metavar="NAME", help="The model that did it.")
@click.option("--agent", metavar="NAME", help="The agent that did it; foo means agent:foo.")
@click.option("--test-report", metavar="PATH", type=click.Path(), help="The report of the tests.")
@click.option("--tests-passed/--tests-failed", "tests", default=None, help="How the tests went.")
@click.option("--coverage", metavar="PERCENT", type=click.FloatRange(0, 100), help="How much the tests cover.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="The environment it was made in; may be repeated.")
@click.option("--meta", metavar="@FILE|@-", help="All metadata as one JSON object; the options above override it.")
@click.option("--amend", is_flag=True, help="Replace the last commit.")
@click.option("--no-edit", is_flag=True, help="With --amend: keep the message, and open no editor.")
@click.option("--allow-empty", is_flag=True, help="Commit even if nothing differs.")
@click.option("-n", "--no-verify", is_flag=True, help="Skip the pre-commit and commit-msg hooks; this is recorded.")
@click.option("-S", "--gpg-sign/--no-gpg-sign", "sign", default=None, help="Sign it, or not, whatever Git's settings.")
@click.option("--live", is_flag=True, help="First save the text of all rooms, as they are at one moment.")
@click.option("--only-agent", metavar="NAME", help="Take only what this agent wrote in rooms since the last commit.")
@judged()
@click.argument("paths", nargs=-1, type=click.Path())
def command(
    invocation: Invocation,
    messages: tuple[str, ...],
    file: str | None,
    paths: tuple[str, ...],
    sign: bool | None,
    amend: bool,
    no_edit: bool,
    allow_empty: bool,
    no_verify: bool,
    live: bool,
    only_agent: str | None,
    confidence: int | None,
    causes: tuple[str, ...],
    **provenance: Any,
) -> None:
    """Record changes and why they were made.

    With PATHS, exactly these are committed. Without, what is staged; if nothing is, every change, new files included.
    """
    _one_reader([file, *(value for name, value in provenance.items() if name in {"prompt", "meta"})])
    params = wire.CommitParams(
        message=_message(invocation, messages, file, keep=amend and no_edit, amend=amend),
        paths=paths,
        amend=amend,
        allow_empty=allow_empty,
        no_verify=no_verify,
        sign=sign,
        metadata=_metadata(invocation, provenance),
        live=live,
        only_agent=only_agent,
        confidence=confidence,
        causes=causes,
    )
    result = invocation.perform(wire.COMMIT, params)
    if not invocation.json:
        invocation.remark(result.hook_output)
    invocation.show(result, lambda _: made(result))
    if result.redacted:
        invocation.notices([f"Likely secrets were taken out of {', '.join(result.redacted)}."])
    invocation.notices(result.notices)
    invocation.notices(
        f"{room.path} has unsaved text of {', '.join(room.actors)}, which is not in the commit; --live saves it first."
        for room in result.unsaved
    )


def _one_reader(values: list[str | None]) -> None:
    if sum(value in {"-", "@-"} for value in values) > 1:
        raise UsageError("Standard input can be read only once.", "Put one of the texts into a file.")


def _message(
    invocation: Invocation, messages: tuple[str, ...], file: str | None, *, amend: bool, keep: bool
) -> str | None:
    """The message as given, or as written in the editor; none where the last commit's or the merge's is kept."""
    if messages and file is not None:
        raise UsageError("-m and -F cannot be used together.", "Give the message one way.")
    if messages:
        # As git does: each is a paragraph of its own.
        return "\n\n".join(utf8(message, "-m") for message in messages)
    if file is not None:
        return read(file, invocation.cwd, "-F")
    ask = invocation.interactive and not invocation.json
    if keep or (amend and not ask):
        return None
    state = invocation.perform(wire.STATUS, wire.StatusParams())
    if state.in_progress == "merge":
        return None
    if not ask:
        raise EmptyMessageError("There is no message.", "Give one with -m or -F.")
    old = invocation.perform(wire.SHOW, wire.ShowParams()).message if amend else ""
    return _written(invocation, old, state)


def _written(invocation: Invocation, old: str, state: wire.RepositoryStatus) -> str:
    from anvcs.cli.editor import compose
    from anvcs.cli.render.status import status

    about = "\n".join(each.plain() for each in status(state)) + "\n"
    return compose(invocation.cwd, invocation.env, old, about)


def _metadata(invocation: Invocation, given: dict[str, Any]) -> wire.Metadata:
    """The metadata of ``--meta``, overridden by the options."""
    from anvcs.provenance.metadata import FIELDS, from_mapping

    data = _meta(invocation, given["meta"])
    prompt = given["prompt"]
    options = {
        "prompt": None if prompt is None else utf8(text_or_file(prompt, invocation.cwd, "--prompt"), "--prompt"),
        "model": given["model"],
        "agent_id": given["agent"],
        "test_report_ref": given["test_report"],
        "tests_passed": given["tests"],
        "coverage": given["coverage"],
        "env": _env(data, pairs(given["env"], "--env")),
    }
    for name, value in options.items():
        if value is not None:
            data.pop(FIELDS[name], None)
            data[name] = value
    return from_mapping(data)


def _env(data: dict[str, Any], added: dict[str, str]) -> dict[str, str] | None:
    if not added:
        return None
    known = data.get("env")
    return {**known, **added} if isinstance(known, dict) else added


def _meta(invocation: Invocation, named: str | None) -> dict[str, Any]:
    if named is None:
        return {}
    text = text_or_file(named, invocation.cwd, "--meta")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise UsageError(f"--meta is not a JSON object: {error}.", "Check it with a JSON tool.") from error
