"""What formatters change beside white space: code that differs in nothing else says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from anvcs.merge.languages import Profile

OPENING, CLOSING = frozenset({b"(", b"[", b"{"}), frozenset({b")", b"]", b"}"})
"""Brackets."""
_MAY_DIFFER = re.compile(rb"[\s,;()]+")


def may_be_alike(one: bytes, other: bytes) -> bool:
    """Whether two texts can say the same; a glance only, before both are read."""
    return _MAY_DIFFER.sub(b"", one) == _MAY_DIFFER.sub(b"", other)


def plain(profile: Profile, text: bytes, node: Node) -> list[bytes]:
    """A node's tokens without optional ends, commas before closing brackets, and brackets around a lone parameter.

    A string and a comment are one token. What makes a tuple of one item stays.
    """
    out: list[bytes] = []
    opened: list[int] = []
    for token in _tokens(profile, text, node):
        if token in OPENING:
            opened.append(len(out))
        elif token in CLOSING and opened:
            start = opened.pop()
            if out[-1] == b"," and _means_nothing(out, start, profile.keywords):
                out.pop()
        elif token == b">" and out[-1:] == [b","]:
            out.pop()
        elif token == b"=>" and len(out) > 2 and (out[-3], out[-1]) == (b"(", b")"):
            out[-3:] = [out[-2]]
        out.append(token)
    return out


def _means_nothing(out: list[bytes], start: int, keywords: frozenset[bytes]) -> bool:
    """Whether the comma at the end of a bracket that was opened at ``start`` may be left out."""
    if len(out) < start + 3 or out[-2] == b",":
        return False
    before = out[start - 1] if start else b""
    is_value = before not in keywords and (before[-1:].isalnum() or before[-1:] in (b")", b"]", b"_", b"$"))
    if out[start] == b"{" or b"," in out[start:-1]:
        return True
    return is_value or before in (b">", b"import") if out[start] == b"(" else not is_value


def _tokens(profile: Profile, text: bytes, node: Node) -> Iterator[bytes]:
    waiting = [(node, "")]
    while waiting:
        each, parent = waiting.pop()
        if each.child_count and each.type not in profile.strings and each.type not in profile.comments:
            waiting += [(child, each.type) for child in reversed(each.children)]
        elif each.end_byte > each.start_byte and each.type not in profile.ends.get(parent, ()):
            yield text[each.start_byte : each.end_byte]
