"""Frames on standard input and output: ``Content-Length: N``, an empty line, N bytes of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import stat
import sys
import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

HEADER_END = b"\r\n\r\n"
LONGEST_HEADER = 4096
"""Bytes of header after which no protocol is to be expected any more."""
WHOLE = 1 << 16
"""Bytes up to which a frame is put together before it is sent; above, copying it costs more than a second write."""


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


class Listener(Protocol):
    """Takes what a client sends."""

    def data_received(self, data: bytes) -> None:
        """Take some bytes."""
        ...

    def eof_received(self) -> None:
        """Know that there will be no more."""
        ...


def frame(body: bytes) -> bytes:
    """A message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def send(writer: Writer, body: bytes) -> None:
    """Send a message."""
    if len(body) <= WHOLE:
        writer.write(frame(body))
    else:
        writer.write(b"Content-Length: %d\r\n\r\n" % len(body))
        writer.write(body)


class Frames:
    """Takes bytes as they come and gives the bodies of messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with these bytes. Raises BadFrameError."""
        buffer = self._buffer
        buffer += data
        while True:
            if self._length is None:
                end = buffer.find(HEADER_END, 0, LONGEST_HEADER)
                if end < 0:
                    if len(buffer) >= LONGEST_HEADER:
                        raise BadFrameError("A header has no end.")
                    return
                self._length = _length(bytes(buffer[:end]))
                del buffer[: end + len(HEADER_END)]
            if len(buffer) < self._length:
                return
            body = bytes(buffer[: self._length])
            del buffer[: self._length]
            self._length = None
            yield body

    def end(self) -> None:
        """Know that there will be no more bytes. Raises BadFrameError if a message is incomplete."""
        if self._length is not None or self._buffer.strip():
            raise BadFrameError("Standard input ended inside a message.")


def _length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    raise BadFrameError(f"A header has no Content-Length: {header[:80]!r}")


class StandardStreams:
    """The client behind standard input and output.

    Once made, file descriptor 0 is empty and 1 is standard error, so that nothing else in this process or its children,
    a stray ``print`` or a hook, can read or write between the messages.
    """

    def __init__(self) -> None:
        self._stdin, stdout = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self.writer: Writer = _PipeWriter(stdout) if _can_be_polled(stdout) else _FileWriter(stdout)

    async def listen(self, listener: Listener) -> None:
        """Begin to pass on what the client sends."""
        loop = asyncio.get_running_loop()
        source = os.fdopen(self._stdin, "rb", buffering=0)
        if _can_be_polled(self._stdin):
            await loop.connect_read_pipe(lambda: _Incoming(listener), source)
        else:
            # A thread that waits in read() must not keep the process alive.
            threading.Thread(target=_pump, args=(source, listener, loop), name="stdin", daemon=True).start()


class _Incoming(asyncio.Protocol):
    def __init__(self, listener: Listener) -> None:
        self.data_received = listener.data_received
        self._listener = listener

    def eof_received(self) -> None:
        self._listener.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._listener.eof_received()


def _can_be_polled(fd: int) -> bool:
    """Whether the loop can wait for it: not for a regular file, nor for /dev/null, nor for anything on Windows."""
    mode = os.fstat(fd).st_mode
    return sys.platform != "win32" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


def _pump(source: io.RawIOBase, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
    """Read where the loop cannot poll."""
    # The loop may be closed while this thread still waits for input.
    with contextlib.suppress(RuntimeError):
        while data := source.read(1 << 16):
            loop.call_soon_threadsafe(listener.data_received, data)
        loop.call_soon_threadsafe(listener.eof_received)


class _PipeWriter:
    """Writes what the pipe takes, and the rest when it takes more; asyncio's own would copy all of it first."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiting: deque[memoryview] = deque()
        self._empty = asyncio.Event()
        self._empty.set()
        self._gone = False
        os.set_blocking(fd, False)
        if sys.platform == "linux":
            import fcntl

            # A large answer passes in fewer pieces; where that is not to be had, in more.
            with contextlib.suppress(OSError):
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 1 << 20)

    def write(self, data: bytes) -> None:
        if self._gone:
            return
        rest = memoryview(data)
        if not self._waiting:
            rest = rest[self._take(rest) :]
        if rest and not self._gone:
            if not self._waiting:
                self._empty.clear()
                asyncio.get_running_loop().add_writer(self._fd, self._go_on)
            self._waiting.append(rest)

    async def drain(self) -> None:
        await self._empty.wait()

    def _take(self, data: memoryview) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            # The client is gone; that its input ends too is how we come to end.
            self._gone = True
            return 0

    def _go_on(self) -> None:
        while self._waiting and not self._gone:
            data = self._waiting[0]
            taken = self._take(data)
            if taken < len(data):
                self._waiting[0] = data[taken:]
                if not self._gone:
                    return
            else:
                self._waiting.popleft()
        self._waiting.clear()
        asyncio.get_running_loop().remove_writer(self._fd)
        self._empty.set()


class _FileWriter:
    """For what cannot be polled; it takes what it is given at once, or a moment later."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    async def drain(self) -> None:
        pass
