"""``ai-vcs graph``."""

from __future__ import annotations

from typing import get_args

import click
import msgspec

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import at_op, declare
from anvcs.cli.render.graph import graph
from anvcs.errors import UsageError
from anvcs.wire.graph import Tests

_PAGE = 1000
_FILTERS = ("agent", "author", "path", "since", "tests")


@declare("graph", "ai-vcs graph --since 2w --filter agent:foo", "ai-vcs graph -n 100 --path src")
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(min=1), help="How many commits.")
@click.option("--since", metavar="WHEN", help="A date or a span: 2026-11-01, 2w, 3.days.ago.")
@click.option("--agent", metavar="NAME", help="Commits of this agent; * for any.")
@click.option("--author", metavar="TEXT", help="Commits whose author's name or address contains TEXT.")
@click.option("--path", metavar="PATH", type=click.Path(), help="Commits that change this file or folder.")
@click.option("--tests", type=click.Choice(get_args(Tests)), help="Commits with this test result.")
@click.option("--filter", "filters", multiple=True, metavar="KEY:VALUE", help="Any filter above, e.g. agent:foo.")
@at_op("The graph that the streams led to after this operation.")
@click.option("--cursor", metavar="CURSOR", help="Go on where a JSON answer's nextCursor says.")
def command(
    invocation: Invocation,
    limit: int,
    cursor: str | None,
    filters: tuple[str, ...],
    at_operation: str | None,
    **named: str | None,
) -> None:
    """Draw the commit graph, newest first.

    Filters combine: a commit is shown if it passes all of them. An empty circle is a commit whose parents are
    not shown.
    """
    chosen = _chosen(named, filters)
    if at_operation is not None:
        chosen["atOp"] = at_operation
    page = _page(invocation, limit, cursor, chosen)
    invocation.show(page, lambda look: graph(page, look))
    if page.source == "git" and invocation.interactive:
        # Whoever looks at this graph gives the next one time to become quick.
        invocation.index_graph()


def _chosen(named: dict[str, str | None], filters: tuple[str, ...]) -> dict[str, str]:
    """All filters by name. Raises UsageError for an unknown one, or one given twice with different values."""
    chosen = {name: value for name, value in named.items() if value is not None}
    for each in filters:
        name, _, value = each.partition(":")
        if name not in _FILTERS or not value:
            known = ", ".join(f"{name}:..." for name in _FILTERS)
            raise UsageError(f"--filter does not know {each!r}.", f"Use one of {known}")
        if chosen.setdefault(name, value) != value:
            raise UsageError(f"{name} is filtered twice, by {chosen[name]!r} and {value!r}.", "Give one of them.")
    if chosen.get("tests", "unknown") not in get_args(Tests):
        raise UsageError(f"--filter tests:{chosen['tests']} is no test result.", f"Use {', '.join(get_args(Tests))}.")
    return chosen


def _page(invocation: Invocation, limit: int, cursor: str | None, chosen: dict[str, str]) -> wire.GraphPage:
    """As many rows as asked for, from as many pages as that takes."""
    pages: list[wire.GraphPage] = []
    while limit > 0:
        asked = {**chosen, "limit": min(limit, _PAGE), "cursor": cursor}
        pages.append(invocation.perform(wire.GRAPH, msgspec.convert(asked, wire.GraphParams)))
        limit -= len(pages[-1].rows)
        cursor = pages[-1].next_cursor
        if cursor is None or not pages[-1].rows:
            break
    rows = tuple(row for page in pages for row in page.rows)
    return msgspec.structs.replace(pages[0], rows=rows, next_cursor=cursor)
