"""What is checked on every result, git's clean ones too: syntax, names, and that no edit is lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from tree_sitter import Node, Tree

from anvcs.merge.guards.bindings import bound_twice
from anvcs.merge.guards.conservation import Edits, Moves, settled
from anvcs.merge.guards.duplicates import new_duplicates
from anvcs.merge.guards.names import dangling, suspects, vanished
from anvcs.merge.guards.placement import misplaced
from anvcs.merge.guards.revived import revived
from anvcs.merge.guards.twice import twice
from anvcs.merge.guards.version import Version
from anvcs.merge.kinds import is_special, special_findings
from anvcs.merge.languages import Profile, language_for
from anvcs.merge.model import Finding

__all__ = ["broken", "check"]

_SHOWN = 5


def check(
    base: bytes,
    left: bytes,
    right: bytes,
    merged: bytes,
    *,
    path: str,
    allowed: frozenset[str] = frozenset(),
    moves: Moves | None = None,
    given_up: Sequence[bytes] = (),
) -> tuple[Finding, ...]:
    """What is wrong with a merge; nothing if one side alone made it.

    ``allowed`` names kinds of findings that the rule which made the text accounts for, ``moves`` what sides moved
    where a rule knows it, and ``given_up`` the words that a rule leaves out, as the lower one of two versions.
    """
    if merged in (left, right) and (base in (left, right) or left == right):
        return ()
    did, lost, doubled = settled(base, left, right, merged, moves)
    lost = lost - Counter(given_up)
    found: list[Finding] = []
    if lost:
        found.append(Finding("lost", f"Edits are lost: {_words(lost)}."))
    if doubled:
        found.append(Finding("doubled", f"Edits are doubled: {_words(doubled)}."))
    lines = [[line.strip() for line in text.split(b"\n")] for text in (base, left, right, merged)]
    if not doubled and (row := twice(*lines)) is not None:
        found.append(Finding("doubled", "Both sides added these lines, and they stand twice.", "hard", row + 1))
    if (row := revived(*lines)) is not None:
        message = "One side deleted these lines, and they are back, since the other side moved them."
        found.append(Finding("revived", message, "hard", row + 1))
    profile = language_for(path)
    if profile is not None:
        found += _by_syntax(profile, (base, left, right), merged, did, doubled)
    found += [
        Finding(
            "vanished",
            f"One side uses {name.decode('utf-8', 'replace')} once more, the other removed it everywhere.",
            "soft",
            *_position(merged, merged.find(name)),
        )
        # The words of a sentence are no names, nor is what a tool wrote.
        for name in sorted(() if is_special(path) or (profile is not None and profile.prose) else vanished(did))
        if name in merged
    ]
    found += special_findings(left, right, merged, path=path)
    return tuple(finding for finding in found if finding.kind not in allowed)


def broken(
    profile: Profile, sides: Sequence[bytes], merged: bytes, written: Collection[bytes] | None = None
) -> list[Finding]:
    """What no side is to blame for: new errors of syntax, or else definitions that stand twice.

    ``written`` are the tokens that the sides wrote, if they are known.
    """
    return _broken(profile, [Version(profile, side) for side in sides], Version(profile, merged), written)


def _broken(
    profile: Profile, sides: Sequence[Version], merged: Version, written: Collection[bytes] | None
) -> list[Finding]:
    errors = _errors(merged.tree)
    known = [len(_errors(side.tree)) for side in sides] if errors else [0]
    # Where the grammar does not know all of a text, as with macros, each side may have brought more of that.
    if len(errors) > (sum(known) if all(known) else max(known)):
        where = errors[0].start_point
        message = f"The merge is no valid {profile.name} here, though both sides are."
        return [Finding("syntax", message, "hard", where.row + 1, where.column)]
    row = None if errors else _refused(profile, sides, merged)
    if row is not None:
        message = f"{profile.name.capitalize()} cannot read the merge here, though it reads both sides."
        return [Finding("syntax", message, "hard", row + 1)]
    return [
        Finding("duplicate", f"{name.decode('utf-8', 'replace')} is defined twice.", "hard", *_point(node))
        for name, node in new_duplicates(profile, merged, sides, written)
    ] + [
        Finding("duplicate", f"{name.decode('utf-8', 'replace')} is imported, and bound twice.", "hard", *_point(node))
        for name, node in bound_twice(profile, merged, sides, written)
    ]


def _refused(profile: Profile, sides: Sequence[Version], merged: Version) -> int | None:
    """The row of the first statement that neither side has like that and the language's own parser refuses."""
    refuses = profile.refuses
    if refuses is None:
        return None
    known = {side.text[node.start_byte : node.end_byte] for side in sides for node in side.tree.root_node.children}
    for node in merged.tree.root_node.children:
        text = merged.text[node.start_byte : node.end_byte]
        row = refuses(text) if text not in known else None
        if row is not None:
            return node.start_point.row + row if all(refuses(side.text) is None for side in sides) else None
    return None


def _by_syntax(
    profile: Profile, versions: tuple[bytes, bytes, bytes], text: bytes, did: Edits, doubled: Counter[bytes]
) -> list[Finding]:
    base, left, right = (Version(profile, version) for version in versions)
    merged = Version(profile, text)
    written = did.in_left.keys() | did.in_right.keys() | doubled.keys()
    found = _broken(profile, (left, right), merged, written)
    if any(finding.kind == "syntax" for finding in found):
        return found
    found += [
        Finding("misplaced", f"{name} is not what the sides made of it.", "hard", *_point(node))
        for name, node in misplaced(profile, base, left, right, merged)
    ]
    found += [
        Finding(
            "dangling",
            f"{(node.text or b'').decode('utf-8', 'replace')} is used here, but nothing binds it any more.",
            "hard",
            *_point(node),
        )
        for node in dangling(profile, merged, (left, right), suspects(did))
    ]
    return found


def _errors(tree: Tree) -> list[Node]:
    """Nodes that are no syntax, and those that the parser made up."""
    found: list[Node] = []
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        if node.has_error:
            stack.extend(reversed(node.children))
    return found


def _point(node: Node) -> tuple[int, int]:
    return node.start_point.row + 1, node.start_point.column


def _position(text: bytes, at: int) -> tuple[int, int]:
    return text.count(b"\n", 0, at) + 1, at - text.rfind(b"\n", 0, at) - 1


def _words(tokens: dict[bytes, int]) -> str:
    shown = [token.decode("utf-8", "replace") for token in sorted(tokens)[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(tokens) - _SHOWN} more" if len(tokens) > _SHOWN else "")
