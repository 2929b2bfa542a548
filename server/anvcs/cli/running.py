"""Running another program in our place: its input and output are ours, and so are its signals and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from anvcs.errors import UsageError

_PASSED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT")
"""Signals that are sent to one process."""
_TYPED = ("SIGINT", "SIGQUIT")
"""Signals that a terminal sends to everybody in front of it when keys are typed."""


def run(arguments: Sequence[str], env: Mapping[str, str], cwd: os.PathLike[str]) -> int:
    """Run a program to its end; its exit code, or 128 and the signal that ended it, as shells have it.

    Raises UsageError for one that cannot be run.
    """
    try:
        child = subprocess.Popen(list(arguments), env=dict(env), cwd=cwd)
    except OSError as error:
        raise UsageError(
            f"{arguments[0]} cannot be run: {(error.strerror or str(error)).lower()}.", "Name a program that is there."
        ) from error
    with child, _passing(child):
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _passing(child: subprocess.Popen[Any]) -> Generator[None]:
    """Signals reach the child, once each, and end nobody but it."""

    def forward(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    def leave(_: int, __: FrameType | None) -> None:
        """The terminal has told the child itself."""

    typed = leave if _is_in_front() else forward
    wanted = dict.fromkeys(_PASSED, forward) | dict.fromkeys(_TYPED, typed)
    before = {
        number: signal.signal(number, handler)
        for name, handler in wanted.items()
        if (number := getattr(signal, name, None)) is not None
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_front() -> bool:
    """What is typed at the terminal reaches us and what we start."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        return False
