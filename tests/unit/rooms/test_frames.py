"""The bytes on a room's socket: what Yjs clients send is read, everything else is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.rooms import frames
from anvcs.rooms.frames import Awareness, Edit, FrameError, Query, Reader, State, Step1, Told, Update

NUMBERS = st.integers(0, frames.MAX_NUMBER)
STATES = st.lists(st.builds(State, NUMBERS, NUMBERS, st.text(max_size=50)), max_size=5)


@given(NUMBERS)
def test_a_number_is_read_back(value: int) -> None:
    reader = Reader(frames.number(value))
    assert reader.number() == value
    reader.end()


@given(st.binary(max_size=300), STATES, st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_every_message_is_read_back(data: bytes, states: list[State], body: dict[str, str]) -> None:
    assert frames.read(frames.step1(data)) == Step1(data)
    assert frames.read(frames.step2(data)) == Update(data, answer=True)
    assert frames.read(frames.update(data)) == Update(data)
    assert frames.read(frames.awareness(states)) == Awareness(tuple(states))
    assert frames.read(frames.query()) == Query()
    assert frames.read(frames.denied("no é")) == frames.Auth("no é")
    assert frames.read(frames.told(body)) == Told(body)
    assert frames.read(frames.edit(body, data)) == Edit(body, data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    with suppress(FrameError):
        frames.read(data)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (b"", False),
        (b"\x09\x00", False),
        (b"\x00", False),
        (b"\x00\x07\x00", False),
        (b"\x00\x02\xff\xff\xff", False),
        (b"\x00\x02\x7fabc", False),
        (b"\x01\x03\x01\x02\x03", False),
        (b"\x01\x05\x01\x01\x01\x01\xff", True),
        (b"\x00\x02\x03abcd", False),
        (b"\x79\x01{\x00", True),
        (b"\x79\x02[]\x00", True),
        (b"\x00\x02" + b"\xff" * 20, False),
        (b"\x02\x07", False),
    ],
)
def test_malformed_frames_are_refused_with_their_close_code(frame: bytes, text: bool) -> None:
    with pytest.raises(FrameError) as caught:
        frames.read(frame)
    assert caught.value.text is text


def test_bytes_are_those_of_y_protocols() -> None:
    assert frames.step1(b"\x00") == b"\x00\x00\x01\x00"
    assert frames.number(300) == b"\xac\x02"
    assert frames.awareness([State(1, 2, '{"a":1}')]) == b"\x01\x0b\x01\x01\x02\x07" + b'{"a":1}'


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(FrameError, match="awareness"):
        frames.read(frames.awareness([State(1, 1, "x" * (frames.MAX_AWARENESS + 1))]))
    with pytest.raises(FrameError, match="clients"):
        frames.read_states(frames.number(frames.MAX_CLIENTS + 1))
    with pytest.raises(FrameError, match="JSON"):
        frames.read(frames.edit({"a": "x" * frames.MAX_HEADER}, b""))
    with pytest.raises(FrameError, match="too large"):
        Reader(b"\xff" * 8 + b"\x01").number()


def test_a_state_vector_is_read() -> None:
    assert frames.state_vector(b"\x02\x01\x05\x02\x00") == {1: 5, 2: 0}
    with pytest.raises(FrameError):
        frames.state_vector(b"\x05\x01")
