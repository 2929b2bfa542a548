"""``graph``: a page of the commit graph, newest first, with lanes; from the row index, or straight from git."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from anvcs.actions import kept
from anvcs.actions.caller import Caller
from anvcs.actions.graph_index import History, is_small, update_index
from anvcs.actions.graph_warm import Names, Warm, names_of
from anvcs.actions.past import Past, past
from anvcs.actions.workspace import Workspace
from anvcs.errors import StoreError, UsageError
from anvcs.gitmirror import log, paths
from anvcs.gitmirror.graph_refs import Pointers
from anvcs.history import graph_cursor
from anvcs.history.graph_cursor import GitCursor, IndexCursor
from anvcs.history.graph_types import BADGES, EVERYTHING, OID, TESTS, Filter, Row, State, split
from anvcs.history.lanes import Layout
from anvcs.history.rows import RowIndex
from anvcs.wire import GraphPage, GraphParams, GraphRow, Person

__all__ = ["graph", "update_index"]

_SHOWN = ("refs/heads/", "refs/remotes/", "refs/tags/")


class Query(NamedTuple):
    """A request, understood."""

    limit: int
    wanted: Filter
    path: bytes | None
    digest: bytes
    """Of the filters."""


def graph(caller: Caller, params: GraphParams) -> GraphPage:
    """A page of the graph. Raises UsageError for a filter or cursor that makes no sense, GitFailedError."""
    workspace = caller.workspace(params.folder)
    warm = Warm.of(workspace)
    pointers = warm.pointers()
    cursor = None if params.cursor is None else graph_cursor.decode(params.cursor)
    then = None if params.at_op is None else _then(workspace, params.at_op)
    query = _understood(caller, workspace, params, cursor.since if cursor else None, then.operation if then else None)
    if cursor is not None and cursor.filters != query.digest:
        raise UsageError("The filters are not those of the page before.", "Ask for the first page with them.")
    if then is not None:
        return _from_the_past(workspace, pointers, then, query, cursor)
    if isinstance(cursor, IndexCursor):
        return _from_index(warm, query, cursor)
    current = warm.is_index_current() if cursor is None else False
    if current and query.path is None:
        with suppress(StoreError):
            return _from_index(warm, query, None)
    page = _from_git(workspace, warm.history(), warm.names, query, cursor or _first(workspace, query, pointers))
    return msgspec.structs.replace(page, source="index") if current else page


def _first(workspace: Workspace, query: Query, pointers: Pointers) -> GitCursor:
    heads = b"".join(sorted(pointers.heads))
    topological = log.has_commit_graph(workspace.repo.common_dir) or is_small(workspace.git, pointers.heads)
    return GitCursor(query.digest, query.wanted.since, heads, topological, 0, ())


def _then(workspace: Workspace, at_op: str) -> Past:
    with workspace.lock:
        return past(workspace, at_op)


def _from_the_past(
    workspace: Workspace, now: Pointers, then: Past, query: Query, cursor: GitCursor | IndexCursor | None
) -> GraphPage:
    """The graph that the pointers led to then, with what is known of its commits now; always from git."""
    pointers = _pointers(workspace, now, then)
    if cursor is None:
        cursor = _first(workspace, query, pointers)
    if isinstance(cursor, IndexCursor):
        raise _stale()
    page = _from_git(workspace, History(workspace.repo, pointers), names_of(pointers), query, cursor)
    # It is complete, and no index will ever show it.
    return msgspec.structs.replace(page, source="index")


def _pointers(workspace: Workspace, now: Pointers, then: Past) -> Pointers:
    repo = workspace.repo
    own = then.pointers.get(f"{repo.worktree_name()}/HEAD") or ""
    refs: list[tuple[str, bytes]] = []
    heads: set[bytes] = set()
    for name, value in then.pointers.items():
        shown = name.startswith(_SHOWN) or name.endswith("/HEAD")
        commit = kept.peel(repo, value) if shown and not value.startswith("ref: ") else None
        if commit is not None:
            heads.add(bytes.fromhex(commit))
            if name.startswith(_SHOWN):
                refs.append((name, bytes.fromhex(commit)))
    branch = own.removeprefix("ref: ") if own.startswith("ref: ") else None
    detached = bytes.fromhex(own) if own and branch is None and own in repo.handle else None
    return replace(now, refs=tuple(refs), heads=frozenset(heads), current=branch, detached=detached)


def _understood(
    caller: Caller, workspace: Workspace, params: GraphParams, since: int | None, operation: bytes | None
) -> Query:
    """The request with its date and path read; a cursor's date holds, since "two weeks ago" moves on."""
    if params.since is not None and since is None:
        since = log.since_seconds(workspace.git, params.since, time.time())
    agent = params.agent
    if agent is not None and agent != "*" and not agent.startswith("agent:"):
        agent = f"agent:{agent}"
    path = None
    if params.path is not None:
        path = paths.to_repo_path(workspace.repo.root, caller.cwd, params.path) or None
    filters = (params.since, agent, params.author, params.tests, path, operation)
    return Query(
        params.limit,
        Filter(since if params.since is not None else None, agent, params.author or None, params.tests),
        path,
        b"" if not any(filters) else blake2b(repr(filters).encode(), digest_size=8).digest(),
    )


# From the index


def _from_index(warm: Warm, query: Query, cursor: IndexCursor | None) -> GraphPage:
    index = warm.index()
    if index is None:
        raise _stale()
    with index.reading() as state:
        key = (query, cursor, state.epoch, state.version)
        page = warm.pages.get(key)
        if page is None:
            page = _page(index, query, state, cursor, warm.names)
            warm.remember(key, page)
        return page


def _page(index: RowIndex, query: Query, state: State, cursor: IndexCursor | None, names: Names) -> GraphPage:
    below, lines = state.visible + 1, ()
    if cursor is not None:
        if state.epoch != cursor.epoch:
            raise _stale()
        below, lines = cursor.below, cursor.lines
        if state.version != cursor.version:
            # A line to a commit that has gone since would never end.
            there = index.passing((parent for _, parent in lines), below)
            lines = tuple(line for line in lines if line[1] in there)
    rows = index.rows(below, query.limit + 1, query.wanted)
    more = len(rows) > query.limit
    del rows[query.limit :]
    hidden: set[bytes] = set()
    if query.wanted != EVERYTHING and rows:
        beyond = _parents(rows) - {row.git_commit for row in rows}
        hidden = beyond - index.passing(beyond, rows[-1].seq, query.wanted)
    lanes = graph_cursor.lanes_of(lines)
    layout = Layout(lanes)
    drawn = _drawn(rows, layout, names, hidden)
    following = None
    if more:
        lines = graph_cursor.lines_of(layout.open_lanes())
        following = graph_cursor.encode(
            IndexCursor(query.digest, query.wanted.since, state.epoch, state.version, rows[-1].seq, lines)
        )
    return GraphPage(rows=drawn, open_lanes=lanes, next_cursor=following, source="index")


def _stale() -> UsageError:
    return UsageError("The graph was built anew since that page.", "Ask for the first page again.")


# Straight from git


def _from_git(workspace: Workspace, history: History, names: Names, query: Query, cursor: GitCursor) -> GraphPage:
    lanes = graph_cursor.lanes_of(cursor.lines)
    heads = split(cursor.heads)
    if not heads:
        return GraphPage(rows=(), source="git")
    if query.wanted.agent is not None or query.wanted.tests is not None:
        history.expect_many()
    plain = query.wanted._replace(since=None) == EVERYTHING
    with log.newest(
        workspace.git,
        heads,
        topological=cursor.topological,
        skip=cursor.skip,
        most=query.limit + 1 if plain else None,
        path=query.path,
        since=query.wanted.since,
    ) as commits:
        rows, seen, kept = _take(history, commits, query)
        more = next(commits, None) is not None
    if not cursor.topological:
        rows = _children_first(rows)
    hidden = _hidden(workspace, history, query, rows, kept)
    if not cursor.topological and cursor.skip:
        hidden.update(log.reachable(workspace.git, heads, most=cursor.skip))
    layout = Layout(lanes)
    drawn = _drawn(rows, layout, names, hidden)
    following = None
    if more:
        following = graph_cursor.encode(
            msgspec.structs.replace(cursor, skip=cursor.skip + seen, lines=graph_cursor.lines_of(layout.open_lanes()))
        )
    return GraphPage(rows=drawn, open_lanes=lanes, next_cursor=following, source="git")


def _take(history: History, commits: Iterator[log.Raw], query: Query) -> tuple[list[Row], int, dict[bytes, bytes]]:
    """A page of rows, how many commits it took, and with a path the parents that git's history of it keeps."""
    rows: list[Row] = []
    kept: dict[bytes, bytes] = {}
    seen = 0
    for commit, parents, raw in commits:
        seen += 1
        named = parents if query.path is None else log.named_parents(raw)
        found = history.parse((commit, named, raw))
        described = history.describe(found)
        if query.wanted.takes(found, described):
            rows.append(Row.of(found, described))
            kept[commit] = parents
            if len(rows) == query.limit:
                break
    return rows, seen, kept


def _hidden(
    workspace: Workspace, history: History, query: Query, rows: list[Row], kept: dict[bytes, bytes]
) -> set[bytes]:
    """The parents that no page will show."""
    if query.wanted == EVERYTHING and query.path is None:
        return set()
    beyond = _parents(rows) - kept.keys()
    walked = {parent for parents in kept.values() for parent in split(parents)}
    shown = beyond & walked
    if query.wanted != EVERYTHING:
        passing = (history.parse(raw) for raw in log.read(workspace.git, shown))
        shown = {found.git_commit for found in passing if query.wanted.takes(found, history.describe(found))}
    return beyond - shown


def _children_first(rows: list[Row]) -> list[Row]:
    """The same rows in the same order, but that no parent stands above its child."""
    places = {row.git_commit: place for place, row in enumerate(rows)}
    waiting = [0] * len(rows)
    for row in rows:
        for parent in split(row.parents):
            if parent in places:
                waiting[places[parent]] += 1
    ready = [place for place, children in enumerate(waiting) if not children]
    heapify(ready)
    ordered: list[Row] = []
    while ready:
        row = rows[heappop(ready)]
        ordered.append(row)
        for parent in split(row.parents):
            place = places.get(parent)
            if place is not None:
                waiting[place] -= 1
                if not waiting[place]:
                    heappush(ready, place)
    return ordered


# Drawing


def _drawn(rows: Sequence[Row], layout: Layout, names: Names, hidden: Collection[bytes]) -> tuple[GraphRow, ...]:
    stubs = {parent.hex() for parent in hidden}
    drawn: list[GraphRow] = []
    for _, commit, commit_id, parents, name, email, seconds, offset, subject, change, agent, tests, badge in rows:
        git_commit = commit.hex()
        above = parents.hex()
        lane, edges = layout.place(
            git_commit,
            (above,) if len(above) == 2 * OID else [above[at : at + 2 * OID] for at in range(0, len(above), 2 * OID)],
            stubs,
        )
        drawn.append(
            GraphRow(
                commit_id=f"b3:{commit_id.hex()}",
                git_commit=git_commit,
                lane=lane,
                author=Person(name=name, email=email, time=seconds, offset=offset),
                subject=subject,
                edges=edges,
                refs=names.get(commit, ()),
                change_id=change,
                agent=agent,
                metadata=BADGES[badge],
                tests=TESTS[tests],
            )
        )
    return tuple(drawn)


def _parents(rows: Sequence[Row]) -> set[bytes]:
    return {parent for row in rows for parent in split(row.parents)}
