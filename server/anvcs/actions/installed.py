"""What ``init`` added to the user's own files, so that ``uninstall`` takes back exactly that.

Written down before it is added: a process that dies in between leaves the draft, and the next ``init`` goes on from it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

INSTALLED = "installed.json"
DRAFT = "installing.json"
"""What the file is called until everything is there."""


class Installed(msgspec.Struct, frozen=True):
    """What was added."""

    settings: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    hook: bool = False
    """Our lines were put into the ``post-rewrite`` hook."""


def read(folder: Path) -> Installed:
    """What was added, as the state folder says; nothing where that cannot be read."""
    for name in (INSTALLED, DRAFT):
        try:
            return msgspec.json.decode((folder / name).read_bytes(), type=Installed)
        except (OSError, msgspec.MsgspecError):
            continue
    return Installed()


def is_begun(folder: Path) -> bool:
    """An ``init`` was at work here and has not come to its end."""
    return (folder / DRAFT).exists()


def complete(folder: Path) -> None:
    """Everything is there, and the draft says so from now on."""
    (folder / DRAFT).replace(folder / INSTALLED)
