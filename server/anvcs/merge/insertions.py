"""Whether what was inserted may stand on either side of something else, and on which side it should."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from anvcs.merge.items import Item
from anvcs.merge.languages import Listing
from anvcs.merge.sequence import Slot

_LETTERS = re.compile(rb"[^0-9A-Za-z\x80-\xff]")
_EXITS = frozenset({b"return", b"break", b"continue", b"throw", b"raise", b"yield", b"await"})
_OPENING = frozenset({b"{", b"["})
_STILL = frozenset({"definition", "import"})
"""Kinds that run nothing where they stand, but for what they bind."""


def independent(left: Sequence[Item], right: Sequence[Item], spec: Listing, keywords: AbstractSet[bytes]) -> bool:
    """Whether two runs of inserted statements or elements may stand in either order."""
    if spec.separator:
        return True
    return all(_is_unaffected(one, other, keywords) for one, other in ((left, right), (right, left)))


def _is_unaffected(run: Sequence[Item], other: Sequence[Item], keywords: AbstractSet[bytes]) -> bool:
    """Whether what ``other`` does is the same before ``run`` and after it."""
    used = set[bytes]().union(*(item.bag.keys() for item in other))
    if any(_bound(item, keywords) & used for item in run):
        return False
    moving = [item for item in run if item.kind == "statement"]
    if any(item.governs or item.bag.keys() & _EXITS for item in moving):
        return False
    if any(item.kind == "import" and b"*" in item.bag and b"as" not in item.bag for item in run):
        return all(item.kind in _STILL for item in other)
    # Of a statement with others inside nobody knows what it binds.
    compound = set[bytes]().union(*(item.words.keys() for item in moving if item.compound)) - keywords
    if not compound:
        return True
    return all(
        item.kind in _STILL and not compound & (_bound(item, keywords) if item.kind == "import" else item.words.keys())
        for item in other
    )


def _bound(item: Item, keywords: AbstractSet[bytes]) -> AbstractSet[bytes]:
    """The names that an item binds for those that follow it."""
    if item.key is None or item.kind == "test":
        return frozenset()
    path = item.key[1].split(b" ")
    if item.key[0] != "import":
        return {word for word in path if word[-1:].isalnum()} if path[0] in _OPENING else {path[-1]}
    names = item.words.keys() - keywords - {*path}
    # What names no more than a module may be called by its last name.
    return names or {word for word in path[-2:] if word[-1:].isalnum()}


def are_apart(
    deleted: Sequence[Slot],
    inserted: Sequence[Slot],
    spec: Listing,
    sides: tuple[Sequence[Item], Sequence[Item]],
    keywords: AbstractSet[bytes],
) -> bool:
    """Whether what one side only deleted and what the other only inserted have nothing to do with one another.

    A name in both that the deleting side uses no more around here may be what it wanted to be rid of.
    """
    if spec.order != "ordered":
        return False
    gone, come = [slot.any for slot in deleted], [slot.any for slot in inserted]
    shared = set[bytes]().union(*(item.words for item in gone)) & set[bytes]().union(*(item.words for item in come))
    rest = sides[0] if any(slot.left is None for slot in deleted) else sides[1]
    return shared <= set[bytes]().union(*(item.words for item in rest)) and independent(gone, come, spec, keywords)


def place_of(item: Item) -> tuple[bytes, bytes]:
    """What decides which of two runs of insertions comes first."""
    words = item.key[1] if item.key is not None else item.norm
    return _LETTERS.sub(b"", words).lower(), item.norm


def acts_on_others(item: Item) -> bool:
    """Whether it does something where it stands, and more than to give something a name."""
    return item.kind == "statement" and item.key is None
