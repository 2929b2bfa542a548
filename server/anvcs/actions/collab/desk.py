"""Where a request about rooms stands: whose it is, which session it means, and the room log."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab.worktree import Worktree
from anvcs.actions.evidence import AGENT
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.settings import RoomSettings
from anvcs.actions.rooms.standing import standing
from anvcs.actions.rooms.status import DATABASE
from anvcs.errors import RelayError, RoomError, RoomsOffError
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.rooms.entries import Meta, RoomRecord
from anvcs.rooms.log import RoomLog

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SHORT = 60


class Desk(NamedTuple):
    """Who asks, and where."""

    workspace: Workspace
    actor: str
    settings: RoomSettings
    session: str
    """``stream:NAME`` or ``worktree:NAME``."""

    @property
    def stream(self) -> str:
        """The session as people name it."""
        return named(self.session)


def desk(caller: Caller, params: wire.CollabParams) -> Desk:
    """Where a request stands; the caller holds the workspace's lock. Raises UsageError, MissingIdentityError."""
    workspace = caller.workspace(params.folder)
    stands = standing(caller, params.folder, params.agent or caller.env.get(AGENT))
    known = settings.read(caller.config_home, workspace.repo.common_dir)
    return Desk(workspace, stands.actor, known, Worktree(workspace.repo).standing().session)


def named(session: str) -> str:
    """A session as people name it: the stream's name, or ``worktree:NAME``."""
    return session.removeprefix("stream:")


def must_be_on(stands: Desk) -> None:
    """Raises NotInitializedError, or RoomsOffError with the way to switch rooms on."""
    _ = stands.workspace.ledger
    if stands.settings.mode == "off":
        raise RoomsOffError("Rooms are off in this repository.", "Switch them on with: ai-vcs rooms on")
    if stands.settings.paused:
        raise RoomsOffError("Rooms are paused in this repository.", "Resume them with: ai-vcs rooms pause --resume")


def ask(stands: Desk, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the relay answers, started if none runs. Raises RelayError and what it refuses with."""
    relay = stands.workspace.caller.relay
    answer = None if relay is None else relay.ask(stands.workspace.folder, method, params, start=True)
    if answer is None:
        raise RelayError("Nothing here can reach the relay.", "Use the command line or an editor.")
    return answer


def ask_running(stands: Desk, method: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the relay answers; nothing if none runs."""
    relay = stands.workspace.caller.relay
    return None if relay is None else relay.ask(stands.workspace.folder, method, params)


@contextmanager
def room_log(workspace: Workspace) -> Generator[RoomLog | None]:
    """The room log, if there is one."""
    path = workspace.folder / DATABASE
    if not path.exists():
        yield None
        return
    with closing(RoomLog(path)) as log:
        yield log


def records(log: RoomLog, session: str) -> list[RoomRecord]:
    """The rooms of a session by path."""
    return sorted((each for each in log.rooms(session) if not each.closed), key=lambda each: each.path)


def chooser(stands: Desk, paths: Sequence[str]) -> Paths:
    """What the paths mean, as a user names them. Raises PathError, PathOutsideError."""
    repo = stands.workspace.repo
    return Paths(tuple(to_repo_path(repo.root, stands.workspace.caller.cwd, each) for each in paths))


class Paths(NamedTuple):
    """Chosen files and folders; all files, if none are."""

    chosen: tuple[bytes, ...]

    def hold(self, path: str) -> bool:
        """Whether a file is among them."""
        raw = os.fsencode(path)
        return not self.chosen or any(not each or raw == each or raw.startswith(each + b"/") for each in self.chosen)


def the_room(stands: Desk, log: RoomLog | None, path: str) -> RoomRecord:
    """The room of a file in this worktree. Raises RoomError."""
    (raw,) = chooser(stands, (path,)).chosen
    found = None if log is None else log.find(stands.session, os.fsdecode(raw))
    if found is None:
        raise RoomError(f"{path} has no room here.", f"Open it in an editor, or: ai-vcs collab start {path}")
    return found


def shown(path: str) -> str:
    """A path as the wire has it."""
    return quote(os.fsencode(path))


def task_of(meta: Meta | None) -> str | None:
    """The agent's task or session, if it said so."""
    found: object = (meta or {}).get("task") or (meta or {}).get("session")
    return found if isinstance(found, str) else None


def shortened(text: str, most: int = _SHORT) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else text[: most - 1] + "…"


def moment(text: str, now: int | None = None) -> int | None:
    """A time as people write it, in milliseconds since 1970; nothing if it is none: ``10m``, ``2h``, ``3d``, ISO."""
    now = time.time_ns() // 1_000_000 if now is None else now
    if found := re.fullmatch(r"(\d+)([smhdw])", text):
        return now - int(found[1]) * _UNITS[found[2]] * 1000
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    # What people write without a zone is their own clock's.
    return int((when if when.tzinfo else when.astimezone()).astimezone(UTC).timestamp() * 1000)
