"""Which commit comes before which: told by the row index where it can, by git where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from anvcs.actions.graph_index import FEW
from anvcs.actions.graph_warm import Warm
from anvcs.actions.workspace import Workspace
from anvcs.errors import StoreError
from anvcs.gitmirror import log
from anvcs.history.ancestry import APART, Links
from anvcs.history.graph_types import split
from anvcs.history.rows import RowIndex

T = TypeVar("T")


def is_ancestor(workspace: Workspace, older: str, newer: str) -> bool:
    """``older`` is ``newer`` or reachable from it, as ``git merge-base --is-ancestor`` says of two Git ids.

    False, too, where one of them is not here.
    """
    if older == newer:
        return True
    pair = bytes.fromhex(older), bytes.fromhex(newer)

    def asked(index: RowIndex, topology: bytes) -> bool | None:
        # Where both have numbers no transaction is needed, which would take as long as all the rest.
        found = index.located(topology, *pair)
        if found is None:
            return None
        links, one, two = found
        if one is not None and two is not None:
            return links.is_ancestor(one, two)
        return _inside(workspace, index, topology, pair, lambda history: history.links.is_ancestor(*history.numbers))

    known = _ask(workspace, asked)
    return workspace.repo.is_ancestor(older, newer) if known is None else known


def merge_base(workspace: Workspace, one: str, two: str) -> str | None:
    """The commit that ``git merge-base`` gives for two Git ids; None if they have no common ancestor.

    Raises GitFailedError if one of them is not here.
    """
    bases = _bases(workspace, one, two)
    # Of several git gives the newest by date, and numbers do not tell dates.
    if bases is None or len(bases) > 1:
        return workspace.repo.merge_base(one, two)
    return bases[0] if bases else None


def merge_bases(workspace: Workspace, one: str, two: str) -> tuple[str, ...]:
    """The commits that ``git merge-base --all`` gives for two Git ids, of several the newest first.

    Raises GitFailedError if one of them is not here.
    """
    bases = _bases(workspace, one, two)
    if bases is None or len(bases) > 1:
        return workspace.repo.merge_bases(one, two)
    return tuple(bases)


def _bases(workspace: Workspace, one: str, two: str) -> list[str] | None:
    """The best common ancestors as the index has them; None where it cannot tell."""
    pair = bytes.fromhex(one), bytes.fromhex(two)
    return _ask(
        workspace, lambda index, topology: _inside(workspace, index, topology, pair, lambda history: history.bases())
    )


class _History(msgspec.Struct, frozen=True):
    """Two commits among all others as numbers."""

    index: RowIndex
    links: Links
    numbers: tuple[int, int]
    apart: Sequence[log.Raw]
    """Commits that the index does not have yet, by what their numbers are above APART."""

    def bases(self) -> list[str]:
        """The Git ids of the best common ancestors."""
        return [self._commit(number).hex() for number in self.links.merge_bases(*self.numbers)]

    def _commit(self, number: int) -> bytes:
        return self.apart[number - APART][0] if number >= APART else self.index.commit_at(number)


def _ask(workspace: Workspace, question: Callable[[RowIndex, bytes], T | None]) -> T | None:
    """The index's answer; None where it has none."""
    warm = Warm.of(workspace)
    try:
        index = warm.index()
        return None if index is None else question(index, warm.topology())
    except StoreError as error:
        warm.give_up(error)
        return None


def _inside(
    workspace: Workspace,
    index: RowIndex,
    topology: bytes,
    pair: tuple[bytes, bytes],
    question: Callable[[_History], T],
) -> T | None:
    """The answer in one transaction, with commits that came since the index was brought up to date."""
    with index.reading():
        found = index.located(topology, *pair)
        if found is None:
            return None
        links, *indexed = found
        numbers = {commit: number for commit, number in zip(pair, indexed, strict=True) if number is not None}
        apart = _read(workspace, index, topology, [commit for commit in pair if commit not in numbers], numbers)
        if apart is None or any(commit not in numbers for commit in pair):
            return None
        links.set_apart([numbers[parent] for parent in split(parents)] for _, parents, _ in apart)
        return question(_History(index, links, (numbers[pair[0]], numbers[pair[1]]), apart))


def _read(
    workspace: Workspace, index: RowIndex, topology: bytes, missing: list[bytes], numbers: dict[bytes, int]
) -> list[log.Raw] | None:
    """The commits without numbers, which they get; None if they are many, or not what git would show."""

    def has_number(commit: bytes) -> bool:
        number = index.number(commit)
        if number is None:
            return False
        numbers[commit] = number
        return True

    if not missing:
        return []
    found = None if topology else log.nearby(workspace.repo.handle, missing, has_number, FEW)
    if found is not None:
        numbers.update((raw[0], APART + place) for place, raw in enumerate(found))
    return found
