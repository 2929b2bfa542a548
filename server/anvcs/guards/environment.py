"""Which variables of the caller's environment a guard gets, and what of the machine its result depends on."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from anvcs.errors import ConfigError
from anvcs.guards.editable import site_packages

SAFE = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
        "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
"""What every guard gets, with ``LC_*``: no secrets, and programs need it to find themselves and the user's caches."""
_WITHOUT_EFFECT = frozenset({"TMPDIR", "XDG_RUNTIME_DIR"})
"""Places that are another each time on some systems, and decide on no result."""
_NEVER = re.compile(r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_.*|NAMESPACE|PREFIX)")
"""They would point a guard's git at the user's repository."""
_ENTRY = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<given>=(?P<value>.*))?", re.DOTALL)
_INTERPRETERS = (
    "node", "deno", "bun", "python3", "python", "ruby", "java", "go", "cargo", "rustc", "dotnet", "php", "perl", "cc",
    "git",
)  # fmt: skip
"""Programs whose version decides on results though commands rarely name them: npm is node, pytest is Python."""


def allowed(env: Mapping[str, str], entries: Sequence[str]) -> dict[str, str]:
    """The variables a guard gets; ``entries`` are those of ``guards.env``. Raises ConfigError for a malformed one."""
    # Tools that would watch for changes, or ask, behave; a given CI counts more.
    chosen = {"CI": "true"}
    chosen |= {name: value for name, value in env.items() if name in SAFE or name.startswith("LC_")}
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise ConfigError(
                f"guards.env cannot hold {entry!r}.", "Write NAME to hand a variable on, or NAME=VALUE to set one."
            )
        name = found["name"]
        if found["given"]:
            chosen[name] = found["value"]
        elif name in env:
            chosen[name] = env[name]
    return {name: value for name, value in chosen.items() if not _NEVER.fullmatch(name)}


def moved(env: Mapping[str, str], roots: Iterable[str], root: str, made: Callable[[str], bool]) -> dict[str, str]:
    """The environment for another worktree: values that name a place in one of the roots name the same place in it.

    A folder of PATH is moved where ``made`` says that the scratch worktree has it. One that it lacks stays, but goes if
    it is of a virtual environment of Python's: its programs would judge the files of the user's worktree.
    """
    found = re.compile("|".join(rf"(?<![^:=\s]){re.escape(old)}(?=[/:\s]|$)" for old in dict.fromkeys(roots)))
    new = {name: value if name in SAFE else found.sub(lambda _: root, value) for name, value in env.items()}
    path: list[str] = []
    for folder in env.get("PATH", "").split(os.pathsep):
        at = found.match(folder)
        if at is None:
            path.append(folder)
        elif made(folder[at.end() :].lstrip("/")):
            path.append(root + folder[at.end() :])
        elif not (Path(folder).parent / "pyvenv.cfg").exists():
            path.append(folder)
    if "PATH" in env:
        new["PATH"] = os.pathsep.join(path)
    return new


def fingerprint(env: Mapping[str, str], hidden: Callable[[str], bool]) -> str:
    """A hash of what results depend on beside tree and command: variables, the machine's kind, interpreters.

    Of a variable that ``hidden`` takes for a secret only the name counts: from a hash a short one could be guessed.
    """
    parts = [platform.system(), platform.machine(), *platform.libc_ver()]
    parts += [
        f"{name}={'' if hidden(name) else value}" for name, value in sorted(env.items()) if name not in _WITHOUT_EFFECT
    ]
    for program in _INTERPRETERS:
        at = shutil.which(program, path=env.get("PATH", ""))
        if at is not None:
            real = os.path.realpath(at)
            info = os.stat(real)  # noqa: PTH116 - a string is at hand
            parts.append(f"{program} {real} {info.st_size} {info.st_mtime_ns}")
    parts += [f"{packages} {packages.stat().st_mtime_ns}" for packages in site_packages(env)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
