"""A git process that is read as it goes and can be stopped, started with as little as possible between us and it.

A merge takes git hardly longer than it takes ``subprocess`` to start it: ``posix_spawn`` saves a tenth of that.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from anvcs.errors import RepositoryError

Tick = Callable[[], None]
"""Called while git is at work; raises to stop it."""

_LOOK = 0.1
"""Seconds between two looks at whether somebody wants to stop."""
_HALFWAY = 10
"""So many looks at one that has begun to answer, and says no more."""
_GRACE = 5.0
"""Seconds that git and merge drivers have to clean up before they are killed."""
_POLL = 0.01
_PIPE = 1 << 16


class Ended(NamedTuple):
    """What a run of git came to."""

    code: int
    output: bytes
    said: bytes
    """What it wrote to standard error."""


class GitProcess:
    """git at work; leaving the block ends it with all that it started. Raises RepositoryError where there is no git."""

    def __init__(self, folder: Path, env: Mapping[str, str], *args: str, asked: bool = False) -> None:
        """With ``asked`` it can be given lines; else it reads nothing."""
        self._code: int | None = None
        out, error = os.pipe(), os.pipe()
        self._pipes: dict[int, list[bytes]] = {out[0]: [], error[0]: []}
        lines = os.pipe() if asked else ()
        self._lines = lines[1:]
        try:
            self._pid = os.posix_spawn(
                program(env.get("PATH")),
                ["git", "-C", os.fspath(folder), *args],
                env,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
                    if not lines
                    else (os.POSIX_SPAWN_DUP2, lines[0], 0),
                    (os.POSIX_SPAWN_DUP2, out[1], 1),
                    (os.POSIX_SPAWN_DUP2, error[1], 2),
                ],
                # A group of its own ends as a whole: git may have started merge drivers.
                setpgroup=0,
            )
        except FileNotFoundError:
            self._close()
            raise RepositoryError("The git program was not found.", "Install Git and put it on PATH.") from None
        finally:
            for pipe in (out[1], error[1], *lines[:1]):
                os.close(pipe)

    def ask(self, line: bytes) -> None:
        """Give it a line that is shorter than a pipe; that it has ended is seen by who waits for the answer."""
        for pipe in self._lines:
            with suppress(BrokenPipeError):
                os.write(pipe, line)

    def answer(self, takes: Callable[[bytes], bool], tick: Tick) -> bool:
        """Read what it writes until who ``takes`` it has enough; false if it complains, ends, or stops halfway.

        Raises what ``tick`` raises.
        """
        out, error = self._pipes
        whole = begun = False
        looks = _HALFWAY
        while not whole:
            ready = select.select((out, error), (), (), _LOOK)[0]
            if not ready:
                tick()
                looks -= begun
                if not looks:
                    return False
                continue
            data = os.read(out, _PIPE) if error not in ready else b""
            if not data:
                return False
            # What it held back of the last answer is no beginning.
            whole, begun = takes(data), begun or data != b"\0"
        return not select.select((error,), (), (), 0)[0]

    def wait(self, tick: Tick) -> Ended:
        """What came of it, once it has ended. Raises what ``tick`` raises."""
        waiting = [*self._pipes]
        while waiting:
            ready = select.select(waiting, [], [], _LOOK)[0]
            for pipe in ready:
                data = os.read(pipe, _PIPE)
                self._pipes[pipe].append(data)
                if not data:
                    waiting.remove(pipe)
            # What a driver leaves behind may hold our ends of the pipes.
            if not ready and self._ended():
                break
            if not ready:
                tick()
        while not self._ended(block=True):
            pass
        output, said = (b"".join(parts) for parts in self._pipes.values())
        return Ended(self._code or 0, output, said)

    def _ended(self, *, block: bool = False) -> bool:
        if self._code is None:
            pid, status = os.waitpid(self._pid, 0 if block else os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what is still at work."""
        self.stop()
        self._close()

    def stop(self) -> bool:
        """End it; false if it had ended by itself."""
        if self._ended():
            return False
        self._signal(signal.SIGTERM)
        until = time.monotonic() + _GRACE
        while not self._ended() and time.monotonic() < until:
            time.sleep(_POLL)
        # What git started ends with it, whether it wants to or not.
        self.kill()
        return True

    def kill(self) -> None:
        """End it at once, which leaves nothing behind if it is not at work."""
        self._signal(signal.SIGKILL)
        self._ended(block=True)

    def _signal(self, sign: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, sign)

    def _close(self) -> None:
        for pipe in (*self._pipes, *self._lines):
            os.close(pipe)


@lru_cache(maxsize=8)
def program(path: str | None) -> str:
    """Where git is; where it is not found, a name that leads to nothing."""
    return shutil.which("git", path=path) or "/nonexistent/git"
