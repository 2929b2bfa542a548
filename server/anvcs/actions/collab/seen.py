"""What each user has looked at of each room, so that a review begins where the last one ended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from anvcs.errors import CorruptStoreError
from anvcs.storage.lock import exclusive

FILE = "reviewed.json"
"""In the folder of our state."""
_MOST = 2000
"""Hunks of one user that are remembered as good one by one; the oldest are forgotten first and shown again."""


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one user has looked at."""

    rooms: dict[str, int] = {}
    """All edits up to this one, of each room."""
    kept: tuple[str, ...] = ()
    """Hunks that are good, by their ids."""


def read(state: Path, actor: str) -> Seen:
    """What an actor has looked at. Raises CorruptStoreError."""
    return _all(state / FILE).get(actor, Seen())


def add(state: Path, actor: str, *, rooms: Mapping[str, int], kept: tuple[str, ...]) -> None:
    """An actor has looked at these too."""
    path = state / FILE
    with exclusive(state / f"{FILE}.lock"):
        every = _all(path)
        before = every.get(actor, Seen())
        heads = {**before.rooms, **{room: max(seq, before.rooms.get(room, 0)) for room, seq in rooms.items()}}
        every[actor] = Seen(heads, tuple(dict.fromkeys((*before.kept, *kept)))[-_MOST:])
        new = path.with_name(f"{FILE}.{os.getpid()}")
        new.write_bytes(msgspec.json.encode(every))
        new.replace(path)


def _all(path: Path) -> dict[str, Seen]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Seen])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise CorruptStoreError(
            f"{path} cannot be read: {error}.", "Remove it; reviews then show all again."
        ) from error
