"""Conflict markers: what git writes, with the entity and the rule that refused in their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anvcs.merge.lines import Hunk, split
from anvcs.merge.model import Conflict, Options
from anvcs.merge.sequence import RefusedError


def marked(
    hunks: Sequence[Hunk], refusals: Sequence[RefusedError | None], options: Options
) -> tuple[bytes, list[Conflict]]:
    """The text with markers around each hunk that is not merged, and these as data.

    ``refusals`` has for each such hunk why it is none.
    """
    out: list[bytes] = []
    conflicts: list[Conflict] = []
    lines = 1
    left = iter(refusals)
    for hunk in hunks:
        text = hunk.merged
        if text is None:
            refused = next(left)
            conflict = _conflict(hunk, refused)
            before, shown = _markers(hunk, conflict, options)
            conflicts.append(replace(conflict, line=lines + before.count(b"\n")))
            text = before + shown
        out.append(text)
        lines += text.count(b"\n")
    return b"".join(out), conflicts


def why(conflict: Conflict) -> str:
    """What a label says of a conflict, in a few words."""
    return conflict.rule if conflict.entity is None else f"{conflict.entity}: {conflict.rule}"


def _conflict(hunk: Hunk, refused: RefusedError | None) -> Conflict:
    rule = refused.rule if refused is not None else "both-edit"
    reason = refused.reason if refused is not None else "both sides changed the same lines"
    entity = refused.entity if refused is not None else None
    return Conflict(rule, reason, hunk.base, hunk.left, hunk.right, entity)


def _markers(hunk: Hunk, conflict: Conflict, options: Options) -> tuple[bytes, bytes]:
    """What stands before the markers, and the rest."""
    size = options.marker_size
    base, left, right = hunk.base, hunk.left, hunk.right
    before = after = b""
    if options.style != "diff3":
        before, left, right, after = _common(left, right)
    eol = b"\r\n" if b"\r\n" in left or b"\r\n" in right else b"\n"
    out = [b"<" * size, b" ", _label(f"{options.left} ({why(conflict)})"), eol, _ended(left, eol)]
    if options.style != "merge":
        out += [b"|" * size, b" ", _label(options.base), eol, _ended(base, eol)]
    out += [b"=" * size, eol, _ended(right, eol), b">" * size, b" ", _label(options.right), eol, after]
    return before, b"".join(out)


def _common(left: bytes, right: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """What both sides begin and end with, which needs no markers."""
    a, b = split(left), split(right)
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    stop_a, stop_b = len(a) - end, len(b) - end
    return b"".join(a[:start]), b"".join(a[start:stop_a]), b"".join(b[start:stop_b]), b"".join(a[stop_a:])


def _label(text: str) -> bytes:
    return " ".join(text.split()).encode("utf-8", "replace")


def _ended(text: bytes, eol: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + eol
