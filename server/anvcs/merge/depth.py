"""Which texts are nested too deeply for a grammar whose scanner cannot bear any depth.

tree-sitter keeps what a scanner knows in 1,024 bytes. That of YAML writes four for each level without looking whether
there is room: from about 250 levels on, which 500 bytes can hold, the process ends.
"""

from __future__ import annotations

import re

DEEPEST = 100
"""Columns: a level begins at a column, and a mapping and a sequence may share one."""
UNREADABLE = b"]"
"""What is no syntax at all."""
_DEEP = re.compile(rb"(?:^|\n)[ \t?:-]{%d}" % (DEEPEST + 1))

_BRACKETS = re.compile(rb"[][(){}]")


def is_nested(text: bytes, limit: int) -> bool:
    """Whether more brackets than ``limit`` are open at a time, as if none stood in texts and comments."""
    if text.count(b"(") + text.count(b"[") + text.count(b"{") <= limit:
        return False
    deepest = depth = 0
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] in b"[({" else -1
        deepest = max(deepest, depth)
    return deepest > limit


def is_too_deep(text: bytes) -> bool:
    """Whether a line of YAML may begin so many levels; ``-``, ``?`` and ``:`` before a value begin levels too."""
    return _DEEP.search(text) is not None
