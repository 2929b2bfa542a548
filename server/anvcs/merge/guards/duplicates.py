"""Definitions and keys that stand twice in one place of a merge though in neither side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from tree_sitter import Node, Tree

from anvcs.merge.items import Reader, is_signed
from anvcs.merge.languages import Profile

Name = tuple[str, bytes]


def new_duplicates(
    profile: Profile,
    merged: tuple[bytes, Tree],
    sides: Iterable[tuple[bytes, Tree]],
    written: Collection[bytes] | None = None,
) -> list[tuple[bytes, Node]]:
    """Names that a list of the merge holds twice, and that stand more often in it than in each side.

    ``written`` are the tokens that a side wrote, if that is known: only such a name can stand twice anew.
    """
    found = _named(profile, *merged, written)
    many = {name for name, nodes in found.items() if len(nodes) > 1}
    if not many:
        return []
    counts = [Counter({name: len(nodes) for name, nodes in _named(profile, *side, written).items()}) for side in sides]
    out: list[tuple[bytes, Node]] = []
    for name in sorted(many):
        nodes = found[name]
        if any(len(nodes) <= count[name] for count in counts):
            continue
        places = Counter(_place(profile, node) for node in nodes)
        place, often = places.most_common(1)[0]
        if often > 1:
            called = name[1].partition(b" ")[2] if is_signed(name[1]) else name[1]
            out.append((called, next(node for node in reversed(nodes) if _place(profile, node) == place)))
    return out


def _named(profile: Profile, text: bytes, tree: Tree, written: Collection[bytes] | None) -> dict[Name, list[Node]]:
    reader = Reader(text, profile)
    found: dict[Name, list[Node]] = {}
    kinds = (profile.definitions - profile.decorated - profile.repeatable) | profile.keys
    repeated = {word.encode() for word in profile.repeatable}
    nodes = profile.query("duplicates", profile.any_of(kinds), tree.root_node) if kinds else []
    if written is not None:
        nodes = [node for node in nodes if reader.last_word(node) in written]
    # They come in no order of their own, and a finding is to be told where it always is.
    for node in sorted(nodes, key=lambda node: node.start_byte):
        parent = node.parent
        if parent is not None and parent.type in profile.decorated:
            continue
        if any(child.type == "modifier" and child.text in repeated for child in node.children):
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
