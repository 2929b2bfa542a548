"""Git configuration as git reads it: files, includes, ``GIT_CONFIG_*`` and ``git -c``; cached until one changes."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from anvcs.errors import ConfigError
from anvcs.gitmirror.git import Git

Stamp = tuple[int, int, int] | None
"""Modification time (ns), size and inode of a file; None for a file that is not there."""

_YOUNG_NS = 100_000_000
"""A file changed this shortly before it was read can change again within the same tick of the file system's clock."""
_NUMBER = re.compile(r"[ \t-\r]*[+-]?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)([kmg]?)")
"""A number as C and git's units write it, in lower case."""
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_INT_MAX = 2**31 - 1


class Places(msgspec.Struct, frozen=True):
    """Where one repository's own configuration lies; constant for a :class:`Git`."""

    base: Path
    """What git's relative origins are relative to: the top of the work tree."""
    git_dir: Path | None
    common_dir: Path | None

    @classmethod
    def find(cls, git: Git) -> Places:
        """Ask git; outside of a repository there are none."""
        done = git.run("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--show-cdup")
        if done.returncode:
            return cls(git.folder, None, None)
        git_dir, common_dir, up = os.fsdecode(done.stdout).split("\n")[:3]
        return cls(git.folder / up, Path(git_dir), Path(common_dir))


class Settings:
    """One reading of the configuration. Keys are written as in ``git config``, e.g. ``branch.Main.remote``."""

    def __init__(
        self, git: Git, places: Places, values: Mapping[str, tuple[str | None, ...]], stamps: Mapping[Path, Stamp]
    ) -> None:
        self.places = places
        self._git = git
        self._values = values
        self._stamps = stamps
        self._settled = _is_settled(stamps)
        self._head = _head(places) if any(key.startswith("includeif.onbranch:") for key in values) else None

    @classmethod
    def load(cls, git: Git, places: Places | None = None) -> Settings:
        """Read everything. Raises ConfigError with git's own words when git cannot read its configuration."""
        places = places or Places.find(git)
        # The stamps of known files are taken first: a change while git reads makes the result stale, never unseen.
        before = {path: _stamp(path) for path in _standard_files(git.env, places)}
        done = git.run("config", "--list", "-z", "--show-origin", "--includes")
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise ConfigError(f"Git cannot read its configuration: {said}.", "Correct that file and try again.")
        values, files = _parse(done.stdout, git.env, places)
        return cls(git, places, values, {**{path: _stamp(path) for path in files}, **before})

    def is_current(self) -> bool:
        """Whether git would read the same again; costs one ``stat`` for each file."""
        if not self._settled or any(_stamp(path) != stamp for path, stamp in self._stamps.items()):
            return False
        return self._head is None or self._head == _head(self.places)

    def all(self, key: str) -> list[str | None]:
        """Every value of the key, oldest first; None is a key written without ``=``."""
        return list(self._values.get(fold(key), ()))

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value that counts, the last. Raises ConfigError for a key written without a value, as git does."""
        values = self._values.get(fold(key))
        if not values:
            return default
        if values[-1] is None:
            raise ConfigError(f"The Git setting {key} has no value.", f"Set it: git config {key} VALUE.")
        return values[-1]

    def bool(self, key: str, default: bool = False) -> bool:
        """The value by git's rules for booleans; a key without a value is true. Raises ConfigError for other words."""
        values = self._values.get(fold(key))
        if not values:
            return default
        found = parse_bool(values[-1])
        if found is None:
            raise ConfigError(f"The Git setting {key} is {values[-1]!r}, not true or false.", "Correct it.")
        return found

    def path(self, key: str) -> Path | None:
        """The value as a path, ``~`` expanded as git does; a relative one is left to the reader."""
        value = self.get(key)
        if value is None:
            return None
        home = self._git.env.get("HOME")
        if home and (value == "~" or value.startswith("~/")):
            return Path(home + value[1:])
        if value.startswith(("~", "%(", ":(")):
            # Other users' homes, git's own prefix and optional paths: rare, and git knows its rules.
            done = self._git.run("config", "--type=path", "--get", key)
            if done.returncode:
                said = done.stderr.decode("utf-8", "replace").strip()
                raise ConfigError(f"The Git setting {key} names no usable path ({value}): {said}.", "Correct it.")
            value = os.fsdecode(done.stdout.removesuffix(b"\n"))
        return Path(value)

    def names(self, prefix: str) -> list[str]:
        """The keys that begin with a folded prefix such as ``hook.``."""
        return [key for key in self._values if key.startswith(prefix)]


class SettingsCache:
    """The settings of one :class:`Git`, read again only when something they came from has changed."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._settings: Settings | None = None

    def get(self) -> Settings:
        """Current settings."""
        known = self._settings
        if known is None or not known.is_current():
            # Where a repository is stays true; that there is none may not.
            places = known.places if known is not None and known.places.git_dir is not None else None
            known = self._settings = Settings.load(self._git, places)
        return known


def fold(key: str) -> str:
    """The key as git compares it: section and name in lower case, the subsection as written."""
    section, dot, rest = key.partition(".")
    subsection, last, name = rest.rpartition(".")
    return f"{section.lower()}{dot}{subsection}{last}{name.lower()}"


def parse_bool(value: str | None) -> bool | None:
    """Git's booleans: no value is true, an empty one false, words in any case, numbers; None for anything else."""
    if value is None:
        return True
    word = value.lower()
    if word in {"true", "yes", "on"}:
        return True
    if word in {"", "false", "no", "off"}:
        return False
    number = _NUMBER.fullmatch(word)
    if number is None:
        return None
    digits = number[1]
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    size = int(digits, base) * _UNITS[number[2]]
    return None if size > _INT_MAX else size != 0


def _parse(
    listing: bytes, env: Mapping[str, str], places: Places
) -> tuple[dict[str, tuple[str | None, ...]], set[Path]]:
    values: dict[str, tuple[str | None, ...]] = {}
    files: set[Path] = set()
    parts = iter(os.fsdecode(listing).split("\0"))
    for origin, entry in zip(parts, parts, strict=False):
        key, equals, value = entry.partition("\n")
        values[key] = (*values.get(key, ()), value if equals else None)
        if not origin.startswith("file:"):
            continue
        source = places.base / origin.removeprefix("file:")
        files.add(source)
        # An included file that does not exist yet, or whose condition does not hold yet, has no line of its own.
        if key.startswith(("include.", "includeif.")) and key.endswith(".path") and value:
            files.add(source.parent / (env.get("HOME", "~") + value[1:] if value.startswith("~/") else value))
    return values, files


def _standard_files(env: Mapping[str, str], places: Places) -> Iterator[Path]:
    """Every file git would look for, whether it exists or not."""
    if parse_bool(env.get("GIT_CONFIG_NOSYSTEM", "")) is not True:
        yield Path(env.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig")
        program = shutil.which("git", path=env.get("PATH"))
        if program:
            yield Path(program).parent.parent / "etc" / "gitconfig"
    home = env.get("HOME")
    if "GIT_CONFIG_GLOBAL" in env:
        yield Path(env["GIT_CONFIG_GLOBAL"])
    else:
        if env.get("XDG_CONFIG_HOME"):
            yield Path(env["XDG_CONFIG_HOME"]) / "git" / "config"
        elif home:
            yield Path(home) / ".config" / "git" / "config"
        if home:
            yield Path(home) / ".gitconfig"
    if places.common_dir is not None:
        yield places.common_dir / "config"
    if places.git_dir is not None:
        yield places.git_dir / "config.worktree"


def _stamp(path: Path) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 - on the warm path of every commit; pathlib doubles its cost
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _is_settled(stamps: Mapping[Path, Stamp]) -> bool:
    now = time.time_ns()
    return not any(stamp and 0 <= now - stamp[0] < _YOUNG_NS for stamp in stamps.values())


def _head(places: Places) -> bytes:
    """What HEAD says, which ``includeIf.onbranch`` depends on."""
    try:
        return (places.git_dir / "HEAD").read_bytes() if places.git_dir else b""
    except OSError:
        return b""
