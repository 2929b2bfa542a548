"""A commit as lines: what was just made, and everything known about one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from anvcs.cli.render.changes import changes, summary
from anvcs.cli.render.graph import SHORT
from anvcs.cli.render.times import age, exact, moment
from anvcs.cli.screen import Line, Look, Span, line
from anvcs.wire import CommitDetails, CommitResult, Metadata, Person

_STATES = {
    "none": "",
    "full": "verified: it matches the commit's trailer",
    "missing": "its record is not in this repository",
    "mismatch": "its record does not match the commit's trailer",
}


def made(result: CommitResult) -> Iterator[Line]:
    """The commit that was just made."""
    yield line(
        f"[{result.stream or 'detached HEAD'} ", (result.git_commit[:SHORT], "yellow"), "] ", (result.subject, "bold")
    )
    yield _field("commit", result.commit_id)
    yield _field("change", result.change_id)
    yield _field("operation", result.operation_id)
    yield line(f"  {summary(result.files)}")


def details(commit: CommitDetails, look: Look) -> Iterator[Line]:
    """Everything known about a commit."""
    yield line("commit ", (commit.commit_id, "yellow"))
    yield _field("git", commit.git_commit)
    if commit.change_id:
        yield _field("change", commit.change_id)
    if commit.refs:
        yield _field("names", ", ".join(commit.refs))
    if len(commit.parents) > 1:
        yield _field("parents", " ".join(parent[:SHORT] for parent in commit.parents))
    yield _field("author", _person(commit.author, look))
    if (commit.committer.name, commit.committer.email) != (commit.author.name, commit.author.email):
        yield _field("committer", _person(commit.committer, look))
    if commit.agent:
        yield _field("agent", (commit.agent, "magenta"))
    if commit.signed:
        yield _field("signed", _signed(commit))
    if commit.hooks_skipped:
        yield _field("hooks", ("skipped (--no-verify)", "yellow"))
    yield line("")
    yield from (line(f"    {each}") if each else line("") for each in commit.message.rstrip("\n").split("\n"))
    yield from _metadata(commit)
    if commit.files:
        yield line("")
        yield line((summary(commit.files), "bold"))
        yield from changes(commit.files)


def _signed(commit: CommitDetails) -> Span:
    if commit.signature in {"known", "none"}:
        return f"yes, by {commit.signer}" if commit.signer else "yes"
    if commit.signature == "unknown":
        return "yes, with a key that nobody here is known by", "yellow"
    if commit.signature == "revoked":
        since = f" since {exact(commit.revoked_since)}" if commit.revoked_since is not None else ""
        return f"with a key of {commit.signer or 'someone'} that is revoked{since}", "bold red"
    return "no: the signature is false", "bold red"


def _metadata(commit: CommitDetails) -> Iterator[Line]:
    if commit.metadata_state == "none":
        return
    yield line("")
    good = commit.metadata_state == "full"
    yield line(("Metadata", "bold"), " ", (_STATES[commit.metadata_state], "dim" if good else "bold red"))
    if commit.metadata is not None:
        for name, value in _values(commit.metadata):
            first, *rest = value.splitlines() or [""]
            yield _field(name, first)
            yield from (line(f"{'':13}{each}") for each in rest)
    if commit.redacted:
        yield _field("redacted", ", ".join(commit.redacted))


def _values(metadata: Metadata) -> Iterator[tuple[str, str]]:
    if metadata.prompt is not None:
        yield "prompt", metadata.prompt
    if metadata.model is not None:
        yield "model", metadata.model
    if metadata.tests_passed is not None:
        yield "tests", "passed" if metadata.tests_passed else "failed"
    if metadata.test_report_ref is not None:
        yield "report", metadata.test_report_ref
    if metadata.coverage is not None:
        yield "coverage", f"{metadata.coverage:g} %"
    for name, value in sorted(metadata.env.items()):
        yield "env", f"{name}={value}"
    for name, value in sorted(metadata.extra.items()):
        yield name, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _person(person: Person, look: Look) -> str:
    relative = f" ({age(person.time, look.now)})" if look.now is not None else ""
    return f"{person.name} <{person.email}>  {moment(person)}{relative}"


def _field(name: str, value: Span) -> Line:
    return line((f"  {name:<10} ", "dim"), value)
