"""The team's settings, read again only when their file or the environment behind them has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from anvcs.config import FILE_NAME, Config, load

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


class _Read(NamedTuple):
    stamp: tuple[int, int, int] | None
    config: Config


def configured(workspace: Workspace, *needed: str) -> Config:
    """The settings; variables in sections that are not needed may be unset. Raises ConfigError, naming the line."""
    path = workspace.repo.root / FILE_NAME
    try:
        info = path.stat()
    except OSError:
        stamp = None
    else:
        stamp = (info.st_mtime_ns, info.st_size, info.st_ino)
    key = f"config {' '.join(needed)}"
    known = workspace.cache.get(key)
    if isinstance(known, _Read) and known.stamp == stamp:
        return known.config
    config = load(path, workspace.caller.env, frozenset(needed))
    workspace.cache[key] = _Read(stamp, config)
    return config
