"""Which commit a line of a file came from, by ``git blame`` of one line."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from anvcs.errors import GitFailedError
from anvcs.gitmirror.git import Git

UNCOMMITTED = "0" * 40
"""What git calls the commit of a line that is in none."""

_TICK = 0.05
"""Seconds between two looks whether the caller still wants to know."""


class Blame(NamedTuple):
    """Where a line came from."""

    commit: str
    """Git id, or ``UNCOMMITTED``."""
    author: str
    email: str
    time: int
    """Seconds since 1970."""
    subject: str


def blame_line(
    git: Git,
    path: str,
    line: int,
    *,
    contents: bytes | None = None,
    commit: str | None = None,
    limit: float = 5.0,
    tick: Callable[[], object] = lambda: None,
) -> Blame | None:
    """The last commit that changed the line (counted from 0); nothing if git does not know the file or the line.

    ``contents`` is the file as it stands in an editor, as it would be saved; else ``commit`` names the version meant.
    ``tick`` may raise to stop. Raises GitFailedError after ``limit`` seconds.
    """
    arguments = ["git", "blame", "--porcelain", f"-L{line + 1},{line + 1}"]
    if contents is not None:
        arguments.append("--contents=-")
    elif commit is not None:
        arguments.append(commit)
    process = subprocess.Popen(
        [*arguments, "--", path],
        cwd=git.folder,
        env=git.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        out = _output(process, contents or b"", time.monotonic() + limit, tick)
    finally:
        # Leaves nothing behind, however the wait ended.
        process.kill()
        process.wait()
        for pipe in filter(None, (process.stdin, process.stdout)):
            # What was still to be written has no reader any more.
            with suppress(BrokenPipeError):
                pipe.close()
    return _parse(out) if process.returncode == 0 else None


def _output(process: subprocess.Popen[bytes], stdin: bytes, deadline: float, tick: Callable[[], object]) -> bytes:
    given: bytes | None = stdin
    while True:
        try:
            return process.communicate(given, timeout=_TICK)[0]
        except subprocess.TimeoutExpired:
            # What was given at first goes on being written.
            given = None
            tick()
            if time.monotonic() > deadline:
                raise GitFailedError("git blame took too long.", "Try again, or look at a shorter history.") from None


def _parse(out: bytes) -> Blame:
    fields: dict[bytes, bytes] = {}
    lines = out.split(b"\n")
    for line in lines[1:]:
        name, _, value = line.partition(b" ")
        fields.setdefault(name, value)
        if line.startswith(b"\t"):
            break

    def text(name: bytes) -> str:
        return fields.get(name, b"").decode("utf-8", "replace")

    return Blame(
        commit=lines[0][:40].decode("ascii"),
        author=text(b"author"),
        email=text(b"author-mail").strip("<>"),
        time=int(text(b"author-time") or 0),
        subject=text(b"summary"),
    )
