"""Where a page of the graph ended: everything the next one needs, in one short text that the client hands back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

import msgspec

from anvcs.errors import UsageError
from anvcs.wire import OpenLane

Lines = tuple[tuple[int, bytes], ...]
"""Lane and Git id of the parent of each line that leads further down."""


class IndexCursor(msgspec.Struct, frozen=True, array_like=True, tag="i"):
    """A page that came from the row index."""

    filters: bytes
    """The digest of the filters, which must be the same on the next page."""
    since: int | None
    epoch: bytes
    version: int
    below: int
    """The number of the last row shown."""
    lines: Lines


class GitCursor(msgspec.Struct, frozen=True, array_like=True, tag="g"):
    """A page that came straight from git, whose order depends on nothing but the heads."""

    filters: bytes
    since: int | None
    heads: bytes
    """Git ids joined."""
    topological: bool
    skip: int
    """How many commits git has gone through."""
    lines: Lines


Cursor = IndexCursor | GitCursor
_decoder = msgspec.msgpack.Decoder(Cursor)


def encode(cursor: Cursor) -> str:
    """The cursor as text."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode("ascii").rstrip("=")


def decode(text: str) -> Cursor:
    """The cursor of a text. Raises UsageError for anything that ``encode`` did not give."""
    try:
        cursor = _decoder.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise UsageError(f"{text[:40]!r} is not the end of a page.", "Ask for the first page again.") from None
    sane = all(0 <= lane < 1 << 20 and len(parent) == 20 for lane, parent in cursor.lines)
    number = cursor.below if isinstance(cursor, IndexCursor) else cursor.skip
    if not sane or not 0 <= number < 1 << 62 or (isinstance(cursor, GitCursor) and len(cursor.heads) % 20):
        raise UsageError(f"{text[:40]!r} is not the end of a page.", "Ask for the first page again.")
    return cursor


def lines_of(lanes: Iterable[OpenLane]) -> Lines:
    """Open lanes as the cursor keeps them."""
    return tuple((line.lane, bytes.fromhex(line.parent)) for line in lanes)


def lanes_of(lines: Lines) -> tuple[OpenLane, ...]:
    """The open lanes that a cursor kept."""
    return tuple(OpenLane(lane=lane, parent=parent.hex()) for lane, parent in lines)
