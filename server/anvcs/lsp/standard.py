"""The standard features of the protocol: the full server behind pygls, loaded late.

Importing pygls and lsprotocol costs several times what a first answer costs, so it waits until a message needs it or
the connection has nothing better to do. Messages that come before are kept and handled in their order.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import UNSET

from anvcs.lsp.boot import InitializeParams
from anvcs.lsp.features.proposals import Proposals
from anvcs.lsp.messages import Envelope, InvalidParamsError, Refusal, decode, failure, read_envelope, refusal
from anvcs.lsp.transport import Writer, send
from anvcs.lsp.verbs import Bar, ProgressToken
from anvcs.lsp.work import Actions, Works

if TYPE_CHECKING:
    from anvcs.lsp.server import AnvcsServer

logger = logging.getLogger(__name__)

IDLE = 0.3
"""Seconds between two looks whether the connection is idle, so that the server can be loaded unasked."""

DELAY = 0.3
"""Seconds that work may take before its progress is shown; a bar that flashes up tells nobody anything."""


class Standard:
    """Takes the messages that our own code does not answer."""

    def __init__(
        self, writer: Writer, works: Works, actions: Actions, busy: Callable[[], bool], proposals: Proposals
    ) -> None:
        self._writer = writer
        self._works = works
        self._actions = actions
        self._busy = busy
        self._proposals = proposals
        self._introduced: InitializeParams | None = None
        self._queue: deque[bytes] = deque()
        self.server: AnvcsServer | None = None
        """The full server, once it is loaded."""
        self._loading: asyncio.Task[None] | None = None
        self._closed = False
        self._broken: Refusal | None = None

    def introduce(self, params: InitializeParams) -> None:
        """Say who the client is; comes before anything else."""
        self._introduced = params

    def take(self, envelope: Envelope, body: bytes) -> None:
        """Handle a message now, or as soon as the server is there."""
        if self.server is not None:
            self._handle(self.server, envelope, body)
            return
        self._queue.append(body)
        if self._broken is not None:
            self._refuse_queue(self._broken)
        elif envelope.id is not UNSET:
            self.load()

    def load(self) -> None:
        """Begin to load the server, unless that was done or nobody is there any more to use it."""
        if self._loading is None and not self._closed:
            self._loading = asyncio.get_running_loop().create_task(self._load())

    def load_when_idle(self) -> None:
        """Load once the connection has no request of our own to answer."""

        def look() -> None:
            if self._busy():
                self.load_when_idle()
            else:
                self.load()

        # A client asks for what it shows first right after the introduction.
        asyncio.get_running_loop().call_later(IDLE, look)

    def bar(self, title: str, token: ProgressToken | None, cancel: Callable[[], object]) -> Bar:
        """A progress bar, shown as soon as the server is there to show it."""
        return _LateBar(self, title, token, cancel)

    def open_texts(self) -> dict[str, tuple[int, str]]:
        """Every document that is open, with its version; none before the server is loaded."""
        return {} if self.server is None else self.server.protocol.documents().texts()

    def close(self) -> None:
        """Take nothing more, and load nothing for a timer that is still to come."""
        self._closed = True
        if self._loading is not None:
            self._loading.cancel()

    def make_bar(self, title: str, token: ProgressToken | None, cancel: Callable[[], object]) -> Bar | None:
        """A bar in the editor; nothing yet if the server is not loaded, which then begins."""
        if self.server is None:
            self.load()
            return None
        from anvcs.lsp.features.progress import WorkDoneBar

        return WorkDoneBar(self.server.protocol, title, token, cancel)

    def _handle(self, server: AnvcsServer, envelope: Envelope, body: bytes) -> None:
        try:
            if envelope.method == "textDocument/didChange":
                server.protocol.did_change(envelope.params)
            else:
                server.protocol.handle_message(decode(body))
        except (InvalidParamsError, KeyError) as error:
            logger.warning("Ignoring %s: %s", envelope.method, error)
        except Exception:
            # Requests are answered with their errors; what is left are notifications and answers of the client.
            logger.exception("A message failed: %s", envelope.method)

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.run_in_executor(None, self._make)
        except Exception as error:  # noqa: BLE001 - whatever is broken, the client must hear of it
            self._broken = refusal(error)
            self._refuse_queue(self._broken)
            return
        server.protocol.out = self._writer
        self.server = server
        while self._queue:
            body = self._queue.popleft()
            envelope = read_envelope(body)
            if isinstance(envelope, Envelope):
                self._handle(server, envelope, body)

    def _make(self) -> AnvcsServer:
        # Half of the import would go into garbage collections that find nothing.
        gc.disable()
        try:
            from anvcs.lsp.server import make_server

            server = make_server(self._works, self._actions, self._proposals)
            assert self._introduced is not None  # noqa: S101 - for the type checker; the connection introduces first
            server.protocol.adopt(self._introduced)
        finally:
            gc.enable()
        gc.freeze()
        return server

    def _refuse_queue(self, error: Refusal) -> None:
        while self._queue:
            envelope = read_envelope(self._queue.popleft())
            if isinstance(envelope, Envelope) and envelope.method is not UNSET and envelope.id is not UNSET:
                send(self._writer, failure(envelope.id, error))


class _LateBar:
    """Stands for a bar until there is something to show for long enough, and a server to show it."""

    def __init__(
        self, standard: Standard, title: str, token: ProgressToken | None, cancel: Callable[[], object]
    ) -> None:
        self._standard = standard
        self._title = title
        self._token = token
        self._cancel = cancel
        self._last: tuple[str, int | None] = ("", None)
        self._timer: asyncio.TimerHandle | None = None
        self._bar: Bar | None = None

    def report(self, message: str, percent: int | None) -> None:
        self._last = (message, percent)
        if self._bar is not None:
            self._bar.report(message, percent)
        elif self._timer is None:
            self._show_after(DELAY)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._bar is not None:
            self._bar.close()

    def _show_after(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._show)

    def _show(self) -> None:
        self._bar = self._standard.make_bar(self._title, self._token, self._cancel)
        if self._bar is None:
            self._show_after(IDLE)
        else:
            self._bar.report(*self._last)
