"""Lane layout: where each commit of the graph stands, and the lines that lead from it to its parents.

One pass from newest to oldest, in time linear in rows and edges; what is still open below the last row is all that the
next page needs to continue. A line keeps its lane from the row where it starts down to its parent's row. A first
parent's line stays in its child's lane, unless a line to that parent already runs further left: then it joins that one,
which keeps the graph as narrow as the number of distinct parents still awaited. The parent stands in the leftmost lane
that leads to it, so other lines to it end with a bend in its row.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from heapq import heapify, heappop, heappush

from anvcs.wire import Edge, OpenLane


class Layout:
    """The lines that are open at one place of the graph; placing a row moves the place below that row."""

    def __init__(self, open_lanes: Iterable[OpenLane] = ()) -> None:
        self._awaited: dict[str, list[int]] = {}
        """The lanes that lead to a commit, leftmost last: each new one lies left of those before it."""
        taken: set[int] = set()
        for line in sorted(open_lanes, key=lambda line: -line.lane):
            self._awaited.setdefault(line.parent, []).append(line.lane)
            taken.add(line.lane)
        self._width = max(taken, default=-1) + 1
        self._free = [lane for lane in range(self._width) if lane not in taken]
        heapify(self._free)

    def place(self, commit: str, parents: Sequence[str], hidden: Container[str] = ()) -> tuple[int, tuple[Edge, ...]]:
        """The commit's lane and the lines that start at it; lines to hidden parents are stubs that take no lane."""
        ending = self._awaited.pop(commit, None)
        if ending is None:
            lane = self._take()
        else:
            lane = ending.pop()
            for other in ending:
                heappush(self._free, other)
        if len(parents) == 1 and parents[0] not in self._awaited and parents[0] not in hidden:
            # Nine rows of ten take this short cut; it gives what the loop below would.
            parent = parents[0]
            self._awaited[parent] = [lane]
            return lane, (Edge(lane=lane, parent=parent),)
        return lane, self._lead(lane, parents, hidden)

    def _lead(self, lane: int, parents: Sequence[str], hidden: Container[str]) -> tuple[Edge, ...]:
        own: int | None = lane
        edges: list[Edge] = []
        for parent in dict.fromkeys(parents):
            if parent in hidden:
                edges.append(Edge(lane=lane, parent=parent, elided=True))
                continue
            leading = self._awaited.get(parent)
            if leading is None:
                entered = self._take() if own is None else own
                self._awaited[parent] = [entered]
            elif own is not None and own < leading[-1]:
                entered = own
                leading.append(entered)
            else:
                entered = leading[-1]
                if own is not None:
                    heappush(self._free, own)
            own = None
            edges.append(Edge(lane=entered, parent=parent))
        if own is not None:
            heappush(self._free, own)
        return tuple(edges)

    def open_lanes(self) -> tuple[OpenLane, ...]:
        """Every line that leads further down, from left to right."""
        lines = [OpenLane(lane=lane, parent=parent) for parent, lanes in self._awaited.items() for lane in lanes]
        return tuple(sorted(lines, key=lambda line: line.lane))

    def _take(self) -> int:
        if self._free:
            return heappop(self._free)
        self._width += 1
        return self._width - 1
