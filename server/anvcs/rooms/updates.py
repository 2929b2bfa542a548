"""The bytes of a Yjs update (format 1), read in full before the engine sees them.

Only what a plain text is made of is let through: text, deletions, gaps. Everything else a Yjs document can hold (maps,
embedded objects, formats, other roots) is refused here, and so are bytes that are no update at all, on some of which
the engine panics. Source: lib0 encoding and yjs ``UpdateEncoderV1``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from anvcs.errors import BadUpdateError

ROOT = b"text"
"""The name of the one text in a document."""
_GC, _DELETED, _STRING, _SKIP = 0, 1, 4, 10
_ORIGIN, _RIGHT_ORIGIN, _PARENT_SUB = 0x80, 0x40, 0x20
_CLOCKS = 1 << 31
"""The engine counts the edits of a client in 32 bits."""
_PAIR = re.compile("[\U00010000-\U0010ffff]")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0
        self.needs: dict[int, int] = {}
        self.whole = True
        self.structs = 0
        self.origin: tuple[int, int] | None = None
        self.right: tuple[int, int] | None = None
        self.text = ""
        """Of the last struct."""
        self.removed: list[tuple[int, int, int]] = []
        self.pairs: list[tuple[int, int]] = []
        self.cuts: list[tuple[int, int]] | None = None
        self._known = b"\0"
        self._client = 0

    def number(self) -> int:
        data, place = self.data, self.place
        byte = data[place]
        place += 1
        if byte < 0x80:
            self.place = place
            return byte
        value, shift = byte & 0x7F, 7
        while byte & 0x80:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 70:
                raise ValueError("a number is too long")
        self.place = place
        return value

    def client(self) -> int:
        """A client id: long, and mostly the same again."""
        start = self.place
        if self.data.startswith(self._known, start):
            self.place = start + len(self._known)
            return self._client
        self._client = self.number()
        self._known = self.data[start : self.place]
        return self._client

    def need(self, client: int, end: int) -> None:
        """Note that something stands on a client's edits before this clock."""
        if end > self.needs.get(client, 0):
            if end >= _CLOCKS:
                raise ValueError("a clock is too high")
            self.needs[client] = end

    def bytes(self) -> bytes:
        length = self.number()
        end = self.place + length
        found = self.data[self.place : end]
        if len(found) != length:
            raise ValueError("a string is cut off")
        self.place = end
        return found


class Insertion(NamedTuple):
    """One piece of text."""

    client: int
    clock: int
    """Of its first character."""
    end: int
    origin: tuple[int, int] | None
    """The character that stood left of it where it was typed."""
    right: tuple[int, int] | None
    text: str


class Contents(NamedTuple):
    """What an update holds."""

    clients: dict[int, tuple[int, int]]
    """Whose edits: each client's first clock and the one after its last."""
    needs: dict[int, int]
    """What it stands on or deletes: for each client the clock up to which its edits must be there."""
    whole: bool
    """No client's edits have a gap."""
    insertion: Insertion | None
    """All that it holds, if that is one piece of text."""
    removal: tuple[int, int, int] | None
    """All that it holds, if that is one deletion: a client, a clock and how many."""
    pairs: list[tuple[int, int]]
    """Where a character of its text would be cut in two: clients and the clocks of second halves."""

    def stands_on(self, clocks: Mapping[int, int]) -> bool:
        """Whether all that it builds on is there: ``clocks`` are the edits of each client that are."""
        for client, (first, _) in self.clients.items():
            if first > clocks.get(client, 0):
                return False
        for client, end in self.needs.items():
            if end > clocks.get(client, 0) and (client not in self.clients or end > self.clients[client][1]):
                return False
        return self.whole


def clients(update: bytes) -> dict[int, tuple[int, int]]:
    """Whose edits an update holds: each client's first clock and the one after its last.

    Raises BadUpdateError for bytes that are no update of a plain text.
    """
    return contents(update).clients


def contents(update: bytes) -> Contents:
    """Whose edits an update holds, and what they stand on. Raises BadUpdateError."""
    return _one_piece(update) or _one_removal(update) or _all_contents(update)


# Nearly all updates are of one of two shapes, which expressions read in half the time that the reader takes.

_NUMBER = rb"([\x80-\xff]{0,8}[\x00-\x7f])"
_PIECE = re.compile(
    rb"\x01\x01" + _NUMBER * 2 + rb"(?:\x84" + _NUMBER * 2 + rb"|\xc4" + _NUMBER * 4 + rb")" + _NUMBER + rb"(.+)\x00",
    re.DOTALL,
)
_REMOVAL = re.compile(rb"\x00\x01" + _NUMBER + rb"\x01" + _NUMBER * 2)


def _number(raw: bytes) -> int:
    value = 0
    for byte in reversed(raw):
        value = value << 7 | byte & 0x7F
    return value


_client = lru_cache(1024)(_number)
"""Client ids are long, and mostly the same again."""


def _one_piece(update: bytes) -> Contents | None:
    """The contents of an update that is one piece of ASCII text behind another."""
    match = _PIECE.fullmatch(update)
    if match is None:
        return None
    raw, first, left, before, left2, before2, right, after, size, encoded = match.groups()
    if len(encoded) != _number(size) or not encoded.isascii():
        return None
    client, clock, text = _client(raw), _number(first), encoded.decode("ascii")
    end = clock + len(text)
    neighbour = None
    if right is None:
        origin = _client(left), _number(before)
        needs = {origin[0]: origin[1] + 1}
    else:
        origin, neighbour = (_client(left2), _number(before2)), (_client(right), _number(after))
        needs = {origin[0]: origin[1] + 1}
        needs[neighbour[0]] = max(needs.get(neighbour[0], 0), neighbour[1] + 1)
    if max(end, *needs.values()) >= _CLOCKS:
        return None
    piece = Insertion(client, clock, end, origin, neighbour, text)
    return Contents({client: (clock, end)}, needs, True, piece, None, [])


def _one_removal(update: bytes) -> Contents | None:
    """The contents of an update that is one deletion."""
    match = _REMOVAL.fullmatch(update)
    if match is None:
        return None
    client, clock, count = _client(match[1]), _number(match[2]), _number(match[3])
    if not count or clock + count >= _CLOCKS:
        return None
    return Contents({}, {client: clock + count}, True, None, (client, clock, count), [])


def _all_contents(update: bytes) -> Contents:
    reader = _Reader(update)
    found = _read(reader)
    insertion = removal = None
    if reader.structs == 1 and not reader.removed and reader.text:
        client, (first, end) = next(iter(found.items()))
        insertion = Insertion(client, first, end, reader.origin, reader.right, reader.text)
    elif not reader.structs and len(reader.removed) == 1:
        removal = reader.removed[0]
    return Contents(found, reader.needs, reader.whole, insertion, removal, reader.pairs)


def cuts(update: bytes) -> list[tuple[int, int]]:
    """Before which clocks of which clients an update puts something, or begins or ends to delete."""
    found: list[tuple[int, int]] = []
    reader = _Reader(update)
    reader.cuts = found
    _read(reader)
    return found


def pairs(text: str, client: int, clock: int) -> list[tuple[int, int]]:
    """The clocks of second halves in a text whose first half has this one: characters with two UTF-16 units."""
    return [(client, clock + match.start() + number) for number, match in enumerate(_PAIR.finditer(text), 1)]


def _read(reader: _Reader) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    try:
        for _ in range(reader.number()):
            count, client, clock = reader.number(), reader.client(), reader.number()
            first = clock
            for _ in range(count):
                clock += _struct(reader, client, clock)
            _check(client not in found and count > 0, "a client comes twice or without edits")
            _check(clock < _CLOCKS, "a clock is too high")
            found[client] = (first, clock)
        _deletions(reader)
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        reason = "it is cut off" if isinstance(error, IndexError) else str(error)
        raise BadUpdateError(
            f"The bytes are no update of a plain text: {reason}.", "Send a Yjs update (format 1) of a text."
        ) from error
    return found


def _struct(reader: _Reader, client: int, clock: int) -> int:
    """Pass one struct; gives its length in clocks."""
    info = reader.data[reader.place]
    reader.place += 1
    reader.structs += 1
    reader.origin = reader.right = None
    kind = info & 0x1F
    if kind in (_GC, _SKIP):
        reader.whole &= kind == _GC
        return _length(reader)
    if kind not in (_DELETED, _STRING):
        raise ValueError("it holds more than text")
    if info & _ORIGIN:
        reader.origin = left, before = reader.client(), reader.number()
        reader.need(left, before + 1)
    if info & _RIGHT_ORIGIN:
        reader.right = right, after = reader.client(), reader.number()
        reader.need(right, after + 1)
    if reader.cuts is not None:
        reader.cuts += [(each[0], each[1] + 1) for each in (reader.origin,) if each]
        reader.cuts += [each for each in (reader.right,) if each]
    if not info & (_ORIGIN | _RIGHT_ORIGIN):
        _parent(reader)
        if info & _PARENT_SUB:
            raise ValueError("it holds a map")
    if kind == _DELETED:
        return _length(reader)
    reader.text = text = reader.bytes().decode("utf-8")
    if not text:
        raise ValueError("it inserts nothing")
    if text.isascii():
        return len(text)
    halves = pairs(text, client, clock)
    reader.pairs += halves
    return len(text) + len(halves)


def _parent(reader: _Reader) -> None:
    named = reader.number()
    if named == 1:
        if reader.bytes() != ROOT:
            raise ValueError(f"it is not about the text named {ROOT.decode()!r}")
    else:
        raise ValueError("it holds something inside something else")


def _length(reader: _Reader) -> int:
    length = reader.number()
    if length < 1:
        raise ValueError("a piece has no length")
    return length


def _deletions(reader: _Reader) -> None:
    for _ in range(reader.number()):
        client = reader.client()
        for _ in range(reader.number()):
            clock, length = reader.number(), _length(reader)
            reader.need(client, clock + length)
            reader.removed.append((client, clock, length))
            if reader.cuts is not None:
                reader.cuts += [(client, clock), (client, clock + length)]
    _check(reader.place == len(reader.data), "something follows its end")


def _check(right: bool, wrong: str) -> None:
    if not right:
        raise ValueError(wrong)


def state_vector(state: bytes) -> dict[int, int]:
    """What a copy has: for each client the clock after its last edit. Raises BadUpdateError."""
    reader = _Reader(state)
    try:
        found = {reader.number(): reader.number() for _ in range(reader.number())}
        _check(reader.place == len(state), "something follows its end")
    except (IndexError, ValueError) as error:
        raise BadUpdateError("The bytes are no Yjs state vector.", "Send a state vector (format 1).") from error
    return found
