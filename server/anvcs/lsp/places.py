"""Places in documents, light enough for what starts before pygls."""

from __future__ import annotations

import msgspec


class Position(msgspec.Struct, frozen=True):
    """A place in a document, in the client's units."""

    line: int
    character: int


class Range(msgspec.Struct, frozen=True):
    """From a place up to another."""

    start: Position
    end: Position
