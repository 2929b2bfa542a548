"""Tells the editor where others meet what is typed, as diagnostics of open documents: somebody changes what you call.

Keystrokes only set a time; the work is done in a lane of its own once nobody typed for a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from anvcs.errors import AnvcsError
from anvcs.lsp.messages import notice
from anvcs.lsp.work import Actions, Works

if TYPE_CHECKING:
    from anvcs.actions.conflicts import Note

logger = logging.getLogger(__name__)

PUBLISH = "textDocument/publishDiagnostics"
SOURCE = "anvcs"
INFORMATION = 3
AFTER = 1.0
"""Seconds without a keystroke after which it is looked."""
AGAIN = 20.0
"""Seconds after which it is looked once more, for what others save and type tells nobody."""
AWAY = 600.0
"""Seconds without a keystroke after which nobody looks any more."""
_TYPED = frozenset({"textDocument/didOpen", "textDocument/didChange", "textDocument/didSave"})
_UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}

Texts = Callable[[], Mapping[str, tuple[int, str]]]
"""Every open document's version and text, by its URI."""


class Meetings:
    """Looks where others meet the documents of one editor, and keeps the editor's diagnostics as they are now."""

    def __init__(self, works: Works, actions: Actions, send: Callable[[bytes], None], texts: Texts) -> None:
        self._works = works
        self._actions = actions
        self._send = send
        self._texts = texts
        self.encoding = "utf-16"
        """In what the client counts columns."""
        self._shown: dict[str, Any] = {}
        """What each document shows now."""
        self._open = 0
        self._due = self._typed = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def notified(self, method: str) -> None:
        """Take what the editor says about a document; costs nothing."""
        if method in _TYPED:
            self._typed = asyncio.get_running_loop().time()
        elif method != "textDocument/didClose":
            return
        self._open += (method == "textDocument/didOpen") - (method == "textDocument/didClose")
        self.look_soon(AFTER)

    def look_soon(self, seconds: float) -> None:
        """Look when nothing asked for it again for so long."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and not self._closed:
            self._timer = loop.call_at(self._due, self._fire)

    def close(self) -> None:
        """Stop looking."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _fire(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        busy = self._looking is not None and not self._looking.done()
        if busy or loop.time() < self._due:
            self._timer = loop.call_at(max(self._due, loop.time() + AFTER), self._fire)
            return
        self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        texts = self._texts()
        try:
            found = await self._found(texts)
        except Exception:
            # A fault of ours in what nobody asked for must not end anything else.
            logger.exception("Where others meet open documents is not known")
            found = {}
        now = self._texts()
        for uri in {*found, *self._shown}:
            # A document that changed meanwhile is looked at again anyway.
            if uri not in now or now[uri] == texts.get(uri):
                self._publish(uri, found.get(uri, ()) if uri in now else ())
        if self._open > 0 and self._timer is None and asyncio.get_running_loop().time() < self._typed + AWAY:
            # Before the server is loaded it knows no documents.
            self.look_soon(AGAIN if texts else AFTER)

    async def _found(self, texts: Mapping[str, tuple[int, str]]) -> dict[str, tuple[Any, ...]]:
        places: dict[Path, dict[str, str]] = {}
        for uri in texts:
            path = self._path(uri)
            if path is not None:
                root = await self._works.root(path)
                if path.is_relative_to(root):
                    places.setdefault(root, {})[path.relative_to(root).as_posix()] = uri
        found: dict[str, tuple[Any, ...]] = {}
        for root, uris in places.items():
            typed = {path: texts[uri][1] for path, uri in uris.items()}
            for path, notes in (await self._notes(root, typed)).items():
                found[uris[path]] = tuple(self._diagnostic(note, texts[uris[path]][1]) for note in notes)
        return found

    async def _notes(self, root: Path, typed: Mapping[str, str]) -> Mapping[str, tuple[Note, ...]]:
        try:
            return await self._works.run(
                root, "comparing", lambda caller: self._actions.notes(caller, str(root), typed)
            )
        except AnvcsError as error:
            logger.info("Where others meet %s is not known: %s", root, error)
            return {}

    def _path(self, uri: str) -> Path | None:
        if not uri.startswith("file:"):
            return None
        try:
            return self._works.path(uri)
        except AnvcsError:
            return None

    def _diagnostic(self, note: Note, text: str) -> Any:
        line = text.split("\n")[note.line]
        count = _UNITS[self.encoding]
        start, end = count(line[: note.start]), count(line[: note.end])
        return {
            "range": {"start": _place(note.line, start), "end": _place(note.line, end)},
            "message": note.message,
            "severity": INFORMATION,
            "code": note.kind,
            "source": SOURCE,
        }

    def _publish(self, uri: str, diagnostics: tuple[Any, ...]) -> None:
        """Tell the editor, if that is news."""
        if self._closed or self._shown.get(uri, ()) == diagnostics:
            return
        self._send(notice(PUBLISH, _Published(uri, diagnostics)))
        self._shown[uri] = diagnostics
        if not diagnostics:
            del self._shown[uri]


class _Published(msgspec.Struct, frozen=True):
    uri: str
    diagnostics: tuple[Any, ...]


def _place(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}
