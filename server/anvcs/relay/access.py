"""Who is let in: the token, as whom it may speak, and from which pages."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from anvcs import actors
from anvcs.errors import UsageError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_QUERY = 4096


class Denied(NamedTuple):
    """Why a connection is not let in: an HTTP status and a sentence."""

    status: int
    reason: str


class Grant(NamedTuple):
    """What a token allows."""

    actor: str | None
    """The only actor it may speak as; any of this machine, if absent."""
    expires: float | None = None
    """Seconds on the monotonic clock."""


class Visitor(NamedTuple):
    """One who was let in."""

    room: str | None
    """The room asked for; nothing for the control socket."""
    actor: str | None
    """As whom they speak; on the control socket each request may say."""
    bound: bool
    """The token allows this actor only."""
    client: int | None
    ours: bool
    """Understands our own messages."""


class Tokens:
    """The tokens that are valid now."""

    def __init__(self, own: str, local: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._own = own.encode()
        self._local = local
        self._clock = clock
        self._granted: dict[bytes, Grant] = {}

    def grant(self, actor: str, seconds: float | None) -> str:
        """A new token for one actor. Raises UsageError for what is none."""
        token = secrets.token_urlsafe(32)
        self._granted[token.encode()] = Grant(actors.check(actor), None if seconds is None else self._clock() + seconds)
        return token

    def lookup(self, token: str) -> Grant | None:
        """What a token allows; every token is compared in full, so that time tells nothing of them."""
        given = token.encode("utf-8", "surrogateescape")
        now = self._clock()
        found = Grant(None) if hmac.compare_digest(given, self._own) else None
        for known, grant in self._granted.items():
            same = hmac.compare_digest(given, known)
            if same and (grant.expires is None or now < grant.expires):
                found = grant
        self._granted = {
            known: grant for known, grant in self._granted.items() if grant.expires is None or now < grant.expires
        }
        return found

    def admit(self, target: str, headers: Mapping[str, str], origins: list[str]) -> Visitor | Denied:
        """Whether a request for a socket is let in."""
        if any(not is_own_origin(origin) for origin in origins):
            return Denied(403, "Web pages of this machine and editors only.")
        split = urlsplit(target)
        if len(split.query) > _MAX_QUERY:
            return Denied(414, "The query is too long.")
        query = {name: values[-1] for name, values in parse_qs(split.query).items()}
        scheme, _, bearer = headers.get("Authorization", "").partition(" ")
        grant = self.lookup(bearer if scheme.lower() == "bearer" else query.get("token", ""))
        if grant is None:
            return Denied(401, "The token is not valid; it stands in the repository's relay.json.")
        room = _room(split.path)
        if room is None and split.path != "/control":
            return Denied(404, "There are /rooms/ROOM and /control.")
        return self._visitor(room, query, grant)

    def _visitor(self, room: str | None, query: Mapping[str, str], grant: Grant) -> Visitor | Denied:
        asked = query.get("actor")
        if asked is not None and grant.actor is not None and asked != grant.actor:
            return Denied(403, f"The token is {grant.actor}'s.")
        actor = grant.actor or asked or (self._local if room is not None else None)
        client = query.get("client", "")
        if client and not (client.isascii() and client.isdecimal() and int(client) < 2**53):
            return Denied(400, "The client is no number of a Yjs client.")
        try:
            checked = None if actor is None else actors.check(actor)
        except UsageError as error:
            return Denied(400, error.message)
        ours = query.get("anvcs") == "1"
        return Visitor(room, checked, grant.actor is not None, int(client) if client else None, ours)


def is_own_origin(origin: str) -> bool:
    """Whether a page may speak to us: of this machine, or of an editor's own views."""
    try:
        split = urlsplit(origin)
        host = split.hostname
    except ValueError:
        return False
    if split.scheme in ("vscode-webview", "vscode-file"):
        return True
    return split.scheme in ("http", "https") and host in _LOOPBACK


def _room(path: str) -> str | None:
    head, _, name = path.partition("/rooms/")
    return unquote(name) if not head and name and "/" not in name else None
