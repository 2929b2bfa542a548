"""Frames and standard streams."""

from __future__ import annotations

import asyncio

import pytest

from anvcs.lsp.transport import BadFrameError, frame, frames


async def read(data: bytes) -> list[bytes]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return [body async for body in frames(reader)]


async def test_frames_are_read_back() -> None:
    bodies = [b"{}", "ä".encode(), b"", b"x" * 200_000]
    assert await read(b"".join(frame(body) for body in bodies)) == bodies
    assert await read(b"") == []


async def test_headers_are_read_as_other_clients_write_them() -> None:
    data = (
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n{}"
        b"CONTENT-LENGTH:  2 \r\nX: y\r\n\r\n[]"
    )
    assert await read(data) == [b"{}", b"[]"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello\r\n\r\n", "no Content-Length"),
        (b"Content-Length: -1\r\n\r\n", "no Content-Length"),
        (b"Content-Length: 5\r\n\r\n{}", "inside a message"),
        (b"Content-Length: 5", "inside a header"),
        (b"x" * 1000, "inside a header"),
        (b"x" * 200_000, "no end"),
        (b"x" * 200_000 + b"\r\n\r\n", "no end"),
    ],
)
async def test_what_is_no_frame_ends_the_reading(data: bytes, said: str) -> None:
    with pytest.raises(BadFrameError, match=said):
        await read(data)
