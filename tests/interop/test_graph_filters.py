"""The graph's filters and cursors, judged by the real git."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import ids
from anvcs.actions.graph_warm import find
from anvcs.errors import PathOutsideError, UsageError
from anvcs.provenance import notes
from tests.conftest import Repo
from tests.interop.graph_support import all_rows, page, shown, told_by_git

MakeRepo = Callable[..., Repo]


# Filters


@pytest.fixture
def told(make_repo: MakeRepo) -> Callable[[bool], Repo]:
    """A repository with agents, tests and dates; set up or not."""

    def make(ready: bool) -> Repo:
        repo = make_repo(f"told-{ready}", init=ready)
        repo.git("commit", "--quiet", "--amend", "--no-edit", GIT_COMMITTER_DATE="1599990000 +0000")
        for number in range(12):
            repo.write("src/app.py" if number % 3 else "docs/read.md", f"{number}\n")
            trailer = "\n\nCo-authored-by: foo <foo@agent.anvcs.invalid>" if number % 4 == 1 else ""
            repo.git("add", "--all")
            repo.git(
                "commit",
                "--quiet",
                "-m",
                f"number {number}{trailer}",
                GIT_AUTHOR_NAME="Grace Hopper" if number % 2 else "Ada",
                GIT_COMMITTER_DATE=f"{1_600_000_000 + number * 86400} +0000",
            )
            if number in (3, 8):
                annotate(repo, agent="agent:bar" if number == 8 else None, tests="passed")
            if number == 5:
                annotate(repo, tests="failed")
        return repo

    return make


def annotate(repo: Repo, *, agent: str | None = None, tests: str | None = None) -> None:
    line = notes.NoteLine(
        commit=repo.head(),
        tree=repo.git("rev-parse", "HEAD^{tree}"),
        commit_id=ids.commit_id(repo.git_bytes("cat-file", "commit", "HEAD")),
        agent=agent,
        tests=tests,  # pyright: ignore[reportArgumentType] - only good values are given
    )
    repo.git("notes", "--ref=anvcs", "add", "-f", "-F", "-", stdin=notes.line_of(line))


FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({"agent": "foo"}, [9, 5, 1]),
    ({"agent": "agent:bar"}, [8]),
    ({"agent": "*"}, [9, 8, 5, 1]),
    ({"agent": "nobody"}, []),
    ({"author": "grace H"}, [11, 9, 7, 5, 3, 1]),
    ({"author": "ADA@EXAMPLE"}, list(range(11, -2, -1))),
    ({"tests": "passed"}, [8, 3]),
    ({"tests": "failed"}, [5]),
    ({"path": "docs"}, [9, 6, 3, 0]),
    ({"path": "docs/read.md", "tests": "passed"}, [3]),
    ({"path": "src", "author": "hopper", "agent": "*"}, [5, 1]),
    ({"path": "nowhere"}, []),
    ({"since": "2020-09-20 00:00 +0000"}, [11, 10, 9, 8, 7]),
    ({"since": "2020-09-20 00:00 +0000", "path": "docs"}, [9]),
]
"""With the numbers of the commits that pass."""


@pytest.mark.promise("graph.filters")
@pytest.mark.parametrize("ready", [True, False])
def test_filters_agree_with_and_without_an_index(told: Callable[[bool], Repo], *, ready: bool) -> None:
    repo = told(ready)
    caller = repo.caller()
    parents = dict(line.split(" ", 1) for line in repo.git("log", "--format=%H %P").splitlines())
    for filters, expected in FILTERS:
        for limit in (1000, 2):
            rows = all_rows(caller, limit, **filters)
            subjects = [f"number {number}" if number >= 0 else "first" for number in expected]
            assert [row.subject for row in rows] == subjects, filters
            numbers = {row.git_commit for row in rows}
            for row in rows:
                assert [edge.elided for edge in row.edges] == [edge.parent not in numbers for edge in row.edges]
                assert [edge.parent for edge in row.edges] == parents[row.git_commit].split()


def test_a_path_agrees_with_git_log_on_merges_and_branches(many: Repo) -> None:
    for path in ("f0", "f1/1", "f2"):
        assert {row.git_commit for row in all_rows(many.caller(), path=path)} == told_by_git(many, "--", path).keys()


@pytest.mark.parametrize("span", ["2w", "14d", "2 W", "336h", "2.weeks.ago", "2 weeks ago"])
def test_since_takes_spans_as_git_does_and_shorter(repo: Repo, span: str) -> None:
    now = int(time.time())
    for days in (20, 15, 13, 1):
        repo.git("commit", "--allow-empty", "-qm", f"{days}", GIT_COMMITTER_DATE=f"{now - days * 86400} +0000")
    rows = page(repo.caller(), since=span).rows
    # The commit of the fixture was made just now.
    assert [row.subject for row in rows] == ["1", "13", "first"]


@pytest.mark.parametrize("since", ["", "   ", "yesteryear", "--all", "\0"])
def test_a_date_that_git_cannot_read_is_refused(repo: Repo, since: str) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        page(repo.caller(), since=since)


def test_a_path_outside_is_refused(repo: Repo) -> None:
    with pytest.raises(PathOutsideError):
        page(repo.caller(), path="../elsewhere")


def test_notes_change_what_is_shown_of_their_commits_at_once(repo: Repo) -> None:
    caller = repo.caller()
    assert page(caller).rows[0].tests == "unknown"
    annotate(repo, tests="passed")
    assert page(caller).rows[0].tests == "passed"
    repo.git("notes", "--ref=anvcs", "remove", "HEAD")
    assert page(caller).rows[0].tests == "unknown"
    annotate(repo, tests="failed", agent="agent:foo")
    repo.git("update-ref", "-d", "refs/notes/anvcs")
    assert page(caller).rows[0].agent is None


@pytest.mark.promise("graph.provenance")
def test_our_own_commit_shows_its_change_agent_tests_and_badge(repo: Repo) -> None:
    from anvcs import wire

    caller = repo.caller()
    page(caller)
    repo.write("README.md", "by an agent\n")
    made = repo.commit("by an agent", metadata=wire.Metadata(agent_id="agent:foo", tests_passed=True))
    row = page(caller).rows[0]
    assert (row.commit_id, row.git_commit, row.change_id) == (made.commit_id, made.git_commit, made.change_id)
    assert (row.agent, row.metadata, row.tests) == ("agent:foo", "full", "passed")
    repo.git("update-ref", "-d", "refs/notes/anvcs")
    row = page(caller).rows[0]
    assert (row.agent, row.metadata, row.tests) == ("agent:foo", "missing", "unknown")
    assert page(caller).rows[1].metadata == "none"
    assert find(caller.workspace(None), made.change_id[:8]) == [made.git_commit]
    assert find(caller.workspace(None), made.commit_id[:12]) == [made.git_commit]
    assert find(caller.workspace(None), "b3:" + "0" * 20) == []


# Cursors


@pytest.mark.parametrize("cursor", ["", "nonsense", "AAAA", "lZFp", "é", "x" * 5000])
def test_a_cursor_that_is_none_is_refused(many: Repo, cursor: str) -> None:
    with pytest.raises(UsageError, match="not the end of a page"):
        page(many.caller(), cursor)


def test_a_cursor_goes_with_its_filters_only(many: Repo) -> None:
    cursor = page(many.caller(), limit=5, author="A1").next_cursor
    assert cursor is not None
    with pytest.raises(UsageError, match="filters"):
        page(many.caller(), cursor, author="A2")
    with pytest.raises(UsageError, match="filters"):
        page(many.caller(), cursor)


def test_a_cursor_of_an_index_that_was_built_anew_is_refused(many: Repo) -> None:
    cursor = page(many.caller(), limit=5).next_cursor
    many.close()
    for path in (many.path / ".git" / "anvcs").glob("cache.db*"):
        path.unlink()
    with pytest.raises(UsageError, match="built anew"):
        page(many.caller(), cursor)


def test_an_index_that_cannot_be_opened_is_no_obstacle(many: Repo) -> None:
    state: Path = many.path / ".git" / "anvcs" / "cache.db"
    state.mkdir()
    rows = all_rows(many.caller())
    assert shown(rows) == told_by_git(many)
    assert page(many.caller()).source == "git"
