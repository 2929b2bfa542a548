"""Where an update types, known without asking the engine, which walks the whole text to say so.

Most updates go on where the one before ended. A piece of text stands right behind the character that it names as its
origin, unless another piece with that same origin came before; so where the origin was typed by the update just
before, and nothing has come since, there is none. After characters at the end of what was typed are deleted, the first
deleted one is the only such piece, and a new one that names it as its right neighbour stands before it.
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
    right: tuple[int, int] | None
    """The only piece that has the character as its origin, right behind it; None if there is none."""


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
        if piece.origin != (caret.client, caret.clock - 1) or (caret.right is not None and piece.right != caret.right):
            return None
        going_on = piece.client == caret.client and piece.clock == caret.clock and caret.right is None
        return Guess(caret.offset, caret.offset, piece.text, _behind(piece, caret.offset, caret.run if going_on else 0))
    if held.removal is not None:
        client, clock, count = held.removal
        if client == caret.client and clock + count == caret.clock and count < caret.run:
            start = caret.offset - count
            return Guess(start, caret.offset, "", Caret(client, clock, start, caret.run - count, (client, clock)))
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
    return Caret(piece.client, piece.end, start + size, run, None)
