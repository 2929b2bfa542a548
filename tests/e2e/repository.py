"""A repository for a test in the editor, and plain git to judge it by."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Repository:
    """A folder, and the environment that the editor's user has."""

    folder: Path
    env: Mapping[str, str]

    def git(self, *args: str) -> str:
        """Run git there; gives what it printed, without the last line's end."""
        return self._run("git", *args)

    def anvcs(self, *args: str) -> str:
        """Run ai-vcs there."""
        return self._run("ai-vcs", *args)

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def snapshot(self) -> tuple[str, str, bytes]:
        """All refs, what differs from HEAD, and the index: what an action that fails must leave as it was."""
        index = (self.folder / ".git" / "index").read_bytes()
        return self.git("for-each-ref"), self.git("status", "--porcelain=v2"), index

    def _run(self, *argv: str) -> str:
        done = subprocess.run(
            argv, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode().rstrip("\n")
