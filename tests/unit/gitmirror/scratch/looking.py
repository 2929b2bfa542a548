"""What lies in a folder, and what git would put there."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

from tests.conftest import Repo

Content = tuple[str, bytes]
"""Kind of a file and its bytes or, for a link, its target."""


def lies(folder: Path) -> dict[str, Content]:
    """Every file and link below a folder, and folders that are empty; ``.git`` is no part of it."""
    found: dict[str, Content] = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            key = path.relative_to(folder).as_posix()
            info = path.lstat()
            if ".git" in path.relative_to(folder).parts:
                continue
            if stat.S_ISLNK(info.st_mode):
                found[key] = ("link", os.fsencode(path.readlink()))
            elif stat.S_ISREG(info.st_mode):
                found[key] = ("program" if info.st_mode & 0o100 else "file", path.read_bytes())
            elif not any(path.iterdir()):
                found[key] = ("empty", b"")
        if ".git" in folders:
            folders.remove(".git")
    return found


def clone(repo: Repo, target: Path, commit: str = "HEAD", *options: str) -> dict[str, Content]:
    """What git puts into a clone at a commit."""
    at = repo.git("rev-parse", f"{commit}^{{commit}}")
    for command in (
        ["git", "clone", "--quiet", "--no-checkout", str(repo.path), str(target)],
        ["git", "-C", str(target), "checkout", "--quiet", "--detach", *options, at],
        ["git", "-C", str(target), "submodule", "--quiet", "update", "--init", "--recursive"],
    ):
        subprocess.run(command, env=repo.env, check=True, capture_output=True)
    return lies(target)


def belongings(repo: Repo) -> dict[str, Content]:
    """All that is the user's: worktree and Git folder, byte for byte, without our own state."""
    inside = {f".git/{path}": content for path, content in lies(repo.path / ".git").items()}
    return {
        **lies(repo.path),
        **{path: content for path, content in inside.items() if not path.startswith(".git/anvcs/")},
    }
