"""The control socket: requests in JSON, one answer each, and events for those who subscribed."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import websockets
from websockets.asyncio.server import ServerConnection

from anvcs.errors import AnvcsError, RelayError, UsageError
from anvcs.relay.access import Visitor

MAX_EVENTS = 10_000
"""Events that may wait for one subscriber; one that reads none of them is sent away."""
MAX_REQUESTS = 256
"""Requests of one connection that may be under way."""

_log = logging.getLogger(__name__)


class Request(msgspec.Struct, frozen=True):
    """What comes in."""

    id: int
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")


class Asker:
    """One control connection: as whom it speaks, and what is to be undone when it ends."""

    def __init__(self, visitor: Visitor, number: int) -> None:
        self.bound = visitor.actor if visitor.bound else None
        """The only actor it may name; any, if absent."""
        self.number = number
        self.subscribed = False
        self.holders: set[str] = set()
        """The editors that hold dirty text or leases through this connection."""

    def may_speak_as(self, actor: str) -> str:
        """The actor, if the connection's token allows it. Raises RelayError."""
        if self.bound is not None and actor != self.bound:
            raise RelayError(f"This token is {self.bound}'s, not {actor}'s.", "Ask as the actor it was made for.")
        return actor


Method = Callable[[Asker, msgspec.Raw], Awaitable[Mapping[str, Any]]]


class ControlSockets:
    """All control connections."""

    def __init__(self, methods: Mapping[str, Method], gone: Callable[[Asker], None], counts: Counter[str]) -> None:
        self._methods = methods
        self._gone = gone
        self._counts = counts
        self._numbers = itertools.count(1)
        self._subscribers: dict[Asker, asyncio.Queue[bytes]] = {}

    def report(self, event: str, params: Mapping[str, Any]) -> None:
        """Tell every subscriber."""
        if not self._subscribers:
            return
        message = msgspec.json.encode({"event": event, "params": params})
        for queue in self._subscribers.values():
            with suppress(asyncio.QueueFull):
                queue.put_nowait(message)

    async def serve(self, socket: ServerConnection, visitor: Visitor) -> None:
        """Answer one connection until it ends."""
        asker = Asker(visitor, next(self._numbers))
        running: set[asyncio.Task[None]] = set()
        out: asyncio.Queue[bytes] = asyncio.Queue(MAX_EVENTS)
        sending = asyncio.create_task(self._send(socket, out))
        try:
            async for message in socket:
                if len(running) >= MAX_REQUESTS:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                task = asyncio.create_task(self._answer(asker, message, out))
                running.add(task)
                task.add_done_callback(running.discard)
        except websockets.ConnectionClosed:
            self._counts["broken off"] += 1
        finally:
            self._subscribers.pop(asker, None)
            self._gone(asker)
            for task in (*running, sending):
                task.cancel()
            await asyncio.gather(*running, sending, return_exceptions=True)

    async def drained(self) -> None:
        """Wait until subscribers have what was reported."""
        for queue in list(self._subscribers.values()):
            await queue.join()

    async def _send(self, socket: ServerConnection, out: asyncio.Queue[bytes]) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                message = await out.get()
                await socket.send(message, text=True)
                out.task_done()
                if out.qsize() >= MAX_EVENTS - 1:
                    await socket.close(1008, "Events were not read.")

    async def _answer(self, asker: Asker, message: str | bytes, out: asyncio.Queue[bytes]) -> None:
        try:
            request = msgspec.json.decode(message, type=Request)
        except (msgspec.DecodeError, RecursionError) as error:
            self._counts["bad request"] += 1
            await out.put(_problem(None, UsageError(f"That is no request: {error}.", "Send {id, method, params}.")))
            return
        try:
            if request.method == "subscribe":
                self._subscribers[asker] = out
            result = await self._call(asker, request)
            await out.put(msgspec.json.encode({"id": request.id, "result": result}))
        except AnvcsError as error:
            await out.put(_problem(request.id, error))
        except Exception as error:  # noqa: BLE001 - one request must not end the others
            _log.exception("%s failed", request.method)
            self._counts["failed"] += 1
            kind = type(error).__name__
            await out.put(_problem(request.id, RelayError(f"The relay failed ({kind}).", "Its log says more.")))

    async def _call(self, asker: Asker, request: Request) -> Mapping[str, Any]:
        method = self._methods.get(request.method)
        if method is None:
            known = ", ".join(sorted(self._methods))
            raise UsageError(f"The relay knows no method {request.method!r}.", f"It knows {known}.")
        return await method(asker, request.params)


def read_params(raw: msgspec.Raw, kind: type[Any]) -> Any:
    """Checked parameters of a method. Raises UsageError."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"The parameters do not fit: {error}.", "See the protocol's reference.") from error


def _problem(number: int | None, error: AnvcsError) -> bytes:
    problem = {"code": error.code, "message": error.message, "wayOut": error.way_out}
    return msgspec.json.encode({"id": number, "error": problem})
