"""Runs one command of a team's so that nothing of it stays: limits, its own process group, and a watchdog.

Whatever ends a run (its own end, the time limit, a cancellation, the death of this process), the whole process group
is killed. On Linux so is what left the group, as long as it kept the variable ``MARK`` in its environment.
"""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, Protocol

import msgspec

MARK = "ANVCS_GUARD_RUN"
"""The variable by which processes of one run are found again."""

_TICK = 0.05
"""How often cancellation is asked for; news of output and of the end wake the loop by themselves."""
_GRACE = 2.0
"""How long a stopped command may clean up before it is killed."""
_LAST_WORDS = 0.2
"""How long output is still taken from a pipe that somebody else keeps open."""
_CHUNK = 1 << 16
# The kernel ends the read when this process dies, however it dies; one line on the pipe means that all is well.
_WATCHDOG = 'read -r word; [ "$word" = done ] || kill -s KILL -- "-$1"'

Stop = Literal["timed-out", "cancelled"]


class Cancelled(Protocol):
    """Asked now and then whether to stop, such as ``threading.Event().is_set``."""

    def __call__(self) -> bool:
        """Whether the caller wants an end."""
        ...


def never() -> bool:
    """Nobody cancels."""
    return False


class Surroundings(msgspec.Struct, frozen=True):
    """Where a command runs and with what."""

    folder: Path
    env: Mapping[str, str]
    """All of it; nothing is inherited."""
    output: int = 64 << 10
    """Bytes of output that are kept."""
    hold: tuple[int, ...] = ()
    """Files, such as a lock, that stay open until the command is dead even if this process dies first."""


class Ended(msgspec.Struct, frozen=True):
    """How a command ended."""

    exit_code: int | None
    """128 + n if signal n ended it; None if it could not be started or was stopped."""
    output: bytes
    """The end of both its streams as they came, or why it could not be started."""
    dropped: int = 0
    """Bytes of output before that."""
    seconds: float = 0.0
    stopped: Stop | None = None


def execute(command: Sequence[str], around: Surroundings, *, seconds: float, cancelled: Cancelled = never) -> Ended:
    """Run a command to its end or to the time limit. Never raises for what the command does."""
    began = time.monotonic()
    mark = secrets.token_hex(16)
    with ExitStack() as stack:
        reading, writing = os.pipe()
        stack.callback(os.close, reading)
        try:
            child = subprocess.Popen(
                command,
                cwd=around.folder,
                env={**around.env, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return Ended(None, _why(command[0], around, error).encode())
        finally:
            os.close(writing)
        run = _Run(child, mark, reading, around.output, stack)
        # Twice: where the watchdog cannot be started, and before it is told that all is well.
        stack.callback(run.finish)
        stack.enter_context(_Watchdog(child.pid, around.hold))
        stack.callback(run.finish)
        stopped = run.follow(began + seconds, cancelled)
        if stopped is not None:
            run.ask_to_end()
        run.finish()
        code = child.returncode
        exit_code = None if stopped or code is None else 128 - code if code < 0 else code
        return Ended(exit_code, run.tail.bytes(), run.tail.dropped, time.monotonic() - began, stopped)


class _Tail:
    """The end of a stream, and how much came before it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self.dropped = 0

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self._limit:
            gone = len(self._chunks.popleft())
            self._size -= gone
            self.dropped += gone

    def bytes(self) -> bytes:
        whole = b"".join(self._chunks)
        kept = whole[-self._limit :]
        self.dropped += len(whole) - len(kept)
        self._chunks, self._size = deque([kept]), len(kept)
        return kept


class _Run:
    """A command that was started."""

    def __init__(self, child: subprocess.Popen[bytes], mark: str, reading: int, limit: int, stack: ExitStack) -> None:
        self._child = child
        self._mark = mark
        self._reading = reading
        self.tail = _Tail(limit)
        self._open = True
        self._finished = False
        os.set_blocking(reading, False)
        self._news = stack.enter_context(selectors.DefaultSelector())
        self._news.register(reading, selectors.EVENT_READ)
        with suppress(AttributeError, OSError):
            ended = os.pidfd_open(child.pid)
            stack.callback(os.close, ended)
            self._news.register(ended, selectors.EVENT_READ)

    def follow(self, deadline: float, cancelled: Cancelled) -> Stop | None:
        """Take output until the command ends; why to stop it if it does not."""
        while not self._has_ended():
            left = deadline - time.monotonic()
            if left <= 0:
                return "timed-out"
            if cancelled():
                return "cancelled"
            self._news.select(min(left, _TICK))
            self._take()
        return None

    def ask_to_end(self) -> None:
        """Let the command clean up for a moment."""
        self._signal(signal.SIGTERM)
        self.follow(time.monotonic() + _GRACE, never)

    def finish(self) -> None:
        """Kill whatever is left of it and take its last words."""
        if self._finished:
            return
        self._finished = True
        self._signal(signal.SIGKILL)
        _kill_marked(self._mark)
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(_GRACE)
        deadline = time.monotonic() + _LAST_WORDS
        while self._open and self._take() and time.monotonic() < deadline:
            pass

    def _take(self) -> bool:
        """Take what is there of the output; whether there may be more."""
        try:
            chunk = os.read(self._reading, _CHUNK) if self._open else b""
        except BlockingIOError:
            return False
        if chunk:
            self.tail.add(chunk)
        elif self._open:
            self._open = False
            self._news.unregister(self._reading)
        return bool(chunk)

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._child.poll() is not None
        # It stays a zombie until its group is killed, so that the number cannot be another's meanwhile.
        try:
            return os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)


class _Watchdog:
    """A process that kills a group as soon as this process is gone, and holds files open until then."""

    def __init__(self, group: int, hold: tuple[int, ...]) -> None:
        # In a session of its own: a Ctrl-C in the terminal must not end it before us.
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHDOG, "anvcs-watchdog", str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            pass_fds=hold,
            start_new_session=True,
        )

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self._shell.communicate(b"done\n", timeout=_GRACE)
        self._shell.kill()
        self._shell.wait()


def _kill_marked(mark: str) -> None:
    """Kill what left the group; again while there is some, for it may just be starting others."""
    wanted = f"{MARK}={mark}".encode()
    for _ in range(3):
        found = [pid for pid in _processes() if wanted in _environment(pid).split(b"\0")]
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names alone
    except OSError:
        return []


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def _why(program: str, around: Surroundings, error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and around.folder.is_dir():
        place = "here" if "/" in program else f"on PATH ({around.env.get('PATH', '')})"
        return f"{program} cannot be run: there is no such program {place}, or its interpreter is missing."
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{program} cannot be run: {reason.lower()}."
