"""The way to the relay for actions: one question, one answer; nothing is imported where no relay runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

RELAY_FILE = "relay.json"
"""What the relay writes about itself into the folder of our state."""


class LazyRelay:
    """The relay of any repository, connected to for each question."""

    def __init__(self, env: Mapping[str, str], config_home: Path) -> None:
        self._env = env
        self._config_home = config_home

    def ask(
        self, state: Path, method: str, params: Mapping[str, Any], *, start: bool = False
    ) -> Mapping[str, Any] | None:
        """What the relay answers; nothing if none runs and ``start`` does not ask for one.

        Raises RelayError, and what the relay refuses with.
        """
        if not start and not (state / RELAY_FILE).exists():
            return None
        from anvcs.link.control import RelayLink
        from anvcs.link.start import find, wait_ended

        running = find(state) if method == "stop" else None
        answer = RelayLink(self._config_home, self._env).ask(state, method, params, start=start)
        if running is not None:
            # Whoever stops it may go on to remove what it writes.
            wait_ended(running)
        return answer
