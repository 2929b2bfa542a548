"""Conflicts cut by syntax: each stands for whole lines of one list, and the text around it is merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from anvcs.merge.items import Item, Reader
from anvcs.merge.lines import Hunk, merge_lines
from anvcs.merge.sequence import RefusedError

Span = tuple[int, int]
"""A part of a text, in bytes."""
_STAND_IN = re.compile(rb"\x00(\d+)\x00(?:\r?\n)?")
_NO_SPAN: Span = (0, 0)


class Runs(NamedTuple):
    """Neighbouring items of each version."""

    base: Sequence[Item]
    left: Sequence[Item]
    right: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that no rule was sure about, as each version has them."""

    refused: RefusedError
    texts: tuple[bytes, bytes, bytes]
    spans: tuple[Span, Span, Span]
    """Where they stand in each version; empty where a version has none."""


class Cut(NamedTuple):
    """A text with conflicts in it."""

    hunks: list[Hunk]
    clashes: list[Clash]
    """For each hunk that is not merged, what it is a part of."""
    rule: str = ""
    """What was done beyond matching items."""
    given_up: tuple[bytes, ...] = ()
    """Words that a rule left out knowingly."""


def stand_in(index: int, eol: bytes) -> bytes:
    """What stands in a text for a clash until it is cut there; no text that is merged by syntax has such bytes."""
    return b"\0%d\0%s" % (index, eol)


def clash_of(refused: RefusedError, runs: Runs, readers: Sequence[Reader], separator: bytes) -> Clash:
    """The clash of some items. Raises ``refused`` where they are not whole lines, each with its separator."""
    items = [item for run in runs for item in run]
    whole = all(
        _own_lines(item, reader) and (item.sep or not separator)
        for run, reader in zip(runs, readers, strict=True)
        for item in run
    )
    if not items or not whole:
        raise refused
    texts = [b"".join(item.text for item in run) for run in runs]
    return Clash(refused, (texts[0], texts[1], texts[2]), (_span(runs.base), _span(runs.left), _span(runs.right)))


def _own_lines(item: Item, reader: Reader) -> bool:
    after = item.node.end_byte + len(item.sep)
    line = reader.text.find(b"\n", after)
    rest = reader.text[after : line if line >= 0 else len(reader.text)]
    return item.starts_line and (item.trail.endswith(b"\n") or not rest.strip())


def _span(run: Sequence[Item]) -> Span:
    if not run:
        return _NO_SPAN
    last = run[-1]
    return run[0].node.start_byte - len(run[0].lead), last.node.end_byte + len(last.sep) + len(last.trail)


def present(text: bytes, clashes: Sequence[Clash]) -> list[Clash]:
    """The clashes that stand in a text."""
    return [clashes[int(found[1])] for found in _STAND_IN.finditer(text)]


def without(text: bytes, spans: Sequence[Span]) -> bytes:
    """A text without some parts of it."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def around(text: bytes) -> bytes:
    """A text without its clashes."""
    return _STAND_IN.sub(b"", text)


def _version(one: Clash, side: int, stand: bytes) -> bytes:
    """What a version has there, ended as its stand-in is."""
    text = one.texts[side]
    if stand.endswith(b"\n"):
        return text if not text or text.endswith(b"\n") else text + (b"\r\n" if stand.endswith(b"\r\n") else b"\n")
    return text.removesuffix(b"\n").removesuffix(b"\r")


def cut(text: bytes, clashes: Sequence[Clash]) -> Cut:
    """The text in hunks: what is merged, and of each clash what lines cannot merge."""
    hunks: list[Hunk] = []
    of: list[Clash] = []
    for clash, texts in _whole_lines(text, clashes):
        if clash is None:
            hunks.append(Hunk(*texts, texts[0], "same", 0))
            continue
        for hunk in merge_lines(*texts):
            hunks.append(hunk)
            if hunk.merged is None:
                of.append(clash)
    return Cut(hunks, of)


def _whole_lines(text: bytes, clashes: Sequence[Clash]) -> list[tuple[Clash | None, tuple[bytes, bytes, bytes]]]:
    """The text between clashes, and these with the rest of the line that they end in; neighbours are one."""
    out: list[tuple[Clash | None, tuple[bytes, bytes, bytes]]] = []
    at = 0
    for found in _STAND_IN.finditer(text):
        clash = clashes[int(found[1])]
        before = text[at : found.start()]
        rest, at = b"", found.end()
        if not found[0].endswith(b"\n"):
            line = text.find(b"\n", at) + 1 or len(text)
            rest, at = text[at:line], line
        texts = [_version(clash, side, found[0]) for side in range(3)]
        texts = [each + rest if each or rest.strip() else b"" for each in texts]
        if before:
            out.append((None, (before, before, before)))
        elif out and out[-1][0] is not None:
            clash, last = out.pop()
            texts = [one + each for one, each in zip(last, texts, strict=True)]
        out.append((clash, (texts[0], texts[1], texts[2])))
    if at < len(text):
        out.append((None, (text[at:], text[at:], text[at:])))
    return out
