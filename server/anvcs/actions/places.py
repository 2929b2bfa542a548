"""Where a user's keys and logs live, by the platform's own customs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def config_home(env: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The folder of actors' private keys: ``$XDG_CONFIG_HOME/anvcs``, else ``~/.config/anvcs``; on Windows APPDATA."""
    return _place(env, platform, "XDG_CONFIG_HOME", "APPDATA", ".config")


def state_home(env: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The folder of logs: ``$XDG_STATE_HOME/anvcs``, else ``~/.local/state/anvcs``; on Windows LOCALAPPDATA."""
    return _place(env, platform, "XDG_STATE_HOME", "LOCALAPPDATA", ".local/state")


def _place(env: Mapping[str, str], platform: str, xdg: str, windows: str, under_home: str) -> Path:
    named = env.get(windows if platform == "win32" else xdg, "")
    # The XDG specification says that a relative path is to be ignored.
    if named and Path(named).is_absolute():
        return Path(named) / "anvcs"
    home = env.get("USERPROFILE" if platform == "win32" else "HOME")
    return (Path(home) if home else Path.home()) / under_home / "anvcs"
