"""What the resources of a text refer to, and which names they give to others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from anvcs.merge.resources.definitions import Definition, Lines
from anvcs.merge.resources.imports import Exchange
from anvcs.merge.resources.model import CONTAINERS, How, Import, Reference
from anvcs.merge.resources.parsing import Parsed
from anvcs.merge.resources.scopes import Around, Binding, Bound, Scope, scopes

_ROLES = (
    "use",
    "self",
    "member",
    "inherit",
    "label",
    "attribute",
    "global",
    "bind",
    "bind.outer",
    "attribute.parameter",
)
"""What a name may be; where several patterns see one, the last of these is it."""
_BINDS = frozenset({"bind", "bind.outer", "attribute.parameter"})
_LONGEST = 200
"""Letters of a chain of names; past it nobody reads it as one, and it costs the square of its length."""
_SPACE = b" \t\r\n"


class Found(NamedTuple):
    """What was found, by resource."""

    references: Sequence[Sequence[Reference]]
    binds: Sequence[frozenset[str]]
    imports: tuple[Import, ...]


class _Name(NamedTuple):
    start: int
    end: int
    text: str
    role: str
    scope: int
    resource: int


def names(parsed: Parsed, found: Sequence[Definition], given: Exchange, lines: Lines) -> Found:
    """Read from the matches of the language's queries."""
    made = scopes(parsed)
    listed = list(_placed(parsed, found, made, given.imports))
    members: list[set[str]] = [{found[child].name for child in each.children} for each in found]
    imports = _bind(parsed, found, made, listed, members, given.imports)
    for scope in made:
        for name in scope.outside:
            scope.bound.pop(name, None)
            made[0].bound.setdefault(name, None)
    members[0].update(made[0].bound)
    binding = Binding(made, members=parsed.language.members_in_scope)
    references = _References(parsed, binding, lines, len(found)).read(listed)
    binds = [frozenset(each) if found[at].kind in CONTAINERS else frozenset[str]() for at, each in enumerate(members)]
    return Found(references, binds, imports)


def _placed(
    parsed: Parsed, found: Sequence[Definition], made: Sequence[Scope], imports: Mapping[int, Import]
) -> Iterator[_Name]:
    """Every name in the order of the text, with the innermost scope and resource around it."""
    at: dict[int, tuple[int, str]] = {}
    for role in _ROLES:
        for node in parsed.names.get(role, ()):
            at[node.start_byte] = node.end_byte, role
    for place, taken in imports.items():
        if taken.local and place in at:
            at[place] = at[place][0], "import"
        elif taken.local:
            at[place] = place + len(taken.local.encode()), "import"
    order = sorted(at)
    for node in parsed.names.get("import", ()):
        part = slice(bisect_left(order, node.start_byte), bisect_left(order, node.end_byte))
        order[part] = [place for place in order[part] if at[place][1] == "import"]
    inside = Around([(scope.start, scope.end) for scope in made])
    of = Around([(each.start, each.end) for each in found])
    text, lower = parsed.text, parsed.language.ignores_case
    for start in order:
        end, role = at[start]
        name = text[start:end].decode("utf-8", "replace")
        yield _Name(start, end, name.lower() if lower else name, role, inside.at(start), of.at(start))


def _bind(
    parsed: Parsed,
    found: Sequence[Definition],
    made: Sequence[Scope],
    listed: Iterable[_Name],
    members: Sequence[set[str]],
    imports: Mapping[int, Import],
) -> tuple[Import, ...]:
    """Fills the scopes and the members of classes; gives the imports with what others can take from them."""
    taken = dict(imports)
    of = Around([(each.start, each.end) for each in found])
    classes = {index: of.at(scope.start) for index, scope in enumerate(made) if scope.is_class}
    for name in listed:
        if name.role in _BINDS:
            scope = made[name.scope].parent if name.role == "bind.outer" else name.scope
            made[max(scope, 0)].bound.setdefault(name.text, None)
            if scope in classes:
                members[classes[scope]].add(name.text)
        elif name.role == "import":
            each = imports[name.start]
            if name.scope == 0 and parsed.language.exports_all:
                each = taken[name.start] = replace(each, exported=each.local)
            made[name.scope].bound[name.text] = each
        elif name.role == "global":
            made[name.scope].outside.add(name.text)
        if name.role.startswith("attribute"):
            members[_class_of(found, name.resource)].add(name.text)
    _types(parsed, made)
    if parsed.language.exports_all:
        taken = {at: replace(each, exported="*") if each.name == "*" else each for at, each in taken.items()}
    return tuple(taken[at] for at in sorted(taken))


def _class_of(found: Sequence[Definition], resource: int) -> int:
    """The class around a resource, or itself; its own place if there is none."""
    at: int | None = resource
    while at:
        if found[at].kind in {"class", "interface", "enum"}:
            return at
        at = found[at].parent
    return resource


def _types(parsed: Parsed, made: Sequence[Scope]) -> None:
    matches = [match for match in parsed.structure if "type.variable" in match]
    matches.sort(key=lambda match: match["type.variable"][0].start_byte)
    inside = Around([(scope.start, scope.end) for scope in made])
    text = parsed.text
    for match in matches:
        variable, name = match["type.variable"][0], match["type.name"][0]
        scope = made[inside.at(variable.start_byte)]
        known = text[name.start_byte : name.end_byte].decode("utf-8", "replace")
        local = text[variable.start_byte : variable.end_byte].decode("utf-8", "replace")
        # Two declarations that differ tell nothing.
        scope.types[local] = known if scope.types.get(local, known) == known else ""


class _References:
    """Makes references of names that are used."""

    def __init__(self, parsed: Parsed, binding: Binding, lines: Lines, resources: int) -> None:
        self._text = parsed.text
        self._language = parsed.language
        self._binding = binding
        self._lines = lines
        self._found: list[list[Reference]] = [[] for _ in range(resources)]
        self._seen: set[tuple[int, str, str | None, bool]] = set()
        self._chains: dict[int, str] = {}
        """Plain chains of names, by where they end."""

    def read(self, listed: Iterable[_Name]) -> list[list[Reference]]:
        """Go through the names in the order of the text."""
        for name in listed:
            if name.role == "member":
                self._member(name)
            elif name.role == "inherit":
                self._inherit(name)
            elif name.role != "label":
                self._chains[name.end] = name.text
                if name.role == "use":
                    self._use(name, "use")
        return self._found

    def _use(self, name: _Name, how: How) -> None:
        bound = self._binding.of(name.scope, name.text)
        if (bound.inside and how != "inherit") or (
            bound == Bound(inside=False, at_top=False) and name.text in self._language.builtins
        ):
            return
        self._add(name, self._how(name, how), None, bound)

    def _member(self, name: _Name) -> None:
        receiver = self._receiver(name)
        if receiver is not None and len(receiver) < _LONGEST:
            self._chains[name.end] = f"{receiver}.{name.text}"
        self._add_member(name, receiver, self._how(name, "use"))

    def _inherit(self, name: _Name) -> None:
        receiver = self._receiver(name)
        if receiver is None:
            self._use(name, "inherit")
        else:
            self._add_member(name, receiver, "inherit")

    def _add_member(self, name: _Name, receiver: str | None, how: How) -> None:
        if receiver is None:
            self._add(name, how, "?", None)
            return
        first, _, rest = receiver.partition(".")
        if first in self._language.selves:
            self._add(name, how, f"self.{rest}" if rest else "self", None)
            return
        bound = self._binding.of(name.scope, first)
        owner = None if rest else self._binding.type_of(name.scope, first) or None
        self._add(name, how, receiver, None if bound.inside else bound, owner)

    def _how(self, name: _Name, otherwise: How) -> How:
        if otherwise != "use":
            return otherwise
        return "call" if self._text[name.end : name.end + 1] == b"(" else "use"

    def _receiver(self, name: _Name) -> str | None:
        """The chain of names before the dot before a member; nothing if it is anything else."""
        text, place = self._text, name.start
        while place and text[place - 1] in _SPACE:
            place -= 1
        for separator in self._language.separators:
            if text.startswith(separator, place - len(separator)):
                place -= len(separator)
                break
        else:
            return None
        while place and text[place - 1] in _SPACE:
            place -= 1
        return self._chains.get(place)

    def _add(self, name: _Name, how: How, receiver: str | None, bound: Bound | None, owner: str | None = None) -> None:
        key = name.resource, name.text, receiver, how == "inherit"
        if key in self._seen:
            return
        self._seen.add(key)
        line, column = self._lines.at(name.start)
        by = None if bound is None else bound.by
        at_top = bound is not None and bound.at_top
        module, imported = (None, None) if by is None else (by.module, by.name)
        self._found[name.resource].append(
            Reference(name.text, how, line, column, receiver, module, imported, owner, at_top)
        )
