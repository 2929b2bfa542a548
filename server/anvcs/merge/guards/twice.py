"""Lines that both sides added alike and that stand twice in a merge, as where one commit came to both in two places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_LINES = 3
"""Lines in a row, that begin with one which is nowhere else, that nobody adds twice by chance,"""
_BYTES = 120
"""and how much they hold."""
_SHORT = 8
"""Bytes of lines that may stand anywhere, such as those that close a block."""


def twice(base: Sequence[bytes], left: Sequence[bytes], right: Sequence[bytes], merged: Sequence[bytes]) -> int | None:
    """The row at which what both sides added once begins to stand there a second time.

    All texts as lines without the white space around them.
    """
    both = (set(left) & set(right)).difference(base)
    if not both:
        return None
    counts = [Counter(line for line in lines if line in both) for lines in (left, right, merged)]
    doubled = {line for line in both if len(line) >= _SHORT and [count[line] for count in counts] == [1, 1, 2]}
    first: dict[bytes, int] = {}
    for row, line in enumerate(merged):
        if (
            line in doubled
            and first.setdefault(line, row) != row
            and _is_telling(merged[first[line] : row], merged[row:])
        ):
            return row
    return None


def _is_telling(one: Sequence[bytes], other: Sequence[bytes]) -> bool:
    """Two runs of lines begin with so much alike that it is no chance."""
    lines = size = 0
    for line, same in zip(one, other, strict=False):
        if line != same or (lines >= _LINES and size >= _BYTES):
            break
        lines += bool(line)
        size += len(line)
    return lines >= _LINES and size >= _BYTES
