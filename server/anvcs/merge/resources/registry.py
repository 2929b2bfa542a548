"""Ids of resources that survive renames and moves.

An id is made of where a resource first stood: its file, kind and qualified name. As long as it stays there nothing is
stored; a registry only keeps where those first stood that were renamed or moved since, or that took the place of one.

What is guaranteed:
- A registry is a function of the versions that it was taken through, in their order, and of nothing else: whoever goes
  the same way through the same history has the same ids.
- Two that began at different versions agree on every resource that was not renamed or moved between the beginnings.
- In one version no two resources have one id.
- The id of a resource that is removed comes back with one that is later put in its first place.
In a merge the first parent's ids win; what came with another parent keeps the id that it had there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from anvcs import ids
from anvcs.errors import CorruptStoreError
from anvcs.ids import Domain
from anvcs.merge.resources.matching import Followed
from anvcs.merge.resources.model import Key


class Origin(NamedTuple):
    """Where a resource first stood."""

    key: Key
    version: str = ""
    """What names the version, if a living resource had been in that place before it."""

    @property
    def id(self) -> str:
        """The id of whatever began here."""
        return ids.text(ids.object_id(Domain.RESOURCE, [*self.key, self.version]))


class Change(Struct, frozen=True):
    """What became of the resources of some files from one version to the next."""

    version: str
    """What names the later version, the same for everybody: its commit's id."""
    before: Collection[Key]
    after: Collection[Key]
    followed: Mapping[Key, Followed]
    """As ``follow`` gives it for the two."""


def _nowhere(_: Key) -> bool:
    return False


class Registry(Struct, frozen=True):
    """The ids in one version of a program."""

    carried: Mapping[Key, Origin] = {}
    """Where those first stood that did not first stand where they stand now."""

    def id_of(self, key: Key) -> str:
        """The id of a resource of this version."""
        return self._origin(key).id

    def after(
        self, change: Change, others: Sequence[Registry] = (), stands: Callable[[Key], bool] = _nowhere
    ) -> Registry:
        """The ids after a change.

        For a merge the change is that from its first parent, ``others`` are the registries of the other parents, and
        ``stands`` tells whether the merge has a resource in a place.
        """
        gone = frozenset(change.before)
        carried = {key: origin for key, origin in self.carried.items() if key not in gone}
        moved = {each.after.key: self._origin(key) for key, each in change.followed.items()}
        carried.update((key, origin) for key, origin in moved.items() if origin != Origin(key))
        taken = set(carried.values())
        for key in sorted(frozenset(change.after) - moved.keys()):
            elsewhere = next((other.carried[key] for other in others if key in other.carried), None)
            if elsewhere is not None and elsewhere not in taken and not stands(elsewhere.key):
                origin = elsewhere
            else:
                origin = Origin(key, change.version) if Origin(key) in taken else Origin(key)
            if origin != Origin(key):
                carried[key] = origin
                taken.add(origin)
        return Registry(carried)

    def _origin(self, key: Key) -> Origin:
        return self.carried.get(key) or Origin(key)

    def encode(self) -> bytes:
        """Bytes to be stored, the same for equal registries."""
        return msgspec.msgpack.encode(sorted(self.carried.items()))


def decode(data: bytes) -> Registry:
    """The registry with these bytes. Raises CorruptStoreError for any others."""
    try:
        return Registry(dict(msgspec.msgpack.decode(data, type=list[tuple[Key, Origin]])))
    except msgspec.MsgspecError as error:
        raise CorruptStoreError(
            f"Stored ids of resources cannot be read: {error}.", "They are computed anew when they are removed."
        ) from error
