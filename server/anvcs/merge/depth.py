"""Which texts are nested too deeply for a grammar whose scanner cannot bear any depth.

tree-sitter keeps what a scanner knows in 1,024 bytes. That of YAML writes four for each level without looking whether
there is room: from about 250 levels on, which 500 bytes can hold, the process ends.
"""

from __future__ import annotations

import re
from itertools import accumulate

DEEPEST = 100
"""Columns: a level begins at a column, and a mapping and a sequence may share one."""
UNREADABLE = b"]"
"""What is no syntax at all."""
_DEEP = re.compile(rb"(?:^|\n)[ \t?:-]{%d}" % (DEEPEST + 1))

_STEPS = {bracket: 1 if bracket in b"([{" else -1 for bracket in b"()[]{}"}
_OTHERS = bytes(set(range(256)) - _STEPS.keys())


def is_nested(text: bytes, limit: int) -> bool:
    """Whether more brackets than ``limit`` are open at a time, as if none stood in texts and comments."""
    if text.count(b"(") + text.count(b"[") + text.count(b"{") <= limit:
        return False
    brackets = text.translate(None, _OTHERS)
    return max(accumulate(map(_STEPS.__getitem__, brackets))) > limit


def is_too_deep(text: bytes) -> bool:
    """Whether a line of YAML may begin so many levels; ``-``, ``?`` and ``:`` before a value begin levels too."""
    return _DEEP.search(text) is not None
