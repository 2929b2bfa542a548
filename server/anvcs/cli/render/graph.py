"""The commit graph as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.lanes import ASCII, BOX, Lanes
from anvcs.cli.render.times import age, moment
from anvcs.cli.screen import Line, Look, Span, line
from anvcs.wire import GraphPage, GraphRow, Ref

SHORT = 8
"""Digits of an id where it is shown for recognition."""

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_REFS = {"head": "bold cyan", "stream": "bold green", "remote": "red", "tag": "bold yellow"}


def graph(page: GraphPage, look: Look) -> Iterator[Line]:
    """One line for each row: lanes, id, names, subject, who, when, badge."""
    lanes = Lanes(BOX if look.unicode else ASCII, page.open_lanes)
    for row in page.rows:
        before: list[Span] = [
            (lanes.draw(row), _COLOURS[row.lane % len(_COLOURS)]),
            "  ",
            (row.git_commit[:SHORT], "yellow"),
            " ",
            *_names(row.refs, look),
        ]
        yield Line((*before, row.subject, *_after(row, look)), shrink=len(before))
    if look.terminal and page.next_cursor is not None:
        yield line((f"There is more: ai-vcs graph -n {2 * len(page.rows)}", "dim"))


def _names(refs: tuple[Ref, ...], look: Look) -> Iterator[Span]:
    if not refs:
        return
    arrow = "→" if look.unicode else "->"
    yield "("
    for index, ref in enumerate(refs):
        if index:
            yield ", "
        if ref.current and ref.kind == "stream":
            yield f"HEAD {arrow} ", _REFS["head"]
        yield f"tag: {ref.name}" if ref.kind == "tag" else ref.name, _REFS[ref.kind]
    yield ") "


def _after(row: GraphRow, look: Look) -> Iterator[Span]:
    when = age(row.author.time, look.now) if look.now is not None else moment(row.author)
    yield "  "
    yield row.author.name, "blue"
    if row.agent is not None:
        yield f" + {row.agent}", "magenta"
    yield f"  {when}", "dim"
    if badge := _badge(row):
        yield f"  [{badge}]", "red" if row.tests == "failed" else "green"


def _badge(row: GraphRow) -> str:
    parts: list[str] = []
    if row.metadata == "full":
        parts.append("metadata")
    elif row.metadata == "missing":
        parts.append("metadata missing")
    if row.tests != "unknown":
        parts.append(f"tests {row.tests}")
    return ", ".join(parts)
