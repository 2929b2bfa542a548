"""A Yjs client of the simplest kind: no retries, no acknowledgements, frames as given."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from anvcs.link.discovery import Discovery
from anvcs.rooms import frames
from anvcs.rooms.frames import Frame
from anvcs.rooms.text import TextDoc
from tests.relay.conftest import PATIENCE


class Raw:
    """One connection to a room."""

    def __init__(self, found: Discovery, room: str, *, origin: str | None = None, **query: object) -> None:
        self._found = found
        self._url = f"{found.url(f'/rooms/{room}')}?{urlencode({'token': found.token, **query})}"
        self._origin = origin
        self.doc = TextDoc()
        self.heard: list[Frame] = []
        self._socket: ClientConnection | None = None

    @property
    def socket(self) -> ClientConnection:
        """The open connection."""
        assert self._socket is not None
        return self._socket

    async def __aenter__(self) -> Self:
        origin = None if self._origin is None else Origin(self._origin)
        self._socket = await connect(self._url, compression=None, max_size=None, origin=origin, proxy=None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.socket.close_code is None:
            await self.socket.close()

    async def send(self, frame: bytes | str) -> None:
        """Send a frame as it is."""
        await self.socket.send(frame)

    async def type(self, place: int, text: str) -> None:
        """Type something and send it."""
        await self.send(frames.update(self.doc.edit((place, text) if place else (text,))))

    async def sync(self) -> None:
        """Ask for what the room has, and wait for it."""
        await self.send(frames.step1(self.doc.state()))
        await self.until(lambda: any(isinstance(each, frames.Update) and each.answer for each in self.heard))

    async def next(self) -> Frame:
        """The next frame; edits are taken in."""
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.recv()
        assert isinstance(message, bytes)
        frame = frames.read(message)
        self.heard.append(frame)
        if isinstance(frame, frames.Update):
            self.doc.apply(frame.update)
        return frame

    async def until(self, condition: object) -> None:
        """Read until something holds."""
        assert callable(condition)
        while not condition():
            await self.next()

    async def closed(self) -> tuple[int, str]:
        """Read until the relay closes the connection; with which code and reason."""
        with suppress(websockets.ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.socket.recv()
        return self.socket.close_code or 0, self.socket.close_reason or ""
