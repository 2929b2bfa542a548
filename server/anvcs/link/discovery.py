"""The file that tells where a repository's relay listens and what lets one in; readable by its user only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec

from anvcs.errors import RelayError
from anvcs.link.processes import Process

FILE = "relay.json"
HOST = "127.0.0.1"


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """A relay that runs, or ran."""

    pid: int
    boot: str
    started: int
    port: int
    token: str
    term: int
    version: str

    @property
    def process(self) -> Process:
        """The process it runs in."""
        return Process(self.pid, self.boot, self.started)

    def url(self, path: str = "/control") -> str:
        """Where a socket goes, without the token."""
        return f"ws://{HOST}:{self.port}{path}"

    @property
    def headers(self) -> dict[str, str]:
        """What lets a client of ours in; Yjs clients put ``token=`` into the URL instead."""
        return {"Authorization": f"Bearer {self.token}"}


def read(state: Path) -> Discovery | None:
    """The relay of a state folder, if any said that it runs. Raises RelayError for a file that is not this user's."""
    path = state / FILE
    try:
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid not in (os.getuid(), 0):
                raise RelayError(f"{path} belongs to another user.", "Work in a clone of your own.")
            return msgspec.json.decode(file.read(), type=Discovery)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        # Written in one step, so only a crash of the machine leaves half of it; its relay is gone too.
        return None


def write(state: Path, discovery: Discovery) -> None:
    """Tell where a relay listens; readers see the old file or the new one."""
    new = state / f"{FILE}.{os.getpid()}"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(discovery))
    new.replace(state / FILE)


def remove(state: Path, discovery: Discovery) -> None:
    """Take the file away, unless it is another relay's by now."""
    if read(state) == discovery:
        (state / FILE).unlink(missing_ok=True)


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(32)
