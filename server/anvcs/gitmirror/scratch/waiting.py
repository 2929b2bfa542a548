"""Waits for a program of ours that works on a scratch worktree, and ends it when nobody wants it any more."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress

from anvcs.errors import CancelledError

_TICK = 0.1
_GRACE = 5.0


def outcome(child: subprocess.Popen[bytes], cancelled: Callable[[], bool]) -> tuple[bytes, bytes]:
    """What a program has printed when it has ended. Raises CancelledError."""
    try:
        while not cancelled():
            with suppress(subprocess.TimeoutExpired):
                return child.communicate(timeout=_TICK)
    except BaseException:
        _end(child)
        raise
    _end(child)
    raise CancelledError("The check was cancelled while its worktree was made ready.")


def _end(child: subprocess.Popen[bytes]) -> None:
    # Git takes its lock files away when it is asked to end.
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.communicate(timeout=_GRACE)
    child.kill()
    child.communicate()
