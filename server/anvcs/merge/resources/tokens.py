"""The tokens of a text that mean something, and hashes over them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from blake3 import blake3

from anvcs.merge.resources.parsing import Match

WORDS = re.compile(rb"[\w$\x80-\xff]+|[^\s\w$\x80-\xff]")
"""Names and numbers, and every other character that is no white space."""
_SIZE = 16


class Tokens:
    """All tokens of a text: no comments, no white space, each string literal whole, the ends of blocks shown."""

    def __init__(self, text: bytes, names: Match) -> None:
        self._text = text
        self._wholes = _wholes(names)
        self._starts = [start for start, _, _ in self._wholes]

    def within(self, parts: Iterable[tuple[int, int]]) -> list[bytes]:
        """The tokens that begin in these parts."""
        text, wholes, find = self._text, self._wholes, WORDS.findall
        found: list[bytes] = []
        for first, last in parts:
            place = first
            for start, end, shown in wholes[bisect_left(self._starts, first) : bisect_left(self._starts, last)]:
                if start < place:
                    continue
                found += find(text, place, start)
                if shown:
                    found.append(shown if start == end else text[start:end])
                place = end
            found += find(text, place, last)
        return found


def _wholes(names: Match) -> list[tuple[int, int, bytes]]:
    """What is not cut into words: where it begins and ends, and what stands for it; nothing for comments."""
    found = [(node.start_byte, node.end_byte, b"") for node in names.get("comment", ())]
    found += [(node.start_byte, node.end_byte, b'"') for node in names.get("string", ())]
    for node in names.get("block", ()):
        start, end = node.start_byte, node.end_byte
        found += [(start, start, b"{"), (end, end, b"}")]
    return sorted(found)


def digest(tokens: Sequence[bytes]) -> bytes:
    """The hash of tokens in their order."""
    return blake3(b"\0".join(tokens)).digest(_SIZE)
