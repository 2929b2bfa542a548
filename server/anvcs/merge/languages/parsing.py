"""Syntax trees: kept for a while, and made from that of a text which is nearly the same.

One merge reads the same few texts again and again, and these differ from one another in few places. What stands around
a change need not be read anew: the parser takes it from the other tree, and gives what it would give without.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

import tree_sitter

from anvcs.merge.lines import diff, split

_LARGEST = 200_000
"""Bytes of a text up to which its tree is kept."""
_KEPT = 16
_TRIED = 6
"""So many of the trees that were used last are looked at for one to begin with."""
_SHORT = 1_000
"""Bytes that may as well be read anew as looked through for what is the same."""

_kept: OrderedDict[tuple[tree_sitter.Language, bytes], tree_sitter.Tree] = OrderedDict()
_lock = threading.Lock()


class _Likeness(NamedTuple):
    """How many bytes two texts begin and end with in common, in whole lines."""

    start: int
    end: int


def parse(language: tree_sitter.Language, text: bytes, *, anew: bool) -> tree_sitter.Tree:
    """The tree of a text; ``anew`` where no other tree may help."""
    if len(text) >= _LARGEST:
        return tree_sitter.Parser(language).parse(text)
    key = language, text
    with _lock:
        tree = _kept.get(key)
        if tree is not None:
            _kept.move_to_end(key)
            return tree
        recent = [] if anew else [each for each in [*_kept.items()][-_TRIED:] if each[0][0] == language]
    tree = _parsed(language, text, [(of, tree) for (_, of), tree in recent])
    with _lock:
        _kept[key] = tree
        if len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return tree


def _parsed(
    language: tree_sitter.Language, text: bytes, others: list[tuple[bytes, tree_sitter.Tree]]
) -> tree_sitter.Tree:
    parser = tree_sitter.Parser(language)
    # What is no syntax is read as the parser comes to it, and not the same from another tree.
    near = [(_likeness(old, text), old, tree) for old, tree in others if not tree.root_node.has_error]
    if near:
        alike, old, tree = max(near, key=lambda each: sum(each[0]))
        if 2 * sum(alike) >= len(text):
            made = parser.parse(text, _edited(tree, old, text, alike))
            if not made.root_node.has_error:
                return made
    return parser.parse(text)


def _edited(tree: tree_sitter.Tree, old: bytes, new: bytes, alike: _Likeness) -> tree_sitter.Tree:
    """A copy of the old text's tree that knows what changed."""
    row = old.count(b"\n", 0, alike.start)
    gone, come = old[alike.start : len(old) - alike.end], new[alike.start : len(new) - alike.end]
    edits: list[tuple[int, int, bytes, bytes]] = []
    if min(len(gone), len(come)) < _SHORT:
        edits.append((alike.start, row, gone, come))
    else:
        lines, new_lines = split(gone), split(come)
        at, before = alike.start, 0
        for change in diff(gone, come):
            at += sum(map(len, lines[before : change.start]))
            texts = lines[change.start : change.end], new_lines[change.new_start : change.new_end]
            edits.append((at, row + change.start, b"".join(texts[0]), b"".join(texts[1])))
            at, before = at + len(edits[-1][2]), change.end
    copied = tree.copy()
    # From the end on, so that the places of those before stay as they are.
    for at, line, was, now in reversed(edits):
        copied.edit(at, at + len(was), at + len(now), (line, 0), _end(line, was), _end(line, now))
    return copied


def _end(row: int, text: bytes) -> tuple[int, int]:
    """The row and column in which a text ends that begins a row."""
    return row + text.count(b"\n"), len(text) - text.rfind(b"\n") - 1


def _likeness(old: bytes, new: bytes) -> _Likeness:
    shorter = min(len(old), len(new))
    low, high = 0, shorter
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    start = old.rfind(b"\n", 0, low) + 1
    low, high = 0, shorter - start
    while low < high:
        middle = (low + high + 1) // 2
        same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        low, high = (middle, high) if same else (low, middle - 1)
    begins = old.find(b"\n", len(old) - low) + 1
    return _Likeness(start, len(old) - begins if begins else 0)
