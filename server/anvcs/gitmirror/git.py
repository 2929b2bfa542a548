"""Runs the git program: argument lists only, a given environment, bytes in and bytes out."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from anvcs.errors import DiskError, GitFailedError
from anvcs.gitmirror import full

MINIMUM = (2, 38)
"""Older versions lack ``merge-tree --write-tree``."""


class Git:
    """The git program in one folder with one environment.

    ``env`` is the caller's whole environment, so that ``GIT_*`` variables, HOME and PATH mean what they mean to git.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        # LC_ALL keeps messages that we parse in English; a terminal prompt would hang a server.
        self.env = {**env, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}

    def run(
        self, *args: str | bytes | Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run to the end and give what came out, whatever the exit code."""
        return subprocess.run(
            ["git", *args],
            cwd=self.folder,
            env={**self.env, **extra} if extra else self.env,
            input=stdin,
            capture_output=True,
            check=False,
        )

    def output(self, *args: str | bytes | Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> bytes:
        """Run and give standard output. Raises GitFailedError with git's own words if the exit code is not 0."""
        done = self.run(*args, stdin=stdin, extra=extra)
        if done.returncode:
            raise failed(args, done.stderr)
        return done.stdout

    def text(self, *args: str | bytes | Path, extra: Mapping[str, str] | None = None) -> str:
        """Standard output as text without the final newline."""
        return self.output(*args, extra=extra).decode("utf-8", "replace").removesuffix("\n")

    @contextmanager
    def stream(self, *args: str | bytes | Path, stdin: IO[bytes] | None = None) -> Generator[IO[bytes]]:
        """Standard output while git runs; git is stopped when the block is left early."""
        process = subprocess.Popen(
            ["git", *args],
            cwd=self.folder,
            env=self.env,
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None  # noqa: S101 - for the type checker; PIPE gives one
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.terminate()
            process.wait()


def failed(args: tuple[str | bytes | Path, ...], stderr: bytes) -> GitFailedError | DiskError:
    """The error for a git command that exited with another code than 0."""
    said = stderr.decode("utf-8", "replace").strip()
    no_room = full.refused(said)
    if no_room is not None:
        return no_room
    verb = next((str(arg) for arg in args if not str(arg).startswith("-")), "git")
    return GitFailedError(f"git {verb} failed: {said or 'no reason given'}", "Run it by hand to see more.")


def version(git: Git) -> tuple[int, ...]:
    """The installed git's version, e.g. ``(2, 39, 5)``."""
    words = git.text("version").split()
    return tuple(int(part) for part in words[2].split(".")[:3] if part.isdigit())
