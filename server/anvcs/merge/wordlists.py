"""Rules for lists that can be told without syntax: blocks of imports, and words between brackets on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from anvcs.merge.languages import suffix
from anvcs.merge.lines import diff_items

_JVM = rb"\s*import\s+(?:static\s+)?(?P<of>[\w.*`]+(?:\{[^{}]*\})?)(?:\s+as\s+\w+)?\s*;?"
_SCRIPT = rb"\s*import\s+(?:[^'\"]+\s+from\s+)?(?P<of>'[^']*'|\"[^\"]*\")\s*;?"
_IMPORTS: dict[str, bytes] = {
    **dict.fromkeys((".kt", ".kts", ".scala", ".groovy", ".gradle"), _JVM),
    ".swift": rb"\s*(?:@testable\s+)?import\s+(?:(?:class|struct|func|enum)\s+)?(?P<of>[\w.]+)",
    ".dart": rb"\s*import\s+(?P<of>'[^']*'|\"[^\"]*\")(?:\s+as\s+\w+)?(?:\s+(?:show|hide)\s+[\w, ]+)?\s*;",
    **dict.fromkeys((".vue", ".svelte", ".astro"), _SCRIPT),
    ".hs": rb"import\s+(?:qualified\s+)?(?P<of>[\w.]+)(?:\s+qualified)?(?:\s+as\s+\w+)?(?:\s+\([^()]*\))?",
    **dict.fromkeys((".ex", ".exs"), rb"\s*(?:alias|require)\s+(?P<of>[\w.]+)(?:,\s*as:\s*\w+)?"),
    ".proto": rb"import\s+(?P<of>\"[^\"]*\")\s*;",
    ".pl": rb"\s*use\s+(?P<of>[A-Z][\w:]*)(?:\s+qw\([^()]*\))?\s*;",
    **dict.fromkeys((".m", ".mm"), rb"\s*(?:#import|@import)\s+(?P<of><[^<>]*>|\"[^\"]*\"|[\w.]+);?"),
}
"""What an import is, by the ending of a name; compiled where one is met, which most merges do not."""
_OPEN, _CLOSE = b"[{", b"]}"
_WORD = re.compile(rb"\s*(?:[\w.@/$:-]+|\"[^\"]*\"|'[^']*')\s*")


def merge_imports(path: str, base: bytes, left: bytes, right: bytes) -> bytes | None:
    """Blocks of imports as sets of lines; None where a line is something else, or one module is imported two ways."""
    known = _IMPORTS.get(suffix(path))
    if known is None:
        return None
    pattern = re.compile(known)
    versions = [text.splitlines(keepends=True) for text in (base, left, right)]
    if not all(pattern.fullmatch(line.rstrip(b"\r\n")) and line.endswith(b"\n") for side in versions for line in side):
        return None
    merged = _union(*([line[:-1] for line in side] for side in versions))
    if merged is None:
        return None
    modules = [pattern.fullmatch(line.removesuffix(b"\r")) for line in merged]
    named = [match["of"] for match in modules if match is not None]
    return b"".join(line + b"\n" for line in merged) if len(set(named)) == len(named) else None


def merge_list(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """One line on which both sides added words to one list in square or curly brackets; None for any other."""
    if any(text.count(b"\n") > 1 for text in (base, left, right)):
        return None
    start = len(_common(base, left, right))
    # From the bracket that opens the list in which the sides begin to differ.
    opening = _opening(base[:start])
    if opening is None:
        return None
    head = base[: opening + 1]
    closing = [_closing(text, opening) for text in (base, left, right)]
    if any(end is None for end in closing):
        return None
    texts = [text[opening + 1 : end] for text, end in zip((base, left, right), closing, strict=True)]
    tails = {text[end or 0 :] for text, end in zip((base, left, right), closing, strict=True)}
    lists = [text.split(b",") for text in texts]
    if len(tails) > 1 or not all(_WORD.fullmatch(word) for words in lists for word in words):
        return None
    merged = _union(*([word.strip() for word in words] for words in lists))
    if merged is None or len(set(merged)) < len(merged):
        return None
    inside = texts[0]
    before = inside[: len(inside) - len(inside.lstrip())]
    after = inside[len(inside.rstrip()) :]
    comma = b", " if b", " in b"".join(texts) else b","
    return head + before + comma.join(merged) + after + tails.pop()


def _union(base: Sequence[bytes], left: Sequence[bytes], right: Sequence[bytes]) -> list[bytes] | None:
    """All that no side took away and either added, in the base's order; None where a side put one for another."""
    gone: set[int] = set()
    added: dict[int, set[bytes]] = {}
    for side in (left, right):
        for change in diff_items(base, side):
            come = side[change.new_start : change.new_end]
            if change.end > change.start and come and set(come) - set(base):
                return None
            gone |= set(range(change.start, change.end))
            added.setdefault(change.end, set()).update(come)
    out: list[bytes] = []
    for index in range(len(base) + 1):
        out += sorted(added.get(index, set()))
        if index < len(base) and index not in gone:
            out.append(base[index])
    everything = [*base, *out]
    if all(list(side) == sorted(side) for side in (base, left, right)) and len(everything) > 2:
        out.sort()
    return out


def _common(*texts: bytes) -> bytes:
    size = 0
    while all(size < len(text) for text in texts) and len({text[size] for text in texts}) == 1:
        size += 1
    return texts[0][:size]


def _opening(text: bytes) -> int | None:
    """Where the innermost bracket opens that is still open at the end, if it is one of a list."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        if text[index] in b")]}":
            depth += 1
        elif text[index] in b"([{":
            if depth == 0:
                return index if text[index] in _OPEN else None
            depth -= 1
    return None


def _closing(text: bytes, opening: int) -> int | None:
    """Where the list that opens there closes; None if another list is in it."""
    want = _CLOSE[_OPEN.index(text[opening])]
    for index in range(opening + 1, len(text)):
        if text[index] == want:
            return index
        if text[index] in b"([{)]}":
            return None
    return None
