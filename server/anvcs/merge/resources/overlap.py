"""Where two streams meet: what both change, and what one changes that the other's changes depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from anvcs.merge.model import Severity
from anvcs.merge.resources.model import How, Key, Reference, Resource
from anvcs.merge.resources.named import named
from anvcs.merge.resources.registry import Registry
from anvcs.merge.resources.touch import Deed, Touch, Touches
from anvcs.merge.resources.trees import Cache, Outlines, Remembered, Side, Sources
from anvcs.merge.resources.uses import as_reference, module_name

_DIRECTIONS: tuple[tuple[Side, Side], ...] = (("left", "right"), ("right", "left"))

Kind = Literal["both-change", "both-add", "depends"]


class Overlap(NamedTuple):
    """One place where two streams meet."""

    kind: Kind
    severity: Severity
    """``hard``: a merge without a look is likely to break something."""
    id: str
    """The resource's."""
    resource: Resource
    """As it was before both; for ``both-add`` as the left side has it."""
    changer: Side
    """Who changes it; for what both change, the right side."""
    deeds: frozenset[Deed]
    """What the changer does."""
    now: Resource | None
    """As the changer has it; nothing if it is gone."""
    path: str
    """Where the other side meets it, in that side's version."""
    line: int
    column: int
    user: str = ""
    """The qualified name of the other side's resource that depends on it; empty for the top of a file."""
    how: How = "use"
    """How it depends on it."""
    newly: bool = False
    """The other side did not depend on it before."""
    guessed: bool = False
    """Told by the name alone."""


def overlaps(
    sources: Sources,
    *,
    cache: Cache | None = None,
    registry: Registry | None = None,
    touches: Mapping[Side, Touches] | None = None,
) -> tuple[Overlap, ...]:
    """Where the two sides meet, the hard ones first.

    ``registry`` holds the ids of the base; ``touches`` are those of the same sources, if they are known already.
    """
    meeting = _Meeting(sources, touches or touched(sources, cache or Remembered()), registry or Registry())
    found = [*meeting.both_change(), *meeting.both_add()]
    for user, changer in _DIRECTIONS:
        found += meeting.depends(user, changer)
        found += meeting.names(user, changer)
    return tuple(sorted(found, key=lambda each: (each.severity != "hard", *each[7:10], each.kind, each.id)))


def touched(sources: Sources, cache: Cache) -> dict[Side, Touches]:
    """What each side did."""
    base = Outlines(sources.base, cache)
    return {
        "left": Touches(base, Outlines(sources.left, cache), sources.changed("left")),
        "right": Touches(base, Outlines(sources.right, cache), sources.changed("right")),
    }


class _Meeting:
    """Two sides that come from one base."""

    def __init__(self, sources: Sources, sides: Mapping[Side, Touches], registry: Registry) -> None:
        self._sides = sides
        self._registry = registry
        self._holding = sources.holding

    def both_change(self) -> Iterator[Overlap]:
        """What stood in the base and both sides changed, each in its way."""
        left, right = self._sides["left"].by_origin, self._sides["right"].by_origin
        for key in left.keys() & right.keys():
            ours, theirs = left[key], right[key]
            breaks = ours.breaks or theirs.breaks
            if ours.before is None or _equal(ours.after, theirs.after) or (key.kind == "module" and not breaks):
                continue
            yield self._overlap("both-change", key, ours.before, theirs, ours.resource, hard=breaks)

    def both_add(self) -> Iterator[Overlap]:
        """What both sides put in one place, each another one."""
        left, right = self._sides["left"].added, self._sides["right"].added
        for key in left.keys() & right.keys():
            ours, theirs = left[key].resource, right[key].resource
            if key.kind != "module" and not _equal(ours, theirs):
                yield self._overlap("both-add", key, ours, right[key], ours, hard=True)

    def depends(self, user: Side, changer: Side) -> Iterator[Overlap]:
        """What the user's changes depend on and the changer changes."""
        touches = self._sides[changer].by_origin
        mine = self._sides[user]
        names = {_known_as(key, touch) for key, touch in touches.items()}
        seen: set[tuple[Key, Key]] = set()
        for edge in mine.graph.along(names) if touches else ():
            origin = mine.origin(edge.target)
            touch = None if origin is None else touches.get(origin)
            if origin is None or touch is None or touch.before is None or origin in mine.by_origin:
                continue
            newly = self._newly(mine, edge.source, edge.by)
            if (edge.source, origin) in seen or not (newly or self._touched(mine, edge.source)):
                continue
            seen.add((edge.source, origin))
            yield self._dependency(changer, touch, edge.source, edge.by, newly=newly, guessed=edge.guessed)

    def names(self, user: Side, changer: Side) -> Iterator[Overlap]:
        """The same for what is known by its name alone."""
        mine = self._sides[user]
        seen: set[tuple[Key, str]] = set()
        for each in named(mine, self._sides[changer], self._holding):
            key = each.touch.resource.key
            if (key, each.source.path) not in seen:
                seen.add((key, each.source.path))
                newly = self._newly(mine, each.source.key, each.by)
                yield self._dependency(
                    changer, each.touch, each.source.key, each.by, newly=newly, guessed=not each.sure
                )

    def _dependency(
        self, changer: Side, touch: Touch, source: Key, by: Reference, *, newly: bool, guessed: bool
    ) -> Overlap:
        resource = touch.before or touch.resource
        made = self._overlap("depends", resource.key, resource, touch, resource, hard=touch.breaks and not guessed)
        return made._replace(
            changer=changer,
            path=source.path,
            line=by.line,
            column=by.column,
            user=source.name,
            how=by.how,
            newly=newly,
            guessed=guessed,
        )

    def _overlap(self, kind: Kind, key: Key, resource: Resource, theirs: Touch, at: Resource, *, hard: bool) -> Overlap:
        return Overlap(
            kind=kind,
            severity="hard" if hard else "soft",
            id=self._registry.id_of(key),
            resource=resource,
            changer="right",
            deeds=theirs.deeds,
            now=theirs.after,
            path=at.path,
            line=at.place.line,
            column=at.column,
        )

    def _touched(self, side: Touches, key: Key) -> bool:
        origin = side.origin(key)
        return origin is None or (origin in side.by_origin and key.kind != "module")

    def _newly(self, side: Touches, source: Key, by: Reference) -> bool:
        """Whether a resource did not refer to something in this way before."""
        origin = side.origin(source)
        outline = None if origin is None else side.before.outline(origin.path)
        before = None if outline is None or origin is None else outline.by_key.get(origin)
        if outline is None or before is None:
            return True
        known = [*before.references, *before.mentions]
        if before.parent is None:
            known += map(as_reference, outline.imports)
        return all((each.name, each.receiver) != (by.name, by.receiver) for each in known)


def _known_as(key: Key, touch: Touch) -> str:
    """What others called a resource before it was touched."""
    return module_name(key.path) if key.kind == "module" else (touch.before or touch.resource).name


def _equal(ours: Resource | None, theirs: Resource | None) -> bool:
    """Whether both sides came to the same."""
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.key, ours.body, ours.signature) == (theirs.key, theirs.body, theirs.signature)
