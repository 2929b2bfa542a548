"""Definitions whose text in a merge is not what the sides made of them, as an edit came to stand in another one.

Where lines that look alike stand in many places, what one side wrote into one function can end up in its neighbour:
nothing is lost or doubled, and all of it parses. So a definition that one side alone changed must be as that side has
it, and one that neither changed as it was.
"""

from __future__ import annotations

from tree_sitter import Node, Tree

from anvcs.merge.items import WORDS, Reader, is_signed
from anvcs.merge.languages import Profile

Path = tuple[bytes, ...]
Version = tuple[bytes, Tree]


def misplaced(
    profile: Profile, base: Version, left: Version, right: Version, merged: Version
) -> list[tuple[str, Node]]:
    """Names of definitions that are not as the sides made them, innermost only, and where they are in the merge."""
    if not profile.definitions or profile.prose:
        return []
    found = [_definitions(profile, *version) for version in (base, left, right, merged)]
    wrong: dict[Path, Node] = {}
    for path, node in found[3].items():
        if node is None or any(each.get(path) is None for each in found[:3]):
            continue
        texts = [_text(version, each.get(path)) for version, each in zip((base, left, right), found, strict=False)]
        wanted = _wanted(*texts)
        have = merged[0][node.start_byte : node.end_byte]
        if wanted is not None and have != wanted and WORDS.findall(have) != WORDS.findall(wanted):
            wrong[path] = node
    inner = [path for path in wrong if not any(other != path and other[: len(path)] == path for other in wrong)]
    names = {wrong[path].start_byte: (_bare(path[-1].partition(b" ")[2]), wrong[path]) for path in inner}
    return [(name.decode("utf-8", "replace"), node) for _, (name, node) in sorted(names.items())]


def _wanted(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """What a text must be; nothing where both sides changed it."""
    if right in (left, base):
        return left
    if left == base:
        return right
    tokens = WORDS.findall(base)
    if WORDS.findall(left) == tokens:
        return right
    return left if WORDS.findall(right) == tokens else None


def _definitions(profile: Profile, text: bytes, tree: Tree) -> dict[Path, Node | None]:
    """Definitions by their names and those of what they stand in; none where a name stands more than once."""
    reader = Reader(text, profile)
    found: dict[Path, Node | None] = {}
    around: list[tuple[int, Path]] = []
    nodes = profile.query("placement", profile.any_of(profile.definitions), tree.root_node)
    for node in sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)):
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        name = reader.name(node)
        if name is None:
            continue
        outer = around[-1][1] if around else ()
        signed, bare = ((*outer, node.type.encode() + b" " + each) for each in (name, _bare(name)))
        around.append((node.end_byte, signed))
        # One whose parameters a side changed is still the only one of its name.
        for path in {signed, bare}:
            found[path] = None if path in found else node
    return found


def _text(version: Version, node: Node | None) -> bytes:
    return b"" if node is None else version[0][node.start_byte : node.end_byte]


def _bare(name: bytes) -> bytes:
    return name.partition(b" ")[2] if is_signed(name) else name
