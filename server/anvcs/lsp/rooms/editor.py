"""What the server says to the editor, and what it asks it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from anvcs.lsp.messages import Envelope, encode, notice
from anvcs.wire import Exchange, Notification
from anvcs.wire.base import P, R

T = TypeVar("T")

PREFIX = "rooms-"
"""How the ids of requests about rooms begin; pygls' own are plain UUIDs."""


class EditorGoneError(Exception):
    """The editor refused, or left without an answer."""


class _Ask(msgspec.Struct, frozen=True):
    id: str
    method: str
    params: Any
    jsonrpc: str = "2.0"


class _Withdrawn(msgspec.Struct, frozen=True):
    id: str


class _Answer(msgspec.Struct, frozen=True):
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class Editor:
    """The editor at the other end of the connection."""

    def __init__(self, send: Callable[[bytes], None], prefix: str = PREFIX) -> None:
        self._send = send
        self._prefix = prefix
        self._ids = itertools.count(1)
        self._asked: dict[str, tuple[type[Any], asyncio.Future[Any]]] = {}

    def tell(self, notification: Notification[P], params: P) -> None:
        """Send a notification."""
        self._send(notice(notification.method, params))

    def ask(self, exchange: Exchange[P, R], params: P) -> asyncio.Future[R]:
        """Send a request; its answer comes later, EditorGoneError if it never does."""
        name = f"{self._prefix}{next(self._ids)}"
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._asked[name] = (exchange.result, future)
        self._send(encode(_Ask(name, exchange.method, params)))
        return future

    def withdraw(self, asked: asyncio.Future[Any]) -> None:
        """Tell the editor that nobody waits for this answer any more."""
        for name, (_, future) in list(self._asked.items()):
            if future is asked:
                del self._asked[name]
                self._send(notice("$/cancelRequest", _Withdrawn(name)))

    def answered(self, envelope: Envelope, body: bytes) -> bool:
        """Take the editor's answer; false if it is to somebody else's request."""
        if envelope.id is UNSET or not isinstance(envelope.id, str) or not envelope.id.startswith(self._prefix):
            return False
        expected, future = self._asked.pop(envelope.id, (None, None))
        if expected is None or future is None or future.done():
            return True
        try:
            answer = msgspec.json.decode(body, type=_Answer)
            if answer.error:
                future.set_exception(EditorGoneError(bytes(answer.error).decode("utf-8", "replace")))
            else:
                future.set_result(msgspec.json.decode(answer.result or b"{}", type=expected))
        except msgspec.DecodeError as error:
            future.set_exception(EditorGoneError(str(error)))
        return True

    def close(self) -> None:
        """Nobody answers any more."""
        for _, future in self._asked.values():
            future.cancel()
        self._asked.clear()
