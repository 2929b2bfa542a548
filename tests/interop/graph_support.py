"""What the graph's tests share: pages as lists of rows, and what git says of the same history."""

from __future__ import annotations

import os
import random
import time

from anvcs.actions.caller import Caller
from anvcs.actions.graph import graph
from anvcs.wire import GraphPage, GraphParams, GraphRow
from tests.conftest import Repo

FIELDS = "%H%x00%P%x00%an%x00%ae%x00%at%x00%s"


def page(caller: Caller, cursor: str | None = None, limit: int = 1000, **filters: str) -> GraphPage:
    return graph(caller, GraphParams(limit=limit, cursor=cursor, **filters))  # pyright: ignore[reportArgumentType] - tests is a Literal


def all_rows(caller: Caller, limit: int = 7, **filters: str) -> list[GraphRow]:
    """Every page joined; the open lanes of each page are those that the rows above leave."""
    found: list[GraphRow] = []
    cursor = None
    while True:
        part = page(caller, cursor, limit, **filters)
        assert [tuple(map(str, (line.lane, line.parent))) for line in part.open_lanes] == open_below(found)
        found += part.rows
        cursor = part.next_cursor
        if cursor is None:
            return found
        assert part.rows


def open_below(rows: list[GraphRow]) -> list[tuple[str, str]]:
    live: dict[int, str] = {}
    for row in rows:
        live = {lane: parent for lane, parent in live.items() if parent != row.git_commit}
        live.update({edge.lane: edge.parent for edge in row.edges if not edge.elided})
    return [(str(lane), parent) for lane, parent in sorted(live.items())]


def shown(rows: list[GraphRow]) -> dict[str, tuple[str, ...]]:
    """Each row's fields as FIELDS has them."""
    assert len({row.git_commit for row in rows}) == len(rows)
    return {
        row.git_commit: (
            row.git_commit,
            " ".join(edge.parent for edge in row.edges),
            row.author.name,
            row.author.email,
            str(row.author.time),
            row.subject,
        )
        for row in rows
    }


def told_by_git(repo: Repo, *args: str) -> dict[str, tuple[str, ...]]:
    scope = ["--branches", "--remotes", "--tags"]
    if repo.git("cat-file", "--batch-check=there", stdin=b"HEAD\n") == "there":
        scope.append("HEAD")
    out = repo.git("log", "-z", "--encoding=UTF-8", f"--format={FIELDS}%x01", *scope, *args)
    fields = [tuple(entry.lstrip("\0").split("\0")) for entry in out.split("\x01") if entry.strip("\0")]
    return {entry[0]: entry for entry in fields}


def assert_children_first(rows: list[GraphRow]) -> None:
    places = {row.git_commit: place for place, row in enumerate(rows)}
    for row in rows:
        assert all(places[edge.parent] > places[row.git_commit] for edge in row.edges if not edge.elided)


def fast_import(repo: Repo, size: int, *, seed: int, skew: bool = False) -> None:
    """A random history: branches, merges, octopuses, unrelated roots; with ``skew``, clocks that are wrong."""
    chance = random.Random(seed)  # noqa: S311 - a test's history need not be secret
    stream = [b"blob\nmark :1000000\ndata 1\nx\n"]
    tips: list[int] = []
    for mark in range(1, size + 1):
        parents = chance.sample(
            range(max(1, mark - 12), mark), min(mark - 1, chance.choice([0, 1, 1, 1, 1, 1, 2, 2, 3]))
        )
        when = 1_700_000_000 + (chance.randrange(90_000) if skew else 60 * mark)
        message = f"commit {mark}\n\nbody".encode()
        stream.append(
            b"commit refs/heads/import\nmark :%d\nauthor A%d <a%d@example.org> %d +0130\n"
            % (mark, mark % 5, mark % 5, when)
        )
        stream.append(b"committer C <c@example.org> %d -0800\ndata %d\n%s\n" % (when, len(message), message))
        stream += [b"%s :%d\n" % (b"merge" if nth else b"from", parent) for nth, parent in enumerate(parents)]
        if not parents:
            # Else fast-import would go on from the branch's tip.
            stream[-2] = stream[-2].replace(b"refs/heads/import", b"refs/heads/root%d" % mark)
            stream[-2] = b"reset refs/heads/root%d\n" % mark + stream[-2]
        stream.append(b"M 100644 :1000000 f%d/%d\n\n" % (mark % 3, mark))
        tips = [tip for tip in tips if tip not in parents] + [mark]
    stream += [b"reset refs/heads/tip%d\nfrom :%d\n\n" % (tip, tip) for tip in tips]
    repo.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))


def age(repo: Repo) -> None:
    """Let all files that hold refs be old enough to be trusted."""
    common = repo.path / ".git"
    for path in (*common.glob("*"), *common.glob("refs/**/*")):
        os.utime(path, (time.time() - 100, time.time() - 100))
