"""A real git with a home of its own, the oracle for everything in gitmirror."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from anvcs.gitmirror.git import Git


@dataclass
class Box:
    """A folder, an environment that the machine's own settings do not reach, and git in both."""

    top: Path
    env: dict[str, str]
    home: Path

    @property
    def git_dir(self) -> Path:
        """Where Git keeps this repository."""
        return self.top / ".git"

    def git(self, folder: Path | None = None, *, env: Mapping[str, str] | None = None) -> Git:
        """The class under test, here or in a folder, with more variables."""
        return Git(folder or self.top, {**self.env, **(env or {})})

    def run(
        self,
        *args: str,
        cwd: Path | None = None,
        stdin: bytes = b"",
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the oracle."""
        return subprocess.run(
            ["git", *args],
            cwd=cwd or self.top,
            env={**self.env, **(env or {})},
            input=stdin,
            capture_output=True,
            check=check,
        )

    def out(
        self, *args: str, cwd: Path | None = None, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        """What the oracle prints."""
        return self.run(*args, cwd=cwd, stdin=stdin, env=env).stdout

    def write(self, name: str, content: str | bytes = "text\n") -> Path:
        """Save a file, with its folders."""
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def commit(self, name: str = "file", message: str = "first") -> str:
        """Commit one file with plain git and give the commit."""
        self.write(name)
        self.run("add", name)
        self.run("commit", "-qm", message)
        return self.out("rev-parse", "HEAD").decode().strip()


@pytest.fixture
def bare_box(tmp_path: Path) -> Box:
    """No repository and no settings yet."""
    home = tmp_path / "home"
    top = tmp_path / "work"
    home.mkdir()
    top.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}
    return Box(top, env, home)


@pytest.fixture
def box(bare_box: Box) -> Box:
    """An empty repository whose user is known."""
    bare_box.run("init", "-q", "-b", "main")
    bare_box.run("config", "user.name", "Ada Test")
    bare_box.run("config", "user.email", "ada@example.com")
    return bare_box
