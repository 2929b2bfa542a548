"""What is to be checked, and everything that results depend on; worked out without touching a file."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs import config as configuration
from anvcs import ids
from anvcs.actions.configured import configured
from anvcs.config import FILE_NAME, Config
from anvcs.errors import ConfigError, UsageError
from anvcs.gitmirror.scratch.checkout import LFS
from anvcs.gitmirror.scratch.files import checked
from anvcs.gitmirror.scratch.ignored import Source
from anvcs.gitmirror.scratch.pool import Pool
from anvcs.gitmirror.trees import EXECUTABLE, FILE, lookup
from anvcs.guards import environment
from anvcs.guards.model import Guard
from anvcs.provenance.redaction import is_secret_name

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_LINE_ENDS = ("core.autocrlf", "core.eol")
SETUP = "setup"
"""The name under which the result of ``guards.setup`` is reported."""


class Subject(msgspec.Struct, frozen=True):
    """A tree with the settings that it is checked by."""

    tree: str
    parents: tuple[str, ...]
    settings: configuration.Guards
    env: Mapping[str, str]
    """What guards get of the caller's environment, with the paths that are true in the user's worktree."""
    source: Source
    pool: Pool
    setup_key: str | None
    """While it is the same, what setup made or what was copied is used again; None is never the same."""
    surroundings: str
    """A hash of all that results depend on beside tree and command."""


def subject(workspace: Workspace, tree: str, parents: Sequence[str], settings: configuration.Guards) -> Subject:
    """All there is to know beforehand. Raises ConfigError or GitFailedError."""
    caller, repo = workspace.caller, workspace.repo
    env = environment.allowed(caller.env, settings.env)
    source = Source(repo.root, tuple(dict.fromkeys(checked(pattern) for pattern in settings.ignored)))
    with workspace.lock:
        # Git itself reads what this process has only just written.
        repo.objects.flush()
        locks = [_lock_file(workspace, tree, path) for path in settings.cache_by]
    machine = environment.fingerprint(env, is_secret_name)
    commands: list[ids.Value] = [list(command) for command in settings.setup]
    common: list[ids.Value] = [machine, commands, list(source.patterns)]
    copied: list[ids.Value] = [] if settings.setup else list(source.installed())
    setup_key: str | None = None
    if not settings.setup or settings.cache_by:
        setup_key = _hash([*common, *locks, *copied])
    return Subject(
        tree=tree,
        parents=tuple(parents),
        settings=settings,
        env=env,
        source=source,
        pool=Pool(repo, caches(caller.env)),
        setup_key=setup_key,
        surroundings=_hash([*common, *copied, *_contents(source), *_conversions(workspace)]),
    )


def guards(settings: configuration.Guards, names: Sequence[str] | None) -> tuple[Guard, ...]:
    """The guards of these names, or all, in the order of the configuration. Raises UsageError for an unknown name."""
    if SETUP in settings.checks:
        raise ConfigError(f"guards.checks cannot have a check called {SETUP}.", "Give it another name.")
    unknown = [name for name in names or () if name not in settings.checks]
    if unknown:
        known = ", ".join(settings.checks) or "none"
        raise UsageError(
            f"There is no guard called {unknown[0]}.",
            f"Known here: {known}. They are under guards.checks in {FILE_NAME}.",
        )
    return tuple(
        Guard(
            name=name,
            command=tuple(check.command),
            seconds=check.seconds,
            required=check.required,
            retries=check.retries,
            affected=tuple(check.affected),
        )
        for name, check in settings.checks.items()
        if names is None or name in names
    )


_NEEDED = ("guards", "merge")
"""The sections whose variables must be set."""
_TRACKED = "the settings are tracked"


class _Tracked(NamedTuple):
    """Whether Git tracks the settings, as its index said."""

    stamp: tuple[int, ...] | None
    """What the index was then."""
    answer: bool


def config_of(workspace: Workspace, tree: str) -> Config:
    """The settings as a tree has them: pass that of the target, so that no proposal switches off its own guards.

    Where the tree has none, those of the worktree if Git does not track them, which are then the user's own. Raises
    ConfigError, naming the line.
    """
    with workspace.lock:
        entry = lookup(workspace.repo.objects, tree, os.fsencode(FILE_NAME))
        data = None if entry is None else workspace.repo.objects.read(entry.oid, "blob")
    if entry is None or data is None:
        return _own(workspace)
    if entry.mode not in (FILE, EXECUTABLE):
        raise ConfigError(f"{FILE_NAME} is not a file in the tree {tree[:12]}.", "Commit it as a plain file.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{FILE_NAME} in the tree {tree[:12]} is not UTF-8 text.", "Commit it as UTF-8.") from error
    return configuration.parse(text, workspace.caller.env, f"{FILE_NAME} in the tree {tree[:12]}", frozenset(_NEEDED))


def _own(workspace: Workspace) -> Config:
    """The settings in the worktree if Git does not track them; asked for several times in a merge."""
    return Config() if _is_tracked(workspace) else configured(workspace, *_NEEDED)


def _is_tracked(workspace: Workspace) -> bool:
    try:
        info = workspace.repo.index_path.stat()
    except OSError:
        stamp = None
    else:
        stamp = info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    known = workspace.cache.get(_TRACKED)
    if isinstance(known, _Tracked) and known.stamp == stamp:
        return known.answer
    answer = workspace.git.run("ls-files", "--error-unmatch", "--", FILE_NAME).returncode == 0
    workspace.cache[_TRACKED] = _Tracked(stamp, answer)
    return answer


def caches(env: Mapping[str, str]) -> Path:
    """The folder for scratch worktrees below the user's caches. Raises ConfigError where there is no home."""
    if env.get("XDG_CACHE_HOME", "").startswith("/"):
        base = Path(env["XDG_CACHE_HOME"])
    elif env.get("HOME"):
        base = Path(env["HOME"], "Library", "Caches") if sys.platform == "darwin" else Path(env["HOME"], ".cache")
    else:
        raise ConfigError("There is no place for a scratch worktree: HOME is not set.", "Set HOME or XDG_CACHE_HOME.")
    return base / "anvcs" / "checks"


def pool(workspace: Workspace) -> Pool | None:
    """The scratch worktrees of the repository, if there are any."""
    try:
        found = Pool(workspace.repo, caches(workspace.caller.env))
    except ConfigError:
        return None
    return found if found.folder.is_dir() else None


def spelt(command: Sequence[str]) -> str:
    """A command as one would type it."""
    return shlex.join(command)


def _lock_file(workspace: Workspace, tree: str, path: str) -> list[ids.Value]:
    entry = lookup(workspace.repo.objects, tree, os.fsencode(checked(path)))
    return [path, entry.oid if entry is not None else None]


def _contents(source: Source) -> list[ids.Value]:
    return [[path, hashlib.sha256((source.root / path).read_bytes()).digest()] for path in source.files()]


def _conversions(workspace: Workspace) -> list[ids.Value]:
    """What decides which bytes a file has: filters, such as that of Git LFS, and line ends."""
    settings, env = workspace.repo.settings.get(), workspace.caller.env
    names = (*sorted(settings.names("filter.")), *_LINE_ENDS)
    return [*([name, *settings.all(name)] for name in names), *(env.get(name) for name in LFS)]


def _hash(parts: list[ids.Value]) -> str:
    return hashlib.sha256(ids.encode(parts)).hexdigest()
