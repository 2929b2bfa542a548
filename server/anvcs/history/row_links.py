"""The pages of :mod:`anvcs.history.ancestry` beside the rows of the index, written in the same transactions."""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import cast

import apsw

from anvcs.errors import CorruptStoreError
from anvcs.history.ancestry import PAGE, Links, Stored
from anvcs.history.graph_types import Tick, split

TABLE = "CREATE TABLE graph_links (page INTEGER PRIMARY KEY, records BLOB, more BLOB) STRICT;"
_TICK = 50_000
"""Commits between two reports."""


def link_all(db: apsw.Connection, count: int, tick: Tick) -> None:
    """Write every page anew, from rows numbered 1 to ``count``, without an index by commit."""
    db.execute("DELETE FROM graph_links")
    _write(db, 1, _all_parents(db, count, tick))


def link_more(db: apsw.Connection, first: int, commits: Iterable[tuple[bytes, bytes]]) -> None:
    """Add the commits numbered from ``first`` on, each with its parents' ids; those have rows or come before it."""
    numbers: dict[bytes, int] = {}

    def resolved() -> Iterator[tuple[int, ...]]:
        for number, (commit, parents) in enumerate(commits, first):
            yield tuple(numbers.get(parent) or _number(db, parent) for parent in split(parents))
            numbers[commit] = number

    _write(db, first, resolved())


def page(db: apsw.Connection, number: int) -> Stored | None:
    """A page by its number, if it was ever written."""
    row = db.execute("SELECT records, more FROM graph_links WHERE page = ?", (number,)).fetchone()
    return cast("Stored | None", row)


def _write(db: apsw.Connection, first: int, commits: Iterable[Sequence[int]]) -> None:
    def put(number: int) -> None:
        db.execute("INSERT OR REPLACE INTO graph_links VALUES (?, ?, ?)", (number, *links.stored(number)))

    links, last = Links(partial(page, db)), 0
    for number, parents in enumerate(commits, first):
        if last and number % PAGE == 0:
            put(last // PAGE)
        links.append(number, parents)
        last = number
    if last:
        put(last // PAGE)


def _all_parents(db: apsw.Connection, count: int, tick: Tick) -> Iterator[tuple[int, ...]]:
    """The numbers of the parents of each commit, oldest first.

    Read from the newest on, what waits for its number is never more than the lines open at one row.
    """
    firsts, seconds = array("I", bytes(4 * (count + 1))), array("I", bytes(4 * (count + 1)))
    many: dict[int, list[int]] = {}
    waiting: dict[bytes, list[tuple[int, int]]] = {}
    rows = db.execute("SELECT seq, git_commit, parents FROM graph_rows ORDER BY seq DESC")
    for seq, commit, parents in cast("Iterable[tuple[int, bytes, bytes]]", rows):
        if seq % _TICK == 0:
            tick("Linking the commits", 99)
        for child, place in waiting.pop(commit, ()):
            if child in many:
                many[child][place] = seq
            else:
                (seconds if place else firsts)[child] = seq
        found = split(parents)
        if len(found) > 2:
            many[seq] = [0] * len(found)
        for place, parent in enumerate(found):
            waiting.setdefault(parent, []).append((seq, place))
    if waiting:
        raise _unknown(next(iter(waiting)))
    for number in range(1, count + 1):
        if number in many:
            yield tuple(many[number])
        elif seconds[number]:
            yield firsts[number], seconds[number]
        else:
            yield (firsts[number],) if firsts[number] else ()


def _number(db: apsw.Connection, commit: bytes) -> int:
    row = db.execute("SELECT seq FROM graph_rows WHERE git_commit = ?", (commit,)).fetchone()
    if row is None:
        raise _unknown(commit)
    return cast("tuple[int]", row)[0]


def _unknown(commit: bytes) -> CorruptStoreError:
    return CorruptStoreError(
        f"The graph's index lacks commit {commit.hex()}, a parent of another.",
        "Delete cache.db; it is built again from Git.",
    )
