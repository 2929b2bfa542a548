"""The resources of one text."""

from __future__ import annotations

from anvcs.merge.resources import definitions, imports, mentions, names
from anvcs.merge.resources.definitions import Lines
from anvcs.merge.resources.model import Outline, Resource
from anvcs.merge.resources.parsing import parse

FORMAT = 1
"""Raised when outlines of the same text come out otherwise: those that were kept are found again then."""


def extract(path: str, text: bytes) -> tuple[Resource, ...]:
    """The resources of a text, in its order; none if its language is not known."""
    found = outline(path, text)
    return () if found is None else found.resources


def outline(path: str, text: bytes) -> Outline | None:
    """All that is known of a text; nothing if its language is not known. Never raises for what the text holds."""
    parsed = parse(path, text)
    if parsed is None:
        return None
    lines = Lines(text)
    given = imports.exchange(parsed, lines)
    found = definitions.definitions(parsed, given.imports)
    known = names.names(parsed, found, given, lines)
    mentioned = mentions.mentions(parsed, found, lines)
    bare = definitions.resources(path, parsed, found, lines)
    return Outline(
        path=path,
        language=parsed.language.name,
        resources=tuple(
            definitions.with_names(each, references, binds, said.values(), parsed.language)
            for each, references, binds, said in zip(bare, known.references, known.binds, mentioned, strict=True)
        ),
        imports=known.imports,
        exports=given.exports,
        opaque=given.opaque,
        broken=parsed.root.has_error,
    )
