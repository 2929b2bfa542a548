"""Conflicted streams: which streams two replicas moved two ways since they last agreed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, Protocol, TypeAlias, cast

from anvcs import ids

Relation: TypeAlias = Literal["same", "behind", "ahead", "conflicted"]
"""Where another replica's value of a stream stands, seen from ours."""

IsAncestor: TypeAlias = Callable[[str, str], bool]
"""Whether the first commit is the second or reachable from it; False, too, where one of them is not here."""


class Side(Protocol):
    """The history of one stream in one replica."""

    @property
    def value(self) -> str | None:
        """Where the stream stands; None where the replica has no such stream."""
        ...

    @property
    def latest(self) -> bytes | None:
        """The operation that moved the stream, or chose its value, last."""
        ...

    def had(self, value: str) -> bool:
        """Whether the stream ever had, or was chosen instead of, a value."""
        ...

    def considered(self, operation: bytes) -> bool:
        """Whether a value was chosen in knowledge of another replica's operation."""
        ...


class Conflict(NamedTuple):
    """A stream that we and another replica moved two ways."""

    stream: str
    """The full ref, ``refs/heads/...``."""
    replica: str
    ours: str
    theirs: str
    operation: bytes | None
    """The other replica's operation that brought its value."""
    fetched: bool
    """Its commit is here."""


def relation(ours: Side, theirs: Side, is_ancestor: IsAncestor) -> Relation:
    """How another replica's value of a stream stands to ours.

    A stream that one of them does not have, or no longer has, is no conflict: a deletion takes nothing from the other.
    In this order: a choice made in knowledge of the other's last word stands; whoever has had the other's value has
    gone on from it; a commit that descends from the other goes on from it too. Where both have had the other's value,
    they went past each other, so only descent can tell.
    """
    mine, yours = ours.value, theirs.value
    if mine is None or yours is None or mine == yours:
        return "same"
    we_chose = theirs.latest is not None and ours.considered(theirs.latest)
    they_chose = ours.latest is not None and theirs.considered(ours.latest)
    if we_chose != they_chose:
        return "behind" if we_chose else "ahead"
    we_had, they_had = ours.had(yours), theirs.had(mine)
    if we_had != they_had:
        return "behind" if we_had else "ahead"
    if is_ancestor(yours, mine):
        return "behind"
    return "ahead" if is_ancestor(mine, yours) else "conflicted"


def settled(ours: Side, theirs: Side, others: Iterable[Side]) -> bool:
    """Whether a third replica has chosen between the two: it knew the last word of each, or stands where one does."""
    return any(
        all(
            other.value == side.value or (side.latest is not None and other.considered(side.latest))
            for side in (ours, theirs)
        )
        for other in others
    )


def conflicts(
    replica: str,
    pairs: Mapping[str, tuple[Side, Side]],
    others: Callable[[str], Iterable[Side]],
    is_ancestor: IsAncestor,
    is_here: Callable[[str], bool],
) -> list[Conflict]:
    """The streams that we and another replica moved two ways, in order of names.

    ``pairs`` has both sides of each stream, ``others`` gives those of all further replicas.
    """
    found: list[Conflict] = []
    for stream, (ours, theirs) in sorted(pairs.items()):
        if relation(ours, theirs, is_ancestor) == "conflicted" and not settled(ours, theirs, others(stream)):
            assert ours.value is not None  # noqa: S101 - for the type checker: else it would be no conflict
            assert theirs.value is not None  # noqa: S101
            found.append(Conflict(stream, replica, ours.value, theirs.value, theirs.latest, is_here(theirs.value)))
    return found


def encode(found: list[Conflict]) -> bytes:
    """Conflicts as they are kept in a store."""
    return ids.encode([list(each) for each in found])


def decode(stored: bytes | None) -> list[Conflict]:
    """The reverse of ``encode``; none where nothing is stored."""
    rows = cast("list[tuple[str, str, str, str, bytes | None, bool]]", [] if stored is None else ids.decode(stored))
    return [Conflict(*row) for row in rows]
