"""A room as one client of ours holds it: connected when it can be, whole when it comes back.

Edits wait here until the relay has acknowledged them. After a lost connection both sides exchange what they have, and
what is not acknowledged goes out again, unchanged: taking an update twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

from anvcs.errors import AnvcsError, EditError
from anvcs.link.discovery import Discovery
from anvcs.rooms import frames, text, updates
from anvcs.rooms.delta import Delta
from anvcs.rooms.frames import State
from anvcs.rooms.text import TextDoc

LinkState: TypeAlias = Literal["offline", "connecting", "joined", "closed"]

MAX_MESSAGE = 16 << 20
RENEW = 15.0
"""Seconds after which a client says again that it is here; Yjs clients forget one that has not for 30 s."""
_OPEN = 5.0
_LEAVE = 1.0
_RETRY = (0.05, 5.0)
"""Seconds between attempts, at first and at most."""
_FINAL = range(4000, 5000)
"""Close codes with which the relay says that coming back is no use."""
_JOIN_AFTER = 64
"""Waiting edits of one kind are merged beyond this many, when the relay is away."""

_log = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where a room is."""

    relay: Discovery
    room: str


class Pending(NamedTuple):
    """An edit that the relay has not acknowledged."""

    update: bytes
    header: dict[str, Any]


class RoomClient:
    """One document's connection to its room. For one event loop; every callback is called on it.

    ``find`` tells where the room is now, starting a relay if need be. ``on_remote`` is told what others changed, after
    ``doc`` has it.
    """

    def __init__(
        self,
        doc: TextDoc,
        actor: str,
        find: Callable[[], Awaitable[Address]],
        *,
        on_remote: Callable[[Delta], None] = lambda _: None,
        on_state: Callable[[], None] = lambda: None,
        on_awareness: Callable[[], None] = lambda: None,
        on_told: Callable[[dict[str, Any]], None] = lambda _: None,
        client: int | None = None,
    ) -> None:
        self.doc = doc
        self.actor = actor
        self.client = doc.client if client is None else client
        self.state: LinkState = "offline"
        self.reason = ""
        """Why it is offline or closed."""
        self.code = 0
        """With what code the relay ended the last connection."""
        self.others: dict[int, dict[str, Any]] = {}
        """What other clients say about themselves, by client."""
        self.sequence = 0
        """The newest edit of the room's log that the relay told of."""
        self._find = find
        self._on_remote, self._on_state, self._on_awareness, self._on_told = on_remote, on_state, on_awareness, on_told
        self._pending: deque[Pending] = deque()
        self._sent = 0
        """How many of the pending edits this connection has carried."""
        self._extra: deque[bool] = deque()
        """For each update this connection sent and that is not acknowledged: whether it is one of the pending ones."""
        self._acked = 0
        self._clocks: dict[int, int] = {}
        self._own: dict[str, Any] | None = None
        self._clock = 0
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._leaving = False

    def start(self) -> None:
        """Connect, and stay connected until :meth:`close`."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def send(self, update: bytes, how: str = "live", meta: dict[str, Any] | None = None) -> None:
        """Give an edit that ``doc`` has already; it is kept until it is acknowledged."""
        header: dict[str, Any] = {"how": how} | ({"meta": meta} if meta else {})
        waiting = len(self._pending) - self._sent
        if self.state != "joined" and waiting >= _JOIN_AFTER and self._pending[-1].header == header:
            self._merge_tail(header, update)
        else:
            self._pending.append(Pending(update, header))
        self._notify()

    @property
    def undurable(self) -> int:
        """Edits that the relay has not acknowledged."""
        return len(self._pending)

    def unacknowledged(self) -> list[Pending]:
        """The edits that the relay has not acknowledged, oldest first."""
        return list(self._pending)

    def say(self, state: dict[str, Any] | None) -> None:
        """What the others are to see of this client: name, selections; nothing to be unseen."""
        self._own = state
        self._clock += 1
        self._notify()

    async def durable(self) -> None:
        """Wait until everything sent is acknowledged."""
        await self.until(lambda: not self._pending)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds that a message of the relay can bring about."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """Leave: what is pending goes out first if the relay takes it at once."""
        self._leaving = True
        if self.state == "joined":
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE):
                    await self.durable()
        if self._socket is not None:
            await self._socket.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._set("closed", self.reason)

    def _notify(self) -> None:
        self._wake.set()

    def _set(self, state: LinkState, reason: str = "") -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self._on_state()
        self._changed.set()

    def _merge_tail(self, header: dict[str, Any], update: bytes) -> None:
        same: list[bytes] = [update]
        while len(self._pending) > self._sent and self._pending[-1].header == header:
            same.append(self._pending.pop().update)
        self._pending.append(Pending(text.merge(same[::-1]), header))

    async def _run(self) -> None:
        pause = _RETRY[0]
        while True:
            self._set("connecting", self.reason)
            try:
                address = await self._find()
                async with self._connect(address) as socket:
                    pause = _RETRY[0]
                    self._socket = socket
                    await self._converse(socket)
                    reason, code = socket.close_reason or "", socket.close_code or 1006
            except AnvcsError as error:
                reason, code = str(error), 1006
            except (OSError, websockets.WebSocketException) as error:
                reason, code = str(error) or type(error).__name__, _refused(error)
            self._disconnected()
            if self._leaving:
                return
            self.code = code
            if code in _FINAL:
                self._set("closed", reason)
                return
            self._set("offline", reason)
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads clients, guards nothing
            pause = min(pause * 2, _RETRY[1])

    def _connect(self, address: Address) -> connect:
        query = urlencode({"actor": self.actor, "client": self.client, "anvcs": 1})
        return connect(
            f"{address.relay.url(f'/rooms/{quote(address.room)}')}?{query}",
            additional_headers=address.relay.headers,
            open_timeout=_OPEN,
            close_timeout=1,
            max_size=None,
            compression=None,
            proxy=None,
        )

    def _disconnected(self) -> None:
        self._socket = None
        self._sent = 0
        self._acked = 0
        self._extra.clear()
        if self.others:
            self.others.clear()
            self._clocks.clear()
            self._on_awareness()

    async def _converse(self, socket: ClientConnection) -> None:
        await socket.send(frames.step1(self.doc.state()))
        self._clock += 1
        writing = asyncio.create_task(self._write(socket))
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    await self._take(socket, message)
        except frames.FrameError as error:
            _log.warning("room %s: %s", self.client, error)
            await socket.close(1007 if error.text else 1008, error.message[:120])
        except websockets.ConnectionClosed:
            pass
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError, websockets.ConnectionClosed):
                await writing

    async def _write(self, socket: ClientConnection) -> None:
        said = 0
        while True:
            # Edits wait for the relay's own state: it shows what of them is there already.
            while self.state == "joined" and self._sent < len(self._pending):
                edit = self._pending[self._sent]
                self._sent += 1
                self._extra.append(True)
                await socket.send(frames.edit(edit.header, edit.update))
            if said != self._clock and (self._own is not None or said):
                said = self._clock
                state = "null" if self._own is None else msgspec.json.encode(self._own).decode()
                await socket.send(frames.awareness([State(self.client, said, state)]))
            self._wake.clear()
            if said != self._clock and self._own is not None:
                continue
            if self.state == "joined" and self._sent < len(self._pending):
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW):
                    await self._wake.wait()
                    continue
            self._clock += 1

    async def _take(self, socket: ClientConnection, message: bytes) -> None:
        match frames.read(message):
            case frames.Update(update, answer):
                self._apply(update)
                if answer:
                    self._set("joined")
                    self._notify()
            case frames.Edit(_, update):
                self._apply(update)
            case frames.Step1(state):
                await self._complete(socket, state)
            case frames.Awareness(states):
                self._hear(states)
            case frames.Told(body):
                self._told(body)
            case frames.Query():
                self._clock += 1
                self._notify()
            case frames.Auth(reason):
                self.reason = reason
        self._changed.set()

    def _apply(self, update: bytes) -> None:
        try:
            delta = self.doc.apply(update)
        except EditError as error:
            raise frames.FrameError(f"The relay sent an update that cannot be taken: {error.message}") from error
        if delta:
            self._on_remote(delta)

    async def _complete(self, socket: ClientConnection, state: bytes) -> None:
        """Give the relay what it lacks and what is not among the pending edits: its log may be an older copy."""
        pending = [updates.clients(each.update) for each in self._pending]
        theirs = frames.state_vector(state)
        for client, clock in frames.state_vector(self.doc.state()).items():
            first = min((spans[client][0] for spans in pending if client in spans), default=clock)
            if theirs.get(client, 0) < first:
                self._extra.append(False)
                await socket.send(frames.step2(self.doc.since(state)))
                return

    def _hear(self, states: tuple[State, ...]) -> None:
        for each in states:
            if each.client == self.client or each.clock < self._clocks.get(each.client, -1):
                continue
            self._clocks[each.client] = each.clock
            body: Any = msgspec.json.decode(each.state.encode())
            if isinstance(body, dict):
                self.others[each.client] = body
            else:
                self.others.pop(each.client, None)
        self._on_awareness()

    def _told(self, body: dict[str, Any]) -> None:
        acked = body.get("acked")
        if isinstance(acked, int):
            while self._acked < acked and self._extra:
                self._acked += 1
                if self._extra.popleft():
                    self._pending.popleft()
                    self._sent -= 1
            self._on_state()
        sequence = body.get("seq")
        if isinstance(sequence, int):
            self.sequence = max(self.sequence, sequence)
        self._on_told(body)


def _refused(error: Exception) -> int:
    """4401 and 4403 where the relay refused the connection itself."""
    if isinstance(error, websockets.InvalidStatus) and error.response.status_code in (401, 403, 404, 410):
        return 4000 + error.response.status_code
    return 1006
