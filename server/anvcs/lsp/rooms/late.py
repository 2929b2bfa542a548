"""Rooms, loaded when the first document needs them: what they stand on takes longer to import than a first answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from anvcs.lsp.messages import Envelope, read_params
from anvcs.lsp.rooms.editor import Editor
from anvcs.lsp.work import Actions, Works
from anvcs.wire import (
    ROOM_ATTRIBUTION,
    ROOM_REDO,
    ROOM_RESYNC,
    ROOM_UNDO,
    ROOM_WILL_SAVE,
)

if TYPE_CHECKING:
    from anvcs.lsp.rooms.rooms import Rooms

logger = logging.getLogger(__name__)

_DOCUMENTS = frozenset({"textDocument/didOpen", "textDocument/didChange", "textDocument/didClose"})
_OWN = "anvcs/rooms/"


class LateRooms:
    """Takes every message about documents; keeps them while rooms are being loaded."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        works: Works,
        actions: Actions,
        *,
        config_home: Path,
        env: Mapping[str, str],
    ) -> None:
        self.editor = Editor(send)
        self.live = False
        """The editor passed the conformance run; only then do documents join."""
        self._works = works
        self._actions = actions
        self._config_home = config_home
        self._env = env
        self._rooms: Rooms | None = None
        self._loading: asyncio.Task[None] | None = None
        self._queue: list[tuple[str, Envelope]] = []
        self._closed = False

    def notified(self, method: str, envelope: Envelope) -> bool:
        """Look at a notification; true if it is for rooms alone."""
        own = method.startswith(_OWN)
        if not self.live or self._closed or not (own or method in _DOCUMENTS):
            return own
        if self._rooms is not None:
            self._rooms.notified(method, envelope)
        else:
            self._queue.append((method, envelope))
            if method == "textDocument/didOpen" and self._loading is None:
                self._loading = asyncio.get_running_loop().create_task(self._load())
        return own

    def requested(self, method: str, params: msgspec.Raw) -> Coroutine[Any, Any, Any]:
        """The work behind a request about a document. Raises InvalidParamsError."""
        asked = _REQUESTS[method]
        return self._perform(method, read_params(params, asked))

    async def switched_on(self, texts: Mapping[str, tuple[int, str]]) -> None:
        """Rooms were switched on: documents that are open join."""
        if self.live and not self._closed:
            await self._load()
            assert self._rooms is not None  # noqa: S101 - for the type checker; loaded just now
            self._rooms.join_open(texts)

    async def close(self) -> None:
        """The editor leaves."""
        self._closed = True
        if self._loading is not None and not self._loading.done():
            self._loading.cancel()
        if self._rooms is not None:
            await self._rooms.close()
        self.editor.close()

    async def _perform(self, method: str, params: Any) -> Any:
        if self._loading is not None:
            await asyncio.shield(self._loading)
        if self._rooms is None:
            return await nothing(method)
        return await self._rooms.perform(method, params)

    async def _load(self) -> None:
        if self._rooms is not None:
            return
        make = await asyncio.to_thread(_import)
        if self._rooms is None and not self._closed:
            self._rooms = make(self.editor, self._works, self._actions, self._config_home, self._env)
            queue, self._queue = self._queue, []
            for method, envelope in queue:
                self._rooms.notified(method, envelope)


def _import() -> type[Rooms]:
    from anvcs.lsp.rooms.rooms import Rooms

    return Rooms


_REQUESTS: dict[str, type[Any]] = {
    each.method: each.params for each in (ROOM_WILL_SAVE, ROOM_UNDO, ROOM_REDO, ROOM_RESYNC, ROOM_ATTRIBUTION)
}


async def nothing(method: str) -> Any:
    """The answer about a document that is in no room."""
    from anvcs.wire.editing import DocumentAttribution, Nothing, RoomUndone

    if method in (ROOM_UNDO.method, ROOM_REDO.method):
        return RoomUndone(done=False)
    return DocumentAttribution(version=0) if method == ROOM_ATTRIBUTION.method else Nothing()
