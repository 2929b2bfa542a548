"""What the row index takes and gives, and what it asks of the history that it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from hashlib import blake2b
from typing import Literal, NamedTuple, Protocol

from anvcs.history.graph_commit import GraphCommit

OID = 20
"""Bytes in a Git id."""

TESTS: tuple[Literal["unknown", "passed", "failed"], ...] = ("unknown", "passed", "failed")
BADGES: tuple[Literal["none", "full", "missing"], ...] = ("none", "full", "missing")

Tick = Callable[[str, int | None], None]
"""Told what is being done and how far in percent; may raise to stop it."""


Known = Callable[[bytes], bool]
"""Whether a commit is indexed; cheap."""


class Described(NamedTuple):
    """What the notes say of a commit."""

    agent: str | None
    tests: Literal["unknown", "passed", "failed"]
    badge: Literal["none", "full", "missing"]


class Row(NamedTuple):
    """One commit as the graph shows it."""

    seq: int
    """Grows from oldest to newest; 0 for rows that are not from the index."""
    git_commit: bytes
    commit_id: bytes
    parents: bytes
    name: str
    email: str
    time: int
    offset: int
    subject: str
    change: str | None
    agent: str | None
    tests: int
    """Index into TESTS."""
    badge: int
    """Index into BADGES."""

    @classmethod
    def of(cls, commit: GraphCommit, described: Described) -> Row:
        """The row of a commit that is not from the index."""
        return cls(
            0,
            commit.git_commit,
            commit.commit_id,
            commit.parents,
            commit.name,
            commit.email,
            commit.time,
            commit.offset,
            commit.subject,
            commit.change,
            described.agent,
            TESTS.index(described.tests),
            BADGES.index(described.badge),
        )


class Target(NamedTuple):
    """What the index should show."""

    heads: frozenset[bytes]
    topology: bytes
    """Changes when git sees other parents than before, so that everything must be built anew."""
    notes: bytes | None
    """The notes commit."""


class State(NamedTuple):
    """What the index shows."""

    epoch: bytes
    """Differs after every build from nothing: numbers of another epoch mean nothing."""
    version: int
    """Grows with every write."""
    next: int
    """The number of the next row."""
    visible: int
    """The number of the newest row that is shown."""
    topology: bytes | None
    notes: bytes | None
    standing: bytes | None
    """The digest of the heads; none while the first build has not ended."""

    def shows(self, target: Target) -> bool:
        """Whether there is nothing to do."""
        return (
            self.standing == digest_of(target.heads) and self.topology == target.topology and self.notes == target.notes
        )


class Found(NamedTuple):
    """Commits to be indexed, parents before children."""

    total: int
    commits: Iterator[GraphCommit]


class Source(Protocol):
    """Where history comes from. Every method raises GitFailedError if a commit is no longer there."""

    def walk(
        self, new: Collection[bytes], old: Collection[bytes], known: Known | None, tick: Tick
    ) -> AbstractContextManager[Found]:
        """What ``new`` reaches and ``old`` does not; ``known``, if there is one, tells whether ``old`` reaches it."""
        ...

    def describe(self, commit: GraphCommit) -> Described:
        """What the target's notes say."""
        ...

    def renoted(self, old: bytes | None) -> Iterable[bytes]:
        """The Git ids whose notes may differ from those of an older notes commit."""
        ...

    def read(self, commits: Collection[bytes]) -> Iterator[GraphCommit]:
        """These commits again."""
        ...


class Filter(NamedTuple):
    """Which rows to show; conditions combine with *and*."""

    since: int | None = None
    agent: str | None = None
    """An actor's id, or ``*`` for any agent."""
    author: str | None = None
    """Part of the name or address, in any case."""
    tests: str | None = None

    def takes(self, commit: GraphCommit, described: Described) -> bool:
        """Whether a commit that is not from the index passes."""
        return (
            (self.since is None or commit.committed >= self.since)
            and (self.agent is None or described.agent == self.agent or (self.agent == "*" and bool(described.agent)))
            and (self.author is None or matches(self.author, commit.name, commit.email))
            and (self.tests is None or described.tests == self.tests)
        )


EVERYTHING = Filter()


def matches(author: str, name: str, email: str) -> bool:
    """Whether a person's name or address has that part, in any case."""
    part = author.casefold()
    return part in name.casefold() or part in email.casefold()


def digest_of(heads: Iterable[bytes]) -> bytes:
    """A short value that is the same for the same heads."""
    return blake2b(b"".join(sorted(heads)), digest_size=16).digest()


def split(oids: bytes) -> list[bytes]:
    """The ids in a row of them."""
    return [oids[at : at + OID] for at in range(0, len(oids), OID)]
