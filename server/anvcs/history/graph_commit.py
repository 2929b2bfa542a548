"""What the graph shows of a commit, read from its raw bytes. Pure, and written for speed: a million take seconds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from anvcs.ids import Domain, digest

LONGEST_SUBJECT = 1000
"""Characters; a longer one is cut, so that a page stays small whatever someone pasted into a message."""

_IDENT = re.compile(rb"([^\n]*?)[ \t]*<([^\n>]*)>[^\n]*? (-?[0-9]+) ([+-][0-9]{4,})$")
_UNDATED = re.compile(rb"([^\n<]*?)[ \t]*(?:<([^\n>]*)>?.*)?$")
_CHANGE = re.compile(rb"^[ \t]*(?i:ANVCS-Change)[ \t]*:[ \t]*([k-z]{32})[ \t\r]*$", re.MULTILINE)
_ROOT = re.compile(rb"^[ \t]*(?i:ANVCS-Meta)[ \t]*:[ \t]*(b3:[0-9a-f]{64})[ \t\r]*$", re.MULTILINE)
_AGENT = re.compile(
    rb"^(?i:Co-authored-by):[^\n<]*<([^\s:<>][^\s<>]*)@(?i:agent\.anvcs\.invalid)>[ \t\r]*$", re.MULTILINE
)
_CRUFT = " .,:;<>\"\\'"
"""What git strips from both ends of a name or address."""
_LATEST = 1 << 53
"""No time beyond this survives JSON; such a commit is shown at 1970, as git shows times that it cannot hold."""


class GraphCommit(NamedTuple):
    """One commit of the graph."""

    git_commit: bytes
    commit_id: bytes
    parents: bytes
    """Git ids joined, those that git sees."""
    tree: str
    name: str
    email: str
    time: int
    """When it was written, in seconds since 1970."""
    offset: int
    """Minutes east of UTC."""
    committed: int
    """When it was committed, in seconds since 1970."""
    subject: str
    change: str | None
    root: str | None
    """Of the metadata record that the commit names."""
    agent: str | None
    """Of the trailer."""


def parse(git_commit: bytes, parents: bytes, raw: bytes, original: bytes | None = None) -> GraphCommit:
    """The commit with these bytes; ``original`` are its true ones where ``git replace`` shows others."""
    head, _, message = raw.partition(b"\n\n")
    encoding = _encoding(head)
    name, email, time, offset = _ident(head, b"\nauthor ", encoding)
    committed = _ident(head, b"\ncommitter ", encoding)[2]
    if b"\0" in message:
        message = message[: message.index(b"\0")]
    change = root = agent = None
    if b"anvcs" in message.lower():
        change, root, agent = _last(_CHANGE, message), _last(_ROOT, message), _last(_AGENT, message)
    return GraphCommit(
        git_commit=git_commit,
        commit_id=digest(Domain.COMMIT, raw if original is None else original),
        parents=parents,
        tree=head[5:45].decode("ascii", "replace"),
        name=name,
        email=email,
        time=time,
        offset=offset,
        committed=committed,
        subject=_subject(message, encoding),
        change=change,
        root=root,
        agent=f"agent:{agent}" if agent else None,
    )


def _encoding(head: bytes) -> str:
    at = head.find(b"\nencoding ")
    if at < 0:
        return "utf-8"
    named = head[at + 10 :].split(b"\n", 1)[0].decode("ascii", "replace")
    try:
        b"".decode(named)
        "".encode(named)
    except (LookupError, ValueError):
        return "utf-8"
    return named


def _ident(head: bytes, header: bytes, encoding: str) -> tuple[str, str, int, int]:
    """Name, address, time and offset in minutes. A damaged line gives what can be read of it."""
    at = head.find(header)
    if at < 0:
        return "", "", 0, 0
    start = at + len(header)
    end = head.find(b"\n", start)
    line = head[start:] if end < 0 else head[start:end]
    found = _IDENT.match(line)
    if found is None:
        found = _UNDATED.match(line)
        who = _person(found[1] if found else line, (found and found[2]) or b"", encoding)
        return (*who, 0, 0)
    name, email, time, zone = found.groups()
    seconds, minutes = int(time), int(zone[-2:]) + 60 * int(zone[1:-2])
    if not 0 <= seconds < _LATEST or minutes > 24 * 60:
        seconds, minutes = (seconds, 0) if 0 <= seconds < _LATEST else (0, 0)
    return (*_person(name, email, encoding), seconds, -minutes if zone[:1] == b"-" else minutes)


@lru_cache(4096)
def _person(name: bytes, email: bytes, encoding: str) -> tuple[str, str]:
    return _decode(name, encoding).strip(_CRUFT), _decode(email, encoding).strip(_CRUFT)


def _subject(message: bytes, encoding: str) -> str:
    """The first paragraph on one line, as ``%s`` of ``git log``."""
    line, _, rest = message.partition(b"\n")
    text = line.strip()
    if text and (not rest or rest[:1] == b"\n"):
        text = line.rstrip()
    else:
        words: list[bytes] = []
        for following in message.split(b"\n"):
            text = following.rstrip()
            if text:
                words.append(text)
            elif words:
                break
        text = b" ".join(words)
    subject = _decode(text, encoding)
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"


def _decode(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return text.decode("utf-8", "replace")


def _last(pattern: re.Pattern[bytes], message: bytes) -> str | None:
    """The value in the message's last such line: after a squash, the last is the commit's own."""
    found = None
    for found in pattern.finditer(message):  # noqa: B007 - only the last one is wanted
        pass
    return None if found is None else found[1].decode("utf-8", "replace")
