"""Frames on standard input and output: ``Content-Length: N``, an empty line, N bytes of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator
from typing import Protocol

HEADER_END = b"\r\n\r\n"
LIMIT = 1 << 26
"""The most bytes that are buffered before the client is made to wait; a longer message still passes."""


class BadFrameError(Exception):
    """The client does not speak the protocol's framing; nothing after this can be understood."""


class Writer(Protocol):
    """Where messages go; never blocks."""

    def write(self, data: bytes) -> None:
        """Send bytes, now or as soon as the client takes them."""
        ...

    async def drain(self) -> None:
        """Wait until everything is sent or the client is gone."""
        ...


def frame(body: bytes) -> bytes:
    """A message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body of each message until the client hangs up. Raises BadFrameError."""
    while True:
        try:
            header = await reader.readuntil(HEADER_END)
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                raise BadFrameError("Standard input ended inside a header.") from None
            return
        except asyncio.LimitOverrunError:
            raise BadFrameError("A header has no end.") from None
        length = _length(header)
        try:
            yield await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            raise BadFrameError("Standard input ended inside a message.") from None


def _length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    raise BadFrameError(f"A header has no Content-Length: {header[:80]!r}")


async def open_stdio() -> tuple[asyncio.StreamReader, Writer]:
    """The client behind standard input and output.

    Afterwards file descriptor 0 is empty and 1 is standard error, so that nothing else in this process or its
    children, a stray ``print`` or a hook, can read or write between the messages.
    """
    stdin, stdout = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return await _open_reader(stdin), await _open_writer(stdout)


def _can_be_polled(fd: int) -> bool:
    """Whether the loop can wait for it: not for a regular file, nor for /dev/null, nor for anything on Windows."""
    mode = os.fstat(fd).st_mode
    return sys.platform != "win32" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


async def _open_reader(fd: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LIMIT)
    source = os.fdopen(fd, "rb", buffering=0)
    if _can_be_polled(fd):
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
        return reader
    thread = threading.Thread(target=_pump, args=(source, reader, loop), name="stdin", daemon=True)
    thread.start()
    return reader


def _pump(source: io.RawIOBase, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Read where the loop cannot poll; a thread that waits in read() must not keep the process alive."""
    # The loop may be closed while this thread still waits for input.
    with contextlib.suppress(RuntimeError):
        while data := source.read(1 << 16):
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)


async def _open_writer(fd: int) -> Writer:
    sink = os.fdopen(fd, "wb", buffering=0)
    if _can_be_polled(fd):
        _widen(fd)
        transport, protocol = await asyncio.get_running_loop().connect_write_pipe(_Drain, sink)
        return _PipeWriter(transport, protocol)
    return _FileWriter(sink)


def _widen(fd: int) -> None:
    """Let a large answer pass in a few pieces; where that is not to be had, it passes in more."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 1 << 20)


class _Drain(asyncio.Protocol):
    """Knows when a pipe's buffer is empty."""

    def __init__(self) -> None:
        self.empty = asyncio.Event()
        self.empty.set()

    def pause_writing(self) -> None:
        self.empty.clear()

    def resume_writing(self) -> None:
        self.empty.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self.empty.set()


class _PipeWriter:
    def __init__(self, transport: asyncio.WriteTransport, protocol: _Drain) -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def drain(self) -> None:
        # From now on anything that is not sent yet counts as a full buffer.
        self._transport.set_write_buffer_limits(0)
        await self._protocol.empty.wait()


class _FileWriter:
    """For what cannot be polled; it takes what it is given at once, or a moment later."""

    def __init__(self, sink: io.RawIOBase) -> None:
        self._sink = sink

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._sink.write(view) or 0 :]

    async def drain(self) -> None:
        pass
