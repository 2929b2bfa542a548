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
_TRIED = 4
"""So many of the trees that were used last are looked at for one to begin with."""
_MOST, _LEAST = 0.9, 0.06
"""Parts of a text that another has at its ends: no better one is looked for, and less has hardly more of it inside."""
_SHORT = 1_000
"""Bytes that may as well be read anew as looked through for what is the same."""

_kept: OrderedDict[tuple[tree_sitter.Language, bytes], tree_sitter.Tree] = OrderedDict()
_lock = threading.Lock()


class _Alike(NamedTuple):
    """A text, and how many bytes another begins and ends with as it does, in whole lines."""

    text: bytes
    tree: tree_sitter.Tree
    start: int
    end: int


class _Edit(NamedTuple):
    """Whole lines that became others, where they begin in the old text."""

    start: int
    row: int
    was: bytes
    now: bytes


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
    alike = _nearest(text, others)
    if alike is not None:
        edits = _edits(alike, text)
        if 2 * sum(len(edit.was) + len(edit.now) for edit in edits) <= len(text):
            made = parser.parse(text, _edited(alike.tree, edits))
            if not made.root_node.has_error:
                return made
    return parser.parse(text)


def _nearest(text: bytes, others: list[tuple[bytes, tree_sitter.Tree]]) -> _Alike | None:
    """The text that has most in common with another at its ends, if that is enough to go by."""
    found: _Alike | None = None
    for old, tree in reversed(others):
        # What is no syntax is read as the parser comes to it, and not the same from another tree.
        if tree.root_node.has_error:
            continue
        alike = _alike(old, text, tree)
        if found is None or alike.start + alike.end > found.start + found.end:
            found = alike
        if found.start + found.end >= _MOST * len(text):
            break
    return found if found is not None and found.start + found.end >= _LEAST * len(text) else None


def _alike(old: bytes, new: bytes, tree: tree_sitter.Tree) -> _Alike:
    size, new_size = len(old), len(new)
    low, high = 0, min(size, new_size)
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    start = old.rfind(b"\n", 0, low) + 1
    low, high = 0, min(size, new_size) - start
    while low < high:
        middle = (low + high + 1) // 2
        if old[size - middle : size - low] == new[new_size - middle : new_size - low]:
            low = middle
        else:
            high = middle - 1
    begins = old.find(b"\n", size - low) + 1
    return _Alike(old, tree, start, len(old) - begins if begins else 0)


def _edits(alike: _Alike, new: bytes) -> list[_Edit]:
    """What became of the old text's lines, in order."""
    old = alike.text
    row = old.count(b"\n", 0, alike.start)
    gone, come = old[alike.start : len(old) - alike.end], new[alike.start : len(new) - alike.end]
    if min(len(gone), len(come)) < _SHORT:
        return [_Edit(alike.start, row, gone, come)]
    found: list[_Edit] = []
    lines, new_lines = split(gone), split(come)
    at, before = alike.start, 0
    for change in diff(gone, come):
        at += sum(map(len, lines[before : change.start]))
        was = b"".join(lines[change.start : change.end])
        now = b"".join(new_lines[change.new_start : change.new_end])
        found.append(_Edit(at, row + change.start, was, now))
        at, before = at + len(was), change.end
    return found


def _edited(tree: tree_sitter.Tree, edits: list[_Edit]) -> tree_sitter.Tree:
    """A copy of a tree that knows what changed in its text."""
    copied = tree.copy()
    # From the end on, so that the places of those before stay as they are.
    for at, row, was, now in reversed(edits):
        copied.edit(at, at + len(was), at + len(now), (row, 0), _end(row, was), _end(row, now))
    return copied


def _end(row: int, text: bytes) -> tuple[int, int]:
    """The row and column in which a text ends that begins a row."""
    return row + text.count(b"\n"), len(text) - text.rfind(b"\n") - 1
