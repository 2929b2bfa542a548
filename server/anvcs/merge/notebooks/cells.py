"""The cells of a notebook: which is which in three versions, and in what order they stand in the merge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from tree_sitter import Node

from anvcs.merge.items import Item
from anvcs.merge.matching import match
from anvcs.merge.notebooks.style import Json
from anvcs.merge.sequence import Aligned, Slot, order


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell."""

    raw: Json

    @property
    def kind(self) -> str:
        """``code``, ``markdown`` or ``raw``."""
        return str(self.raw.get("cell_type"))

    @property
    def source(self) -> str:
        """Its text."""
        return text_of(self.raw.get("source", ""))

    @property
    def id(self) -> str | None:
        """Its id; notebooks before version 4.5 have none."""
        return self.raw.get("id")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the merge, as each version has it."""

    base: Cell | None
    left: Cell | None
    right: Cell | None


def text_of(source: Any) -> str:
    """A text that is written whole or line by line."""
    return "".join(cast("list[str]", source)) if isinstance(source, list) else str(source)


def align(base: Sequence[Cell], left: Sequence[Cell], right: Sequence[Cell]) -> list[Place]:
    """The cells in the order of the merge, deleted ones among them. Raises RefusedError.

    Both sides may add cells at one place: they stand one run after the other, whichever side is left.
    """
    items = [[_item(cell) for cell in cells] for cells in (base, left, right)]
    in_left, in_right = (_same(base, cells, items[0], side) for cells, side in ((left, items[1]), (right, items[2])))
    new = [[i for i in range(len(side)) if i not in found] for side, found in ((left, in_left), (right, in_right))]
    twins = _twins(left, right, *new)
    aligned = Aligned(items[0], items[1], items[2], in_left, in_right, twins)
    slots = order(aligned, free=False, union=_union, touch=lambda _deleted, _inserted: True)
    of: dict[int, Cell] = {}
    for side, cells in zip(items, (base, left, right), strict=True):
        of |= {id(item): cell for item, cell in zip(side, cells, strict=True)}

    def cell(item: Item | None) -> Cell | None:
        return None if item is None else of[id(item)]

    return [Place(cell(slot.base), cell(slot.left), cell(slot.right)) for slot in slots]


def _same(old: Sequence[Cell], new: Sequence[Cell], olds: Sequence[Item], news: Sequence[Item]) -> dict[int, int]:
    """For cells of one version the base's that they are: by id, and those without by their texts."""
    where = {cell.id: index for index, cell in enumerate(old) if cell.id is not None}
    found = {j: where[cell.id] for j, cell in enumerate(new) if cell.id is not None and cell.id in where}
    rest = [i for i in range(len(old)) if i not in found.values()]
    more = [j for j in range(len(new)) if j not in found]
    by_text = match([olds[i] for i in rest], [news[j] for j in more])
    return found | {more[j]: rest[i] for j, i in by_text.items()}


def _item(cell: Cell) -> Item:
    """A cell as an item of a list. That has no node: nothing here asks what is inside."""
    core = f"{cell.kind}\n{cell.source}".encode("utf-8", "surrogatepass")
    key = ("cell", cell.id.encode()) if cell.id else None
    return Item(cast("Node", None), b"", core, b"", b"", ("entry", key))


def _twins(left: Sequence[Cell], right: Sequence[Cell], new_left: list[int], new_right: list[int]) -> dict[int, int]:
    """Cells that both sides added: under one id, or with one text."""
    found: dict[int, int] = {}
    for same in (_one_id, _one_text):
        for j in new_right:
            twin = next((i for i in new_left if i not in found.values() and same(left[i], right[j])), None)
            if j not in found and twin is not None:
                found[j] = twin
    return found


def _one_id(one: Cell, other: Cell) -> bool:
    return one.id is not None and one.id == other.id


def _one_text(one: Cell, other: Cell) -> bool:
    return one.kind == other.kind and one.source == other.source and bool(one.source.strip())


def _union(left: Sequence[Item], right: Sequence[Item]) -> list[Slot]:
    runs = [[Slot(None, item, None) for item in left], [Slot(None, None, item) for item in right]]
    if right[0].core < left[0].core:
        runs.reverse()
    return [*runs[0], *runs[1]]
