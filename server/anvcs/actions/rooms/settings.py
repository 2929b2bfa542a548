"""Whether rooms are on in a repository, as its user on this machine said.

It stands in the user's own configuration folder: nothing that comes with a repository can switch recording on.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from anvcs import hook
from anvcs.actions.caller import Caller
from anvcs.errors import CorruptStoreError
from anvcs.rooms.admission import exclusion
from anvcs.wire.rooms import Mode, Retention

FILE = "rooms.json"
"""Beside the folder of keys."""


class RoomSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user decided for one repository."""

    mode: Mode = "off"
    asked: bool = False
    paused: bool = False
    paused_actors: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    """Actors whose editors stay out of rooms until they come back."""
    retention: Retention = "forever"
    exclude: tuple[str, ...] = ()


def read(config_home: Path, common_dir: Path) -> RoomSettings:
    """The settings of the repository with this common Git folder. Raises CorruptStoreError."""
    return _all(config_home).get(_key(common_dir), RoomSettings())


def write(config_home: Path, common_dir: Path, settings: RoomSettings) -> None:
    """Remember the settings of a repository; a reader sees the old ones or the new ones."""
    every = _all(config_home)
    every[_key(common_dir)] = settings
    config_home.mkdir(parents=True, exist_ok=True)
    new = config_home / f"{FILE}.{os.getpid()}"
    new.write_bytes(msgspec.json.format(msgspec.json.encode(every), indent=2))
    new.replace(config_home / FILE)


def mark(state: Path, settings: RoomSettings) -> None:
    """Tell agents' hooks, which only look at files, whether rooms are on; where they are not, no note is kept.

    ``state`` is the folder of our state in the repository.
    """
    marker = state / hook.MARKER
    if settings.mode == "off" or settings.paused:
        marker.unlink(missing_ok=True)
        forget_notes(state)
        return
    new = marker.with_name(f"{marker.name}.{os.getpid()}")
    new.write_text("".join(f"{exclusion(pattern)}\n" for pattern in settings.exclude), "utf-8")
    new.replace(marker)


def forget_notes(state: Path) -> None:
    """Remove what agents' hooks noted; the folder stays, for a relay may watch it."""
    for each in (state / hook.SPOOL).glob("*"):
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)


def of(caller: Caller, folder: str | None) -> tuple[RoomSettings, Path]:
    """The settings where a request stands, and the folder of our state there."""
    workspace = caller.workspace(folder)
    return read(caller.config_home, workspace.repo.common_dir), workspace.folder


def _all(config_home: Path) -> dict[str, RoomSettings]:
    path = config_home / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, RoomSettings])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise CorruptStoreError(
            f"{path} cannot be read: {error}.", "Correct or remove it; without it rooms are off everywhere."
        ) from error


def _key(common_dir: Path) -> str:
    return str(common_dir.resolve())
