"""What the graph shows of a commit, read from its raw bytes. Pure, and written for speed: a million take seconds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from anvcs.ids import Domain, digest

LONGEST_SUBJECT = 1000
"""Characters; a longer one is cut, so that a page stays small whatever someone pasted into a message."""

_DATE = re.compile(rb" ([0-9]{1,20}) ([+-][0-9]{4,8})$")
_CHANGE = re.compile(rb"^[ \t]*(?i:ANVCS-Change)[ \t]*:[ \t]*([k-z]{32})[ \t\r]*$", re.MULTILINE)
_ROOT = re.compile(rb"^[ \t]*(?i:ANVCS-Meta)[ \t]*:[ \t]*(b3:[0-9a-f]{64})[ \t\r]*$", re.MULTILINE)
_AGENT = re.compile(
    rb"^(?i:Co-authored-by):[^\n<]*<([^\s:<>][^\s<>]*)@(?i:agent\.anvcs\.invalid)>[ \t\r]*$", re.MULTILINE
)
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
    name, email, time, offset = _ident(_line(head, b"\nauthor "), encoding)
    committed = _ident(_line(head, b"\ncommitter "), encoding)[2]
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


def _line(head: bytes, header: bytes) -> bytes:
    """The header's value, empty if there is none."""
    at = head.find(header)
    if at < 0:
        return b""
    end = head.find(b"\n", at + 1)
    return head[at + len(header) : end if end >= 0 else len(head)]


def _ident(line: bytes, encoding: str) -> tuple[str, str, int, int]:
    """Name, address, time and offset in minutes. A damaged line gives what can be read of it."""
    who, _, date = line.rpartition(b"> ")
    time, _, zone = date.partition(b" ")
    if who and len(time) < 12 and len(zone) == 5 and time.isdigit() and zone[1:].isdigit():
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        return (*_person(who, encoding), int(time), -minutes if zone[:1] == b"-" else minutes)
    return _damaged_ident(line, encoding)


def _damaged_ident(line: bytes, encoding: str) -> tuple[str, str, int, int]:
    who = _person(line.partition(b">")[0], encoding)
    found = _DATE.search(line)
    if found is None or not 0 <= int(found[1]) < _LATEST:
        return (*who, 0, 0)
    zone = found[2]
    minutes = int(zone[1:-2]) * 60 + int(zone[-2:])
    if minutes > 24 * 60:
        minutes = 0
    return (*who, int(found[1]), -minutes if zone[:1] == b"-" else minutes)


@lru_cache(4096)
def _person(who: bytes, encoding: str) -> tuple[str, str]:
    """Name and address of ``name <address``."""
    name, _, email = who.partition(b"<")
    return _decode(name.rstrip(), encoding), _decode(email.partition(b">")[0], encoding)


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
