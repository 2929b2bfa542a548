"""Has the ledger follow what plain Git does while an editor is open, and tells the editor what that was."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from anvcs.errors import AnvcsError
from anvcs.lsp.work import Actions, Works
from anvcs.wire import ForeignChanged

logger = logging.getLogger(__name__)


class Told(Protocol):
    """Receives what plain Git did."""

    def __call__(self, changed: ForeignChanged, /) -> None:
        """Take it; called on the event loop."""
        ...


class Foreign:
    """Reads on in each work tree's ledger whenever its pointers moved."""

    def __init__(self, works: Works, actions: Actions, tell: Told) -> None:
        self._works = works
        self._actions = actions
        self._tell = tell
        self._read: dict[Path, bytes | None] = {}
        """The newest operation that was looked at, by work tree."""
        self._lock = asyncio.Lock()

    def follows(self, root: Path) -> bool:
        """Whether what plain Git does there from now on is told."""
        return root in self._read

    async def look(self, root: Path) -> None:
        """Look now; the first look at a work tree only begins, and tells nothing."""
        async with self._lock:
            try:
                operations, last = await self._works.run(
                    root, "looking", lambda caller: self._actions.foreign(caller, str(root), self._read.get(root))
                )
            except AnvcsError as error:
                logger.info("What plain git did in %s is not known: %s", root, error)
                return
            self._read[root] = last
        if operations:
            self._tell(ForeignChanged(root=str(root), operations=operations))
