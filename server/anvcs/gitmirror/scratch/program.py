"""Git at work on a scratch worktree: no hooks, no daemons, cancellable, and the lock held as long as it runs."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from anvcs.errors import DiskError
from anvcs.gitmirror import full
from anvcs.gitmirror.git import Git, failed
from anvcs.gitmirror.scratch.waiting import outcome

_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE")
_OBJECTS = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
# A split index would leave its shared part in the user's Git folder; a sparse one would leave out files.
_OFF = ("fsmonitor", "untrackedCache", "splitIndex", "sparseCheckout", "sparseCheckoutCone")
_SETTINGS = ("core.hooksPath=/dev/null", "index.sparse=false", *(f"core.{name}=false" for name in _OFF))

_LITTLE = 1 << 20
"""Bytes left on a disk that git could not write to because it is full."""


class Place(msgspec.Struct, frozen=True):
    """Where files are brought to, and out of which repository."""

    git_dir: Path
    """The user's: objects, settings, what filters keep there."""
    files: Path
    index: Path


class Program(msgspec.Struct, frozen=True):
    """Git with the caller's environment."""

    env: Mapping[str, str]
    hold: tuple[int, ...] = ()
    """Files that stay open while git runs, whatever becomes of this process."""
    cancelled: Callable[[], bool] = lambda: False

    def run(self, place: Place, *args: str | Path) -> subprocess.CompletedProcess[bytes]:
        """Run git to its end at a place. Raises CancelledError."""
        return self._run(place.files, self._at(place), args)

    def output(self, place: Place, *args: str | Path) -> bytes:
        """What git prints. Raises GitFailedError, DiskError or CancelledError."""
        done = self.run(place, *args)
        if done.returncode:
            raise _no_room(place.files, done.stderr) or failed(args, done.stderr)
        return done.stdout

    def elsewhere(self) -> Program:
        """The same for another repository than the caller's, such as a submodule."""
        return Program(
            {name: value for name, value in self.env.items() if name not in _OBJECTS}, self.hold, self.cancelled
        )

    def _at(self, place: Place) -> dict[str, str]:
        env = {name: value for name, value in Git(place.files, self.env).env.items() if name not in _PLACES}
        places = {"GIT_DIR": place.git_dir, "GIT_WORK_TREE": place.files, "GIT_INDEX_FILE": place.index}
        return {**env, **{name: str(path) for name, path in places.items()}}

    def _run(
        self, folder: Path, env: Mapping[str, str], args: tuple[str | Path, ...]
    ) -> subprocess.CompletedProcess[bytes]:
        command = ["git", *(word for setting in _SETTINGS for word in ("-c", setting)), *args]
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=self.hold,
        )
        out, said = outcome(child, self.cancelled)
        return subprocess.CompletedProcess(command, child.returncode, out, said)


def _no_room(folder: Path, said: bytes) -> DiskError | None:
    """The refusal where git could not write a file; it does not say why."""
    if b"unable to write" not in said:
        return None
    found = os.statvfs(folder)
    return full.refused(os.strerror(errno.ENOSPC)) if found.f_bavail * found.f_frsize < _LITTLE else None
