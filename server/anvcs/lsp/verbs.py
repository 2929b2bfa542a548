"""The verbs as requests: run off the loop, cancelled, shown with progress; the same behind methods and commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from anvcs.lsp.work import Actions, Lane, Works
from anvcs.wire import VERBS, Params, Request

P = TypeVar("P", bound=Params)
R = TypeVar("R")

PREFIX = "ai-vcs."
COMMANDS: dict[str, Request[Any, Any]] = {PREFIX + verb: request for verb, request in VERBS.items()}
"""Every verb by the name of its ``workspace/executeCommand``."""

WRITING = frozenset(
    {
        "init",
        "add",
        "mergetool",
        "commit",
        "undo",
        "redo",
        "restore",
        "revert",
        "op.restore",
        "checkpoint.create",
        "checkpoint.restore",
        "stream.create",
        "stream.switch",
        "stream.delete",
        "stream.rename",
        "proposal.show",
        "proposal.resolve",
        "proposal.vote",
        "proposal.accept",
        "proposal.reject",
        "queue.add",
        "queue.remove",
        "uninstall",
        "stream.resolve",
        "actor.enroll",
        "actor.rotate",
        "actor.revoke",
        "gc",
        "purge",
    }
)
"""Verbs that change something: one at a time in a work tree, and never abandoned half-way."""

SHARING = frozenset({"push", "pull", "clone", "sync"})
"""Verbs that wait for another machine, so that neither reading nor committing waits for them."""

ProgressToken = int | str


class Bar(Protocol):
    """Progress of one request, as the editor shows it."""

    def report(self, message: str, percent: int | None) -> None:
        """Show what is being done and how far (percent, if known)."""
        ...

    def close(self) -> None:
        """Take it off the screen."""
        ...


class BarMaker(Protocol):
    """Makes a bar for a request; ``cancel`` is called when the user stops it."""

    def __call__(self, title: str, token: ProgressToken | None, cancel: Callable[[], object], /) -> Bar:
        """The bar; nothing is shown before its first report."""
        ...


CHECKING = frozenset({"merge", "proposal.check", "proposal.assist", "queue.run"})
"""Verbs that may run a team's own guards or wait for a model for minutes, while people read and commit."""

Done = Callable[[Request[Any, Any], Path, str | None, Any], None]
"""Told after a verb succeeded: the work tree it worked in, the folder as the client named it, and what it gave."""


class Verbs:
    """Performs verbs for the editor."""

    def __init__(self, works: Works, actions: Actions, make_bar: BarMaker, done: Done) -> None:
        self._works = works
        self._actions = actions
        self._make_bar = make_bar
        self._done = done

    async def perform(self, request: Request[P, R], params: P, token: ProgressToken | None = None) -> R:
        """The verb's result. Cancelling the task stops it where it can still be stopped.

        Raises what the action raises.
        """
        root = await self._works.root(self._works.path(params.folder))
        placed = msgspec.structs.replace(params, folder=str(root))
        task = asyncio.current_task()
        bar = self._make_bar(f"ANVCS: {request.verb}", token, task.cancel if task else lambda: None)
        try:
            result = await self._works.run(
                root,
                _lane(request.verb),
                lambda caller: self._actions.call(caller, request, placed),
                progress=bar.report,
                must_finish=request.verb in WRITING | SHARING | CHECKING,
            )
        finally:
            bar.close()
        self._done(request, root, params.folder, result)
        return result


def _lane(verb: str) -> Lane:
    """Where a verb is performed."""
    if verb in WRITING:
        return "writing"
    return "sharing" if verb in SHARING else "checking" if verb in CHECKING else "reading"
