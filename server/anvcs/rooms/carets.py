"""Where an update types, known without asking the engine, which walks the whole text to say so.

Most updates go on where the one before ended. A piece of text stands right behind the character that it names as its
origin, unless another piece with that same origin came before; so where the origin was typed by the update just
before, and nothing has come since, there is none. After the end of what was typed is deleted, a new piece may name a
deleted character as well; only deleted ones can stand in between.
"""

from __future__ import annotations

from typing import NamedTuple

from anvcs.rooms.delta import Delta
from anvcs.rooms.updates import Contents, Insertion


class Caret(NamedTuple):
    """Right behind a character that was typed last."""

    client: int
    clock: int
    """One after the character's own."""
    offset: int
    """In code points."""
    run: int
    """How many characters before it were typed in one go, clock by clock."""
    reach: int
    """One after the clock of the last that was typed in one go with it: those behind it are deleted."""


class Guess(NamedTuple):
    """What an update must do."""

    start: int
    end: int
    text: str
    caret: Caret | None


def follow(caret: Caret | None, held: Contents) -> Guess | None:
    """What an update does that goes on at the caret; None for any other."""
    if caret is None:
        return None
    piece = held.insertion
    if piece is not None:
        if piece.origin is None or piece.origin[0] != caret.client:
            return None
        if not caret.clock <= piece.origin[1] + 1 <= caret.reach:
            return None
        going_on = piece.client == caret.client and piece.clock == caret.clock == caret.reach
        return Guess(caret.offset, caret.offset, piece.text, _behind(piece, caret.offset, caret.run if going_on else 0))
    if held.removal is not None:
        client, clock, count = held.removal
        if client == caret.client and clock + count == caret.clock and count < caret.run:
            start = caret.offset - count
            return Guess(start, caret.offset, "", Caret(client, clock, start, caret.run - count, caret.reach))
    return None


def after(piece: Insertion, delta: Delta) -> Caret | None:
    """The caret behind a piece of text that was all of an update, which changed this."""
    match delta:
        case (str() as text,) if text == piece.text:
            return _behind(piece, 0, 0)
        case (int() as start, str() as text) if start > 0 and text == piece.text:
            return _behind(piece, start, 0)
        case _:
            return None


def _behind(piece: Insertion, start: int, run: int) -> Caret:
    size = len(piece.text)
    # Clocks count UTF-16 units, so they tell single characters apart only where each has one.
    run = run + size if piece.end - piece.clock == size else 0
    return Caret(piece.client, piece.end, start + size, run, piece.end)
