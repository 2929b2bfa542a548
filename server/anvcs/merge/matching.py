"""Which item of one version is which of another: by name, by equal text, by likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain

from anvcs.merge.items import Item, Key
from anvcs.merge.lines import Change, diff_items, ends_alike, one_change

_ALIKE = {"definition": 0.6, "test": 0.6, "import": 0.7, "entry": 0.5, "statement": 0.5}
"""How alike two items of one gap must be to be one."""
_RENAMED = 0.75
"""How alike two definitions must be to be one that was renamed and moved."""
_FEW = 8
"""Up to so many names are looked for in the text of items before these are read."""
_MANY = 60
"""Beyond so many items on both sides of a gap likeness is not tried."""


def match(
    old: Sequence[Item],
    new: Sequence[Item],
    *,
    by_position: bool = False,
    by_type: bool = False,
    signed: bool = True,
) -> dict[int, int]:
    """For items of ``new`` the item of ``old`` that they are.

    ``by_position``: where as many went as came, each took the place of one; ``by_type``: if they are of the same types.
    ``signed``: keys may have signatures.
    """
    found: dict[int, int] = {}
    taken: set[int] = set()
    changes = changed(old, new)
    _equal(changes, len(old), found, taken)
    if len(taken) == len(old) or len(found) == len(new):
        return found
    for index, of in found.items():
        new[index].like = old[of]
    _by_key(old, new, _key, found, taken)
    if signed and any(x.bare != x.key for x in chain(old, new)):
        _by_key(old, new, _bare, found, taken)
    for change in changes:
        _alike_in_gap(old, new, change, found, taken)
        if by_position or by_type:
            _in_place(old, new, change, found, taken, by_type=by_type)
    _renamed(old, new, found, taken)
    return found


def changed(old: Sequence[Item], new: Sequence[Item]) -> list[Change]:
    """What differs between two versions of a list but for white space; most of both is the same to the byte."""
    start, end = ends_alike([_bytes(item) for item in old], [_bytes(item) for item in new])
    middle = (items[start : len(items) - end] for items in (old, new))
    found = one_change(*([item.line for item in items] for items in middle))
    if found is None:
        return diff_items([item.line for item in old], [item.line for item in new])
    return [Change(*(at + start for at in change)) for change in found]


def _bytes(item: Item) -> bytes:
    return item.mark + b"\0" + item.core if item.mark else item.core


def _equal(changes: Sequence[Change], size: int, found: dict[int, int], taken: set[int]) -> None:
    at, shift = 0, 0
    for change in [*changes, Change(size, size, 0, 0)]:
        for index in range(at, change.start):
            found[index + shift] = index
            taken.add(index)
        at, shift = change.end, change.new_end - change.end


def _by_key(
    old: Sequence[Item],
    new: Sequence[Item],
    key_of: Callable[[Item], Key | None],
    found: dict[int, int],
    taken: set[int],
) -> None:
    """Unique names among what is left; a name that an equal item has already is not unique."""
    where = {key: i for i, x in enumerate(old) if i not in taken and (key := key_of(x)) is not None}
    named = {j: key for j, x in enumerate(new) if j not in found and (key := key_of(x)) in where}
    in_old, in_new = (_often(items, set(named.values()), key_of) for items in (old, new))
    for index, key in named.items():
        if in_old[key] == 1 and in_new[key] == 1:
            found[index] = where[key]
            taken.add(where[key])


def _often(items: Sequence[Item], keys: set[Key], key_of: Callable[[Item], Key | None]) -> Counter[Key | None]:
    """How many items have each of some keys; which one has is only asked where the end of a name is in its text."""
    words = {key[1].rpartition(b" ")[2] for key in keys} if len(keys) <= _FEW else {b""}
    return Counter(key_of(x) for x in items if any(word in x.core for word in words))


def _key(item: Item) -> Key | None:
    return item.key


def _bare(item: Item) -> Key | None:
    return item.bare


def likeness(one: Item, other: Item) -> float:
    """Dice's coefficient of two items' words, from 0 to 1."""
    a, b = one.words, other.words
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _may_be_renamed(one: Item, other: Item) -> bool:
    """Two definitions of one name, or that have most of their different words in common.

    Brackets and words that come again and again make any two short definitions alike; to take one that went for one
    that came would put the other side's change into what it knows nothing of.
    """
    if one.kind not in {"definition", "test"} or one.key is None or other.key is None or one.bare == other.bare:
        return True
    a, b = ({word for word in item.bag if word[:1].isalnum() or word[:1] == b"_"} for item in (one, other))
    return 2 * len(a & b) >= _RENAMED * (len(a) + len(b))


def _alike_in_gap(
    old: Sequence[Item], new: Sequence[Item], change: Change, found: dict[int, int], taken: set[int]
) -> None:
    """The best pairs of one gap that do not cross."""
    rows = [i for i in range(change.start, change.end) if i not in taken]
    columns = [j for j in range(change.new_start, change.new_end) if j not in found]
    if not rows or not columns or len(rows) * len(columns) > _MANY * _MANY:
        return
    best = [[0.0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    score = [[0.0] * len(columns) for _ in rows]
    for a in range(len(rows) - 1, -1, -1):
        for b in range(len(columns) - 1, -1, -1):
            one, other = old[rows[a]], new[columns[b]]
            alike = likeness(one, other) if one.kind == other.kind and _may_be_renamed(one, other) else 0.0
            # Cubed: one good pair counts more than two that only look alike.
            score[a][b] = alike**3 if alike >= _ALIKE[one.kind] else 0.0
            with_it = score[a][b] + best[a + 1][b + 1] if score[a][b] else 0.0
            best[a][b] = max(with_it, best[a + 1][b], best[a][b + 1])
    a = b = 0
    while a < len(rows) and b < len(columns):
        if score[a][b] and best[a][b] == score[a][b] + best[a + 1][b + 1]:
            found[columns[b]] = rows[a]
            taken.add(rows[a])
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1


def _in_place(
    old: Sequence[Item], new: Sequence[Item], change: Change, found: dict[int, int], taken: set[int], *, by_type: bool
) -> None:
    rows = [i for i in range(change.start, change.end) if i not in taken]
    columns = [j for j in range(change.new_start, change.new_end) if j not in found]
    if len(rows) != len(columns):
        return
    if not by_type or all(old[i].node.type == new[j].node.type for i, j in zip(rows, columns, strict=True)):
        found |= dict(zip(columns, rows, strict=True))
        taken |= set(rows)


def _renamed(old: Sequence[Item], new: Sequence[Item], found: dict[int, int], taken: set[int]) -> None:
    rows = [i for i, x in enumerate(old) if i not in taken and x.kind in {"definition", "test"}]
    columns = [j for j, x in enumerate(new) if j not in found and x.kind in {"definition", "test"}]
    if len(rows) * len(columns) > _MANY * _MANY:
        return
    pairs = [
        (likeness(old[i], new[j]), -i, -j)
        for i in rows
        for j in columns
        if old[i].kind == new[j].kind
        and _may_be_renamed(old[i], new[j])
        and min(len(old[i].norm), len(new[j].norm)) * 3 > max(len(old[i].norm), len(new[j].norm))
    ]
    for alike, i, j in sorted(pairs, reverse=True):
        if alike < _RENAMED:
            break
        if -i not in taken and -j not in found:
            found[-j] = -i
            taken.add(-i)
