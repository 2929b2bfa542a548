"""Old edits of a room as two blobs: who and when, which stays, and the text, which retention may drop."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, cast

import msgspec
import zstandard

from anvcs.errors import CorruptStoreError
from anvcs.rooms.delta import Delta
from anvcs.rooms.entries import Edit, How, Meta, Source

SPAN = 1024
"""Edits in a span."""
LEVEL = 9
_LIMIT = 1 << 30
"""Bytes that one blob may hold."""

encode_value: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The columns of a span that say who and when."""

    first: int
    actors: list[str]
    """Each once."""
    actor: list[int]
    client: list[int]
    times: list[int]
    """The first, then differences."""
    hows: list[How]
    epochs: list[int]
    metas: list[Meta | None]


class _Body(msgspec.Struct, frozen=True, array_like=True):
    updates: list[bytes]
    deltas: list[Delta]


class Packed(NamedTuple):
    """A span as it is stored."""

    head: bytes
    body: bytes


_HEAD = msgspec.msgpack.Decoder(Head)
_CONTENT = msgspec.msgpack.Decoder(tuple[int, str, int, int, How, bytes, Delta, Meta | None])
_BODY = msgspec.msgpack.Decoder(_Body)


def compress(data: bytes, level: int = LEVEL) -> bytes:
    """Bytes that zstd checks itself when they are read."""
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress(data)


def expand(data: bytes) -> bytes:
    """What was compressed. Raises CorruptStoreError."""
    try:
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=_LIMIT)
    except zstandard.ZstdError as error:
        raise CorruptStoreError(
            f"A part of the room log is damaged: {error}.", "Run ai-vcs doctor to see what is wrong."
        ) from error


def checksum(data: bytes) -> int:
    """A number that a flipped bit changes."""
    return zlib.crc32(data)


def edit_crc(room: int, seq: int, content: bytes) -> int:
    """The checksum of an edit at its place in the log."""
    return zlib.crc32(content, (room << 16 ^ seq) & 0xFFFFFFFF)


def read_edit(seq: int, content: bytes) -> Edit:
    """An edit that is not packed. Raises CorruptStoreError."""
    try:
        epoch, actor, client, time, how, update, delta, meta = _CONTENT.decode(content)
    except msgspec.DecodeError as error:
        raise CorruptStoreError("An edit cannot be read.", "Run ai-vcs doctor to see what is wrong.") from error
    return Edit(seq, epoch, actor, client, time, how, update, delta, meta)


def pack(edits: Sequence[Edit]) -> Packed:
    """Neighbouring edits as a span."""
    actors = list(dict.fromkeys(edit.actor for edit in edits))
    place = {actor: number for number, actor in enumerate(actors)}
    times = [edit.time for edit in edits]
    head = Head(
        edits[0].seq,
        actors,
        [place[edit.actor] for edit in edits],
        [edit.client for edit in edits],
        [times[0], *(after - before for before, after in pairwise(times))],
        [edit.how for edit in edits],
        [edit.epoch for edit in edits],
        [edit.meta for edit in edits],
    )
    body = _Body([edit.update for edit in edits], [edit.delta for edit in edits])
    return Packed(pack_head(head), compress(encode_value(body)))


def pack_head(head: Head) -> bytes:
    """The columns as bytes."""
    return compress(encode_value(head))


def unpack_head(data: bytes) -> Head:
    """The columns. Raises CorruptStoreError."""
    try:
        return _HEAD.decode(expand(data))
    except msgspec.DecodeError as error:
        raise CorruptStoreError(
            "A part of the room log is damaged.", "Run ai-vcs doctor to see what is wrong."
        ) from error


def unpack(packed: Packed) -> list[Edit]:
    """The edits of a span. Raises CorruptStoreError."""
    head = unpack_head(packed.head)
    try:
        body = _BODY.decode(expand(packed.body))
    except msgspec.DecodeError as error:
        raise CorruptStoreError(
            "A part of the room log is damaged.", "Run ai-vcs doctor to see what is wrong."
        ) from error
    columns = zip(sources(head), head.client, body.updates, body.deltas, strict=True)
    return [
        Edit(each.seq, each.epoch, each.actor, client, each.time, each.how, update, delta, each.meta)
        for each, client, update, delta in columns
    ]


def sources(head: Head) -> list[Source]:
    """Where the text of a span's edits came from."""
    columns = zip(head.actor, head.hows, accumulate(head.times), head.epochs, head.metas, strict=True)
    return [
        Source(seq, head.actors[actor], how, time, epoch, meta)
        for seq, (actor, how, time, epoch, meta) in enumerate(columns, head.first)
    ]


def without_metas(head: Head) -> Head:
    """The same without what was said beside the edits."""
    return msgspec.structs.replace(head, metas=cast("list[Meta | None]", [None] * len(head.metas)))
