"""What depends on what: the edges between the resources of one version of a program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Literal, NamedTuple

from anvcs.merge.resources.languages import LANGUAGES
from anvcs.merge.resources.model import Key, Outline, Reference, Resource
from anvcs.merge.resources.resolve import Files, Resolver, Target
from anvcs.merge.resources.uses import references

How = Literal["calls", "uses", "imports", "inherits"]
_HOW: dict[str, How] = {"call": "calls", "import": "imports", "inherit": "inherits"}
_SHORTEST = 4
"""Letters: shorter names are too common to be told by the name alone."""


class Edge(NamedTuple):
    """One resource depends on another."""

    source: Key
    target: Key
    how: How
    by: Reference
    """The first that does so."""
    guessed: bool = False
    """Told by the name alone: it is the only one of that name in the files that were looked at."""


class _Use(NamedTuple):
    """One reference with what it stands in."""

    outline: Outline
    resource: Resource
    reference: Reference


class Graph:
    """The edges from the resources of some files; their targets may be in any file that can be seen."""

    def __init__(self, files: Files, paths: Iterable[str]) -> None:
        self._files = files
        self._resolver = Resolver(files)
        self._paths = sorted(paths)

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """All of them, in the order of the files and texts; one for each source, target and way."""
        return _once(self._of(each) for each in self._uses)

    def along(self, names: AbstractSet[str]) -> Sequence[Edge]:
        """Those that use one of these names, which need not look further for all others."""
        places = sorted({place for name in names for place in self._places.get(name, ())})
        return _once(self._of(self._uses[place]) for place in places)

    @cached_property
    def on(self) -> dict[Key, tuple[Edge, ...]]:
        """What depends on a resource."""
        return _grouped(self.edges, "target")

    @cached_property
    def of(self) -> dict[Key, tuple[Edge, ...]]:
        """What a resource depends on."""
        return _grouped(self.edges, "source")

    @cached_property
    def _uses(self) -> Sequence[_Use]:
        outlines = [outline for path in self._paths if (outline := self._files.outline(path)) is not None]
        return [_Use(outline, *each) for outline in outlines for each in references(outline)]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each name is used among all uses."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, use in enumerate(self._uses):
            found[use.reference.name].append(place)
            if use.reference.imported not in {None, use.reference.name}:
                found[use.reference.imported or ""].append(place)
        return found

    def _of(self, use: _Use) -> Edge | None:
        target, guessed = self.target(*use)
        resource, reference = use.resource, use.reference
        if target is None or target.key == resource.key or _within(resource, target):
            return None
        return Edge(resource.key, target.key, _HOW.get(reference.how, "uses"), reference, guessed)

    def target(self, outline: Outline, resource: Resource, reference: Reference) -> tuple[Resource | None, bool]:
        """What a reference leads to, and whether that is guessed."""
        at = self._resolver.leads(outline, resource, reference)
        if at.verdict == "found":
            return self._resource(at), False
        if at.verdict == "missing" or reference.how == "import" or reference.module is not None:
            return None, False
        known = self._named.get(reference.name, ())
        common = LANGUAGES[outline.language].common
        if len(known) != 1 or len(reference.name) < _SHORTEST or reference.name in common:
            return None, False
        return known[0], True

    def _resource(self, at: Target) -> Resource | None:
        """The resource that a target is; for a name that none has, the one that gives it."""
        outline = self._files.outline(at.path)
        if outline is None:
            return None
        name = at.name
        while name:
            if found := outline.by_name.get(name):
                return found[0]
            name = name.rpartition(".")[0]
        return outline.module

    @cached_property
    def _named(self) -> dict[str, tuple[Resource, ...]]:
        """The functions and members of the files by their own names."""
        found: defaultdict[str, tuple[Resource, ...]] = defaultdict(tuple)
        for path in self._paths:
            outline = self._files.outline(path)
            for each in () if outline is None else outline.resources[1:]:
                if each.kind not in {"test", "key"}:
                    found[each.name] = (*found[each.name], each)
        return found


def _within(resource: Resource, around: Resource) -> bool:
    """Whether a resource refers to what it stands in, which it does not depend on more than all that stands there."""
    return resource.path == around.path and (
        not around.qualified or resource.qualified.startswith(around.qualified + ".")
    )


def _once(edges: Iterable[Edge | None]) -> tuple[Edge, ...]:
    """The first of each source, target and way."""
    found: dict[tuple[Key, Key, str], Edge] = {}
    for edge in edges:
        if edge is not None:
            found.setdefault((edge.source, edge.target, edge.how), edge)
    return tuple(found.values())


def _grouped(edges: Iterable[Edge], end: Literal["source", "target"]) -> dict[Key, tuple[Edge, ...]]:
    found: defaultdict[Key, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.source if end == "source" else edge.target].append(edge)
    return {key: tuple(each) for key, each in found.items()}
