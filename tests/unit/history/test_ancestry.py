"""The history in numbers, against sets: what reaches what, and the best common ancestors, of any history."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.errors import CancelledError, CorruptStoreError, StoreConflictError
from anvcs.history import ancestry as ancestry_module
from anvcs.history import rows as rows_module
from anvcs.history.ancestry import APART, FEW, PAGE, Links, Stored
from anvcs.history.rows import RowIndex
from tests.unit.history.test_rows import LINE, Memory, nothing, oid, to

Parents = Sequence[Sequence[int]]
"""The parents of commit 1, 2 and so on."""


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[list[int]]:
    """Histories with several roots, merges of unlike ages, octopuses and parents named twice."""
    found: list[list[int]] = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        far = draw(st.integers(1, 30))
        parents = st.integers(max(1, number - far), number - 1) if number > 1 else st.nothing()
        found.append(draw(st.lists(parents, max_size=min(number - 1, draw(st.sampled_from([0, 1, 1, 2, 2, 5]))))))
    return found


def reached(parents: Mapping[int, Sequence[int]], start: int) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        commit = waiting.pop()
        if commit not in found:
            found.add(commit)
            waiting += parents[commit]
    return found


def best(parents: Mapping[int, Sequence[int]], one: int, two: int) -> set[int]:
    common = reached(parents, one) & reached(parents, two)
    return common - {other for commit in common for other in reached(parents, commit) - {commit}}


class Pages:
    """Where pages are kept, one to a number."""

    def __init__(self) -> None:
        self.kept: dict[int, Stored] = {}

    def write(self, commits: Parents, first: int = 1) -> None:
        """Keep commits numbered from ``first`` on."""
        links = Links(self.kept.get)
        for number, parents in enumerate(commits, first):
            links.append(number, parents)
            self.kept[number // PAGE] = links.stored(number // PAGE)

    def links(self) -> Links:
        """What reads them."""
        return Links(self.kept.get)


@pytest.mark.promise("ancestry.exact")
@settings(max_examples=150)
@given(histories())
def test_ancestors_and_merge_bases_are_those_that_sets_give(commits: list[list[int]]) -> None:
    pages = Pages()
    pages.write(commits)
    links = pages.links()
    parents = dict(enumerate(commits, 1))
    for one, two in itertools.product(parents, parents):
        assert links.is_ancestor(one, two) == (one in reached(parents, two)), (one, two)
        bases = links.merge_bases(one, two)
        assert bases == sorted(bases, reverse=True)
        assert set(bases) == best(parents, one, two), (one, two)


@given(histories())
def test_a_generation_is_one_more_than_the_highest_of_the_parents(commits: list[list[int]]) -> None:
    pages = Pages()
    pages.write(commits)
    links = pages.links()
    for number, parents in enumerate(commits, 1):
        assert links.parents(number) == tuple(parents)
        assert links.generation(number) == 1 + max(map(links.generation, parents), default=0)


@given(histories(), st.data())
def test_commits_of_which_no_page_knows_stand_above_all_others(commits: list[list[int]], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(commits)))
    pages = Pages()
    pages.write(commits[:kept])
    links = pages.links()
    names = {number: number if number <= kept else APART + number - kept - 1 for number in range(1, len(commits) + 1)}
    links.set_apart([names[parent] for parent in parents] for parents in commits[kept:])
    parents = dict(enumerate(commits, 1))
    for one, two in itertools.product(parents, parents):
        assert links.is_ancestor(names[one], names[two]) == (one in reached(parents, two))
        assert set(links.merge_bases(names[one], names[two])) == {names[base] for base in best(parents, one, two)}


def long_line(length: int) -> list[list[int]]:
    """A line of commits, and beside every tenth a commit that the line takes in twenty later."""
    commits: list[list[int]] = []
    last, sides = 0, list[tuple[int, int]]()
    for number in range(1, length + 1):
        if number % 10 == 0:
            sides.append((number, number + 20))
            commits.append([last])
            continue
        merged = [sides.pop(0)[0]] if sides and sides[0][1] <= number else []
        commits.append([last, *merged] if last else [])
        last = number
    return commits


def test_a_history_of_many_pages_is_read_as_far_as_needed() -> None:
    pages = Pages()
    commits = long_line(40 * PAGE)
    pages.write(commits)
    read: list[int] = []

    def fetch(number: int) -> Stored | None:
        read.append(number)
        return pages.kept.get(number)

    links = Links(fetch)
    top = 40 * PAGE - 1
    assert links.is_ancestor(top - 300, top)
    assert set(read) <= {37, 38, 39}
    read.clear()
    assert links.is_ancestor(1, top)
    assert len(read) <= 12
    side = 10 * PAGE
    assert links.is_ancestor(side, top)
    assert not links.is_ancestor(top - top % 10, top)
    assert len(set(read)) < 25
    assert links.merge_bases(side, top) == [side]


def test_a_side_branch_that_was_merged_after_thousands_of_commits_is_found() -> None:
    pages = Pages()
    last = FEW + 3 * PAGE
    pages.write([[], [1], [1], *([number] for number in range(3, last)), [last, 2]])
    links = pages.links()
    assert links.is_ancestor(2, last + 1)
    assert links.merge_bases(2, last + 1) == [2]
    assert links.merge_bases(2, last) == [1]
    assert not links.is_ancestor(2, last)


def test_pages_are_let_go_of_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ancestry_module, "MOST", 3)
    pages = Pages()
    commits = long_line(12 * PAGE)
    pages.write(commits)
    links = pages.links()
    links.set_apart([[12 * PAGE - 1]])
    assert links.is_ancestor(1, APART)
    assert not links.is_ancestor(12 * PAGE - 2, 1)
    assert links.is_ancestor(5 * PAGE, APART)
    assert len(links._pages) <= 4
    assert links.parents(APART) == (12 * PAGE - 1,)


@pytest.mark.parametrize("cut", [b"", b"\0" * 20, b"\0" * 19])
def test_a_page_that_lacks_a_commit_is_damaged(cut: bytes) -> None:
    links = Links(lambda _: (cut, b""))
    with pytest.raises(CorruptStoreError, match="damaged"):
        links.is_ancestor(3, 5)


def test_a_commit_is_added_only_after_the_one_before_it() -> None:
    pages = Pages()
    pages.write([[], [1]])
    with pytest.raises(CorruptStoreError):
        pages.write([[2]], first=4)


# In the row index


def ask(index: RowIndex, older: int, newer: int) -> bool:
    found = index.located(b"", oid(older), oid(newer))
    assert found is not None
    links, one, two = found
    assert one is not None
    assert two is not None
    return links.is_ancestor(one, two)


def assert_exact(index: RowIndex, parents: Mapping[int, Sequence[int]], shown: set[int]) -> None:
    for one, two in itertools.product(shown, shown):
        assert ask(index, one, two) == (one in reached(parents, two)), (one, two)


@settings(max_examples=40, deadline=None)
@given(histories(20), st.data())
def test_the_index_tells_ancestors_after_any_moves_of_heads(commits: list[list[int]], data: st.DataObject) -> None:
    parents = {number: sorted(set(found), reverse=True) for number, found in enumerate(commits, 1)}
    source = Memory(parents)
    heads = st.lists(st.integers(1, len(commits)), unique=True, max_size=3)
    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        closing(RowIndex(Path(folder) / "cache.db")) as index,
    ):
        patch.setattr(rows_module, "BATCH", 3)
        for moved in data.draw(st.lists(heads, min_size=1, max_size=4)):
            index.update(to(*moved), source, nothing)
            assert_exact(index, parents, {commit for head in moved for commit in reached(parents, head)})


def test_a_build_that_died_is_linked_whole_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BATCH", 2)

    def stop(message: str, percent: int | None) -> None:
        if message.startswith("Linking") or (percent or 0) > 40:
            raise CancelledError("stopped")

    monkeypatch.setattr("anvcs.history.row_links._TICK", 1)
    for _ in range(2):
        with closing(RowIndex(tmp_path / "cache.db")) as index:
            with pytest.raises(CancelledError):
                index.update(to(7), Memory(LINE), stop)
            assert index.located(b"", oid(1), oid(2)) is None
    with closing(RowIndex(tmp_path / "cache.db")) as index:
        index.update(to(7), Memory(LINE), nothing)
        assert_exact(index, LINE, set(LINE))


def test_an_index_of_the_format_before_is_built_anew(tmp_path: Path) -> None:
    with closing(RowIndex(tmp_path / "cache.db")) as index:
        index.update(to(7), Memory(LINE), nothing)
    with closing(apsw.Connection(str(tmp_path / "cache.db"))) as db:
        # The index did not know of links then.
        db.execute("DROP TABLE graph_links; UPDATE graph_state SET format = 1").fetchall()  # pyright: ignore[reportUnknownMemberType] - apsw's stubs name Buffer
    with closing(RowIndex(tmp_path / "cache.db")) as index:
        assert index.located(b"", oid(1), oid(7)) is None
        index.update(to(7), Memory(LINE), nothing)
        assert_exact(index, LINE, set(LINE))


def test_a_reader_sees_what_another_process_appended_and_never_mixes_two_builds(tmp_path: Path) -> None:
    with closing(RowIndex(tmp_path / "cache.db")) as writer, closing(RowIndex(tmp_path / "cache.db")) as reader:
        writer.update(to(3), Memory(LINE), nothing)
        assert ask(reader, 1, 3)
        writer.update(to(7), Memory(LINE), nothing)
        assert ask(reader, 1, 7)
        found = reader.located(b"", oid(1), oid(7))
        assert found is not None
        # Its pages are dropped, as if they had never been read.
        found[0]._pages.clear()
        writer.update(to(6, topology=b"other"), Memory(LINE), nothing)
        with pytest.raises(StoreConflictError):
            found[0].is_ancestor(1, 7)
        assert reader.located(b"", oid(1), oid(6)) is None
        assert reader.located(b"other", oid(1), oid(6)) is not None
