"""Neighbouring segments of a room's text, kept encoded while nobody changes them."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from anvcs.errors import CorruptStoreError

_NO_TEXTS: list[str] = []
_NO_EVENTS: list[tuple[int, ...]] = []
_NO_SIZES: list[int] = []


class Chunk:
    """Some neighbouring segments."""

    __slots__ = ("alive", "events", "newest", "packed", "sizes", "texts")

    def __init__(self, packed: bytes | None = None, alive: int = 0, newest: int = 0) -> None:
        self.packed = packed
        """The segments encoded; none while it is being changed."""
        self.alive = alive
        self.newest = newest
        """The newest edit that touched any of them."""
        # Thousands of closed chunks share their empty lists, which nobody changes.
        closed = packed is not None
        self.texts: list[str] = _NO_TEXTS if closed else []
        self.events: list[tuple[int, ...]] = _NO_EVENTS if closed else []
        self.sizes: list[int] = _NO_SIZES if closed else []
        """The lengths of what is alive, else 0; empty while only the encoded form is there."""

    def open(self) -> None:
        """Have the segments at hand, to be changed."""
        if not self.sizes and self.packed is not None:
            self.texts, self.events = decode_segments(self.packed)
            self.sizes = sizes_of(self.texts, self.events)

    def close(self) -> None:
        """Keep the encoded form alone."""
        self.pack()
        self.texts, self.events, self.sizes = _NO_TEXTS, _NO_EVENTS, _NO_SIZES

    def segments(self) -> tuple[list[str], list[tuple[int, ...]]]:
        """Texts and events, decoded just for this where need be."""
        if self.packed is None or self.sizes:
            return self.texts, self.events
        return decode_segments(self.packed)

    def pack(self) -> bytes:
        """The encoded form."""
        if self.packed is None:
            self.packed = ENCODER.encode((self.texts, self.events))
        return self.packed


_Packed: TypeAlias = tuple[list[str], list[tuple[int, ...]]]
ENCODER = msgspec.msgpack.Encoder()
_CHUNK = msgspec.msgpack.Decoder(_Packed)


def decode_segments(packed: bytes) -> _Packed:
    """Texts and events of an encoded chunk. Raises CorruptStoreError."""
    try:
        return _CHUNK.decode(packed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise damaged() from error


def damaged() -> CorruptStoreError:
    """What is raised for bytes that are no attribution."""
    return CorruptStoreError("A room's attribution is damaged.", "Run ai-vcs doctor to see what is wrong.")


def sizes_of(texts: list[str], events: list[tuple[int, ...]]) -> list[int]:
    """How much of each segment is alive."""
    return [len(text) if len(each) & 1 else 0 for text, each in zip(texts, events, strict=True)]
