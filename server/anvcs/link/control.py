"""Asking the relay and hearing from it in JSON: blocking for commands, with asyncio for servers."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.sync.client import ClientConnection as SyncConnection
from websockets.sync.client import connect as connect_sync

from anvcs import errors
from anvcs.errors import AnvcsError, RelayError
from anvcs.link import start
from anvcs.link.discovery import Discovery

MAX_MESSAGE = 32 << 20
"""Bytes: a file of 2 MB, twice, as JSON that escapes every character."""
TIMEOUT = 30.0
_CONNECT = 5.0
_ERRORS = {cls.code: cls for cls in errors.all_errors()}

EventHandler = Callable[[str, dict[str, Any]], None]
"""Takes an event: its name and what it says."""


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    """A refusal on the wire."""

    code: str
    message: str
    way_out: str = ""


class Incoming(msgspec.Struct, frozen=True):
    """An answer or an event."""

    id: int | None = None
    result: dict[str, Any] | None = None
    error: Problem | None = None
    event: str | None = None
    params: dict[str, Any] = {}


_decode = msgspec.json.Decoder(Incoming).decode


def refusal(problem: Problem) -> AnvcsError:
    """The error that the relay answered with, of the class it has there."""
    return _ERRORS.get(problem.code, RelayError)(problem.message, problem.way_out)


class RelayLink:
    """A surface's way to the relays of its repositories: one question, one connection."""

    def __init__(self, config_home: Path, env: Mapping[str, str] | None = None) -> None:
        self._config_home = config_home
        self._env = env

    def ask(
        self, state: Path, method: str, params: Mapping[str, Any], *, start: bool = False
    ) -> Mapping[str, Any] | None:
        """What the relay answers; nothing if none runs and ``start`` does not ask for one.

        Raises RelayError, RelayUnreachableError, and what the relay refuses with.
        """
        found = _found(state, self._config_home, self._env, begin=start)
        if found is None:
            return None
        with SyncControl(state, found) as control:
            return control.ask(method, params)


def _found(state: Path, config_home: Path, env: Mapping[str, str] | None, *, begin: bool) -> Discovery | None:
    return start.ensure(state, config_home, env=env) if begin else start.find(state)


class SyncControl:
    """A control connection that blocks; for one thread."""

    def __init__(self, state: Path, found: Discovery, timeout: float = TIMEOUT) -> None:
        self._state = state
        self._found = found
        self._timeout = timeout
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._open_socket = ExitStack()
        self._socket = self._open()

    def _open(self) -> SyncConnection:
        try:
            return self._open_socket.enter_context(
                connect_sync(
                    self._found.url(),
                    additional_headers=self._found.headers,
                    open_timeout=_CONNECT,
                    close_timeout=1,
                    max_size=MAX_MESSAGE,
                    compression=None,
                    proxy=None,
                )
            )
        except (OSError, websockets.WebSocketException) as error:
            raise start.unreachable(self._state, self._found, _words(error)) from error

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the relay answers. Raises RelayError if it ends or keeps silent, and what it refuses with."""
        with self._lock:
            number = next(self._ids)
            try:
                self._socket.send(
                    msgspec.json.encode({"id": number, "method": method, "params": params or {}}), text=True
                )
                while True:
                    found = _decode(self._socket.recv(timeout=self._timeout))
                    if found.id == number:
                        break
            except TimeoutError as error:
                raise start.unreachable(self._state, self._found, f"no answer in {self._timeout:.0f} s") from error
            except websockets.ConnectionClosed as error:
                raise _ended(error) from error
        if found.error is not None:
            raise refusal(found.error)
        return found.result or {}

    def close(self) -> None:
        """End the connection."""
        self._open_socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Control:
    """A control connection for an event loop; events come in the order the relay sent them."""

    def __init__(
        self, state: Path, found: Discovery, on_event: EventHandler | None = None, timeout: float = TIMEOUT
    ) -> None:
        self._state = state
        self._found = found
        self._timeout = timeout
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Incoming]] = {}
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()
        """Set when the connection is gone."""
        self.reason = ""
        """Why the relay closed it, if it said so."""

    async def open(self) -> Control:
        """Connect. Raises RelayUnreachableError."""
        try:
            self._socket = await connect(
                self._found.url(),
                additional_headers=self._found.headers,
                open_timeout=_CONNECT,
                close_timeout=1,
                max_size=MAX_MESSAGE,
                compression=None,
                proxy=None,
            )
        except (OSError, websockets.WebSocketException) as error:
            raise start.unreachable(self._state, self._found, _words(error)) from error
        self._reading = asyncio.create_task(self._read(self._socket))
        return self

    async def ask(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the relay answers. Raises RelayError if it ends or keeps silent, and what it refuses with."""
        socket = self._socket
        if socket is None or self.closed.is_set():
            raise RelayError("The relay's connection is closed.", "Connect again.")
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await socket.send(msgspec.json.encode({"id": number, "method": method, "params": params or {}}), text=True)
            found = await asyncio.wait_for(answer, self._timeout)
        except TimeoutError as error:
            raise start.unreachable(self._state, self._found, f"no answer in {self._timeout:.0f} s") from error
        except websockets.ConnectionClosed as error:
            raise _ended(error) from error
        finally:
            self._waiting.pop(number, None)
        if found.error is not None:
            raise refusal(found.error)
        return found.result or {}

    async def close(self) -> None:
        """End the connection; questions that wait are refused."""
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            await self._reading

    async def _read(self, socket: ClientConnection) -> None:
        failure: Exception = RelayError("The relay closed the connection.", "Connect again.")
        try:
            async for message in socket:
                found = _decode(message)
                if found.event is not None:
                    if self._on_event is not None:
                        self._on_event(found.event, found.params)
                elif found.id is not None and (answer := self._waiting.get(found.id)) is not None and not answer.done():
                    answer.set_result(found)
        except websockets.ConnectionClosed as error:
            failure = _ended(error)
        except msgspec.DecodeError as error:
            failure = RelayError(f"The relay said what cannot be read: {error}.", "End it; it may be another version.")
            with suppress(websockets.WebSocketException):
                await socket.close(1007)
        self.reason = socket.close_reason or ""
        self.closed.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(failure)


def _ended(error: websockets.ConnectionClosed) -> RelayError:
    reason = error.rcvd.reason if error.rcvd is not None else ""
    return RelayError(f"The relay ended the connection{f': {reason}' if reason else ''}.", "Try again.")


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
