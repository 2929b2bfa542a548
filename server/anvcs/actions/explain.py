"""Why a line exists: from its last commit to a few lines of Markdown."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from anvcs.actions.caller import Caller, call
from anvcs.errors import PathError
from anvcs.gitmirror.blame import UNCOMMITTED, blame_line
from anvcs.gitmirror.paths import to_repo_path
from anvcs.wire import SHOW, CommitDetails, Metadata, ShowParams

PROMPT_LINES = 8
PROMPT_LETTERS = 600

_DOUBTS = {
    "revoked": "Its signature was made with a key that had been revoked.",
    "bad": "Its signature is false.",
}

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def explain_line(
    caller: Caller, folder: Path, path: Path, line: int, *, text: str | None = None, commit: str | None = None
) -> str | None:
    """Why the line (counted from 0) exists, as Markdown; nothing if Git knows nothing of the file or the line.

    ``text`` is the file as it stands in an editor; with ``commit`` the file at that commit is meant.
    Raises NotARepositoryError, GitFailedError when it takes too long.
    """
    repo = caller.workspace(str(folder)).repo
    try:
        inside = to_repo_path(repo.root, repo.root, str(path))
    except PathError:
        return None
    contents = None if text is None else _as_saved(path, text)
    found = blame_line(
        repo.git,
        inside.decode("utf-8", "surrogateescape"),
        line,
        contents=contents,
        commit=commit,
        tick=lambda: caller.progress("Reading the line's history", None),
    )
    if found is None:
        return None
    if found.commit == UNCOMMITTED:
        return "*Not committed yet.*"
    return explain(call(caller, SHOW, ShowParams(folder=str(repo.root), commit=found.commit)))


def explain(details: CommitDetails) -> str:
    """A commit in a few lines of Markdown: what, who, when, by which agent, how tested, asked how, and its ids."""
    author = details.author
    zone = timezone(timedelta(minutes=author.offset))
    when = datetime.fromtimestamp(author.time, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M %z")
    parts = [f"**{escape(details.subject) or '(no message)'}**", f"{escape(author.name)}, {when}"]
    if details.metadata is not None:
        parts += _metadata(details.metadata)
        if details.inherited_from is not None:
            tested = "" if details.metadata.tests_passed is not None else ", untested"
            parts.append(f"*Inherited from `{details.inherited_from[:12]}`{tested}.*")
    elif details.metadata_state == "missing":
        parts.append("*Its metadata record is not in this clone.*")
    elif details.metadata_state == "mismatch":
        parts.append("*Its metadata record does not match what the commit says.*")
    if details.signature in _DOUBTS:
        parts.append(f"*{_DOUBTS[details.signature]}*")
    ids = [f"`{details.git_commit[:12]}`"]
    if details.change_id is not None:
        # A foreign commit has neither; its Git id says all.
        ids += [f"`{details.commit_id[:15]}`", f"change `{details.change_id[:12]}`"]
    parts.append(" · ".join(ids))
    if details.divergent:
        others = ", ".join(f"`{commit[:12]}`" for commit in details.divergent)
        parts.append(f"*Its change is divergent: {others} is live too.*")
    return "\n\n".join(parts)


def _metadata(metadata: Metadata) -> list[str]:
    who = [escape(word) for word in (metadata.agent_id, metadata.model) if word]
    parts = [" · ".join(who)] if who else []
    if metadata.tests_passed is not None:
        said = "Tests passed" if metadata.tests_passed else "Tests failed"
        if metadata.coverage is not None:
            said += f", coverage {metadata.coverage:g} %"
        parts.append(said)
    if metadata.prompt:
        parts.append(fenced(excerpt(metadata.prompt)))
    return parts


def excerpt(text: str) -> str:
    """The beginning of a long text; an ellipsis says that there is more."""
    lines = _CONTROL.sub("", text.strip().replace("\r\n", "\n")).split("\n")
    short = "\n".join(lines[:PROMPT_LINES])[:PROMPT_LETTERS]
    return short if short == "\n".join(lines) else short.rstrip() + " …"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(_CONTROL.sub("", text).split()))


def fenced(text: str) -> str:
    """Text in a code block that it cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _as_saved(path: Path, text: str) -> bytes:
    """The bytes that saving the text would write; editors show neither byte order mark nor half a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    try:
        with path.open("rb") as file:
            mark = file.read(3) == codecs.BOM_UTF8
    except OSError:
        mark = False
    return (codecs.BOM_UTF8 if mark else b"") + whole.encode()
