"""The resources of a text: where they begin and end, what they are called, and their hashes."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import cast

import tree_sitter
from msgspec.structs import replace

from anvcs.merge.resources.languages import Language
from anvcs.merge.resources.model import CONTAINERS, Key, Kind, Reference, Resource, Span
from anvcs.merge.resources.parsing import Match, Parsed
from anvcs.merge.resources.tokens import Tokens, digest

_DEFINE = "define."
_QUOTES = frozenset("\"'`")
_SPACE = b" \t\r\n"
_SEPARATORS = frozenset({b";", b","})
_WRAPPERS = frozenset({"decorated", "exported"})
"""Patterns that widen a span and tell no kind."""


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        place = self._text.find(b"\n")
        while place >= 0:
            starts.append(place + 1)
            place = self._text.find(b"\n", place + 1)
        return starts

    def at(self, place: int) -> tuple[int, int]:
        """The line of a byte, from 1, and the byte's column in it."""
        line = bisect_right(self._starts, place)
        return line, place - self._starts[line - 1]

    def span(self, start: int, end: int) -> Span:
        """The part between two bytes."""
        return Span(start, end, self.at(start)[0], self.at(max(start, end - 1))[0])


@dataclass(slots=True)
class Definition:
    """A resource as it is found, before all is known of it."""

    start: int
    end: int
    kind: Kind
    name: str
    place: tuple[int, int]
    body: tuple[int, int] | None
    owner: str | None = None
    qualified: str = ""
    parent: int | None = None
    children: list[int] = field(default_factory=list[int])


def definitions(parsed: Parsed, imported: Container[int] = ()) -> list[Definition]:
    """The resources in the order of the text; the first is the module. Names at ``imported`` places define nothing."""
    module = Definition(0, len(parsed.text), "module", "", (0, 0), None)
    found = [module]
    around = [0]
    for each in sorted(_found(parsed, imported), key=lambda each: (each.start, -each.end)):
        while found[around[-1]].end < each.end or found[around[-1]].end <= each.start:
            around.pop()
        parent = found[around[-1]]
        if parent.kind not in CONTAINERS or (parent.body is not None and parent.body == each.body):
            continue
        each.parent = around[-1]
        if each.kind == "function" and parent.kind in parsed.language.methods_in:
            each.kind = "method"
        prefix = each.owner or (parent.qualified if each.parent else "")
        each.qualified = f"{prefix}.{each.name}" if prefix else each.name
        around.append(len(found))
        parent.children.append(len(found))
        found.append(each)
    return found


def _apart(found: Iterable[Definition]) -> None:
    """What one statement declares shares its span: each but the first begins at its own name."""
    together: dict[tuple[int, int], list[Definition]] = {}
    for each in found:
        together.setdefault((each.start, each.end), []).append(each)
    for group in together.values():
        group.sort(key=lambda each: each.place)
        for each, following in pairwise(group):
            each.end = following.start = following.place[0]


def _found(parsed: Parsed, imported: Container[int]) -> list[Definition]:
    """Each by the place of its name, so that patterns that see the same thing are one."""
    found: dict[int, Definition] = {}
    for match in parsed.structure:
        what = next((key for key in match if key.startswith(_DEFINE)), None)
        if what is None:
            continue
        kind = what[len(_DEFINE) :]
        node, name = match[what][0], match["name"][0]
        if name.start_byte in imported:
            continue
        body = _range(match, "body")
        known = found.get(name.start_byte)
        if known is None:
            if kind in _WRAPPERS:
                continue
            known = found[name.start_byte] = Definition(
                node.start_byte,
                node.end_byte,
                cast("Kind", kind),
                name_of(parsed, name),
                (name.start_byte, name.end_byte),
                body,
            )
        elif kind not in _WRAPPERS:
            known.kind = cast("Kind", kind)
        known.start, known.end = min(known.start, node.start_byte), max(known.end, node.end_byte)
        known.body = body or known.body
        if owner := match.get("owner"):
            known.owner = name_of(parsed, owner[0])
    _apart(found.values())
    _lead(parsed, found.values())
    return list(found.values())


def _lead(parsed: Parsed, found: Iterable[Definition]) -> None:
    """Takes in what stands before a resource and belongs to it, such as decorators that are nodes beside it."""
    ends = {node.end_byte: node.start_byte for node in parsed.names.get("leading", ())}
    for each in found if ends else ():
        start: int | None = each.start
        while start is not None:
            each.start = start
            while start and parsed.text[start - 1] in _SPACE:
                start -= 1
            start = ends.get(start)


def _range(match: Match, name: str) -> tuple[int, int] | None:
    nodes = match.get(name)
    return (nodes[0].start_byte, nodes[-1].end_byte) if nodes else None


def name_of(parsed: Parsed, node: tree_sitter.Node) -> str:
    """A name as others write it; quotes stay only around one with dots in it, which would be read as several."""
    name = parsed.text[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if name[:1] in _QUOTES and name[-1:] == name[:1] and len(name) > 1:
        name = f'"{name[1:-1]}"' if "." in name else name[1:-1]
    return name.lower() if parsed.language.ignores_case else name


def resources(path: str, parsed: Parsed, found: Sequence[Definition], lines: Lines) -> Iterator[Resource]:
    """The same with keys and hashes, but without names."""
    tokens = Tokens(parsed.text, parsed.names)
    taken = [(node.start_byte, node.end_byte) for node in parsed.names.get("import", ())]
    counts: Counter[tuple[str, str]] = Counter()
    for each in found:
        nth = counts[each.kind, each.qualified]
        counts[each.kind, each.qualified] += 1
        holes = sorted([(found[child].start, found[child].end) for child in each.children] + [each.place])
        if each.parent is None:
            holes = sorted(holes + taken)
        start, end = each.body or (each.start, each.end)
        own = tokens.within(_without((start, end), holes))
        if each.kind in CONTAINERS:
            # One member more brings a separator with it, which changes nothing for the others.
            own = [token for token in own if token not in _SEPARATORS]
        head = (
            tokens.within(_without((each.start, start if each.body else end), holes)) if each.parent is not None else []
        )
        yield Resource(
            key=Key(path, each.kind, each.qualified, nth),
            name=each.name,
            span=lines.span(each.start, each.end),
            place=lines.span(*each.place),
            column=lines.at(each.place[0])[1],
            body=digest(own),
            signature=digest(head),
            tokens=len(own),
            parent=each.parent,
        )


def with_names(
    resource: Resource,
    references: Sequence[Reference],
    binds: frozenset[str],
    mentioned: Iterable[Reference],
    language: Language,
) -> Resource:
    """A resource with what it refers to and gives, and of the kind that its bases tell."""
    key = resource.key
    bases = {each.name for each in references if each.how == "inherit"}
    if language.enums & bases:
        key = key._replace(kind="enum")
    elif language.interfaces & bases:
        key = key._replace(kind="interface")
    return replace(resource, key=key, references=tuple(references), binds=binds, mentions=tuple(mentioned))


def _without(part: tuple[int, int], holes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    place, end = part
    for start, stop in holes:
        if stop <= place:
            continue
        if start >= end:
            break
        yield place, start
        place = max(place, stop)
    if place < end:
        yield place, end
