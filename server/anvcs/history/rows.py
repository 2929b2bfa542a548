"""The row index: what the graph shows of every commit, in one table that is read from its newest end.

Rows are numbered from oldest to newest, so a new commit is only ever appended and a page is a range. What is indexed is
exactly what the recorded heads reach. A build appends in batches; rows above ``visible`` are not shown until it ends,
and a build that dies is taken up where it stopped, since no batch holds a commit without its parents. Of two processes
that build at once one wins: each transaction first compares the version that it stands on.
"""

# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

import apsw

from anvcs.errors import CorruptStoreError, GitFailedError, LockedError, StoreConflictError, StoreError
from anvcs.history import row_links
from anvcs.history.ancestry import Links, Stored
from anvcs.history.graph_commit import GraphCommit
from anvcs.history.graph_types import (
    BADGES,
    EVERYTHING,
    TESTS,
    Filter,
    Found,
    Row,
    Source,
    State,
    Target,
    Tick,
    digest_of,
    matches,
    split,
)
from anvcs.storage.sqlite import connect

FORMAT = 2
"""Raised with every change of the tables or of what they mean; an index of another format is built anew."""
BATCH = 10_000
"""Rows in one transaction."""
_TABLES = """
CREATE TABLE graph_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER, epoch BLOB, version INTEGER, next INTEGER, visible INTEGER,
    topology BLOB, notes BLOB, standing BLOB, heads BLOB
) STRICT;
CREATE TABLE graph_people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, UNIQUE (name, email)) STRICT;
CREATE TABLE graph_rows (
    seq INTEGER PRIMARY KEY, git_commit BLOB, commit_id BLOB, parents BLOB, person INTEGER, time INTEGER,
    zone INTEGER, committed INTEGER, subject TEXT, change TEXT, agent TEXT, tests INTEGER, badge INTEGER
) STRICT;
"""
# Made when a first build ends: to sort once costs a tenth of inserting random ids in batches.
_INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS graph_by_commit ON graph_rows (git_commit);
CREATE INDEX IF NOT EXISTS graph_by_id ON graph_rows (substr(commit_id, 1, 8));
CREATE INDEX IF NOT EXISTS graph_by_person ON graph_rows (person);
CREATE INDEX IF NOT EXISTS graph_by_date ON graph_rows (committed);
CREATE INDEX IF NOT EXISTS graph_by_change ON graph_rows (change) WHERE change IS NOT NULL;
CREATE INDEX IF NOT EXISTS graph_by_agent ON graph_rows (agent) WHERE agent IS NOT NULL;
CREATE INDEX IF NOT EXISTS graph_by_tests ON graph_rows (tests) WHERE tests != 0;
"""
_LOCATE = """
SELECT epoch, (SELECT seq FROM graph_rows WHERE git_commit = ?2), (SELECT seq FROM graph_rows WHERE git_commit = ?3)
FROM graph_state WHERE topology = ?1 AND standing IS NOT NULL
"""
_SHOWN = "seq, git_commit, commit_id, parents, name, email, time, zone, subject, change, agent, tests, badge"
"""The fields of Row in their order."""


class RowIndex:
    """The index in one database file; any number of processes may have it open, each for one thread at a time.

    Raises StoreError, CorruptStoreError and LockedError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._links: tuple[bytes, Links] | None = None
        """What was read of one epoch's."""
        self._db = connect(path, durable=False)
        try:
            with self._explained():
                # Random ids go into one index: with SQLite's 2 MB its pages would be read again and again.
                self._db.execute("PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456")
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def check(self) -> None:
        """Look at the whole file. Raises CorruptStoreError if it is damaged."""
        with self._explained():
            found = str(self._one("PRAGMA integrity_check(1)"))
        if found != "ok":
            raise CorruptStoreError(f"{self.path} is damaged: {found}.", "Delete it; it is built again from Git.")

    def state(self) -> State:
        """What the index shows now."""
        with self._explained():
            return self._state()

    # Reading

    @contextmanager
    def reading(self) -> Generator[State]:
        """Everything read inside is of one moment."""
        with self._explained(), self._transaction("BEGIN"):
            yield self._state()

    def rows(self, below: int, limit: int, wanted: Filter = EVERYTHING) -> list[Row]:
        """The newest rows numbered below ``below`` that pass."""
        with self._explained():
            condition, values = self._condition(wanted)
            # CROSS keeps SQLite from looking people up first.
            sql = (
                f"SELECT {_SHOWN} FROM graph_rows CROSS JOIN graph_people ON id = person "  # noqa: S608 - no values are put in
                f"WHERE seq < ?{condition} ORDER BY seq DESC LIMIT ?"
            )
            found = self._db.execute(sql, (below, *values, limit)).fetchall()
            return list(map(Row._make, cast("list[tuple[Any, ...]]", found)))

    def passing(self, commits: Iterable[bytes], below: int, wanted: Filter = EVERYTHING) -> set[bytes]:
        """Those of the commits that have a row numbered below ``below`` that passes."""
        with self._explained():
            condition, values = self._condition(wanted)
            sql = f"SELECT 1 FROM graph_rows WHERE git_commit = ? AND seq < ?{condition}"  # noqa: S608 - no values are put in
            return {commit for commit in commits if self._db.execute(sql, (commit, below, *values)).fetchone()}

    def named(self, prefix: str) -> list[bytes]:
        """The commits whose id (``b3:...``) or change id begins so, newest first."""
        with self._explained():
            visible = self._state().visible
            if prefix.startswith("b3:"):
                digits = prefix[3:]
                ends = (bytes.fromhex(digits[:16].ljust(16, filler)) for filler in "0f")
                sql = (
                    "SELECT git_commit, commit_id FROM graph_rows WHERE seq <= ? "
                    "AND substr(commit_id, 1, 8) BETWEEN ? AND ? ORDER BY seq DESC"
                )
                found = cast("Iterable[tuple[bytes, bytes]]", self._db.execute(sql, (visible, *ends)))
                return [commit for commit, commit_id in found if commit_id.hex().startswith(digits)]
            sql = "SELECT git_commit FROM graph_rows WHERE seq <= ? AND change BETWEEN ? AND ? ORDER BY seq DESC"
            # "z" is the last letter of change ids.
            found = self._db.execute(sql, (visible, prefix, prefix.ljust(32, "z")))
            return [cast("bytes", commit) for (commit,) in found]

    def number(self, commit: bytes) -> int | None:
        """The number of a commit's row; it has one only if all that it reaches does. Cheap if State.standing is set."""
        with self._explained():
            return cast("int | None", self._one("SELECT seq FROM graph_rows WHERE git_commit = ?", commit))

    def commit_at(self, number: int) -> bytes:
        """The commit of a row."""
        with self._explained():
            return cast("bytes", self._one("SELECT git_commit FROM graph_rows WHERE seq = ?", number))

    def located(self, topology: bytes, one: bytes, two: bytes) -> tuple[Links, int | None, int | None] | None:
        """The history as numbers, and those of two commits; none until a first build has ended with this topology.

        Reading the links raises StoreConflictError if the index was built anew since, unless inside :meth:`reading`.
        """
        with self._explained():
            row = self._db.execute(_LOCATE, (topology, one, two)).fetchone()
        if row is None:
            return None
        epoch, first, second = cast("tuple[bytes, int | None, int | None]", row)
        if self._links is None or self._links[0] != epoch:
            self._links = epoch, Links(partial(self._page, epoch))
        return self._links[1], first, second

    def _page(self, epoch: bytes, number: int) -> Stored | None:
        with self._explained():
            found = row_links.page(self._db, number)
            # Asked afterwards, since no epoch comes again.
            if self._one("SELECT epoch FROM graph_state") != epoch:
                raise StoreConflictError("Another process is building the graph's index anew.", "Let it finish.")
        return found

    def _condition(self, wanted: Filter) -> tuple[str, list[int | str]]:
        sql, values = "", cast("list[int | str]", [])
        if wanted.since is not None:
            # The plus makes SQLite take the index by date, not rows from the oldest on.
            oldest = self._one("SELECT min(+seq) FROM graph_rows WHERE committed >= ?", wanted.since)
            sql += " AND committed >= ? AND seq >= ?"
            values += [wanted.since, self._state().next if oldest is None else oldest]
        if wanted.agent == "*":
            sql += " AND agent IS NOT NULL"
        elif wanted.agent is not None:
            sql += " AND agent = ?"
            values.append(wanted.agent)
        if wanted.author is not None:
            people = self._db.execute("SELECT id, name, email FROM graph_people")
            found = [id_ for id_, name, email in people if matches(wanted.author, str(name), str(email))]
            sql += f" AND person IN ({', '.join(str(id_) for id_ in found)})"
        if wanted.tests is not None:
            number = TESTS.index(cast("Any", wanted.tests))
            # Said twice, since SQLite does not see that 1 is not 0 and so would not take the index.
            sql += f" AND tests = {number}" + (" AND tests != 0" if number else "")
        return sql, values

    # Writing

    def update(self, target: Target, source: Source, tick: Tick, most: int | None = None) -> bool:
        """Make the index show the target; False, with nothing done, if that takes more than ``most`` new commits.

        Raises StoreConflictError if another process does the same, GitFailedError if git cannot walk the history.
        """
        with self._explained():
            state = self._state()
            if state.topology != target.topology:
                state = self._begin_anew(state, target.topology)
            known = self._known(state)
            try:
                return self._follow(state, target, source, known, tick, most)
            except (GitFailedError, apsw.ConstraintError):
                # A former head was pruned, so that git cannot leave out what it reached; or git was told of other
                # parents in between, so that it did not leave out what is here.
                if not known:
                    raise
                if most is not None:
                    return False
            state = self._begin_anew(self._state(), target.topology)
            return self._follow(state, target, source, frozenset(), tick, None)

    def _follow(
        self, state: State, target: Target, source: Source, known: frozenset[bytes], tick: Tick, most: int | None
    ) -> bool:
        # Before a first build has ended there is no index by commit, and looking for one would read all rows.
        has = None if state.standing is None else self._has
        added = [head for head in target.heads - known if has is None or not has(head)]
        if added:
            with source.walk(added, known, has, tick) as found:
                if most is not None and found.total > most:
                    return False
                state = self._append(state, found, source, tick)
        if state.standing is None:
            tick("Sorting the index", 99)
            with self._write(state):
                self._db.execute(_INDEXES)
                row_links.link_all(self._db, state.next - 1, tick)
            state = state._replace(version=state.version + 1)
        doomed = self._lost(known - target.heads, target.heads)
        fresh: list[tuple[str | None, int, int, bytes]] = []
        # What was appended to an empty index has been described by these very notes.
        if known and state.notes != target.notes:
            fresh = list(self._redescribed(source, source.renoted(state.notes), tick))
        tick("Finishing the index", 99)
        with self._write(state):
            self._db.executemany("DELETE FROM graph_rows WHERE git_commit = ?", ((commit,) for commit in doomed))
            self._db.executemany("UPDATE graph_rows SET agent = ?, tests = ?, badge = ? WHERE git_commit = ?", fresh)
            self._db.execute(
                "UPDATE graph_state SET visible = next - 1, notes = ?, standing = ?, heads = ?",
                (target.notes, digest_of(target.heads), b"".join(sorted(target.heads))),
            )
        return True

    def _append(self, state: State, found: Found, source: Source, tick: Tick) -> State:
        done = 0
        while batch := list(islice(found.commits, BATCH)):
            with self._write(state):
                self._insert(state, batch, source)
            state = state._replace(version=state.version + 1, next=state.next + len(batch))
            done += len(batch)
            tick(f"Indexing {found.total:,} commits", 99 * done // max(found.total, done))
        return state

    def _insert(self, state: State, batch: list[GraphCommit], source: Source) -> None:
        people = self._people_ids((commit.name, commit.email) for commit in batch)
        rows: list[tuple[Any, ...]] = []
        for seq, commit in enumerate(batch, state.next):
            described = source.describe(commit)
            rows.append(
                (
                    seq,
                    commit.git_commit,
                    commit.commit_id,
                    commit.parents,
                    people[commit.name, commit.email],
                    commit.time,
                    commit.offset,
                    commit.committed,
                    commit.subject,
                    commit.change,
                    described.agent,
                    TESTS.index(described.tests),
                    BADGES.index(described.badge),
                )
            )
        self._db.executemany("INSERT INTO graph_rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        if state.standing is not None:
            row_links.link_more(self._db, state.next, ((commit.git_commit, commit.parents) for commit in batch))
        self._db.execute("UPDATE graph_state SET next = ?", (state.next + len(batch),))

    def _people_ids(self, people: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        ids: dict[tuple[str, str], int] = {}
        for person in people:
            if person not in ids:
                self._db.execute("INSERT OR IGNORE INTO graph_people (name, email) VALUES (?, ?)", person)
                ids[person] = self._one("SELECT id FROM graph_people WHERE name = ? AND email = ?", *person)
        return ids

    def _lost(self, gone: Iterable[bytes], heads: frozenset[bytes]) -> list[bytes]:
        """What former heads reached and the heads do not: read from the newest row down, until nothing is in doubt."""
        doubtful, reached, lost = set(gone), set[bytes](), list[bytes]()
        rows = self._db.execute("SELECT git_commit, parents FROM graph_rows ORDER BY seq DESC")
        while doubtful and (row := rows.fetchone()):
            commit, parents = cast("tuple[bytes, bytes]", row)
            doubtful.discard(commit)
            # Every child of the commit stands above it and has been seen.
            if commit in reached or commit in heads:
                reached.discard(commit)
                reached.update(split(parents))
            else:
                lost.append(commit)
                doubtful.update(split(parents))
        return lost

    def _redescribed(
        self, source: Source, renoted: Iterable[bytes], tick: Tick
    ) -> Iterator[tuple[str | None, int, int, bytes]]:
        changed = [commit for commit in renoted if self._has(commit)]
        for done, commit in enumerate(source.read(changed)):
            if done % BATCH == 0:
                tick("Reading notes", 100 * done // len(changed))
            agent, tests, badge = source.describe(commit)
            yield agent, TESTS.index(tests), BADGES.index(badge), commit.git_commit

    def _known(self, state: State) -> frozenset[bytes]:
        """What reaches exactly the rows there are: the recorded heads, and the tips of what a dead build left."""
        heads = cast("bytes | None", self._one("SELECT heads FROM graph_state")) or b""
        known = set(split(heads))
        parents: set[bytes] = set()
        for commit, named in self._db.execute(
            "SELECT git_commit, parents FROM graph_rows WHERE seq > ? ORDER BY seq DESC", (state.visible,)
        ):
            if commit not in parents:
                known.add(cast("bytes", commit))
            parents.update(split(cast("bytes", named)))
        return frozenset(known)

    def _has(self, commit: bytes) -> bool:
        return bool(self._db.execute("SELECT 1 FROM graph_rows WHERE git_commit = ?", (commit,)).fetchone())

    def _begin_anew(self, state: State, topology: bytes) -> State:
        with self._write(state):
            self._clear(state.version, topology)
        return State(b"", state.version + 1, 1, 0, topology, None, None)

    # The database

    def _prepare(self) -> None:
        if self._is_ready():
            return
        with self._transaction("BEGIN IMMEDIATE"):
            if not self._is_ready():
                self._clear(0, None)

    def _is_ready(self) -> bool:
        there = self._one("SELECT count(*) FROM sqlite_schema WHERE name = 'graph_state'")
        return bool(there) and self._one("SELECT format FROM graph_state") == FORMAT

    def _clear(self, version: int, topology: bytes | None) -> None:
        for table in ("graph_rows", "graph_people", "graph_links", "graph_state"):
            self._db.execute(f"DROP TABLE IF EXISTS {table}")
        self._db.execute(_TABLES + row_links.TABLE)
        self._db.execute(
            "INSERT INTO graph_state VALUES (1, ?, ?, ?, 1, 0, ?, NULL, NULL, NULL)",
            (FORMAT, secrets.token_bytes(8), version, topology),
        )

    def _state(self) -> State:
        row = self._db.execute(
            "SELECT epoch, version, next, visible, topology, notes, standing FROM graph_state"
        ).fetchone()
        return State(*cast("tuple[Any, ...]", row))

    @contextmanager
    def _write(self, expected: State) -> Generator[None]:
        with self._transaction("BEGIN IMMEDIATE"):
            if self._state().version != expected.version:
                raise StoreConflictError("Another process is updating the graph's index.", "Let it finish.")
            yield
            self._db.execute("UPDATE graph_state SET version = ?", (expected.version + 1,))

    @contextmanager
    def _transaction(self, begin: str) -> Generator[None]:
        self._db.execute(begin)
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _one(self, sql: str, *values: int | str | bytes) -> Any:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except apsw.BusyError as error:
            raise LockedError(f"{self.path} is in use by another process.", "Try again.") from error
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise CorruptStoreError(
                f"{self.path} is damaged: {error}.", "Delete it; it is built again from Git."
            ) from error
        except apsw.Error as error:
            raise StoreError(f"{self.path} cannot be used: {error}.", "Delete it; it is built again.") from error
