"""Telling the relay in whose name a program runs, for as long as it runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from anvcs.errors import RelayError
from anvcs.link import start
from anvcs.link.control import SyncControl


class Claim:
    """What is written into a worktree from now until :meth:`end`, and nobody else claims, is an actor's."""

    def __init__(
        self,
        state: Path,
        config_home: Path,
        env: Mapping[str, str],
        *,
        worktree: Path,
        actor: str,
        paths: Sequence[str] = (),
        session: str = "",
    ) -> None:
        """``paths``: the files and folders that are its business, from the worktree's root; all, if none is named.

        Starts a relay if none runs. Raises RelayError.
        """
        self._state, self._config_home, self._env = state, config_home, env
        self._params: dict[str, Any] = {
            "worktree": str(worktree),
            "actor": actor,
            "paths": list(paths),
            "session": session,
            "since": time.time_ns(),
        }
        self._control = self._claim()

    def end(self) -> None:
        """No more: what was written is in the rooms when this returns.

        A relay that ended meanwhile is replaced, and the new one told of the whole time. Raises RelayError.
        """
        try:
            self._control.ask("unclaim")
        except RelayError:
            self._control.close()
            self._control = self._claim()
            self._control.ask("unclaim")
        finally:
            self._control.close()

    def _claim(self) -> SyncControl:
        control = SyncControl(self._state, start.ensure(self._state, self._config_home, env=self._env))
        try:
            control.ask("claim", self._params)
        except BaseException:
            control.close()
            raise
        return control

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
