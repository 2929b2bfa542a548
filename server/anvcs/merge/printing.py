"""How merged lists are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from anvcs.merge.languages import Listing
from anvcs.merge.sequence import RefusedError, Slot

Piece = tuple[list[bytes], Slot]
"""The texts of an item before, in, after it and up to the next, and whose they are."""


def end_items(pieces: Sequence[Piece], spec: Listing) -> None:
    """End the items that others follow now, as the last one of a block in CSS need not end with a semicolon."""
    if spec.separator:
        # What is a list of its own, such as the constraints of a table, may bring the separator itself.
        for (parts, _), (following, _) in pairwise(pieces):
            if following[1].startswith(spec.separator):
                parts[2] = b""
                following[0] = following[0].lstrip(b" ")
    if spec.ends:
        for parts, slot in pieces[:-1]:
            if slot.any.node.type in spec.ended and not (parts[1] + parts[2]).rstrip().endswith(spec.ends):
                parts[2] = spec.ends


def starts_line(slot: Slot) -> bool:
    """Whether an item begins a line in the merge, as whoever changed that wants it."""
    base, left, right = slot.base, slot.left, slot.right
    if slot.clash is not None or base is None or left is None or right is None:
        return slot.any.starts_line
    return right.starts_line if left.starts_line == base.starts_line else left.starts_line


def fit(pieces: Sequence[Piece], spec: Listing, eol: bytes) -> list[bool]:
    """Which pieces begin a line, once what one side inserted is laid out as the other side laid out the list anew.

    Raises RefusedError where a comment is in the way.
    """
    starts = [starts_line(slot) for _, slot in pieces]
    kept = [
        (slot.left, slot.right, start)
        for (_, slot), start in zip(pieces, starts, strict=True)
        if slot.clash is None and slot.base is not None and slot.left is not None and slot.right is not None
    ]
    if not spec.separator or not kept or len({start for *_, start in kept}) > 1:
        return starts
    wanted = kept[0][2]
    for index, (parts, slot) in enumerate(pieces):
        if slot.base is not None or starts[index] == wanted or (slot.left is None) == (slot.right is None):
            continue
        if all((left if slot.left is not None else right).starts_line != wanted for left, right, _ in kept):
            if parts[0].strip() or parts[3].strip():
                raise RefusedError("shape", "one side laid out the list anew, the other added a comment in it")
            parts[0], parts[3] = (b"", eol) if wanted else (b" " if index else b"", b"")
            starts[index] = wanted
    return starts
