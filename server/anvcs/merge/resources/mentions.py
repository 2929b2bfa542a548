"""Names that a text only mentions: in string literals, and in statements that drop them from a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from anvcs.merge.resources.definitions import Definition, Lines, name_of
from anvcs.merge.resources.model import Reference
from anvcs.merge.resources.parsing import Parsed
from anvcs.merge.resources.scopes import Around

_NAME = re.compile(rb"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_LONGEST = 100
"""Bytes of a literal that is taken for a name."""
_STATEMENT = re.compile(rb"\s*(?:select|insert|update|delete|create|alter|drop|with)\b", re.IGNORECASE)
_WORD = re.compile(rb"[A-Za-z_]\w*")
_MOST = 100
"""Words of one statement that are looked at."""


def mentions(
    parsed: Parsed, found: Sequence[Definition], lines: Lines
) -> list[dict[tuple[str, str | None], Reference]]:
    """By resource, the first of each name."""
    made: list[dict[tuple[str, str | None], Reference]] = [{} for _ in found]
    of = Around([(each.start, each.end) for each in found])
    for place, name, owner in sorted([*_texts(parsed), *_drops(parsed)], key=lambda each: each[0]):
        line, column = lines.at(place)
        how = "text" if owner is None else "drop"
        reference = Reference(name, how, line, column, owner or None)
        made[of.at(place)].setdefault((name, owner), reference)
    return made


def _texts(parsed: Parsed) -> Iterator[tuple[int, str, str | None]]:
    for node in parsed.names.get("text", ()):
        start, end = node.start_byte, node.end_byte
        if end - start <= _LONGEST and _NAME.fullmatch(parsed.text, start, end):
            yield start, parsed.text[start:end].decode(), None
        elif _STATEMENT.match(parsed.text, start, end):
            for count, word in enumerate(_WORD.finditer(parsed.text, start, end)):
                if count < _MOST:
                    yield word.start(), word.group().decode().lower(), None


def _drops(parsed: Parsed) -> Iterator[tuple[int, str, str | None]]:
    for match in parsed.structure:
        if "drop.name" in match:
            node, owner = match["drop.name"][0], match.get("drop.owner")
            yield (
                node.start_byte,
                name_of(parsed, node),
                name_of(parsed, owner[0]) if owner else "",
            )
