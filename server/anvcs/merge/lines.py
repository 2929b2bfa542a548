"""Line merge as git does it: two line diffs against the base, and the regions in which they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count
from operator import ne
from typing import Any, Literal, NamedTuple

import pygit2

Algorithm = Literal["default", "minimal"]
"""Git's usual one takes short cuts in long texts; ``minimal`` finds the shortest diff."""
# Numbers, since pygit2's enums take longer to import than a merge.
_FLAGS: dict[Algorithm, Any] = {
    "default": pygit2.GIT_DIFF_FORCE_TEXT,
    "minimal": pygit2.GIT_DIFF_FORCE_TEXT | pygit2.GIT_DIFF_MINIMAL,
}


class Change(NamedTuple):
    """Items ``start`` to ``end`` of the base became ``new_start`` to ``new_end``."""

    start: int
    end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the three texts; ``agreed`` is what it becomes where no person is needed."""

    base: tuple[int, int]
    left: tuple[int, int]
    right: tuple[int, int]
    side: str
    """``same``, ``left`` or ``right`` changed it, ``both`` alike, or ``conflict``."""


def split(text: bytes) -> list[bytes]:
    """The lines of a text with their ends; only a line feed ends a line, as for git."""
    lines = text.split(b"\n")
    last = lines.pop()
    out = [line + b"\n" for line in lines]
    if last:
        out.append(last)
    return out


def diff(old: bytes, new: bytes, algorithm: Algorithm = "default") -> list[Change]:
    """What changed between two texts, by lines, as git finds it."""
    if old == new:
        return []
    patch = pygit2.Patch.create_from(old, new, context_lines=0, flag=_FLAGS[algorithm])
    found: list[Change] = []
    for hunk in patch.hunks:
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        new_start = hunk.new_start - 1 if hunk.new_lines else hunk.new_start
        found.append(Change(start, start + hunk.old_lines, new_start, new_start + hunk.new_lines))
    return found


def diff_items(old: Sequence[bytes], new: Sequence[bytes], algorithm: Algorithm = "default") -> list[Change]:
    """What changed between two sequences of items that hold no line feed."""
    found = one_change(old, new)
    return diff(_as_lines(old), _as_lines(new), algorithm) if found is None else found


def one_change(old: Sequence[bytes], new: Sequence[bytes]) -> list[Change] | None:
    """What changed where that is in one place, as in most lists; None where a diff has to tell.

    It is one place if nothing in between is in both: every diff finds the same there.
    """
    start, end = ends_alike(old, new)
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    if not set(gone).isdisjoint(come):
        return None
    return [Change(start, len(old) - end, start, len(new) - end)] if gone or come else []


def ends_alike(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    """How many items two sequences begin and end with in common."""
    shorter = min(len(old), len(new))
    start = next(compress(count(), map(ne, old, new)), shorter)
    end = next(compress(count(), map(ne, reversed(old), reversed(new))), shorter)
    return start, min(end, shorter - start)


def _as_lines(items: Sequence[bytes]) -> bytes:
    return b"\n".join(items) + b"\n" if items else b""


def regions(left: list[Change], right: list[Change], base_size: int) -> list[Region]:
    """Both diffs laid over one another: changes that meet or touch are one region, as in git's merge."""
    out: list[Region] = []
    at = left_shift = right_shift = 0
    i = j = 0
    while i < len(left) or j < len(right):
        start = min(
            left[i].start if i < len(left) else base_size + 1, right[j].start if j < len(right) else base_size + 1
        )
        if start > at:
            out.append(_shifted(at, start, left_shift, right_shift, "same"))
        first_left, first_right, end = i, j, start
        while True:
            if i < len(left) and left[i].start <= end and (left[i].start == start or i > first_left or j > first_right):
                end = max(end, left[i].end)
                i += 1
            elif (
                j < len(right)
                and right[j].start <= end
                and (right[j].start == start or i > first_left or j > first_right)
            ):
                end = max(end, right[j].end)
                j += 1
            else:
                break
        new_left = left_shift + sum(c.new_end - c.new_start - c.end + c.start for c in left[first_left:i])
        new_right = right_shift + sum(c.new_end - c.new_start - c.end + c.start for c in right[first_right:j])
        side = "conflict" if i > first_left and j > first_right else "left" if i > first_left else "right"
        out.append(
            Region((start, end), (start + left_shift, end + new_left), (start + right_shift, end + new_right), side)
        )
        left_shift, right_shift, at = new_left, new_right, end
    if at < base_size:
        out.append(_shifted(at, base_size, left_shift, right_shift, "same"))
    return out


def _shifted(start: int, end: int, left: int, right: int, side: str) -> Region:
    return Region((start, end), (start + left, end + left), (start + right, end + right), side)


class Hunk(NamedTuple):
    """A region with its texts; ``merged`` is None where it is a conflict."""

    base: bytes
    left: bytes
    right: bytes
    merged: bytes | None
    side: str
    line: int
    """The first line of the base, from 1."""

    def version(self, side: int) -> bytes:
        """What the base (0), the left (1) or the right side (2) has here."""
        return (self.base, self.left, self.right)[side]


def merge_lines(base: bytes, left: bytes, right: bytes) -> list[Hunk]:
    """The regions of three texts in order; without a conflict, ``merged`` of all is the merge that git makes."""
    in_base, in_left, in_right = split(base), split(left), split(right)
    out: list[Hunk] = []
    for region in regions(diff(base, left), diff(base, right), len(in_base)):
        texts = (
            b"".join(in_base[slice(*region.base)]),
            b"".join(in_left[slice(*region.left)]),
            b"".join(in_right[slice(*region.right)]),
        )
        merged: bytes | None = texts[2] if region.side == "right" else texts[1]
        side = region.side
        if side == "conflict":
            side = "both" if texts[1] == texts[2] else side
            merged = texts[1] if side == "both" else None
        out.append(Hunk(*texts, merged, side, region.base[0] + 1))
    return out
