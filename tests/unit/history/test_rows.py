"""The row index over a history in memory: what it holds after any moves of heads, deaths and races."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import CancelledError, CorruptStoreError, GitFailedError, StoreConflictError
from anvcs.history import rows as rows_module
from anvcs.history.graph_commit import GraphCommit
from anvcs.history.graph_types import Described, Filter, Found, Known, Row, Target, Tick, split
from anvcs.history.rows import RowIndex

UNKNOWN = Described(None, "unknown", "none")


def oid(number: int) -> bytes:
    return number.to_bytes(20, "big")


def nothing(message: str, percent: int | None) -> None:
    """Take a report and go on."""


class Memory:
    """A history in memory: number of each commit to those of its parents, which are smaller."""

    def __init__(self, parents: dict[int, list[int]], notes: dict[int, Described] | None = None) -> None:
        self.parents = parents
        self.notes = notes or {}
        self.changed: set[int] = set()
        self.walked: list[int] = []
        self.redescribed: list[int] = []
        self.pruned: set[int] = set()

    def reach(self, heads: Iterable[bytes]) -> set[int]:
        """The numbers of all that the heads reach."""
        found: set[int] = set()
        stack = [int.from_bytes(head, "big") for head in heads]
        while stack:
            number = stack.pop()
            if number in self.pruned:
                raise GitFailedError(f"bad object {number}")
            if number not in found:
                found.add(number)
                stack += self.parents[number]
        return found

    def commit(self, number: int) -> GraphCommit:
        """The commit with that number; its parity tells who wrote it."""
        who = "Ödön" if number % 2 else "Ada"
        return GraphCommit(
            git_commit=oid(number),
            commit_id=bytes([number % 256]) * 32,
            parents=b"".join(oid(parent) for parent in self.parents[number]),
            tree="",
            name=who,
            email=f"{who.lower()}@example.org",
            time=number,
            offset=60,
            committed=number,
            subject=f"commit {number}",
            change=None,
            root=None,
            agent=None,
        )

    @contextmanager
    def walk(self, new: Collection[bytes], old: Collection[bytes], known: Known | None, tick: Tick) -> Generator[Found]:
        """What the one reaches and the other does not."""
        numbers = sorted(self.reach(new) - self.reach(old))
        assert known is None or not any(known(oid(number)) for number in numbers)
        tick("walking", None)
        self.walked += numbers
        yield Found(len(numbers), map(self.commit, numbers))

    def describe(self, commit: GraphCommit) -> Described:
        """What the notes say."""
        return self.notes.get(commit.time, UNKNOWN)

    def renoted(self, old: bytes | None) -> Iterable[bytes]:
        """What was changed by hand; everything where there were none before."""
        return [oid(number) for number in (self.notes if old is None else self.changed)]

    def read(self, commits: Collection[bytes]) -> Iterator[GraphCommit]:
        """These commits again."""
        self.redescribed += [int.from_bytes(commit, "big") for commit in commits]
        return (self.commit(int.from_bytes(commit, "big")) for commit in commits)


def to(*heads: int, topology: bytes = b"", notes: bytes | None = None) -> Target:
    return Target(frozenset(map(oid, heads)), topology, notes)


LINE = {1: [], 2: [1], 3: [2], 4: [3], 5: [2], 6: [5, 4], 7: [6]}
"""A fork at 2, merged by 6."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[RowIndex]:
    """An index that is not built yet."""
    with closing(RowIndex(tmp_path / "cache.db")) as opened:
        yield opened


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows in a transaction."""
    monkeypatch.setattr(rows_module, "BATCH", 2)


def shown(index: RowIndex, wanted: Filter | None = None) -> list[Row]:
    return index.rows(index.state().visible + 1, 1000, wanted or Filter())


def numbers(rows: Iterable[Row]) -> list[int]:
    return [int.from_bytes(row.git_commit, "big") for row in rows]


def test_rows_come_newest_first_with_all_that_was_put_in(index: RowIndex) -> None:
    source = Memory(LINE, {7: Described("agent:foo", "passed", "full")})
    assert index.update(to(7), source, nothing)
    found = shown(index)
    assert numbers(found) == [7, 6, 5, 4, 3, 2, 1]
    assert found[0]._replace(seq=0) == Row.of(source.commit(7), source.notes[7])
    assert found[0].parents == oid(6)
    assert found[1].parents == oid(5) + oid(4)


def test_a_page_is_what_lies_below_a_number(index: RowIndex) -> None:
    index.update(to(7), Memory(LINE), nothing)
    first = index.rows(index.state().visible + 1, 3)
    assert numbers(first) == [7, 6, 5]
    assert numbers(index.rows(first[-1].seq, 3)) == [4, 3, 2]


def test_new_commits_are_appended_and_no_row_is_renumbered(index: RowIndex) -> None:
    source = Memory(LINE)
    index.update(to(4), source, nothing)
    before = {row.git_commit: row.seq for row in shown(index)}
    source.walked.clear()
    index.update(to(4, 7), source, nothing)
    assert source.walked == [5, 6, 7]
    assert {row.git_commit: row.seq for row in shown(index)}.items() >= before.items()


def test_what_no_head_reaches_any_longer_is_gone_and_its_number_is_never_used_again(index: RowIndex) -> None:
    source = Memory({**LINE, 8: [6]})
    index.update(to(7), source, nothing)
    highest = index.state().visible
    index.update(to(6), source, nothing)
    assert numbers(shown(index)) == [6, 5, 4, 3, 2, 1]
    index.update(to(8), source, nothing)
    assert shown(index)[0].seq > highest


@st.composite
def moves(draw: st.DrawFn) -> tuple[dict[int, list[int]], list[set[int]]]:
    size = draw(st.integers(1, 25))
    parents = {
        number: draw(st.lists(st.integers(1, number - 1), max_size=3, unique=True)) if number > 1 else []
        for number in range(1, size + 1)
    }
    return parents, draw(st.lists(st.sets(st.integers(1, size), max_size=4), min_size=1, max_size=5))


@pytest.mark.promise("graph.exact")
@given(moves(), st.data())
def test_whatever_heads_do_the_index_is_exactly_what_they_reach(
    drawn: tuple[dict[int, list[int]], list[set[int]]], data: st.DataObject
) -> None:
    parents, steps = drawn
    source = Memory(parents)
    with TemporaryDirectory() as folder, closing(RowIndex(Path(folder) / "cache.db")) as index:
        rows_module_batch, rows_module.BATCH = rows_module.BATCH, 2
        try:
            for heads in steps:
                # Some builds die after a while; the next one has other heads.
                tick = dying_after(data.draw(st.integers(0, 12)))

                before = shown(index)
                try:
                    assert index.update(to(*heads), source, tick)
                except CancelledError:
                    assert shown(index) == before
                else:
                    assert set(numbers(shown(index))) == source.reach(map(oid, heads))
                check_order(shown(index))
            assert index.update(to(*steps[-1]), source, nothing)
            assert sorted(numbers(shown(index))) == sorted(source.reach(map(oid, steps[-1])))
            check_order(shown(index))
        finally:
            rows_module.BATCH = rows_module_batch


def dying_after(lives: int) -> Tick:
    """A report that stops the build at its so-manieth call; never for 0."""
    calls = itertools.count(1)

    def tick(message: str, percent: int | None) -> None:
        if next(calls) == lives:
            raise CancelledError(f"{message} {percent}")

    return tick


def check_order(rows: list[Row]) -> None:
    """Children stand above parents, and all parents are there."""
    places = {row.git_commit: place for place, row in enumerate(rows)}
    for row in rows:
        assert all(places[parent] > places[row.git_commit] for parent in split(row.parents))


@pytest.mark.usefixtures("small_batches")
def test_a_build_that_was_stopped_is_taken_up_where_it_was(index: RowIndex) -> None:
    source = Memory(LINE)

    def stop_after_four(message: str, percent: int | None) -> None:
        if percent and percent >= 50:
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        index.update(to(7), source, stop_after_four)
    assert shown(index) == []
    source.walked.clear()
    assert index.update(to(7), source, nothing)
    assert source.walked == [5, 6, 7]
    assert sorted(numbers(shown(index))) == [1, 2, 3, 4, 5, 6, 7]
    check_order(shown(index))


def test_two_processes_building_at_once_do_no_harm_and_one_is_told(index: RowIndex, tmp_path: Path) -> None:
    source = Memory(LINE)
    with closing(RowIndex(tmp_path / "cache.db")) as other:

        def meanwhile(message: str, percent: int | None) -> None:
            if message == "walking" and percent is None:
                assert other.update(to(7), Memory(LINE), nothing)

        with pytest.raises(StoreConflictError):
            index.update(to(7), source, meanwhile)
    assert numbers(shown(index)) == [7, 6, 5, 4, 3, 2, 1]
    assert index.state().shows(to(7))


def test_a_pruned_former_head_makes_the_index_be_built_anew(index: RowIndex) -> None:
    source = Memory({**LINE, 8: [4], 9: [4]})
    index.update(to(7, 8), source, nothing)
    epoch = index.state().epoch
    source.pruned.add(8)
    assert index.update(to(7, 9), source, nothing)
    assert sorted(numbers(shown(index))) == [1, 2, 3, 4, 5, 6, 7, 9]
    assert index.state().epoch != epoch


def test_other_parents_than_before_make_the_index_be_built_anew(index: RowIndex) -> None:
    index.update(to(7), Memory(LINE), nothing)
    grafted = Memory({**LINE, 5: []})
    assert not index.state().shows(to(7, topology=b"grafts"))
    assert index.update(to(7, topology=b"grafts"), grafted, nothing)
    assert {row.git_commit: row.parents for row in shown(index)}[oid(5)] == b""


def test_more_new_commits_than_wanted_change_nothing(index: RowIndex) -> None:
    source = Memory(LINE)
    index.update(to(4), source, nothing)
    before = index.state()
    assert not index.update(to(7), source, nothing, most=2)
    assert index.state() == before
    assert index.update(to(7), source, nothing, most=3)


def test_changed_notes_are_read_again_and_no_others(index: RowIndex) -> None:
    source = Memory(LINE, {2: Described("agent:a", "passed", "full"), 3: Described("agent:b", "failed", "missing")})
    index.update(to(7, notes=b"one"), source, nothing)
    assert source.redescribed == []
    source.notes = {2: source.notes[2], 4: Described("agent:c", "unknown", "full")}
    source.changed = {3, 4, 99}
    assert index.update(to(7, notes=b"two"), source, nothing)
    assert sorted(source.redescribed) == [3, 4]
    assert {number: row.agent for number, row in zip(numbers(shown(index)), shown(index), strict=True)} == {
        7: None,
        6: None,
        5: None,
        4: "agent:c",
        3: None,
        2: "agent:a",
        1: None,
    }


def test_a_note_that_was_there_before_its_commit_is_read_with_it(index: RowIndex) -> None:
    source = Memory(LINE, {7: Described("agent:a", "passed", "full")})
    index.update(to(6, notes=b"one"), source, nothing)
    index.update(to(7, notes=b"one"), source, nothing)
    assert shown(index)[0].agent == "agent:a"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(since=5), [7, 6, 5]),
        (Filter(since=99), []),
        (Filter(author="ÖDÖN"), [7, 5, 3, 1]),
        (Filter(author="ADA@"), [6, 4, 2]),
        (Filter(author="%"), []),
        (Filter(agent="agent:foo"), [6]),
        (Filter(agent="*"), [6, 3]),
        (Filter(tests="passed"), [6, 2]),
        (Filter(tests="unknown"), [7, 5, 4, 3, 1]),
        (Filter(since=3, author="ada", tests="passed"), [6]),
    ],
)
def test_filters_find_what_they_say_and_agree_with_the_unindexed_ones(
    index: RowIndex, wanted: Filter, expected: list[int]
) -> None:
    source = Memory(
        LINE,
        {
            6: Described("agent:foo", "passed", "full"),
            3: Described("agent:bar", "unknown", "none"),
            2: Described(None, "passed", "none"),
        },
    )
    index.update(to(7), source, nothing)
    assert numbers(shown(index, wanted)) == expected
    commits = [source.commit(number) for number in range(7, 0, -1)]
    assert [commit.time for commit in commits if wanted.takes(commit, source.describe(commit))] == expected
    below = index.state().visible
    assert index.passing(map(oid, LINE), below, wanted) == {oid(number) for number in expected if number != 7}


def test_an_index_of_another_format_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(RowIndex(tmp_path / "cache.db")) as index:
        index.update(to(7), Memory(LINE), nothing)
    monkeypatch.setattr(rows_module, "FORMAT", rows_module.FORMAT + 1)
    with closing(RowIndex(tmp_path / "cache.db")) as index:
        assert index.state().standing is None
        assert shown(index) == []
        assert index.update(to(7), Memory(LINE), nothing)


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(RowIndex(path)) as index:
        index.update(to(7), Memory(LINE), nothing)
    path.write_bytes(b"x" * 8192)
    with pytest.raises(CorruptStoreError):
        RowIndex(path)


def test_progress_grows_to_the_end(index: RowIndex) -> None:
    said: list[int] = []
    report: Callable[[str, int | None], None] = lambda _, percent: said.append(percent or 0)  # noqa: E731 - the type is checked
    index.update(to(7), Memory(LINE), report)
    assert said == sorted(said)
    assert said[-1] == 99
