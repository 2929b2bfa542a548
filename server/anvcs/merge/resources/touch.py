"""What one side did to resources: added, removed, renamed, moved, or changed what others see or what is inside."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Literal, NamedTuple

from anvcs.merge.resources.graph import Graph
from anvcs.merge.resources.likeness import Likeness
from anvcs.merge.resources.matching import Followed, follow
from anvcs.merge.resources.model import Key, Outline, Resource
from anvcs.merge.resources.trees import Outlines
from anvcs.merge.resources.uses import given

Deed = Literal["added", "removed", "renamed", "moved", "signature", "body"]


_CONTRACTS = frozenset({"function", "method", "type", "column"})
"""Kinds whose signature others must keep to."""


class Touch(NamedTuple):
    """What became of one resource."""

    deeds: frozenset[Deed]
    before: Resource | None
    after: Resource | None

    @property
    def breaks(self) -> bool:
        """Those who depend on it as it was have to change."""
        if not self.deeds.isdisjoint({"removed", "renamed", "moved"}):
            return True
        return "signature" in self.deeds and (self.before or self.resource).kind in _CONTRACTS

    @property
    def resource(self) -> Resource:
        """It as it is now, or was last."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a touch of nothing")
        return found


_NOTHING = Touch(frozenset(), None, None)


class Touches:
    """Everything that one side did between two versions."""

    def __init__(self, before: Outlines, after: Outlines, paths: Collection[str]) -> None:
        self.before, self.after = before, after
        self.paths = frozenset(paths)
        self._old = _outlines(before, sorted(paths))
        self._new = _outlines(after, sorted(paths))

    @cached_property
    def followed(self) -> dict[Key, Followed]:
        """The resources that are still there, by where they stood before."""
        return follow(self._old, self._new, Likeness(self.before.text, self.after.text))

    @cached_property
    def _came_from(self) -> dict[Key, Key]:
        return {each.after.key: key for key, each in self.followed.items()}

    def origin(self, key: Key) -> Key | None:
        """Where a resource of the later version stood before; nothing if it was not there."""
        if key in self._came_from:
            return self._came_from[key]
        return None if key.path in self.paths else key

    @cached_property
    def graph(self) -> Graph:
        """What the files that were touched depend on now."""
        return Graph(self.after, self.paths)

    @cached_property
    def by_origin(self) -> dict[Key, Touch]:
        """What was there before and was touched."""
        found: dict[Key, Touch] = {}
        for outline in self._old:
            names = self._given(outline.path)
            for each in outline.resources:
                touch = self._touch(each, names)
                if touch.deeds:
                    found[each.key] = touch
        return found

    @cached_property
    def added(self) -> dict[Key, Touch]:
        """What was not there before."""
        every = (each for outline in self._new for each in outline.resources)
        return {each.key: Touch(frozenset({"added"}), None, each) for each in every if each.key not in self._came_from}

    def _touch(self, before: Resource, names: frozenset[tuple[str, str]]) -> Touch:
        followed = self.followed.get(before.key)
        if followed is None:
            return Touch(frozenset({"removed"}), before, None)
        after = followed.after
        if before.key == after.key and (before.body, before.signature) == (after.body, after.signature):
            return _NOTHING
        deeds: set[Deed] = set()
        # What is moved and still given under its name in the old place is moved for nobody else.
        if followed.step == "renamed" or (followed.step == "moved" and (_owner(before), before.name) not in names):
            deeds.add(followed.step)
        if before.signature != after.signature or before.kind != after.kind:
            deeds.add("signature")
        if before.body != after.body:
            deeds.add("body")
        return Touch(frozenset(deeds), before, after)

    def _given(self, path: str) -> frozenset[tuple[str, str]]:
        outline = self.after.outline(path)
        return frozenset() if outline is None else given(outline)


def _owner(resource: Resource) -> str:
    return resource.qualified.rpartition(".")[0]


def _outlines(files: Outlines, paths: Iterable[str]) -> list[Outline]:
    return [outline for path in paths if (outline := files.outline(path)) is not None]
