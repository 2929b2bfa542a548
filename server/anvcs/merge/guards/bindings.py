"""Names at the top of a merge that an import binds and something else binds too, though in neither side."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from typing import NamedTuple

from tree_sitter import Node

from anvcs.merge.guards.version import Version
from anvcs.merge.items import Reader
from anvcs.merge.languages import Profile


class _Binding(NamedTuple):
    node: Node
    by: bytes | None
    """What the import brings it from; none for a definition."""


def bound_twice(
    profile: Profile, merged: Version, sides: Iterable[Version], written: Collection[bytes] | None = None
) -> list[tuple[bytes, Node]]:
    """Such names with the place where each is bound last: the compiler refuses it, or the last one silently wins.

    ``written`` are the tokens that a side wrote, if that is known: only such a name can be bound twice anew.
    """
    if not profile.imports_bind:
        return []
    found = {name: all_ for name, all_ in _bound(profile, merged, written).items() if _clash(profile, all_)}
    if not found:
        return []
    counts = [{name: len(all_) for name, all_ in _bound(profile, side, found).items()} for side in sides]
    return [
        (name, all_[-1].node)
        for name, all_ in sorted(found.items(), key=lambda each: each[0])
        if all(len(all_) > count.get(name, 0) for count in counts)
    ]


def _clash(profile: Profile, bindings: list[_Binding]) -> bool:
    imported = {each.by for each in bindings if each.by is not None}
    if len(bindings) < 2 or not imported:
        return False
    return profile.imports_bind == "once" or len(imported) > 1 or any(each.by is None for each in bindings)


def _bound(profile: Profile, version: Version, names: Collection[bytes] | None) -> dict[bytes, list[_Binding]]:
    """All that binds what imports bind, in the order of the text."""
    found: dict[bytes, list[_Binding]] = {}
    for node in version.tree.root_node.children:
        if node.type in profile.imports and node.type not in profile.leading:
            source = node.child_by_field_name(profile.names.get(node.type, "source"))
            by = b"" if source is None else version.text[source.start_byte : source.end_byte]
            for each in _brought(profile, node, source):
                name = version.text[each.start_byte : each.end_byte]
                if names is None or name in names:
                    found.setdefault(name, []).append(_Binding(each, by))
    if found:
        reader = Reader(version.text, profile)
        kinds = profile.definitions | (profile.declarations & profile.keys)
        for node in version.named:
            name = reader.name(node) if node.type in kinds and _is_at_top(profile, node) else None
            if name is not None and name in found:
                found[name].append(_Binding(node, None))
    return {name: sorted(all_, key=lambda each: each.node.start_byte) for name, all_ in found.items()}


def _brought(profile: Profile, node: Node, source: Node | None) -> Generator[Node]:
    """The names that an import binds: all in it but where it is from, and what has another name here."""
    alias = node.child_by_field_name("alias")
    if alias is not None:
        yield alias
    elif node.type in profile.identifiers:
        yield node
    # Of a path, only its beginning is bound, and by all paths that begin so.
    elif node.named_child_count == 1 or node.type in profile.imports or node.type in profile.binds:
        for child in node.named_children:
            if child != source:
                yield from _brought(profile, child, None)


def _is_at_top(profile: Profile, node: Node) -> bool:
    around = node.parent
    while around is not None and around.type in profile.wrappers:
        around = around.parent
    return around is None or around.parent is None
