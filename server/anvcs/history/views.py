"""Views: persistent maps from names to values, of which an operation copies only what it changes.

A view is a tree of immutable nodes kept in a store under the kind ``view``. Where a name stands is decided by the
hexadecimal digits of its hash: a node of at most 16 names is a leaf (a map of names to values), any other a branch
(the number of names below, and 16 places for the ids of nodes). The shape depends on the content alone, so equal views
have equal roots, however they came about.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import lru_cache
from typing import TypeAlias, cast

import msgspec

from anvcs.errors import CorruptStoreError
from anvcs.ids import Domain, decode, digest, encode
from anvcs.storage.protocol import Reader, Writer

KIND = "view"
"""The kind under which nodes are stored."""
LEAF_SIZE = 16
"""The most names a leaf holds."""

Leaf: TypeAlias = dict[str, str]
Branch: TypeAlias = tuple[int, tuple[bytes | None, ...]]
Fetch: TypeAlias = Callable[[bytes], bytes | None]
"""Gives a stored node by its id."""

_EMPTY = encode({})
EMPTY_ROOT = digest(Domain.VIEW_NODE, _EMPTY)
"""The root of the view without names, which is never stored."""


class View(msgspec.Struct, frozen=True):
    """All pointers at one moment: an immutable map from names to values, read from the store as needed."""

    root: bytes
    """The 32-byte id of the content."""
    fetch: Fetch
    """Where nodes come from; a view loaded in a transaction is of use as long as that lasts."""

    def get(self, name: str) -> str | None:
        """The name's value, if it has one."""
        node, places, depth = self.root, _places(name), 0
        while True:
            content = _load(self.fetch, node)
            if isinstance(content, dict):
                return content.get(name)
            child = content[1][int(places[depth], 16)]
            if child is None:
                return None
            node, depth = child, depth + 1

    def items(self) -> dict[str, str]:
        """Every name with its value, in order of names."""
        return dict(sorted(_entries(self.fetch, self.root)))

    def diff(self, other: View) -> dict[str, tuple[str | None, str | None]]:
        """The names that differ, each with its value here and there; what is shared is not read."""
        found = dict(_differences(self, self.root, other, other.root))
        return {name: found[name] for name in sorted(found)}

    def with_changes(self, transaction: Writer, changes: Mapping[str, str | None]) -> View:
        """The view with some names set or (None) taken out; stores the new nodes only."""
        root, nodes = rebuilt(transaction, self.root, changes)
        for node, content in nodes.items():
            transaction.put(KIND, node, content)
        return load(transaction, root)


def empty() -> View:
    """The view without names."""
    return View(EMPTY_ROOT, lambda _: None)


def load(transaction: Reader, root: bytes) -> View:
    """The view with this root, to be used while the transaction lasts."""
    return View(root, lambda node: transaction.get(KIND, node))


def children(transaction: Reader, node: bytes) -> tuple[bytes, ...] | None:
    """The nodes right below one, itself unread; None if it is not there (any more)."""
    data = transaction.get(KIND, node)
    if data is None:
        return None
    content = decode(data)
    if isinstance(content, dict):
        return ()
    _, below = cast("tuple[int, list[bytes | None]]", content)
    return tuple(each for each in below if each is not None)


def rebuilt(transaction: Reader, root: bytes, changes: Mapping[str, str | None]) -> tuple[bytes, dict[bytes, bytes]]:
    """The root that a view has after the changes, and the nodes that this needs, whether stored already or not."""
    builder = _Builder(lambda node: transaction.get(KIND, node))
    placed = {name: (_places(name), value) for name, value in changes.items()}
    new_root, _ = builder.change(root, placed, 0)
    return new_root, builder.nodes


def _places(name: str) -> str:
    """Where a name stands at each depth: the hexadecimal digits of its hash."""
    return digest(Domain.VIEW_NAME, name.encode()).hex()


def _load(fetch: Fetch, node: bytes) -> Leaf | Branch:
    if node == EMPTY_ROOT:
        return {}
    data = fetch(node)
    if data is None:
        raise _damaged(node)
    return _parsed(node, data)


@lru_cache(maxsize=512)
def _parsed(node: bytes, data: bytes) -> Leaf | Branch:
    """What a node's bytes say; nobody changes it, and the nodes near the root are read several times by every verb."""
    if digest(Domain.VIEW_NODE, data) != node:
        raise _damaged(node)
    content = decode(data)
    if isinstance(content, dict):
        return cast("Leaf", content)
    count, children = cast("tuple[int, list[bytes | None]]", content)
    return count, tuple(children)


def _damaged(node: bytes) -> CorruptStoreError:
    return CorruptStoreError(
        f"A part of a view, {node.hex()}, is missing or damaged.", "Run ai-vcs doctor to see what is damaged."
    )


def _entries(fetch: Fetch, node: bytes) -> Generator[tuple[str, str]]:
    content = _load(fetch, node)
    if isinstance(content, dict):
        yield from content.items()
        return
    for child in content[1]:
        if child is not None:
            yield from _entries(fetch, child)


def _differences(
    ours: View, our_node: bytes | None, theirs: View, their_node: bytes | None
) -> Generator[tuple[str, tuple[str | None, str | None]]]:
    if our_node == their_node:
        return
    our_content = {} if our_node is None else _load(ours.fetch, our_node)
    their_content = {} if their_node is None else _load(theirs.fetch, their_node)
    if isinstance(our_content, tuple) and isinstance(their_content, tuple):
        for our_child, their_child in zip(our_content[1], their_content[1], strict=True):
            yield from _differences(ours, our_child, theirs, their_child)
        return
    mine = {} if our_node is None else dict(_entries(ours.fetch, our_node))
    yours = {} if their_node is None else dict(_entries(theirs.fetch, their_node))
    for name in mine.keys() | yours.keys():
        if mine.get(name) != yours.get(name):
            yield name, (mine.get(name), yours.get(name))


_Placed: TypeAlias = dict[str, tuple[str, str | None]]


class _Builder:
    """Makes the nodes of a changed view and keeps them aside."""

    def __init__(self, fetch: Fetch) -> None:
        self.stored = fetch
        self.nodes: dict[bytes, bytes] = {}

    def fetch(self, node: bytes) -> bytes | None:
        return self.nodes.get(node) or self.stored(node)

    def change(self, node: bytes, placed: _Placed, depth: int) -> tuple[bytes, int]:
        """The node with the changes below it made, and how many names it has then."""
        content = _load(self.fetch, node)
        if isinstance(content, dict):
            entries = dict(content)
            for name, (_, value) in placed.items():
                if value is None:
                    entries.pop(name, None)
                else:
                    entries[name] = value
            return self.build(entries, depth)
        return self._change_branch(content, placed, depth)

    def _change_branch(self, branch: Branch, placed: _Placed, depth: int) -> tuple[bytes, int]:
        count, children = branch[0], list(branch[1])
        below: dict[int, _Placed] = {}
        for name, (places, value) in placed.items():
            below.setdefault(int(places[depth], 16), {})[name] = places, value
        for place, changes in below.items():
            old = children[place]
            before = 0 if old is None else self._count(old)
            child, after = self.change(EMPTY_ROOT if old is None else old, changes, depth + 1)
            children[place] = child if after else None
            count += after - before
        if count > LEAF_SIZE:
            return self._keep((count, tuple(children))), count
        entries = {
            name: value for child in children if child is not None for name, value in _entries(self.fetch, child)
        }
        return self.build(entries, depth)

    def _count(self, node: bytes) -> int:
        content = _load(self.fetch, node)
        return len(content) if isinstance(content, dict) else content[0]

    def build(self, entries: Leaf, depth: int) -> tuple[bytes, int]:
        """The node for these names, and how many they are."""
        if len(entries) <= LEAF_SIZE:
            return self._keep(entries), len(entries)
        groups: dict[int, Leaf] = {}
        for name, value in entries.items():
            groups.setdefault(int(_places(name)[depth], 16), {})[name] = value
        children = tuple(self.build(groups[p], depth + 1)[0] if p in groups else None for p in range(16))
        return self._keep((len(entries), children)), len(entries)

    def _keep(self, content: Leaf | Branch) -> bytes:
        data = encode(content)
        node = digest(Domain.VIEW_NODE, data)
        if node != EMPTY_ROOT:
            self.nodes[node] = data
        return node
