"""Has an editor follow what others do to merge proposals: other editors, the command line, agents."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from anvcs.errors import AnvcsError
from anvcs.lsp.features.proposals import Proposals
from anvcs.lsp.work import Actions, Works
from anvcs.wire import ProposalsChanged

logger = logging.getLogger(__name__)


class Told(Protocol):
    """Receives what was done."""

    def __call__(self, changed: ProposalsChanged, /) -> None:
        """Take it; called on the event loop."""
        ...


class Elsewhere:
    """Looks at the proposals of a work tree whenever something was written about any, by whatever process."""

    def __init__(self, works: Works, actions: Actions, proposals: Proposals, tell: Told) -> None:
        self._works = works
        self._actions = actions
        self._proposals = proposals
        self._tell = tell
        self._known: dict[Path, Mapping[bytes, int]] = {}
        self._lock = asyncio.Lock()

    def follows(self, root: Path) -> bool:
        """Whether what is done to proposals there from now on is told."""
        return root in self._known

    async def look(self, root: Path) -> None:
        """Look now; the first look at a work tree only begins, and tells nothing."""
        async with self._lock:
            try:
                found = await self._works.run(
                    root,
                    "looking",
                    lambda caller: self._actions.proposals(
                        caller, str(root), self._known.get(root), self._proposals.looked_at()
                    ),
                )
            except AnvcsError as error:
                logger.info("What is done to merge proposals in %s is not known: %s", root, error)
                return
            self._known[root] = found.marks
        self._proposals.changed(found.proposals)
        if found.changed:
            self._tell(ProposalsChanged(root=str(root), proposals=found.changed))
