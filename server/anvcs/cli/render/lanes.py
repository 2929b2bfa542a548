"""The lanes of the graph, drawn with characters, one line for each row.

A lane carries a line from a row down to the row of the parent it stands for. A row's line shows what passes by, what
ends at the row and what starts there; a line that leaves or joins turns in its own column: ``●─╮`` starts one, ``●─╯``
ends one, ``●─┤`` joins one that goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from anvcs.wire import Edge, GraphRow, OpenLane


class Glyphs(msgspec.Struct, frozen=True):
    """The characters to draw with."""

    node: str
    stub: str
    """A commit whose parents the filter hides."""
    turns: dict[str, str]
    """By the directions in which a line leaves the cell: some of ``udlr``, in that order."""


BOX = Glyphs(
    "●",
    "○",
    {
        "ud": "│",
        "ul": "╯",
        "ur": "╰",
        "dl": "╮",
        "dr": "╭",
        "udl": "┤",
        "udr": "├",
        "ulr": "┴",
        "dlr": "┬",
        "udlr": "┼",
        "lr": "─",
        "": " ",
    },
)
ASCII = Glyphs(
    "*",
    "o",
    {
        "ud": "|",
        "ul": "/",
        "ur": "\\",
        "dl": "\\",
        "dr": "/",
        "udl": "|",
        "udr": "|",
        "ulr": "+",
        "dlr": "+",
        "udlr": "+",
        "lr": "-",
        "": " ",
    },
)


class Lanes:
    """The lines that are open between two rows; folds rows into drawings."""

    def __init__(self, glyphs: Glyphs, open_lanes: Iterable[OpenLane] = ()) -> None:
        self._glyphs = glyphs
        self._open = {each.lane: each.parent for each in open_lanes}

    def draw(self, row: GraphRow) -> str:
        """The row's lanes as characters, two columns for each lane."""
        above = self._open
        below = {lane: parent for lane, parent in above.items() if parent != row.git_commit}
        ending = above.keys() - below.keys()
        shown = [edge for edge in row.edges if not edge.elided]
        below.update((edge.lane, edge.parent) for edge in shown)
        self._open = below
        touched = (ending | {edge.lane for edge in shown}) - {row.lane}
        return self._line(row.lane, touched, above.keys(), below.keys(), self._node(row.edges))

    def _node(self, edges: tuple[Edge, ...]) -> str:
        return self._glyphs.stub if edges and all(edge.elided for edge in edges) else self._glyphs.node

    def _line(self, at: int, touched: set[int], above: Iterable[int], below: Iterable[int], node: str) -> str:
        left, right = min(touched | {at}), max(touched | {at})
        turns, cells = self._glyphs.turns, list[str]()
        for lane in range(max(at, *above, *below, right) + 1):
            horizontal = left <= lane <= right
            up, down = lane in above, lane in below
            if lane == at:
                cells.append(node)
            elif horizontal and (lane in touched or not (up or down)):
                cells.append(turns[_directions(up, down, lane > left, lane < right)])
            else:
                # A line that is only crossed stays whole: the other one passes behind it.
                cells.append(turns["ud"] if up or down else turns[""])
            cells.append(turns["lr"] if left <= lane < right else " ")
        return "".join(cells).rstrip()


def _directions(up: bool, down: bool, left: bool, right: bool) -> str:
    return "".join(name for name, goes in zip("udlr", (up, down, left, right), strict=True) if goes)
