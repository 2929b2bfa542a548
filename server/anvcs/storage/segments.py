"""An ordered map in immutable segments: a tree whose nodes are written once, so that every root is one moment.

Keys are bytes in their own order. A change writes the nodes on the way from the root to it anew, and names those that
nothing refers to any longer; where nodes are kept is the caller's ``Segments``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol, TypeAlias, TypeVar

import msgspec

NODE_BYTES = 16 * 1024
"""How large a node may become before it is split."""

T = TypeVar("T")


class Ref(msgspec.Struct, frozen=True, array_like=True):
    """A segment's name, and the BLAKE3 hash of its content."""

    name: str
    digest: bytes


Value: TypeAlias = bytes | Ref
"""A value itself, or where it is kept."""
Change: TypeAlias = tuple[bytes, Value | None]
"""A key and its new value; None is for removal."""
Child: TypeAlias = tuple[bytes, Ref]
"""A node and the least key that was ever in it."""


class Leaf(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """A run of entries."""

    entries: tuple[tuple[bytes, Value], ...]


class Inner(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """A run of nodes."""

    children: tuple[Child, ...]


Node: TypeAlias = Leaf | Inner


class Segments(Protocol):
    """Where nodes are kept."""

    def node(self, ref: Ref) -> Node:
        """The node. Raises StoreError."""
        ...

    def keep(self, node: Node) -> Ref:
        """Keep a new node."""
        ...

    def retire(self, ref: Ref) -> None:
        """Note that the new root does not need a segment of the old one."""
        ...


def find(segments: Segments, root: Ref | None, key: bytes) -> Value | None:
    """The value of a key."""
    if root is None:
        return None
    node = segments.node(root)
    while isinstance(node, Inner):
        node = segments.node(node.children[_place(node.children, key)][1])
    at = bisect_left(node.entries, key, key=_key)
    return node.entries[at][1] if at < len(node.entries) and node.entries[at][0] == key else None


def scan(
    segments: Segments, root: Ref | None, low: bytes, high: bytes, *, backwards: bool = False
) -> Iterator[tuple[bytes, Value]]:
    """The entries from ``low`` to before ``high``, or the other way round; nodes are read as they are reached."""
    if root is None:
        return
    node = segments.node(root)
    step = -1 if backwards else 1
    if isinstance(node, Leaf):
        yield from node.entries[bisect_left(node.entries, low, key=_key) : bisect_left(node.entries, high, key=_key)][
            ::step
        ]
        return
    # A child may begin at the very bound, so the last one wanted is found by what lies before it.
    children = node.children[_place(node.children, low) : bisect_left(node.children, high, key=_key)]
    for _, child in (children or node.children[:1])[::step]:
        yield from scan(segments, child, low, high, backwards=backwards)


def apply(segments: Segments, root: Ref | None, changes: Sequence[Change]) -> Ref | None:
    """The root after changes in order of keys, each key once; the old root stays what it was."""
    if root is None:
        pieces = _leaves(segments, [(key, value) for key, value in changes if value is not None])
    else:
        pieces = _rebuild(segments, root, changes)
    while len(pieces) > 1:
        pieces = _inners(segments, pieces)
    if not pieces:
        return None
    top = pieces[0][1]
    while isinstance(node := segments.node(top), Inner) and len(node.children) == 1:
        segments.retire(top)
        top = node.children[0][1]
    return top


def walk(segments: Segments, root: Ref | None) -> Iterator[tuple[Ref, Node]]:
    """Every node, those above first."""
    waiting = [root] if root else []
    while waiting:
        ref = waiting.pop()
        node = segments.node(ref)
        yield ref, node
        if isinstance(node, Inner):
            waiting += [child for _, child in node.children]


def size(key: bytes, value: Value | None) -> int:
    """About how many bytes an entry takes."""
    return len(key) + (len(value) if isinstance(value, bytes) else 80) + 8


def _rebuild(segments: Segments, ref: Ref, changes: Sequence[Change]) -> list[Child]:
    node = segments.node(ref)
    segments.retire(ref)
    if isinstance(node, Leaf):
        entries = dict(node.entries)
        for key, value in changes:
            old = entries.pop(key, None)
            if isinstance(old, Ref):
                segments.retire(old)
            if value is not None:
                entries[key] = value
        return _leaves(segments, sorted(entries.items()))
    children: list[Child] = []
    starts = [0, *(bisect_left(changes, first, key=_key) for first, _ in node.children[1:]), len(changes)]
    for child, (start, end) in zip(node.children, pairwise(starts), strict=True):
        children += _rebuild(segments, child[1], changes[start:end]) if start < end else [child]
    return _inners(segments, children)


def _leaves(segments: Segments, entries: Sequence[tuple[bytes, Value]]) -> list[Child]:
    runs = _runs(entries, lambda entry: size(*entry))
    return [(run[0][0], segments.keep(Leaf(tuple(run)))) for run in runs]


def _inners(segments: Segments, children: Sequence[Child]) -> list[Child]:
    runs = _runs(children, lambda child: size(*child))
    return [(run[0][0], segments.keep(Inner(tuple(run)))) for run in runs]


def _runs(items: Sequence[T], weigh: Callable[[T], int]) -> Iterable[Sequence[T]]:
    """The items in runs of about equal weight, none much over the limit; even ones, so that each has room to grow."""
    weights = [weigh(item) for item in items]
    count = -(-sum(weights) // NODE_BYTES)
    if count < 2:
        return [items] if items else []
    target = sum(weights) / count
    cuts, total = [0], 0
    for at, weight in enumerate(weights):
        if total >= target * len(cuts) and at - cuts[-1] > 1:
            cuts.append(at)
        total += weight
    return [items[start:end] for start, end in pairwise([*cuts, len(items)])]


def _place(children: Sequence[Child], key: bytes) -> int:
    """Which child has the key, if any has it; the first one also has what is less than its first key."""
    return max(bisect_right(children, key, key=_key) - 1, 0)


def _key(item: tuple[bytes, object]) -> bytes:
    return item[0]
