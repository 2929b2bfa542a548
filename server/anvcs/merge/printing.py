"""How merged lists are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from anvcs.merge.items import Item
from anvcs.merge.languages import Listing


def end_items(pieces: Sequence[tuple[list[bytes], Item]], spec: Listing) -> None:
    """End the items that others follow now, as the last one of a block in CSS need not end with a semicolon."""
    if spec.separator:
        # What is a list of its own, such as the constraints of a table, may bring the separator itself.
        for (parts, _), (following, _) in pairwise(pieces):
            if following[1].startswith(spec.separator):
                parts[2] = b""
                following[0] = following[0].lstrip(b" ")
    if spec.ends:
        for parts, item in pieces[:-1]:
            if item.node.type in spec.ended and not (parts[1] + parts[2]).rstrip().endswith(spec.ends):
                parts[2] = spec.ends
