"""The scopes of a text, and which of them binds a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anvcs.merge.resources.model import Import
from anvcs.merge.resources.parsing import Parsed


@dataclass(slots=True)
class Scope:
    """A part of a text with names of its own."""

    start: int
    end: int
    parent: int
    is_class: bool = False
    bound: dict[str, Import | None] = field(default_factory=dict[str, "Import | None"])
    """With the import that binds it."""
    types: dict[str, str] = field(default_factory=dict[str, str])
    """The classes of names, where a declaration tells."""
    outside: set[str] = field(default_factory=set[str])
    """Names that are said to be the module's."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Who binds a name that is used somewhere."""

    inside: bool
    """Something inside of a function or class."""
    at_top: bool
    by: Import | None = None


_FREE = Bound(inside=False, at_top=False)


def scopes(parsed: Parsed) -> list[Scope]:
    """In the order of the text; the first is the module."""
    found = [(node.start_byte, -node.end_byte, False) for node in parsed.names.get("scope", ())]
    found += [(node.start_byte, -node.end_byte, True) for node in parsed.names.get("scope.class", ())]
    made = [Scope(0, len(parsed.text), -1)]
    around = [0]
    for start, negative_end, is_class in sorted(found):
        while made[around[-1]].end <= start and len(around) > 1:
            around.pop()
        made.append(Scope(start, -negative_end, around[-1], is_class))
        around.append(len(made) - 1)
    return made


class Binding:
    """Looks names up in the scopes around them."""

    def __init__(self, made: Sequence[Scope], *, members: bool) -> None:
        self._scopes = made
        self._members = members
        """A class's members can be named from the functions in it."""
        self._known: dict[tuple[int, str], Bound] = {}

    def of(self, scope: int, name: str) -> Bound:
        """Who binds a name that is used in a scope."""
        key = scope, name
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look(scope, name)
        return found

    def type_of(self, scope: int, name: str) -> str | None:
        """The class that a declaration gives a name, where the name is bound."""
        while scope >= 0:
            here = self._scopes[scope]
            if name in here.types:
                return here.types[name]
            if name in here.bound:
                return None
            scope = here.parent
        return None

    def _look(self, first: int, name: str) -> Bound:
        scope = first
        while scope > 0:
            here = self._scopes[scope]
            if name in here.bound and (not here.is_class or scope == first or self._members):
                by = here.bound[name]
                return Bound(inside=by is None, at_top=False, by=by)
            scope = here.parent
        module = self._scopes[0].bound
        return Bound(inside=False, at_top=True, by=module[name]) if name in module else _FREE


class Around:
    """Finds the innermost of nested parts around places that only move forward."""

    def __init__(self, parts: Sequence[tuple[int, int]]) -> None:
        self._parts = sorted((start, -end, index) for index, (start, end) in enumerate(parts))
        self._next = 0
        self._stack: list[tuple[int, int]] = []

    def at(self, place: int) -> int:
        """Which part it is; -1 for none."""
        stack = self._stack
        while self._next < len(self._parts) and self._parts[self._next][0] <= place:
            start, end, index = self._parts[self._next]
            while stack and stack[-1][0] <= start:
                stack.pop()
            stack.append((-end, index))
            self._next += 1
        while stack and stack[-1][0] <= place:
            stack.pop()
        return stack[-1][1] if stack else -1
