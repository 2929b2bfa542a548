"""Frames, in whatever pieces they come."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.lsp.transport import BadFrameError, Frames, frame


def read(*pieces: bytes) -> list[bytes]:
    frames = Frames()
    bodies = [body for piece in pieces for body in frames.feed(piece)]
    frames.end()
    return bodies


@given(bodies=st.lists(st.binary(max_size=40), max_size=5), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_frames_are_read_back_in_whatever_pieces_they_come(bodies: list[bytes], cuts: list[int]) -> None:
    data = b"".join(frame(body) for body in bodies)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert read(*(data[start:end] for start, end in pairwise(edges))) == bodies


def test_a_long_message_is_read_back() -> None:
    body = b"x" * 3_000_000
    data = frame(body)
    assert read(*(data[at : at + 65536] for at in range(0, len(data), 65536))) == [body]


def test_headers_are_read_as_other_clients_write_them() -> None:
    data = (
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n{}"
        b"CONTENT-LENGTH:  2 \r\nX: y\r\n\r\n[]"
    )
    assert read(data) == [b"{}", b"[]"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello\r\n\r\n", "no Content-Length"),
        (b"Content-Length: -1\r\n\r\n", "no Content-Length"),
        (b"Content-Length: 5\r\n\r\n{}", "inside a message"),
        (b"Content-Length: 5\r\n\r\n", "inside a message"),
        (b"Content-Length: 5", "inside a message"),
        (b"x" * 10_000, "no end"),
        (b"x" * 10_000 + b"\r\n\r\n", "no end"),
    ],
)
def test_what_is_no_frame_ends_the_reading(data: bytes, said: str) -> None:
    with pytest.raises(BadFrameError, match=said):
        read(data)
