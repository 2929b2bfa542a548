"""The bytes on a room's socket: lib0 numbers, y-protocols sync and awareness, and our two messages beside them.

Everything is checked before it is given on: a frame is taken whole or refused.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import msgspec

from anvcs.errors import RelayError

SYNC, AWARENESS, AUTH, QUERY = 0, 1, 2, 3
"""Kinds of messages that any Yjs client knows."""
TOLD, EDIT = 120, 121
"""Ours: what the relay tells a client, and an edit with what is known of it."""

MAX_NUMBER = 2**53 - 1
"""The largest number that JavaScript reads right."""
MAX_HEADER = 64 << 10
"""Bytes of the JSON before an edit."""
MAX_AWARENESS = 64 << 10
"""Bytes of one awareness message."""
MAX_CLIENTS = 256
"""Clients in one awareness message."""


class FrameError(RelayError):
    """A frame that is none: ``text`` tells which close code fits (1007 for bad text, 1008 for the rest)."""

    code = "bad-frame"

    def __init__(self, message: str, *, text: bool = False) -> None:
        super().__init__(message, "Use a Yjs client, or ours, of a version that fits this relay.")
        self.text = text


class Step1(NamedTuple):
    """The sender has what this state vector says and asks for the rest."""

    state: bytes


class Update(NamedTuple):
    """Edits: an answer to a Step1 (``answer``), or as they happen."""

    update: bytes
    answer: bool = False


class State(NamedTuple):
    """What one client says about itself; ``state`` is JSON, ``null`` when it leaves."""

    client: int
    clock: int
    state: str


class Awareness(NamedTuple):
    """What clients say about themselves."""

    states: tuple[State, ...]


class Query(NamedTuple):
    """Asks for everybody's awareness."""


class Auth(NamedTuple):
    """Permission is granted or denied; here only refused ones are known to Yjs clients."""

    reason: str


class Told(NamedTuple):
    """Something the relay says in JSON: ``acked``, ``seq``, ``error`` and the like."""

    body: dict[str, Any]


class Edit(NamedTuple):
    """An update and what its writer knows of it: ``how``, ``meta``."""

    header: dict[str, Any]
    update: bytes


Frame: TypeAlias = Step1 | Update | Awareness | Query | Auth | Told | Edit


class Reader:
    """Reads one message from its first byte to its last."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self) -> int:
        """A lib0 varUint. Raises FrameError for one that is cut off or too large."""
        value = shift = 0
        while True:
            if self._place >= len(self._data):
                raise FrameError("A number is cut off.")
            byte = self._data[self._place]
            self._place += 1
            value |= (byte & 0x7F) << shift
            if value > MAX_NUMBER:
                raise FrameError("A number is too large.")
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise FrameError("A number is too long.")

    def data(self) -> bytes:
        """Bytes with their length before them. Raises FrameError if they are cut off."""
        length = self.number()
        end = self._place + length
        if end > len(self._data):
            raise FrameError(f"{length} bytes were announced and {len(self._data) - self._place} came.")
        found = self._data[self._place : end]
        self._place = end
        return found

    def text(self) -> str:
        """A string. Raises FrameError if it is not UTF-8."""
        try:
            return self.data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise FrameError(f"Text that is not UTF-8: {error.reason}.", text=True) from error

    def end(self) -> None:
        """Raises FrameError if anything is left."""
        if self._place != len(self._data):
            raise FrameError(f"{len(self._data) - self._place} bytes are left after the message.")


def read(frame: bytes) -> Frame:
    """The message in a frame. Raises FrameError; nothing else, whatever the bytes are."""
    reader = Reader(frame)
    kind = reader.number()
    found = _read(kind, reader)
    reader.end()
    return found


def _read(kind: int, reader: Reader) -> Frame:
    if kind == SYNC:
        step = reader.number()
        if step > 2:
            raise FrameError(f"A sync message of unknown kind {step}.")
        data = reader.data()
        return Step1(data) if step == 0 else Update(data, answer=step == 1)
    if kind == AWARENESS:
        return Awareness(read_states(reader.data()))
    if kind == QUERY:
        return Query()
    if kind == AUTH:
        if reader.number() != 0:
            raise FrameError("An auth message of unknown kind.")
        return Auth(reader.text())
    if kind == TOLD:
        return Told(_json(reader.data()))
    if kind == EDIT:
        return Edit(_json(reader.data()), reader.data())
    raise FrameError(f"A message of unknown kind {kind}.")


def read_states(data: bytes) -> tuple[State, ...]:
    """The states in an awareness update, their JSON not yet looked at. Raises FrameError."""
    if len(data) > MAX_AWARENESS:
        raise FrameError(f"{len(data)} bytes of awareness are more than {MAX_AWARENESS}.")
    reader = Reader(data)
    count = reader.number()
    if count > MAX_CLIENTS:
        raise FrameError(f"{count} clients in one awareness message are more than {MAX_CLIENTS}.")
    found = tuple(State(reader.number(), reader.number(), reader.text()) for _ in range(count))
    reader.end()
    return found


def state_vector(data: bytes) -> dict[int, int]:
    """How far a document has each client's edits. Raises FrameError."""
    reader = Reader(data)
    found = {reader.number(): reader.number() for _ in range(reader.number())}
    reader.end()
    return found


def _json(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_HEADER:
        raise FrameError(f"{len(data)} bytes of JSON are more than {MAX_HEADER}.")
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise FrameError(f"JSON that cannot be read: {error}.", text=True) from error


def number(value: int) -> bytes:
    """A lib0 varUint."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def data(value: bytes) -> bytes:
    """Bytes with their length before them."""
    return number(len(value)) + value


def step1(state: bytes) -> bytes:
    """Asks for what is beyond a state vector."""
    return b"\x00\x00" + data(state)


def step2(update: bytes) -> bytes:
    """Answers a Step1."""
    return b"\x00\x01" + data(update)


def update(update: bytes) -> bytes:
    """Edits as they happen."""
    return b"\x00\x02" + data(update)


def awareness(states: tuple[State, ...] | list[State]) -> bytes:
    """What clients say about themselves."""
    body = b"".join(number(each.client) + number(each.clock) + data(each.state.encode()) for each in states)
    return b"\x01" + data(number(len(states)) + body)


def query() -> bytes:
    """Asks for everybody's awareness."""
    return b"\x03"


def denied(reason: str) -> bytes:
    """Says to a Yjs client that it is not let in, or not any more."""
    return b"\x02\x00" + data(reason.encode())


def told(body: dict[str, Any]) -> bytes:
    """What the relay tells a client of ours."""
    return number(TOLD) + data(msgspec.json.encode(body))


def edit(header: dict[str, Any], update: bytes) -> bytes:
    """An update with what its writer knows of it."""
    return number(EDIT) + data(msgspec.json.encode(header)) + data(update)
