"""Tells the editor when refs, HEAD, notes or the index moved, whoever moved them; and who has to look at proposals.

The client's file watchers do not see ``.git`` everywhere (other worktrees, separate Git folders), so we look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from anvcs.gitmirror.watch import RepositoryWatch, State
from anvcs.wire import HistoryChanged

logger = logging.getLogger(__name__)

Watch = Callable[[Path], RepositoryWatch | None]


def _nobody(_: Path) -> None:
    pass


class Told(Protocol):
    """Receives every real change."""

    def __call__(self, changed: HistoryChanged, /) -> None:
        """Take it; called on the event loop."""
        ...


class History:
    """Looks at every followed work tree once in ``interval`` seconds, in a thread of its own."""

    def __init__(
        self, env: Mapping[str, str], tell: Told, interval: float, proposed: Callable[[Path], object] = _nobody
    ) -> None:
        """``proposed`` is told of work trees where something may have been written down about merge proposals."""
        self._env = env
        self._tell = tell
        self._proposed = proposed
        self._interval = interval
        self._watches: dict[Path, RepositoryWatch | None] = {}
        self._thread = ThreadPoolExecutor(1, "anvcs-watch")
        self._lock = asyncio.Lock()

    def follow(self, root: Path) -> None:
        """Look at this work tree from now on."""
        self._watches.setdefault(root, None)

    def follows(self, root: Path) -> bool:
        """Whether this work tree is looked at."""
        return root in self._watches

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._interval)
            await self.look()

    async def look(self) -> None:
        """Look now, and tell what changed since the last time; the first look at a work tree tells nothing."""
        async with self._lock:
            for root in list(self._watches):
                try:
                    state, touched = await asyncio.get_running_loop().run_in_executor(self._thread, self._poll, root)
                except OSError as error:
                    # The folder is gone, or git is. The next verb there follows it again.
                    logger.warning("%s is not watched any more: %s", root, error)
                    self._watches.pop(root, None)
                    continue
                if state is not None:
                    self._tell(HistoryChanged(root=str(root), head=state.head, stream=state.stream))
                if touched:
                    self._proposed(root)

    def close(self) -> None:
        """Look no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _poll(self, root: Path) -> tuple[State | None, bool]:
        watch = self._watches[root]
        if watch is not None:
            return watch.poll(), watch.touched()
        # Git starts a process for each answer; a stat tells whether it is worth asking.
        if (root / ".git").exists():
            watch = self._watches[root] = RepositoryWatch.open(root, self._env)
        return None, watch is not None and watch.touched()
