"""Builds and refreshes the graph's row index in the background, once somebody looks at the graph."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from anvcs.errors import AnvcsError
from anvcs.lsp.verbs import BarMaker
from anvcs.lsp.work import Actions, Works

logger = logging.getLogger(__name__)


class Indexer:
    """Keeps the index of every work tree whose graph was shown up to date."""

    def __init__(self, works: Works, actions: Actions, make_bar: BarMaker) -> None:
        self._works = works
        self._actions = actions
        self._make_bar = make_bar
        self._running: dict[Path, asyncio.Task[None]] = {}
        self._again: set[Path] = set()
        self._wanted: set[Path] = set()

    def wanted(self, root: Path) -> None:
        """The graph is being shown: build the index unless that was done."""
        if root not in self._wanted:
            self._wanted.add(root)
            self._start(root)

    def moved(self, root: Path) -> None:
        """The history changed: refresh the index if there is one."""
        if root in self._running:
            self._again.add(root)
        elif root in self._wanted:
            self._start(root)

    def close(self) -> None:
        """Stop all work."""
        for task in self._running.values():
            task.cancel()

    def _start(self, root: Path) -> None:
        task = asyncio.get_running_loop().create_task(self._update(root))
        self._running[root] = task
        task.add_done_callback(lambda _: self._ended(root))

    def _ended(self, root: Path) -> None:
        del self._running[root]
        if root in self._again:
            self._again.discard(root)
            self._start(root)

    async def _update(self, root: Path) -> None:
        task = asyncio.current_task()
        bar = self._make_bar("ANVCS: reading the history", None, task.cancel if task else lambda: None)
        try:
            await self._works.run(
                root,
                "background",
                lambda caller: self._actions.update_index(caller, str(root), caller.progress),
                progress=bar.report,
            )
        except asyncio.CancelledError:
            # Stopped by the user; the next look at the graph begins anew.
            self._wanted.discard(root)
            raise
        except AnvcsError as error:
            self._wanted.discard(root)
            logger.info("No index for %s: %s", root, error)
        except Exception:
            self._wanted.discard(root)
            logger.exception("The index of %s failed", root)
        finally:
            bar.close()
