"""What is known by its name alone: configuration keys, packages that are asked for, and what is in a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from anvcs.merge.resources.model import Reference, Resource
from anvcs.merge.resources.parsing import language_of
from anvcs.merge.resources.touch import Touch, Touches
from anvcs.merge.resources.uses import as_reference

_STORED = frozenset({"table", "column", "view", "index"})
_DISTINCT = re.compile(r"[a-z0-9][A-Z]|[A-Za-z0-9][_-][A-Za-z0-9]")
"""Names of keys that hardly anything else has."""
_PACKAGES = re.compile(r"(?:dependencies|devDependencies|peerDependencies|optionalDependencies)\.")
_MANIFEST = "package.json"

Holding = Callable[[str], Iterable[str]]
"""Paths of the base whose text holds a word."""


class Named(NamedTuple):
    """Somebody names what the other side touches."""

    touch: Touch
    source: Resource
    by: Reference
    sure: bool
    """The name can hardly mean anything else."""


def named(mine: Touches, theirs: Touches, holding: Holding) -> Iterator[Named]:
    """What one side's new and changed resources name of what the other side touches."""
    every = [*theirs.by_origin.values(), *_dropped(theirs, holding)]
    touched = {touch.before.qualified: touch for touch in every if touch.before is not None and _counts(touch)}
    if not touched:
        return
    by_name: dict[str, list[Touch]] = {}
    for qualified, touch in touched.items():
        for name in {qualified, qualified.rpartition(".")[2], _own(touch)}:
            by_name.setdefault(name, []).append(touch)
    for source in [*mine.added.values(), *mine.by_origin.values()]:
        if source.after is not None:
            yield from _in_resource(source.after, by_name)
    yield from _packages(mine, touched)


def _counts(touch: Touch) -> bool:
    """Keys whatever happens to them, and what is in a database if statements that name it break."""
    if touch.before is None:
        return False
    return touch.before.kind == "key" or (touch.before.kind in _STORED and touch.breaks)


def _own(touch: Touch) -> str:
    return "" if touch.before is None else touch.before.name


def _in_resource(source: Resource, touched: dict[str, list[Touch]]) -> Iterator[Named]:
    for by in (*source.references, *source.mentions):
        for touch in touched.get(by.name, ()) if by.how != "drop" else ():
            before = touch.before
            if before is None or before.path == source.path:
                continue
            if before.kind == "key":
                if _names_key(by, before.qualified, before.name):
                    yield Named(touch, source, by, sure=False)
            elif by.name == before.name and _knows_table(source, before):
                yield Named(touch, source, by, sure=by.how != "text")


def _names_key(by: Reference, qualified: str, name: str) -> bool:
    """Whether a key's whole name is written, or its own name where that is an unusual one."""
    if by.name == qualified and "." in qualified:
        return True
    if "." in qualified and (by.written == qualified or by.written.endswith("." + qualified)):
        return True
    return by.how == "text" and by.name == name and _DISTINCT.search(name) is not None


def _knows_table(source: Resource, before: Resource) -> bool:
    """A column is only meant where its table is named too."""
    table = before.qualified.rpartition(".")[0]
    return not table or any(each.name == table for each in (*source.references, *source.mentions))


def _dropped(theirs: Touches, holding: Holding) -> Iterator[Touch]:
    """What a side's new statements drop from a database."""
    for source in [*theirs.added.values(), *theirs.by_origin.values()]:
        old = () if source.before is None else source.before.mentions
        for by in () if source.after is None else source.after.mentions:
            if by.how == "drop" and all((by.name, by.receiver) != (each.name, each.receiver) for each in old):
                qualified = f"{by.receiver}.{by.name}" if by.receiver else by.name
                for resource in _stored(theirs, qualified, holding(by.name)):
                    yield Touch(frozenset({"removed"}), resource, None)


def _stored(theirs: Touches, qualified: str, paths: Iterable[str]) -> Iterator[Resource]:
    for path in sorted({*paths, *theirs.paths}):
        language = language_of(path)
        outline = theirs.before.outline(path) if language is not None and language.name == "sql" else None
        for resource in () if outline is None else outline.by_name.get(qualified, ()):
            if resource.kind in _STORED:
                yield resource


def _packages(mine: Touches, touched: dict[str, Touch]) -> Iterator[Named]:
    """Packages that one side imports and the other does not ask for any more."""
    gone = {
        touch.before.name.strip('"'): touch
        for name, touch in touched.items()
        if touch.before is not None
        and "removed" in touch.deeds
        and _PACKAGES.match(name)
        and touch.before.path.rpartition("/")[2] == _MANIFEST
    }
    for path in sorted(mine.paths) if gone else ():
        outline, before = mine.after.outline(path), mine.before.outline(path)
        known = set[str]() if before is None else {each.module for each in before.imports}
        for each in () if outline is None else outline.imports:
            parts = each.module.split("/")
            package = "/".join(parts[:2]) if each.module.startswith("@") else parts[0]
            if outline is not None and package in gone and each.module not in known:
                yield Named(gone[package], outline.module, as_reference(each), sure=True)
