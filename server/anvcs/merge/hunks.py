"""Rules for a single conflict of lines, without syntax: white space, versions, lists, sentences, separate tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from anvcs.merge.languages import language_for, suffix
from anvcs.merge.lines import Change, Hunk, diff, split
from anvcs.merge.model import Versions
from anvcs.merge.prose import merge_markup, merge_prose
from anvcs.merge.structured import trivial
from anvcs.merge.tokens import contained, merge_tokens
from anvcs.merge.versions import higher_versions
from anvcs.merge.wordlists import merge_imports, merge_list

_NAMES = re.compile(rb"[\w\x80-\xff]+")
_PROSE = frozenset({".md", ".markdown", ".rst", ".adoc", ".asciidoc", ".org"})
_MARKUP = frozenset({".html", ".htm", ".xhtml", ".vue", ".svelte"})


class Resolved(NamedTuple):
    """What a conflict becomes."""

    text: bytes
    rule: str
    """The rule that says so."""
    given_up: tuple[bytes, ...] = ()
    """Words of a side that the rule leaves out knowingly, and the law of conservation must let it."""


def resolve(hunk: Hunk, path: str, versions: Versions = "ask") -> Resolved | None:
    """What a conflict becomes, and the rule that says so; None where no rule is sure."""
    texts = base, left, right = hunk.base, hunk.left, hunk.right
    if not base.strip():
        if b"".join(left.split()) == b"".join(right.split()):
            return Resolved(left, "white-space")
        merged = merge_imports(path, *texts)
        return None if merged is None else Resolved(merged, "imports")
    end = suffix(path)
    # In prose a blank line makes two paragraphs of one.
    merged = trivial(*texts) if end not in _PROSE else None
    if merged is not None:
        return Resolved(merged, "white-space")
    raised = higher_versions(path, *texts) if versions == "higher" else None
    if raised is not None:
        return Resolved(raised[0], "version", raised[1])
    merged = merge_imports(path, *texts)
    if merged is not None:
        return Resolved(merged, "imports")
    merged = merge_list(*texts) if language_for(path) is None else None
    if merged is not None:
        return Resolved(merged, "list")
    by_words = merge_prose if end in _PROSE else merge_markup if end in _MARKUP else merge_tokens
    unsure = by_words is merge_tokens and (
        _inserts_into_replaced(*texts) or _edits_replaced(*texts) or _inserts_beside_indented(path, *texts)
    )
    merged = None if unsure else by_words(*texts)
    if merged is not None:
        return Resolved(merged, "tokens" if by_words is merge_tokens else "sentences")
    merged = contained(*texts)
    return None if merged is None else Resolved(merged, "contained")


def _inserts_into_replaced(base: bytes, left: bytes, right: bytes) -> bool:
    """One side inserts whole lines where the other put more or fewer lines for some.

    What the insertion belonged to may be gone, and the tokens on its two sides be those of something else.
    """
    by_left, by_right = diff(base, left), diff(base, right)
    return any(
        mine.start == mine.end and other.start <= mine.start <= other.end
        for changes, others in ((by_left, by_right), (by_right, by_left))
        for mine in changes
        for other in others
        if other.start < other.end and other.end - other.start != other.new_end - other.new_start
    )


def _edits_replaced(base: bytes, left: bytes, right: bytes) -> bool:
    """One side changes a line among some that the other replaced, at least one of them by nothing that it holds.

    The words of the changed line may then be found again in a line that has nothing to do with it.
    """
    by_left, by_right = diff(base, left), diff(base, right)
    words = [[set(_NAMES.findall(line)) for line in split(text)] for text in (base, left, right)]
    return any(
        mine.start < other.end and other.start < mine.end and _drops(mine, words[0], now)
        for changes, others, now in ((by_left, by_right, words[1]), (by_right, by_left, words[2]))
        for mine in changes
        for other in others
    )


def _drops(change: Change, old: Sequence[set[bytes]], new: Sequence[set[bytes]]) -> bool:
    """Of several lines that became more or fewer, none of the words of one is left."""
    if change.end - change.start in (1, change.new_end - change.new_start) or change.new_start == change.new_end:
        return False
    left = set[bytes]().union(*new[change.new_start : change.new_end])
    return any(line and line.isdisjoint(left) for line in old[change.start : change.end])


def _inserts_beside_indented(path: str, base: bytes, left: bytes, right: bytes) -> bool:
    """One side inserts lines and the other indents lines anew, which says what they belong to.

    With no brackets around them, tokens do not tell whether a new line is one of those.
    """
    profile = language_for(path)
    if profile is None or not (profile.blocks or profile.indented):
        return False
    was = {line.strip(): line for line in base.split(b"\n")}
    return any(
        other.count(b"\n") > base.count(b"\n")
        and any(line.strip() and was.get(line.strip(), line) != line for line in side.split(b"\n"))
        for side, other in ((left, right), (right, left))
    )
