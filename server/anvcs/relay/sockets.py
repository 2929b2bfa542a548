"""A room's socket: reads frames in order, hands them to the room, and closes on what is none."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import websockets
from websockets.asyncio.server import ServerConnection

from anvcs.errors import AnvcsError, EditError
from anvcs.relay.live import Incoming, LiveRoom, Member, incoming
from anvcs.relay.outbox import Outbox
from anvcs.rooms import frames

MAX_FRAME = 16 << 20
"""Bytes of one message; a larger one closes its connection with 1009."""
RATE = 10_000.0
"""Updates in a second that a client may go on sending; beyond the burst it is read no faster."""
BURST = 50_000.0
_DEBT = 0.05
"""Seconds that a client may be too fast before it is made to wait, since short waits take longer than asked for."""
_TOGETHER = 256
"""Edits that become one entry of the log, at most."""
_SLICE = 0.004
"""Seconds for which one client's frames may be read before the others have their turn."""

_log = logging.getLogger(__name__)


class Throttle:
    """Lets a burst through at once and what comes after it at a steady rate."""

    def __init__(self, rate: float = RATE, burst: float = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left = burst
        self._then = clock()

    def delay(self) -> float:
        """Take one; the seconds to wait before the next."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._then) * self._rate) - 1
        self._then = now
        debt = -self._left / self._rate
        return debt if debt >= _DEBT else 0.0


class RoomSocket:
    """One connection to one room."""

    def __init__(self, socket: ServerConnection, live: LiveRoom, member: Member, counts: Counter[str]) -> None:
        self._socket = socket
        self._live = live
        self._member = member
        self._counts = counts
        self._throttle = Throttle()
        self._batch: list[Incoming] = []
        """What has been read and not yet given to the room."""
        self._refusing: asyncio.Task[None] | None = None

    async def serve(self, calm: Callable[[], Awaitable[None]]) -> None:
        """Until the connection ends. ``calm`` is awaited before each frame: it waits while the disk is behind."""
        sending = asyncio.create_task(self._send())
        self._live.join(self._member)
        try:
            await self._read(calm)
        finally:
            self._flush()
            self._live.leave(self._member)
            sending.cancel()
            if self._refusing is not None:
                await self._refusing
            with suppress(asyncio.CancelledError):
                await sending

    async def _send(self) -> None:
        with suppress(websockets.ConnectionClosed):
            await self._member.outbox.run()
            await self._socket.close(self._member.close_code, self._member.close_reason)

    async def _read(self, calm: Callable[[], Awaitable[None]]) -> None:
        began = time.monotonic()
        try:
            async for message in self._socket:
                self._take(message)
                delay = self._throttle.delay()
                if delay > 0:
                    self._counts["throttled"] += 1
                    await asyncio.sleep(delay)
                elif time.monotonic() - began > _SLICE:
                    await asyncio.sleep(0)
                    began = time.monotonic()
                await calm()
        except frames.FrameError as error:
            await self._refuse(error.message, 1007 if error.text else 1008, "bad frame")
        except websockets.ConnectionClosed:
            self._counts["broken off"] += 1
        except EditError as error:
            await self._refuse(error.message, 1008, "bad update")
        except AnvcsError as error:
            await self._refuse(error.message, 1008, error.code)

    async def _refuse(self, reason: str, code: int, kind: str) -> None:
        self._counts[kind] += 1
        _log.warning("%s in room %s: %s, closed: %s", self._member.actor, self._live.id, kind, reason)
        await self._socket.close(code, shortened(reason))

    def _take(self, message: bytes | str) -> None:
        if isinstance(message, str):
            raise frames.FrameError("A room's messages are binary, and this one is text.")
        match frames.read(message):
            case frames.Update(update, _):
                self._gather(incoming(update, "live", None))
            case frames.Edit(header, update):
                self._gather(incoming(update, header.get("how"), header.get("meta")))
            case frames.Step1(state):
                frames.state_vector(state)
                self._flush()
                self._live.answer(self._member, state)
            case frames.Awareness(states):
                self._live.hear(self._member, states)
            case frames.Query():
                self._live.introduce(self._member)
            case frames.Auth() | frames.Told():
                raise frames.FrameError("Only the relay says this.")

    def _gather(self, edit: Incoming) -> None:
        """Keep an edit until the loop has its turn: what came with it in one go is one entry of the log."""
        if self._batch and (self._batch[0][1:] != edit[1:] or len(self._batch) >= _TOGETHER):
            self._flush()
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append(edit)

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        try:
            self._live.take(self._member, batch)
        except AnvcsError as error:
            kind = "bad update" if isinstance(error, EditError) else error.code
            self._refusing = asyncio.ensure_future(self._refuse(error.message, 1008, kind))


def shortened(reason: str) -> str:
    """A reason as short as a close frame must be: 123 bytes."""
    return reason.encode()[:120].decode("utf-8", "ignore")


def make_outbox(socket: ServerConnection, resync: Callable[[], None]) -> Outbox:
    """What waits for a socket's client."""
    return Outbox(socket.send, resync)
