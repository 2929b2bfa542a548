"""Names that a merge uses and that nothing in it binds any more, though each side had them bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tree_sitter import Node

from anvcs.merge.guards.conservation import Edits
from anvcs.merge.guards.version import Version
from anvcs.merge.languages import Profile

_OF_WORDS = frozenset(bytes([byte]) for byte in b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def suspects(did: Edits) -> set[bytes]:
    """Names that one side took away somewhere and the other wrote somewhere."""
    return {
        token
        for token in (did.in_left.keys() & did.deleted_right.keys()) | (did.in_right.keys() & did.deleted_left.keys())
        if token[:1].isalpha() or token[:1] in (b"_", b"$")
    }


def vanished(did: Edits) -> set[bytes]:
    """Names of the base that one side has nowhere any more and the other uses once more."""
    sides = (did.in_left, did.deleted_right, did.in_right), (did.in_right, did.deleted_left, did.in_left)
    once_more = {
        (token, other_deleted[token])
        for inserted, other_deleted, other_inserted in sides
        for token in inserted.keys() & other_deleted.keys()
        if len(token) > 3 and token not in other_inserted
    }
    of_base = Counter(did.tokens) if once_more else Counter[bytes]()
    return {token for token, deleted in once_more if of_base[token] == deleted}


def dangling(profile: Profile, merged: Version, sides: Iterable[Version], names: set[bytes]) -> list[Node]:
    """The first use of each of ``names`` that the merge does not bind, where no side had that."""
    in_merged = _unbound(profile, merged, names)
    if not in_merged:
        return []
    before: set[bytes] = set()
    for side in sides:
        before |= _unbound(profile, side, set(in_merged)).keys()
    return [node for name, node in sorted(in_merged.items()) if name not in before]


def _unbound(profile: Profile, version: Version, names: set[bytes]) -> dict[bytes, Node]:
    used: dict[bytes, Node] = {}
    bound: set[bytes] = set()
    for node in _named_so(profile, version, names):
        name = node.text or b""
        role = _role(profile, node)
        if role == "bound":
            bound.add(name)
        elif role == "used":
            used.setdefault(name, node)
    return {name: node for name, node in used.items() if name not in bound}


def _named_so(profile: Profile, version: Version, names: set[bytes]) -> list[Node]:
    """The identifiers that are one of some names, those of one name in order.

    Looked for in the text: a node for each place is far less than a query of a whole tree.
    """
    text, root = version.text, version.tree.root_node
    found: list[Node] = []
    for name in names if profile.identifiers else ():
        at = text.find(name) if name.isascii() else -1
        while at >= 0:
            end = at + len(name)
            if text[at - 1 : at] not in _OF_WORDS and text[end : end + 1] not in _OF_WORDS:
                node = root.descendant_for_byte_range(at, end)
                while node is not None and node.start_byte == at and node.end_byte == end:
                    if node.type in profile.identifiers:
                        found.append(node)
                    node = node.parent
            at = text.find(name, end)
    return found


def _role(profile: Profile, node: Node) -> str:
    """Whether a name is ``bound`` there, ``used``, or only a ``label``."""
    child, parent = node, node.parent
    first = True
    while parent is not None and parent.type not in profile.statements:
        field = _field(parent, child)
        if first and field in profile.labels.get(parent.type, ()):
            return "label"
        binds = profile.binds.get(parent.type)
        if binds is not None and (field in binds or ("*" in binds and field not in _VALUES)):
            return "bound"
        if field in _VALUES:
            return "used"
        if binds is None and parent.type in profile.access:
            return "used"
        child, parent, first = parent, parent.parent, False
    return "used"


_VALUES = frozenset({"value", "type", "return_type", "right", "default_value", "body", "source"})


def _field(parent: Node, child: Node) -> str | None:
    for index, each in enumerate(parent.children):
        if each.id == child.id:
            return parent.field_name_for_child(index)
    return None
