"""Merge by tokens: what two sides did to different tokens of one line, with at least one token between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anvcs.merge.lines import Change, Region, diff_items, regions

TOKENS = re.compile(rb"\r?\n[ \t]*|[ \t]+|[^\W]+|[^\w\s]|[\x80-\xff]+|\s", re.DOTALL)
_ONE_WORD = re.compile(rb"[\w./\\:@~-]+")
"""Two changes of one word make a third that nobody wrote."""
_NAME = re.compile(rb"[^\W\d]\w*")
_NEWLINE = b"\n"
_STAND_IN = b"\x1e"
_WITHOUT_NEWLINES = re.compile(TOKENS.pattern.replace(rb"\n", rb"\x1e"), TOKENS.flags)
"""The same tokens where stand-ins are in place of line feeds, which no item of a diff may hold."""


def is_one_word(text: bytes) -> bool:
    """Whether a text holds together so that only a whole one means something: a path, a dotted name, an address."""
    return _ONE_WORD.fullmatch(text) is not None


def merge_tokens(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """The merge, or None where both sides changed the same or neighbouring tokens, or the same word."""
    if _STAND_IN in base or _STAND_IN in left or _STAND_IN in right:
        return None
    in_base, in_left, in_right = (_tokens(text) for text in (base, left, right))
    by_left, by_right = diff_items(in_base, in_left), diff_items(in_base, in_right)
    if _may_stand_at(in_base, in_left, by_left, by_right) or _may_stand_at(in_base, in_right, by_right, by_left):
        return None
    out: list[bytes] = []
    before: Region | None = None
    between = b""
    for region in regions(by_left, by_right, len(in_base)):
        if region.side == "same":
            between = b"".join(in_base[slice(*region.base)])
        else:
            if before is not None and before.side != region.side and is_one_word(between):
                ends = [*in_base[slice(*before.base)][-1:], *_new(before, in_left, in_right)[-1:]]
                begins = [*in_base[slice(*region.base)][:1], *_new(region, in_left, in_right)[:1]]
                if not _swap_names(between, ends, begins):
                    return None
            before = region
        chosen = _new(region, in_left, in_right)
        if region.side == "conflict" and chosen != in_right[slice(*region.right)]:
            return None
        out += chosen
    return b"".join(out).replace(_STAND_IN, _NEWLINE)


def _swap_names(between: bytes, ends: list[bytes], begins: list[bytes]) -> bool:
    """Each side put one name in the place of another, as around the dot of ``self.old()``: these stay what they are."""
    return between == b"." and len(ends) == len(begins) == 2 and all(map(_NAME.fullmatch, ends + begins))


def _new(region: Region, left: Sequence[bytes], right: Sequence[bytes]) -> Sequence[bytes]:
    """The tokens of the side that changed it, the left's where both did."""
    return right[slice(*region.right)] if region.side == "right" else left[slice(*region.left)]


def _may_stand_at(
    base: Sequence[bytes], side: Sequence[bytes], inserts: Sequence[Change], changes: Sequence[Change]
) -> bool:
    """Whether something that a side inserted may as well have been inserted where the other side changed something.

    Of ``f(a)`` that became ``f(a) + f(b)`` either call may be the new one, and a diff only says one of them.
    """
    for change in inserts:
        new = side[change.new_start : change.new_end]
        if change.start != change.end or not new:
            continue
        first = last = change.start
        while first > 0 and base[first - 1] == new[(first - 1 - change.start) % len(new)]:
            first -= 1
        while last < len(base) and base[last] == new[(last - change.start) % len(new)]:
            last += 1
        # Which blank or comma of several is the new one makes no difference.
        if any(map(is_one_word, base[first:last])) and any(
            first <= other.end and other.start <= last for other in changes
        ):
            return True
    return False


def contained(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """The side that did all that the other did, and more: each deletion, each insertion in its place and order."""
    in_base, in_left, in_right = ([t for t in _tokens(text) if t.strip(b" \t\r\n\x1e")] for text in (base, left, right))
    by_left, by_right = diff_items(in_base, in_left), diff_items(in_base, in_right)
    if _does_all_of(by_left, in_left, by_right, in_right):
        return left
    if _does_all_of(by_right, in_right, by_left, in_left):
        return right
    return None


def _does_all_of(
    more: Sequence[Change], more_tokens: Sequence[bytes], less: Sequence[Change], less_tokens: Sequence[bytes]
) -> bool:
    if not less:
        # Only white space differs, which may be a part of a text.
        return False
    for change in less:
        around = [c for c in more if c.start <= change.end and c.end >= change.start]
        deleted = {index for c in around for index in range(c.start, c.end)}
        if not deleted.issuperset(range(change.start, change.end)):
            return False
        inserted = iter([token for c in around for token in more_tokens[c.new_start : c.new_end]])
        if not all(token in inserted for token in less_tokens[change.new_start : change.new_end]):
            return False
    return True


def _tokens(text: bytes) -> list[bytes]:
    return _WITHOUT_NEWLINES.findall(text.replace(_NEWLINE, _STAND_IN))
