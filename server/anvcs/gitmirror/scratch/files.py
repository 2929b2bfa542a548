"""Files without Git: removal that does not stop at what a guard left, copies that share blocks, and path patterns."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath

from anvcs.errors import ConfigError, DiskError
from anvcs.gitmirror import full
from anvcs.gitmirror.scratch.waiting import outcome

_CLONING = ("-c",) if sys.platform == "darwin" else ("--reflink=auto",)
"""What makes ``cp`` share blocks where the file system can."""


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, if it is there. Raises OSError."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        # Somebody removes it too, such as a program that is just ending.
        shutil.rmtree(path, ignore_errors=True)
    except PermissionError:
        open_up(path)
        shutil.rmtree(path)


def open_up(folder: Path) -> None:
    """Let us into every folder below; a module cache, for example, is left without the right to write."""
    with suppress(OSError):
        folder.chmod(folder.stat().st_mode | 0o700)
        with os.scandir(folder) as found:
            below = [each.path for each in found if each.is_dir(follow_symlinks=False)]
        for each in below:
            open_up(Path(each))


def copy(source: Path, target: Path, cancelled: Callable[[], bool]) -> None:
    """Copy a file or folder with its times, modes and links to where nothing is. Raises DiskError or CancelledError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = ["cp", "-a", *_CLONING, "--", os.fspath(source), os.fspath(target)]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = outcome(child, cancelled)[1].decode("utf-8", "replace").strip()
    if child.returncode:
        reason = said.splitlines()[-1] if said else "no reason given"
        raise full.refused(said) or DiskError(
            f"{source} cannot be copied into the scratch worktree: {reason}.",
            "Make it readable, or take it out of guards.ignored.",
        )


def checked(pattern: str) -> str:
    """A pattern of ``guards.ignored`` in its plain form. Raises ConfigError for what leaves the worktree."""
    plain = PurePosixPath(pattern.removesuffix("/"))
    bad = plain.is_absolute() or any(part in ("..", ".git") for part in plain.parts)
    if bad or plain.name in ("", "**") or re.search(r"[\[\]?!#\\\0-\37]", pattern):
        raise ConfigError(
            f"guards.ignored cannot hold {pattern!r}.",
            "Name paths below the root of the worktree; * and ** are the only wildcards.",
        )
    return plain.as_posix()


def matching(root: Path, pattern: str) -> list[str]:
    """The paths below a root that a pattern names, without what lies in one of them. No link is followed."""
    if "*" not in pattern:
        return [pattern] if os.path.lexists(root / pattern) and not behind_link(root, pattern) else []
    return sorted(_walk(root, "", _compiled(pattern)))


def behind_link(root: Path, path: str) -> bool:
    """Whether a folder on the way to a path is a link, so that the path may lie anywhere."""
    above = PurePosixPath(path).parents
    return any((root / each).is_symlink() for each in above if each.parts)


def _walk(root: Path, below: str, wanted: re.Pattern[str]) -> Iterator[str]:
    with suppress(OSError), os.scandir(root / below) as found:
        for each in sorted(found, key=lambda entry: entry.name):
            path = f"{below}/{each.name}" if below else each.name
            if wanted.fullmatch(path):
                yield path
            elif each.name != ".git" and each.is_dir(follow_symlinks=False):
                yield from _walk(root, path, wanted)


@lru_cache(64)
def _compiled(pattern: str) -> re.Pattern[str]:
    text = ""
    for part in PurePosixPath(pattern).parts:
        text += "(?:[^/]+/)*" if part == "**" else re.escape(part).replace(r"\*", "[^/]*") + "/"
    return re.compile(text.removesuffix("/"), re.DOTALL)
