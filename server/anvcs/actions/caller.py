"""Who calls an action and from where: all that a surface takes from its environment."""

from __future__ import annotations

import errno
import importlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

from anvcs.errors import CorruptStoreError, DiskError, UsageError
from anvcs.wire import Params, Request

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.assist.model import Provider

P = TypeVar("P", bound=Params)
R = TypeVar("R")

Progress = Callable[[str, int | None], None]
"""Told what is being done and how far (percent, if known); raises CancelledError to stop it."""


def no_progress(message: str, percent: int | None) -> None:
    """Take a report and do nothing."""


def no_step(step: str) -> None:
    """Pass a step of a publication and do nothing."""


class Relay(Protocol):
    """The way to the relay of a repository, which a surface has; actions hold no transport."""

    def ask(
        self, state: Path, method: str, params: Mapping[str, Any], *, start: bool = False
    ) -> Mapping[str, Any] | None:
        """What the relay answers; nothing if none runs and ``start`` does not ask for one.

        ``state`` is the folder of our state in the repository. Raises RelayError, and what the relay refuses with.
        """
        ...


class Caller:
    """A surface's standing: where it is, its environment, where keys live, and its open workspaces.

    One caller serves one thread at a time per repository; ``call`` holds the workspace's lock.
    """

    def __init__(
        self,
        *,
        cwd: Path,
        env: Mapping[str, str],
        config_home: Path,
        progress: Progress = no_progress,
        at: Callable[[str], None] = no_step,
        terminal: bool = False,
        relay: Relay | None = None,
        trusted: bool = True,
        editor_model: Provider | None = None,
    ) -> None:
        self.cwd = cwd
        self.env = env
        self.config_home = config_home
        """The folder that holds actors' private keys."""
        self.progress = progress
        self.at = at
        """Called just before each step of a publication; tests kill the process there."""
        self.terminal = terminal
        """A person is there to answer: git may ask for passwords on the terminal."""
        self.relay = relay
        """The way to the relay, where the surface has one."""
        self.trusted = trusted
        """Commands that come with a repository may be run; an editor that says otherwise is believed."""
        self.editor_model = editor_model
        """The editor's own language model, where the surface is an editor that lets it be asked."""
        self._workspaces: dict[Path, Workspace] = {}
        self._lock = threading.Lock()

    def path(self, folder: str | None) -> Path:
        """The folder meant by a request: a ``file:`` URI, a path, or where the caller stands."""
        if folder is None:
            return self.cwd
        if "://" in folder:
            uri = urlsplit(folder)
            if uri.scheme != "file":
                raise UsageError(f"{folder} is not a file.", "Name a folder on this machine.")
            return Path(unquote(uri.path))
        return self.cwd / folder

    def workspace(self, folder: str | None) -> Workspace:
        """The workspace that contains the folder, opened once and kept warm."""
        from anvcs.actions.workspace import Workspace

        path = self.path(folder)
        with self._lock:
            known = self._workspaces.get(path)
            if known is None or not known.is_current():
                if known is not None:
                    known.close()
                known = self._workspaces[path] = Workspace.open(path, self)
            return known

    def suspect(self, folder: str | None) -> None:
        """Have the ledger of an open workspace examined when it is next used, for something of it was damaged."""
        from anvcs.actions import lost

        with self._lock:
            known = self._workspaces.pop(self.path(folder), None)
            if known is not None:
                lost.suspect(known)
                known.close()

    def rest(self) -> None:
        """Let go of what costs something while nobody calls; what comes next finds it anew."""
        with self._lock:
            for workspace in self._workspaces.values():
                workspace.rest()

    def close(self) -> None:
        """Close every workspace."""
        with self._lock:
            for workspace in self._workspaces.values():
                workspace.close()
            self._workspaces.clear()


def call(caller: Caller, request: Request[P, R], params: P) -> R:
    """Perform the verb. Modules are imported on first use so that ``--version`` costs nothing."""
    module = importlib.import_module(f"anvcs.actions.{request.verb}")
    action = cast("Callable[[Caller, P], Any]", getattr(module, request.verb.replace(".", "_")))
    try:
        return cast("R", action(caller, params))
    except CorruptStoreError:
        caller.suspect(params.folder)
        raise
    except OSError as error:
        raise disk_error(error) from error


def disk_error(error: OSError) -> DiskError:
    """The refusal behind what the operating system refused anywhere below; publications put back what they can."""
    what = f"{error.filename}: " if error.filename else ""
    reason = (error.strerror or str(error)).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(f"The disk is full ({what}{reason}).", "Free some space, then try again. Nothing is lost.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DiskError(f"{what}{reason}.", "Check that the repository and its Git folder are yours to write.")
    return DiskError(f"The system refused: {what}{reason}.", "Run ai-vcs doctor to see what is wrong.")
