"""Progress bars in the editor, for as long as a request runs and not a moment longer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from anvcs.lsp.protocol import AnvcsProtocol
from anvcs.lsp.verbs import ProgressToken


class WorkDoneBar:
    """A work-done progress, shown at the first report.

    With a ``token`` the client made its own place for it; else one is asked for, under a name never used before,
    since pygls refuses to use one twice.
    """

    def __init__(
        self, protocol: AnvcsProtocol, title: str, token: ProgressToken | None, cancel: Callable[[], object]
    ) -> None:
        self._protocol = protocol
        self._title = title
        self._token: ProgressToken = token if token is not None else str(uuid.uuid4())
        self._shown = False
        self._cancel = cancel
        self._last: tuple[str, int | None] = ("", None)
        self._asking: asyncio.Task[None] | None = None
        window = protocol.client_capabilities.window
        self._may_ask = bool(window and window.work_done_progress)
        self._given = token is not None
        self._closed = False
        self._tokens = cast("dict[ProgressToken, Future[None]]", protocol.progress.tokens)

    def report(self, message: str, percent: int | None) -> None:
        """Show what is being done and how far."""
        self._last = (message, percent)
        if self._closed:
            return
        if self._shown:
            self._protocol.progress.report(
                self._token, types.WorkDoneProgressReport(message=message, percentage=percent)
            )
        elif self._given:
            self._begin()
        elif self._may_ask and self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    def close(self) -> None:
        """Take it off the screen and forget its token."""
        self._closed = True
        if self._shown:
            self._shown = False
            self._protocol.progress.end(self._token, types.WorkDoneProgressEnd())
            # pygls never does, so that a server that runs for weeks would keep them all.
            self._tokens.pop(self._token, None)

    async def _ask(self) -> None:
        try:
            await self._protocol.progress.create_async(self._token)  # pyright: ignore[reportUnknownMemberType] - pygls
        except JsonRpcException:
            return
        if self._closed:
            self._tokens.pop(self._token, None)
        else:
            self._begin()

    def _begin(self) -> None:
        message, percent = self._last
        self._protocol.progress.begin(
            self._token,
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=message, percentage=percent),
        )
        self._shown = True
        self._tokens[self._token].add_done_callback(self._stopped)

    def _stopped(self, future: Future[None]) -> None:
        if future.cancelled():
            self._cancel()
