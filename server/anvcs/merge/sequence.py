"""The order of a merged list: what both sides keep, what each deletes, inserts and moves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from anvcs.merge.items import Item


class RefusedError(Exception):
    """A rule is not sure; what it was about stays a conflict."""

    def __init__(self, rule: str, reason: str, entity: str | None = None) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.entity = entity


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One item of the merged list, as each version has it."""

    base: Item | None
    left: Item | None
    right: Item | None
    clash: int | None = None
    """The number of the conflict that stands here instead of items."""

    @property
    def any(self) -> Item:
        """One of its versions, the left's first."""
        found = self.left or self.right or self.base
        if found is None:
            raise ValueError("a slot without an item")
        return found


@dataclass(slots=True)
class Aligned:
    """Three lists with the items of the sides matched to the base, and to one another where both inserted the same."""

    base: Sequence[Item]
    left: Sequence[Item]
    right: Sequence[Item]
    in_left: Mapping[int, int]
    """For items of the left side the base's."""
    in_right: Mapping[int, int]
    twins: Mapping[int, int]
    """For items that the right side inserted the left's that it is."""


Union = Callable[[Sequence[Item], Sequence[Item]], "list[Slot]"]
"""What becomes of what both sides inserted at one place; raises RefusedError if that cannot be told."""
Touch = Callable[[Sequence[Slot], Sequence[Slot]], bool]
"""Whether what was deleted and what was inserted may be beside one another."""
Refuse = Callable[[RefusedError, Sequence[Item], Sequence[Item], Sequence[Item]], Slot]
"""What stands for a zone of which no rule is sure, or the error again."""


def order(
    aligned: Aligned,
    *,
    free: bool,
    union: Union,
    touch: Touch,
    apart: Touch = lambda _deleted, _inserted: False,
    refuse: Refuse | None = None,
) -> list[Slot]:
    """The merged list. Raises RefusedError where the order cannot be told.

    ``touch`` tells whether what one side deleted may lie beside what the other inserted, ``apart`` the same where that
    is all that either did there.
    """
    left_moves = _moves(aligned.in_left, len(aligned.left))
    right_moves = _moves(aligned.in_right, len(aligned.right))
    if not left_moves and not right_moves:
        return _without_moves(aligned, union, touch, apart, refuse or _raised)
    if left_moves and right_moves and not free:
        kept_left = [aligned.in_left[i] for i in range(len(aligned.left)) if i in aligned.in_left]
        kept_right = [aligned.in_right[i] for i in range(len(aligned.right)) if i in aligned.in_right]
        both = set(kept_left) & set(kept_right)
        if [i for i in kept_left if i in both] != [i for i in kept_right if i in both]:
            raise RefusedError("both-reorder", "both sides put these in another order")
    return _with_moves(aligned, union, frame_is_left=left_moves or not right_moves)


def _raised(refused: RefusedError, *_runs: Sequence[Item]) -> Slot:
    raise refused


def _moves(found: Mapping[int, int], size: int) -> bool:
    kept = [found[i] for i in range(size) if i in found]
    return any(a > b for a, b in pairwise(kept))


def moved(found: Mapping[int, int], size: int) -> list[int]:
    """The base's items that a side has in another order, as few as make up for it."""
    kept = [found[i] for i in range(size) if i in found]
    tails: list[int] = []
    """For each length the smallest item that an ascending run of it ends with."""
    before: dict[int, int | None] = {}
    for item in kept:
        at = bisect_left(tails, item)
        before[item] = tails[at - 1] if at else None
        tails[at:] = [item, *tails[at + 1 :]]
    stay: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        stay.add(last)
        last = before[last]
    return [item for item in kept if item not in stay]


def _by_gap(
    side: Sequence[Item], found: Mapping[int, int], skip: Mapping[int, int], anchors: set[int]
) -> dict[int, list[int]]:
    """Insertions of a side by the last anchor before them; -1 for the beginning."""
    gaps: dict[int, list[int]] = {}
    at = -1
    for index in range(len(side)):
        if index in found:
            at = found[index] if found[index] in anchors else at
        elif index not in skip:
            gaps.setdefault(at, []).append(index)
    return gaps


def _without_moves(aligned: Aligned, union: Union, touch: Touch, apart: Touch, refuse: Refuse) -> list[Slot]:
    """Both sides keep the base's order: zone by zone between items that both keep."""
    back_left = {b: i for i, b in aligned.in_left.items()}
    back_right = {b: i for i, b in aligned.in_right.items()}
    size = len(aligned.base)
    kept = [b for b in range(size) if b in back_left and b in back_right]
    out: list[Slot] = []
    at = left_at = right_at = 0
    for anchor in [*kept, size]:
        end = anchor == size
        left_end = len(aligned.left) if end else back_left[anchor]
        right_end = len(aligned.right) if end else back_right[anchor]
        zone = _Zone(range(at, anchor), range(left_at, left_end), range(right_at, right_end))
        try:
            out += _zone(aligned, zone, back_left, back_right, union, touch, apart)
        except RefusedError as refused:
            runs = (
                [items[i] for i in part]
                for items, part in (
                    (aligned.base, zone.base),
                    (aligned.left, zone.left),
                    (aligned.right, zone.right),
                )
            )
            out.append(refuse(refused, *runs))
        if not end:
            out.append(Slot(aligned.base[anchor], aligned.left[left_end], aligned.right[right_end]))
        at, left_at, right_at = anchor + 1, left_end + 1, right_end + 1
    return out


@dataclass(frozen=True, slots=True)
class _Zone:
    """Between two items that both sides keep: the base's, the left's and the right's."""

    base: range
    left: range
    right: range


def _zone(
    aligned: Aligned,
    zone: _Zone,
    back_left: Mapping[int, int],
    back_right: Mapping[int, int],
    union: Union,
    touch: Touch,
    apart: Touch,
) -> list[Slot]:
    """What becomes of a zone: each of its base items is deleted by at least one side."""
    if not zone.base and not zone.left:
        return [Slot(None, None, aligned.right[i]) for i in zone.right if i not in aligned.twins]
    twin_of = {lf: r for r, lf in aligned.twins.items()}
    here = {lf: r for lf, r in twin_of.items() if lf in zone.left and r in zone.right}
    inserted_left = [i for i in zone.left if i not in aligned.in_left]
    inserted_right = [i for i in zone.right if i not in aligned.in_right and i not in aligned.twins]
    deleted = [
        Slot(aligned.base[b], _at(aligned.left, back_left.get(b)), _at(aligned.right, back_right.get(b)))
        for b in zone.base
    ]
    own_left = [i for i in inserted_left if i not in here]
    left_slots = [Slot(None, aligned.left[i], _at(aligned.right, twin_of.get(i))) for i in inserted_left]
    right_slots = [Slot(None, None, aligned.right[i]) for i in inserted_right]
    if right_slots and own_left:
        if deleted and not touch(deleted, left_slots + right_slots):
            raise RefusedError("both-replace", "both sides put something of their own in one place")
        _check_around(here, inserted_left, [i for i in zone.right if i not in aligned.in_right], touch, left_slots)
        slots = {id(slot.left): slot for slot in left_slots}
        merged = union([aligned.left[i] for i in own_left], [aligned.right[i] for i in inserted_right])
        common = [slot for i, slot in zip(inserted_left, left_slots, strict=True) if i in here]
        return [*deleted, *common, *(slots.get(id(slot.left), slot) if slot.left else slot for slot in merged)]
    by_left = any(slot.left is None and slot.right is not None for slot in deleted)
    by_right = any(slot.right is None and slot.left is not None for slot in deleted)
    inserted = left_slots + right_slots
    # Of two sides that each delete and insert, one may have replaced what the other did.
    only = not here and by_left != by_right and bool(right_slots) == by_left
    beside = (by_left and right_slots) or (by_right and own_left)
    if beside and not touch(deleted, inserted) and not (only and apart(deleted, inserted)):
        raise RefusedError("insert-beside-delete", "one side deleted what stands beside the other side's insertion")
    return deleted + _placed(aligned, zone, left_slots, inserted_right, here)


def _check_around(
    here: Mapping[int, int],
    left: Sequence[int],
    right: Sequence[int],
    touch: Touch,
    slots: Sequence[Slot],
) -> None:
    """What both sides inserted alike comes first on both, or order means nothing. Raises RefusedError."""
    if not here or touch([], slots):
        return
    first_left, first_right = set(left[: len(here)]), set(right[: len(here)])
    if first_left != set(here) or first_right != set(here.values()):
        raise RefusedError("both-insert", "both sides inserted something around what both inserted alike")


def _placed(
    aligned: Aligned, zone: _Zone, left_slots: list[Slot], inserted_right: list[int], twin_of: Mapping[int, int]
) -> list[Slot]:
    """Insertions of one side, in the order of that side where both have some in common."""
    if not inserted_right:
        return left_slots
    if not left_slots:
        return [Slot(None, None, aligned.right[i]) for i in inserted_right]
    by_right = {r: Slot(None, aligned.left[lf], aligned.right[r]) for lf, r in twin_of.items()}
    return [
        by_right.get(i) or Slot(None, None, aligned.right[i])
        for i in zone.right
        if i in by_right or i in inserted_right
    ]


def _at(items: Sequence[Item], index: int | None) -> Item | None:
    return None if index is None else items[index]


def _with_moves(aligned: Aligned, union: Union, *, frame_is_left: bool) -> list[Slot]:
    """One side's order is the frame; what the other inserted stands after what it stood after there."""
    back_left = {b: i for i, b in aligned.in_left.items()}
    back_right = {b: i for i, b in aligned.in_right.items()}
    frame, found = (aligned.left, aligned.in_left) if frame_is_left else (aligned.right, aligned.in_right)
    twin_of = {lf: r for r, lf in aligned.twins.items()}
    other_inserts = (
        _by_gap(aligned.right, aligned.in_right, aligned.twins, set(found.values()))
        if frame_is_left
        else _by_gap(aligned.left, aligned.in_left, twin_of, set(found.values()))
    )
    out: list[Slot] = []
    pending: list[Item] = []

    def flush(own: list[Item]) -> None:
        others, pending[:] = list(pending), []
        if own and others:
            out.extend(union(own, others) if frame_is_left else union(others, own))
        else:
            out.extend(_alone(own, left=frame_is_left))
            out.extend(_alone(others, left=not frame_is_left))

    own: list[Item] = []
    pending += _others(aligned, other_inserts.pop(-1, []), frame_is_left)
    for index, item in enumerate(frame):
        base = found.get(index)
        if base is None:
            twin = twin_of.get(index) if frame_is_left else aligned.twins.get(index)
            if twin is not None:
                flush(own)
                own = []
                pair = (item, aligned.right[twin]) if frame_is_left else (aligned.left[twin], item)
                out.append(Slot(None, *pair))
            else:
                own.append(item)
            continue
        flush(own)
        own = []
        out.append(
            Slot(aligned.base[base], _at(aligned.left, back_left.get(base)), _at(aligned.right, back_right.get(base)))
        )
        pending += _others(aligned, other_inserts.pop(base, []), frame_is_left)
    flush(own)
    return out + [
        Slot(aligned.base[b], _at(aligned.left, back_left.get(b)), _at(aligned.right, back_right.get(b)))
        for b in range(len(aligned.base))
        if b not in found.values()
    ]


def _others(aligned: Aligned, indices: list[int], frame_is_left: bool) -> list[Item]:
    side = aligned.right if frame_is_left else aligned.left
    return [side[i] for i in indices]


def _alone(items: Sequence[Item], *, left: bool) -> list[Slot]:
    return [Slot(None, item, None) if left else Slot(None, None, item) for item in items]
