"""Definitions and keys that stand twice in one place of a merge though in neither side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tree_sitter import Node

from anvcs.merge.guards.version import Version
from anvcs.merge.items import Reader, is_signed
from anvcs.merge.languages import Profile

Name = tuple[str, bytes]


def new_duplicates(
    profile: Profile, merged: Version, sides: Iterable[Version], written: Collection[bytes] | None = None
) -> list[tuple[bytes, Node]]:
    """Names that a list of the merge holds twice, and that stand more often in it than in each side.

    ``written`` are the tokens that a side wrote, if that is known: only such a name can stand twice anew.
    """
    found = _named(profile, merged, written)
    at_one_place = {name: node for name, nodes in found.items() if (node := _second(profile, nodes)) is not None}
    if not at_one_place:
        return []
    counts = [Counter({name: len(nodes) for name, nodes in _named(profile, side, written).items()}) for side in sides]
    return [
        (name[1].partition(b" ")[2] if is_signed(name[1]) else name[1], node)
        for name, node in sorted(at_one_place.items(), key=lambda each: each[0])
        if all(len(found[name]) > count[name] for count in counts)
    ]


def _second(profile: Profile, nodes: Sequence[Node]) -> Node | None:
    """The last of those that stand in one place, where most stand; nothing if each stands in a place of its own."""
    if len(nodes) < 2:
        return None
    places = [_place(profile, node) for node in nodes]
    place, often = Counter(places).most_common(1)[0]
    return nodes[len(places) - 1 - places[::-1].index(place)] if often > 1 else None


def _named(profile: Profile, version: Version, written: Collection[bytes] | None) -> dict[Name, list[Node]]:
    reader = Reader(version.text, profile)
    found: dict[Name, list[Node]] = {}
    kinds = (profile.definitions - profile.decorated - profile.repeatable) | profile.keys
    repeated = {word.encode() for word in profile.repeatable}
    for node in version.named:
        if node.type not in kinds or (written is not None and reader.last_word(node) not in written):
            continue
        parent = node.parent
        if parent is not None and parent.type in profile.decorated:
            continue
        if repeated and any(child.type == "modifier" and child.text in repeated for child in node.children):
            continue
        name = reader.name(node)
        if name is not None:
            found.setdefault((node.type, name), []).append(node)
    return found


def _place(profile: Profile, node: Node) -> int:
    """The innermost list, branch or function around a node."""
    around = node.parent
    while around is not None:
        if around.type in profile.lists and around.type not in profile.wrappers:
            return around.id
        around = around.parent
    return 0
