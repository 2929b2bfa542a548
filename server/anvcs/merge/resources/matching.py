"""Which resource of one version is which of another: through changes, renames and moves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Literal, NamedTuple

from anvcs.merge.resources.model import CONTAINERS, Key, Outline, Resource

Step = Literal["same", "renamed", "moved"]
"""What became of a resource's place: ``same`` within the one around it, another name there, or within another."""

_SAME_NAME = 0.5
"""How alike two texts are at least whose names are the same, but not their places."""
_SAME_PLACE = 0.7
"""The same where the place is the same, but not the name."""
_NOTHING_SAME = 0.85
_FEW = 12
"""Tokens: shorter bodies are too often the same to tell anything by themselves."""
_MOST_PAIRS = 4000
"""Pairs of one kind whose texts are compared; of more, only those of one name or one place are."""

Same = Callable[[Resource], Hashable]
"""What two resources must have in common."""

_PLACES: tuple[Same, ...] = (
    lambda each: (each.path, each.kind, each.qualified),
    lambda each: (each.path, each.qualified),
)
_FITS: tuple[Same, ...] = (lambda each: (each.path, each.name), lambda each: each.name, lambda _: True)
"""For equal bodies, the best fit first."""
_TWINS: tuple[Same, ...] = (lambda each: (each.body, each.signature), lambda each: each.signature, lambda _: True)
"""The same for those of one name, such as overloads."""

Likeness = Callable[[Resource, Resource], float]


class Followed(NamedTuple):
    """One resource in two versions."""

    before: Resource
    after: Resource
    step: Step


def follow(before: Iterable[Outline], after: Iterable[Outline], likeness: Likeness) -> dict[Key, Followed]:
    """The resources of ``before`` that ``after`` still has, by their keys in ``before``.

    Both are whole versions of a program, or the files that differ between two. The answer depends on nothing else;
    ``likeness`` is 0 for texts with nothing in common and 1 for equal ones.
    """
    matching = _Matching(_Version(before), _Version(after), likeness)
    matching.by_place()
    matching.files()
    matching.by_body()
    matching.inside()
    known = len(matching.pairs)
    matching.only_ones()
    matching.by_likeness()
    matching.around()
    matching.inside()
    matching.only_ones(known)
    return {key: matching.followed(key) for key in matching.pairs}


class _Version:
    """The resources of one version, with what is around each."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self.resources: dict[Key, Resource] = {}
        self.parents: dict[Key, Key | None] = {}
        self.children: dict[Key, list[Resource]] = defaultdict(list)
        for outline in sorted(outlines, key=lambda each: each.path):
            for each in outline.resources:
                parent = None if each.parent is None else outline.resources[each.parent].key
                self.resources[each.key] = each
                self.parents[each.key] = parent
                if parent is not None:
                    self.children[parent].append(each)


class _Matching:
    def __init__(self, before: _Version, after: _Version, likeness: Likeness) -> None:
        self.pairs: dict[Key, Key] = {}
        self._back: dict[Key, Key] = {}
        self._before, self._after = before, after
        self._likeness = likeness

    def by_place(self) -> None:
        """The same file and the same qualified name."""
        # Nearly everything stays where it was; only names that stand for several need a closer look.
        every = (self._before.resources, self._after.resources)
        several = {key[:3] for version in every for key in version if key.nth}
        for key, each in self._before.resources.items():
            if key[:3] not in several and key in self._after.resources:
                self._pair(each, self._after.resources[key])
        for same in _PLACES:
            for ours, theirs in self._groups(self._before.resources.values(), self._after.resources.values(), same):
                self._in_group(ours, theirs)

    def files(self) -> None:
        """Renamed files: those with most resources in common, by name and body."""
        gone = [each for each in self._left(self._before.resources.values()) if each.kind == "module"]
        new = [each for each in self._right(self._after.resources.values()) if each.kind == "module"]
        if not gone or not new:
            return
        places: dict[tuple[str, bytes], list[Key]] = defaultdict(list)
        for each in new:
            for part in (each, *self._after.children[each.key]):
                places[part.name, part.body].append(each.key)
        ranked: list[tuple[float, Key, Key]] = []
        for each in gone:
            parts = [each, *self._before.children[each.key]]
            votes = Counter(key for part in parts if part.tokens > 1 for key in places.get((part.name, part.body), ()))
            for key, shared in votes.items():
                total = max(len(parts), 1 + len(self._after.children[key]))
                ranked.append((-shared / total, each.key, key))
        self._greedy(each for each in ranked if -each[0] >= _SAME_NAME)

    def by_body(self) -> None:
        """Equal bodies in another place or under another name, where there is one that fits best."""
        for ours, theirs in self._groups(
            self._before.resources.values(),
            self._after.resources.values(),
            lambda each: (each.kind, each.body) if each.tokens >= _FEW and each.kind != "module" else None,
        ):
            for same in _FITS:
                for some, others in self._groups(ours, theirs, same):
                    if len(some) == len(others) == 1:
                        self._pair(some[0], others[0])

    def inside(self) -> None:
        """What stands under the same name in containers that were renamed or moved."""
        queue = [key for key in self.pairs if self._before.resources[key].kind in CONTAINERS]
        for key in queue:
            ours, theirs = self._before.children[key], self._after.children[self.pairs[key]]
            for some, others in self._groups(ours, theirs, lambda each: (each.kind, each.name)):
                queue += [each.key for each in self._in_group(some, others) if each.kind in CONTAINERS]

    def only_ones(self, known: int = 0) -> None:
        """The only one that went and the only one that came in a container, with equal bodies however short.

        The first ``known`` pairs are left out.
        """
        for key, other in list(self.pairs.items())[known:]:
            for ours, theirs in self._groups(
                self._before.children.get(key, ()),
                self._after.children.get(other, ()),
                lambda each: each.kind,
            ):
                if len(ours) == len(theirs) == 1 and ours[0].body == theirs[0].body and ours[0].tokens:
                    self._pair(ours[0], theirs[0])

    def by_likeness(self) -> None:
        """Changed and renamed or moved at once: the most alike first."""
        ours = [each for each in self._left(self._before.resources.values()) if each.kind != "module"]
        theirs = [each for each in self._right(self._after.resources.values()) if each.kind != "module"]
        ranked: list[tuple[float, Key, Key]] = []
        for some, others in self._groups(ours, theirs, lambda each: each.kind):
            all_pairs = len(some) * len(others) <= _MOST_PAIRS
            for left in some:
                for right in others:
                    ranked += self._ranked(left, right, all_pairs=all_pairs)
        self._greedy(ranked)

    def around(self) -> None:
        """Containers that at least half of what they held is now in another one of, the innermost first."""
        gone = [each for each in self._left(self._before.resources.values()) if each.kind in CONTAINERS]
        for each in sorted(gone, key=lambda each: (-each.qualified.count("."), each.key)):
            held = self._before.children[each.key]
            now = Counter(self._after.parents[self.pairs[part.key]] for part in held if part.key in self.pairs)
            for key, shared in now.most_common(1):
                if key is None or key in self._back or key.kind != each.kind or each.kind == "module":
                    continue
                if shared * 2 >= max(len(held), len(self._after.children[key])):
                    self._pair(each, self._after.resources[key])

    def _ranked(self, left: Resource, right: Resource, *, all_pairs: bool) -> Iterable[tuple[float, Key, Key]]:
        around = self._before.parents[left.key]
        here = around is not None and self.pairs.get(around) == self._after.parents[right.key]
        least = _SAME_NAME if left.name == right.name else _SAME_PLACE if here else _NOTHING_SAME
        if left.name != right.name and (min(left.tokens, right.tokens) < _FEW or not (here or all_pairs)):
            return
        sizes = sorted((left.span.end - left.span.start, right.span.end - right.span.start))
        # Words shared cannot be more than the shorter text has.
        if sizes[0] * 4 < sizes[1]:
            return
        alike = self._likeness(left, right)
        if alike >= least:
            yield -alike - (1 if left.name == right.name else 0), left.key, right.key

    def followed(self, key: Key) -> Followed:
        """One pair with what happened to its place."""
        before, after = self._before.resources[key], self._after.resources[self.pairs[key]]
        around, now = self._before.parents[key], self._after.parents[after.key]
        if around is None or now is None:
            return Followed(before, after, "same" if before.path == after.path else "moved")
        if self.pairs.get(around) != now:
            return Followed(before, after, "moved")
        return Followed(before, after, "same" if before.name == after.name else "renamed")

    def _in_group(self, ours: list[Resource], theirs: list[Resource]) -> list[Resource]:
        """Pairs those of one name: by body, then by signature, then in their order."""
        made: list[Resource] = []
        for same in _TWINS:
            for some, others in self._groups(ours, theirs, same):
                for left, right in zip(some, others, strict=False):
                    self._pair(left, right)
                    made.append(left)
        return made

    def _groups(
        self,
        ours: Iterable[Resource],
        theirs: Iterable[Resource],
        same: Same,
    ) -> list[tuple[list[Resource], list[Resource]]]:
        """Those without a partner that have something in common; what is None is left out."""
        grouped: dict[Hashable, tuple[list[Resource], list[Resource]]] = {}
        for side, resources in enumerate((self._left(ours), self._right(theirs))):
            for each in resources:
                key = same(each)
                if key is not None:
                    grouped.setdefault(key, ([], []))[side].append(each)
        return [(left, right) for left, right in grouped.values() if left and right]

    def _greedy(self, ranked: Iterable[tuple[float, Key, Key]]) -> None:
        """Pairs the best first; of equals, those whose names come first."""
        for _, left, right in sorted(ranked):
            if left not in self.pairs and right not in self._back:
                self._pair(self._before.resources[left], self._after.resources[right])

    def _pair(self, left: Resource, right: Resource) -> None:
        self.pairs[left.key] = right.key
        self._back[right.key] = left.key

    def _left(self, resources: Iterable[Resource]) -> list[Resource]:
        """Those of the first version that have no partner yet."""
        return [each for each in resources if each.key not in self.pairs]

    def _right(self, resources: Iterable[Resource]) -> list[Resource]:
        """The same of the second."""
        return [each for each in resources if each.key not in self._back]
