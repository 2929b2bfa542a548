"""Puts a few lines of our own into the user's ``post-rewrite`` hook, and takes them out again byte for byte.

The hook is the only place where git says which commit became which. Our lines are plain shell, start no process but
``cat``, and hand everything on: the user's own lines after them find the same ``$0``, arguments and standard input,
and decide the exit code. A second file that calls the user's hook would change its ``$0``, by which hook managers know
what they are. Hooks that are not shell scripts, are links, or lie outside of the Git folder (``core.hooksPath``: often
files of the project, or of every project) stay untouched; there rewrites are found by their other evidence.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Literal, TypeAlias

from anvcs.gitmirror import grown
from anvcs.gitmirror.grown import Grown, Mark
from anvcs.gitmirror.hooks import hooks_folder
from anvcs.gitmirror.settings import Settings

NAME = "post-rewrite"
MAP = "rewritten"
"""The file in our state folder that the lines append to: ``old new`` in each line."""
MOST_BYTES = 1 << 20
"""Above this the file is emptied once it was read."""

State: TypeAlias = Literal["installed", "outside", "link", "not-shell"]
"""Whether our lines are in the hook; else why not."""

_BEGIN = b"# >>> ai-vcs: which commits were rewritten (ai-vcs uninstall removes these lines)\n"
_END = b"# <<< ai-vcs\n"
# A command that fails must neither end a hook that says `set -e` nor print anything: the folder may be gone or full.
_LINES = (
    _BEGIN
    + rb"""if anvcs_map=$(cat) && [ -n "$anvcs_map" ]; then
    if [ -d "${0%/*}/../anvcs" ]; then
        (printf '%s\n' "$anvcs_map" >>"${0%/*}/../anvcs/rewritten") 2>/dev/null || :
    fi
    exec <<ANVCS_MAP
$anvcs_map
ANVCS_MAP
else
    exec </dev/null
fi
unset anvcs_map
"""
    + _END
)
_OWN = b"#!/bin/sh\n" + _LINES
_SHELL = re.compile(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+)?(?:\S*/)?(?:ba|da|k|z|a)?sh(?:[ \t]+-[a-z]+)?[ \t]*\n")


def install(settings: Settings, common_dir: Path, work_tree: Path) -> State:
    """Put our lines into the hook, made if there is none; a second time changes nothing."""
    folder = hooks_folder(settings, common_dir, work_tree)
    # Our lines find the state folder beside the hooks folder.
    if folder.resolve() != (common_dir / "hooks").resolve():
        return "outside"
    path = folder / NAME
    if path.is_symlink():
        return "link"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        _replace(path, _OWN, 0o755)
        return "installed"
    text = path.read_bytes()
    if _LINES in text:
        return "installed"
    shell = _SHELL.match(text)
    # Without a first line that names a program, git has the shell read it.
    if shell is None and (text.startswith(b"#!") or b"\0" in text):
        return "not-shell"
    at = shell.end() if shell else 0
    _replace(path, text[:at] + _LINES + text[at:], path.stat().st_mode & 0o777)
    return "installed"


def uninstall(common_dir: Path) -> bool:
    """Take our lines out of the hook, and the hook away where nothing else is in it; says whether they were there."""
    path = common_dir / "hooks" / NAME
    try:
        text = path.read_bytes()
    except OSError:
        return False
    if _LINES not in text:
        return False
    if text == _OWN:
        path.unlink()
    else:
        _replace(path, text.replace(_LINES, b"", 1), path.stat().st_mode & 0o777)
    return True


def is_installed(common_dir: Path) -> bool:
    """Whether our lines are in the hook."""
    try:
        return _LINES in (common_dir / "hooks" / NAME).read_bytes()
    except OSError:
        return False


def runs(common_dir: Path) -> bool:
    """Whether git would run the hook: elsewhere than on Windows it must be executable."""
    return os.name == "nt" or os.access(common_dir / "hooks" / NAME, os.X_OK)


def is_own(common_dir: Path) -> bool:
    """Whether nothing but our lines is in the hook."""
    try:
        return (common_dir / "hooks" / NAME).read_bytes() == _OWN
    except OSError:
        return False


def read_map(state: Path, mark: Mark | None) -> Grown:
    """What the hook appended since the mark."""
    return grown.read(state / MAP, mark)


def shorten_map(state: Path, mark: Mark) -> Mark:
    """Remove the file if it is long and nothing came since the mark; gives the mark to go on from."""
    path = state / MAP
    try:
        if mark.size > MOST_BYTES and path.stat().st_size == mark.size:
            path.unlink()
            return Mark()
    except FileNotFoundError:
        return Mark()
    return mark


def _replace(path: Path, data: bytes, mode: int) -> None:
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=".anvcs-")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
