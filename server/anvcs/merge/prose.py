"""Merge of prose by sentences: each is one side's; what both sides wrote in one, or side by side, is for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anvcs.merge.lines import diff_items, regions
from anvcs.merge.tokens import TOKENS

_ENDS = re.compile(
    rb"(?<=[.!?:;])[\"')\]*_`]*[ \t]*(?:\r?\n(?:[ \t]*\r?\n)+|\r?\n[ \t]*|[ \t]+)|\r?\n(?:[ \t]*\r?\n)+", re.DOTALL
)
"""White space after the end of a sentence, and blank lines."""
_LINES = re.compile(rb"\r?\n(?=[ \t]*(?:[-*+>] |\||#|\d+[.)] ))")
"""Line ends before what begins a line of its own: items of lists, rows of tables, headings."""
_TAGS = re.compile(rb"<[^<>]*>")


def merge_prose(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """The merge, or None where both sides changed one sentence or neighbouring ones.

    How lines are wrapped counts only where nobody changed the words.
    """
    merged = _merge([_sentences(text) for text in (base, left, right)])
    # A sentence that was the last of a text must not run into the next one.
    return None if merged is None or any(part and not part[-1:].isspace() for part in merged[:-1]) else b"".join(merged)


def merge_markup(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """The same for text with tags in it, which are merged by tokens."""
    merged = _merge([_marked_up(text) for text in (base, left, right)])
    return None if merged is None else b"".join(merged)


def _merge(versions: Sequence[list[bytes]]) -> list[bytes] | None:
    in_base, in_left, in_right = versions
    words = [[_words(part) for part in parts] for parts in versions]
    out: list[bytes] = []
    for region in regions(diff_items(words[0], words[1]), diff_items(words[0], words[2]), len(in_base)):
        one, other = in_left[slice(*region.left)], in_right[slice(*region.right)]
        if region.side == "same":
            out += [b if a == c else a for a, b, c in zip(one, other, in_base[slice(*region.base)], strict=True)]
        elif region.side == "conflict" and words[1][slice(*region.left)] != words[2][slice(*region.right)]:
            return None
        else:
            out += other if region.side == "right" else one
    return out


def _words(part: bytes) -> bytes:
    """What is compared: the words, and the indentation of what begins a line of its own."""
    return part[: len(part) - len(part.lstrip())].replace(b"\n", b"") + b" ".join(part.split())


def _sentences(text: bytes) -> list[bytes]:
    """A text cut after its sentences, each with the white space behind it."""
    cuts = sorted({match.end() for pattern in (_ENDS, _LINES) for match in pattern.finditer(text)} - {0, len(text)})
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)] if text else []


def _marked_up(text: bytes) -> list[bytes]:
    """A text cut into the tokens of its tags and the sentences between them."""
    out: list[bytes] = []
    at = 0
    for tag in _TAGS.finditer(text):
        out += [*_sentences(text[at : tag.start()]), *TOKENS.findall(tag[0])]
        at = tag.end()
    return [*out, *_sentences(text[at:])]
