"""Versions of a program as outlines, each text read and taken apart once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from typing import Literal, Protocol

from anvcs.merge.resources.extract import outline as outline_of
from anvcs.merge.resources.model import Outline
from anvcs.merge.resources.parsing import language_of

Side = Literal["left", "right"]


class Tree(Protocol):
    """One version of all files."""

    def oid(self, path: str) -> str | None:
        """What names the text of a file; nothing if there is no such file."""
        ...

    def text(self, path: str) -> bytes | None:
        """The text of a file."""
        ...


class Sources(Protocol):
    """What a merge has in its hands."""

    @property
    def base(self) -> Tree:
        """What both sides come from."""
        ...

    @property
    def left(self) -> Tree:
        """One side."""
        ...

    @property
    def right(self) -> Tree:
        """The other side."""
        ...

    @property
    def merged(self) -> Tree | None:
        """The result, if there is one; files with conflict markers in it do no harm."""
        ...

    def changed(self, side: Side) -> Collection[str]:
        """Paths that a side added, removed or changed."""
        ...

    def holding(self, word: str) -> Iterable[str]:
        """Paths of the base whose text holds a word; more may be named, for they are looked into."""
        ...


class Cache(Protocol):
    """Outlines that were made before; it may forget any."""

    def get(self, oid: str, path: str) -> Outline | None:
        """The outline of a text under a path."""
        ...

    def put(self, oid: str, path: str, outline: Outline) -> None:
        """Remember one."""
        ...


class Remembered:
    """A cache in memory that forgets what was not used for longest."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, str], Outline] = OrderedDict()

    def get(self, oid: str, path: str) -> Outline | None:
        """As the protocol says."""
        found = self._known.get((oid, path))
        if found is not None:
            self._known.move_to_end((oid, path))
        return found

    def put(self, oid: str, path: str, outline: Outline) -> None:
        """As the protocol says."""
        self._known[oid, path] = outline
        if len(self._known) > self._most:
            self._known.popitem(last=False)


class Outlines:
    """The files of a tree as outlines."""

    def __init__(self, tree: Tree, cache: Cache) -> None:
        self.tree = tree
        self._cache = cache
        self._known: dict[str, Outline | None] = {}
        self._oids: dict[str, str | None] = {}
        self._texts: dict[str, bytes | None] = {}

    def outline(self, path: str) -> Outline | None:
        """What is known of a file; nothing if there is none or its language is not known."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.oid(path) is not None

    def oid(self, path: str) -> str | None:
        """What names its text."""
        if path not in self._oids:
            self._oids[path] = self.tree.oid(path)
        return self._oids[path]

    def text(self, path: str) -> bytes | None:
        """Its text."""
        if path not in self._texts:
            self._texts[path] = self.tree.text(path)
        return self._texts[path]

    def _read(self, path: str) -> Outline | None:
        if language_of(path) is None or (oid := self.oid(path)) is None:
            return None
        found = self._cache.get(oid, path)
        if found is None and (text := self.text(path)) is not None:
            found = outline_of(path, text)
            if found is not None:
                self._cache.put(oid, path, found)
        return found


class Chosen:
    """Files of several versions as one: each path from the version that is chosen for it."""

    def __init__(self, choose: Callable[[str], Outlines]) -> None:
        self._choose = choose

    def outline(self, path: str) -> Outline | None:
        """As in the chosen version."""
        return self._choose(path).outline(path)

    def exists(self, path: str) -> bool:
        """As in the chosen version."""
        return self._choose(path).exists(path)
