"""Runs git where it talks to another repository: with its progress, its prompts, and an end that can be had early."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

import msgspec

Progress = Callable[[str, int | None], None]
"""Told what is being done and how far (percent, if known); raises to stop it."""

_LOOK = 0.1
"""Seconds between two looks at whether somebody wants to stop."""
_GRACE = 5.0
"""Seconds that git has to clean up after itself before it is killed."""
_BAR = re.compile(r"(?:remote: )?([A-Z][A-Za-z ]*[a-z]):\s+(?:(\d+)% \(\d+/\d+\)|\d+).*")
"""A line of git's progress, e.g. ``Writing objects:  33% (1/3), 2 KiB``."""


@dataclass
class Ended:
    """What a run of git came to."""

    code: int
    output: str
    said: list[str] = field(default_factory=list[str])
    """What git, the remote and hooks wrote to standard error, line by line, without progress."""

    @property
    def words(self) -> str:
        """Everything said, as one text."""
        return "\n".join(self.said)


class Transfers(msgspec.Struct, frozen=True):
    """How to run git for one caller.

    With a ``terminal``, git and ssh may ask there for passwords. Without one they get none: they use what askpass
    programs and credential helpers give, and fail rather than wait for an answer that cannot come.
    """

    folder: Path
    env: Mapping[str, str]
    progress: Progress
    terminal: bool = False

    def run(self, *args: str, title: str) -> Ended:
        """Run to the end, reporting progress under its title. When the report raises, git is stopped and it is raised.

        Standard output is kept; standard error is taken apart into progress and what was said.
        """
        env = {**self.env, "LC_ALL": "C.UTF-8"}
        if not self.terminal:
            env["GIT_TERMINAL_PROMPT"] = "0"
        self.progress(title, None)
        child = subprocess.Popen(
            ["git", *args],
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # A session of its own has no terminal to ask on, and ends as a whole.
            start_new_session=not self.terminal,
        )
        try:
            return self._follow(child, title)
        except BaseException:
            self._stop(child)
            raise
        finally:
            for stream in (child.stdout, child.stderr):
                if stream is not None:
                    stream.close()

    def _follow(self, child: subprocess.Popen[bytes], title: str) -> Ended:
        assert child.stdout is not None  # noqa: S101 - for the type checker; PIPE gives one
        assert child.stderr is not None  # noqa: S101 - as above
        queue: SimpleQueue[str | None] = SimpleQueue()
        output: list[bytes] = []
        readers = [
            threading.Thread(target=_read_lines, args=(child.stderr, queue), daemon=True),
            threading.Thread(target=_read_all, args=(child.stdout, output), daemon=True),
        ]
        for reader in readers:
            reader.start()
        said: list[str] = []
        last: tuple[str, int | None] = title, None
        while True:
            try:
                line = queue.get(timeout=_LOOK)
            except Empty:
                # On a terminal git may be asking for a password just now: drawing would wipe the question out.
                if not self.terminal:
                    self.progress(*last)
                if child.poll() is None:
                    continue
                # A hook has left something behind in the background that still holds our end of the pipe.
                line = None
            if line is None:
                break
            bar = _BAR.fullmatch(line)
            if bar is None:
                said.append(line)
            else:
                last = f"{title}: {bar[1].lower()}", int(bar[2]) if bar[2] else None
                self.progress(*last)
        for reader in readers:
            reader.join(_GRACE)
        return Ended(child.wait(), b"".join(output).decode("utf-8", "surrogateescape"), said)

    def _stop(self, child: subprocess.Popen[bytes]) -> None:
        for sign in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            self._signal(child, sign)
            with suppress(subprocess.TimeoutExpired):
                child.wait(_GRACE)
                break
        # What git started ends with it, so that nothing goes on sending after we said that we stopped.
        self._signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, child: subprocess.Popen[bytes], sign: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self.terminal or os.name == "nt":
                child.send_signal(sign)
            else:
                os.killpg(child.pid, sign)


def _read_all(stream: IO[bytes], into: list[bytes]) -> None:
    with suppress(OSError, ValueError):
        into.append(stream.read())


def _read_lines(stream: IO[bytes], queue: SimpleQueue[str | None]) -> None:
    """Every line that ends with a newline or, as progress does, with a carriage return."""
    rest = b""
    with suppress(OSError, ValueError):
        while data := os.read(stream.fileno(), 1 << 16):
            *lines, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                _put(queue, line)
    _put(queue, rest)
    queue.put(None)


def _put(queue: SimpleQueue[str | None], line: bytes) -> None:
    # The remote's lines end with spaces that wipe out what stood there, or with a control sequence that does.
    text = line.decode("utf-8", "replace").removesuffix("\x1b[K").rstrip()
    if text:
        queue.put(text)
