"""Definitions whose text in a merge is not what the sides made of them, as an edit came to stand in another one.

Where lines that look alike stand in many places, what one side wrote into one function can end up in its neighbour:
nothing is lost or doubled, and all of it parses. So a definition that one side alone changed must be as that side has
it, and one that neither changed as it was; and so must one that a side alone added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from anvcs.merge.guards.version import Version
from anvcs.merge.items import WORDS, Reader, is_signed
from anvcs.merge.languages import Profile

Path = tuple[bytes, ...]
Texts = Mapping[Path, bytes | None]
"""Definitions of a version; none where a name stands more than once."""


def misplaced(
    profile: Profile, base: Version, left: Version, right: Version, merged: Version
) -> list[tuple[str, Node]]:
    """Names of definitions that are not as the sides made them, innermost only, and where they are in the merge."""
    read = (base, left, right, merged)
    # Where a part is no syntax, what stands around it is not told rightly either.
    if not profile.definitions or profile.prose or any(version.tree.root_node.has_error for version in read):
        return []
    names: dict[tuple[str, bytes], bytes | None] = {}
    found = [_definitions(profile, version, names) for version in read]
    named: list[Texts] = [
        {
            path: version.text[node.start_byte : node.end_byte] if node is not None else None
            for path, node in each.items()
        }
        for version, each in zip((base, left, right), found, strict=False)
    ]
    adds = [not _renames(named[0], named[side], named[3 - side]) for side in (1, 2)]
    heirs = [_heirs(named[0], named[side], named[3 - side]) for side in (1, 2)]
    wrong: dict[Path, Node] = {}
    for path, node in found[3].items():
        kind, _, name = path[-1].partition(b" ")
        # With other parameters or under another condition it is still what had that name.
        if node is None or (path not in named[0] and (*path[:-1], kind + b" " + _bare(name)) in named[0]):
            continue
        new = [adds[side] and not any(path[: len(heir)] == heir for heir in heirs[side]) for side in (0, 1)]
        wanted = _wanted(named[0].get(path, b""), named[1].get(path, b""), named[2].get(path, b""), new)
        have = merged.text[node.start_byte : node.end_byte]
        if wanted is not None and have != wanted and WORDS.findall(have) != WORDS.findall(wanted):
            wrong[path] = node
    inner = [path for path in wrong if not any(other != path and other[: len(path)] == path for other in wrong)]
    told = {wrong[path].start_byte: (_bare(path[-1].partition(b" ")[2]), wrong[path]) for path in inner}
    return [(name.decode("utf-8", "replace"), node) for _, (name, node) in sorted(told.items())]


def _renames(base: Texts, side: Texts, other: Texts) -> bool:
    """A side changed or has no longer what the other changed, so what it added may be that, or a part of it."""
    around = {path[:-1] for path in base}
    return any(
        side.get(path, b"") != text != other.get(path, text) for path, text in base.items() if path not in around
    )


def _heirs(base: Texts, side: Texts, other: Texts) -> list[Path]:
    """What a side has anew, that may be what it renamed of what the other changed around or between its members."""
    around = {path[:-1] for path in base}
    gone = {
        (path[:-1], _kind(path))
        for path, text in base.items()
        if path in around and path not in side and other.get(path, text) != text
    }
    return [path for path in side if path not in base and (path[:-1], _kind(path)) in gone]


def _kind(path: Path) -> bytes:
    return path[-1].partition(b" ")[0]


def _wanted(base: bytes | None, left: bytes | None, right: bytes | None, adds: Sequence[bool]) -> bytes | None:
    """What a definition must be, each text empty where it is not there; nothing where that cannot be told.

    ``adds`` tells for each side whether what it has alone is new.
    """
    if base is None or left is None or right is None:
        return None
    if not base:
        return left if left and not right and adds[0] else right if right and not left and adds[1] else None
    if not left or not right:
        return None
    if right in (left, base):
        return left
    if left == base:
        return right
    tokens = WORDS.findall(base)
    if WORDS.findall(left) == tokens:
        return right
    return left if WORDS.findall(right) == tokens else None


def _definitions(
    profile: Profile, version: Version, names: dict[tuple[str, bytes], bytes | None]
) -> dict[Path, Node | None]:
    """Definitions by their names and those of what they stand in; none where a name stands more than once.

    ``names`` are those of nodes in other versions, by type and text.
    """
    reader = Reader(version.text, profile)
    found: dict[Path, Node | None] = {}
    around: list[tuple[int, Path]] = []
    for node in version.named:
        if node.type not in profile.definitions:
            continue
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        key = node.type, version.text[node.start_byte : node.end_byte]
        # With a condition before it, the same text is something else.
        if key not in names or profile.conditions:
            names[key] = reader.name(node)
        name = names[key]
        if name is None:
            continue
        outer = around[-1][1] if around else ()
        signed, bare = ((*outer, node.type.encode() + b" " + each) for each in (name, _bare(name)))
        around.append((node.end_byte, signed))
        # One whose parameters a side changed is still the only one of its name.
        for path in {signed, bare}:
            found[path] = None if path in found else node
    return found


def _bare(name: bytes) -> bytes:
    return name.partition(b" ")[2] if is_signed(name) else name
