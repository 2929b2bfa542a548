"""One open document in its room: the editor on one side, the room's connection on the other, the binding between."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from anvcs.errors import AnvcsError
from anvcs.link.roomclient import RoomClient
from anvcs.lsp.documents import Change
from anvcs.lsp.rooms.editor import Editor, EditorGoneError
from anvcs.lsp.rooms.journal import JournalPage
from anvcs.rooms.binding import Binding, Push
from anvcs.rooms.delta import Delta
from anvcs.rooms.lines import Lines
from anvcs.rooms.pending import Unsent
from anvcs.rooms.text import TextDoc
from anvcs.wire import ROOM_EDIT, ROOM_STATE
from anvcs.wire.editing import (
    DocumentChanged,
    DocumentRoomState,
    RoomEditParams,
    RoomState,
    TextPosition,
    TextRange,
    TextReplacement,
)

logger = logging.getLogger(__name__)

MAY_BE_SAVED = 10.0
"""Seconds after a save was begun for which the editor may still write what it showed meanwhile."""
SHOWN = 64
"""Texts of that time that are remembered, at most."""


class Host(Protocol):
    """What a document needs of the server around it."""

    editor: Editor

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let work go on by itself; a failure is logged."""
        ...

    async def undo(self, document: RoomDocument, *, redo: bool) -> bool:
        """Have the room take back (or do again) what the user wrote last."""
        ...

    async def look(self, document: RoomDocument) -> None:
        """Have the relay take in what the file holds now."""
        ...

    def note(self, document: RoomDocument, text: str) -> None:
        """Remember that the editor may have shown this text, should it come back without what came after."""
        ...

    async def showing(self, document: RoomDocument, text: str, hashed: str) -> None:
        """Tell the relay what the editor shows while it saves."""
        ...


class RoomDocument:
    """A document from ``didOpen`` to ``didClose``; in its room once :meth:`join` was called."""

    def __init__(self, uri: str, version: int, text: str, host: Host) -> None:
        self.uri = uri
        self.version = version
        self.text = lf(text)
        """The editor's text until it is in a room; afterwards the binding knows it."""
        self.origin = self.text
        """That text as it was opened, or as it was when its last room was left: what is typed since stands on it."""
        self.doc = TextDoc()
        self.room = ""
        self.actor = ""
        self.state: RoomState = "connecting"
        self.lease: int | None = None
        """The save under way."""
        self.dirty = False
        """The editor holds text that is not in the file."""
        self.base: str | None = None
        """The text that unsaved changes stand on, where the document comes from another session."""
        self.recent: deque[str] = deque(maxlen=SHOWN)
        """Hashes of what the editor has shown since a save was begun: it writes one of these, not always the newest."""
        self.last_shown = ""
        """The newest text that was its own: what it has read from the disk since is somebody else's."""
        self._noting = 0.0
        """Until when that is noted, by the loop's clock."""
        self.moving = asyncio.Lock()
        """Held while it joins or leaves."""
        self._host = host
        self._hint: DocumentChanged | None = None
        self._binding: Binding | None = None
        self._client: RoomClient | None = None
        self._page: JournalPage | None = None
        self._written = 0
        """Edits of the user so far."""
        self._told: DocumentRoomState | None = None
        self._copy: str | None = None
        self._settled = asyncio.Event()

    @property
    def joined(self) -> bool:
        """It is in its room."""
        return self._binding is not None

    @property
    def binding(self) -> Binding:
        """What joins editor and room; only once it is in a room."""
        assert self._binding is not None  # noqa: S101 - for the type checker; callers look at joined first
        return self._binding

    @property
    def client(self) -> RoomClient:
        """The connection to the room; only once it is in a room."""
        assert self._client is not None  # noqa: S101 - as above
        return self._client

    def join(self, client: RoomClient, page: JournalPage, base: str | None) -> None:
        """Begin: the room's text is in ``doc``; ``base`` is the text that the editor's unsaved changes stand on."""
        self._client, self._page = client, page
        opened = Binding.open(self.text, self.version, self.doc.text, base)
        self._binding, self._copy, self.base = opened.binding, opened.copy, None
        self.last_shown = self.binding.text
        self.write(opened.delta)
        if not opened.delta:
            self._host.note(self, self.binding.text)
        self.tell_state()
        self.pump()

    def resync(self, version: int, text: str) -> None:
        """Repair what the editor is believed to show by what it shows."""
        found = self.binding.resync(version, lf(text))
        self.version = version
        if found.delta:
            logger.warning("%s: the editor showed something else than was known; repaired", self.uri)
            self.write(found.delta)
        self.pump()

    def hint(self, hint: DocumentChanged) -> None:
        """Know what the next change is."""
        self._hint = hint

    def change(self, version: int, changes: Sequence[Change]) -> None:
        """Take what the editor did."""
        hint = self._hint if self._hint is not None and self._hint.version == version else None
        self._hint = None
        if self._binding is None:
            self.text, self.version = _changed(self.text, changes), version
            return
        found = self._binding.changed(
            version, changes, dirty=hint.dirty if hint else None, reason=hint.reason if hint else None
        )
        self.version = version
        if self._binding.is_known:
            # What it has just read from the disk somebody else wrote, and the room may lack it.
            self.last_shown = self._binding.text
            self._host.note(self, self.last_shown)
            if self._noting > asyncio.get_running_loop().time():
                hashed = self._binding.hash
                self.recent.append(hashed)
                self._host.spawn(self._host.showing(self, self.last_shown, hashed))
        self.write(found.delta)
        if found.undo is not None:
            self._host.spawn(self._undo(redo=found.undo == "redo"))
        if found.look:
            self._host.spawn(self._host.look(self))
        self.pump()

    def will_save(self) -> None:
        """The editor has begun to save. It takes what it shows only after everybody has had their say."""
        if self.lease is None:
            self.recent.clear()
        self._noting = asyncio.get_running_loop().time() + MAY_BE_SAVED
        if self.binding.is_known:
            self.recent.append(self.binding.hash)
        self.binding.will_save()

    def saved(self, version: int) -> None:
        """The editor has saved; another save of it may be under way."""
        self.write(self.binding.saved(version))
        self.pump()

    async def _undo(self, *, redo: bool) -> None:
        """The editor took something back by itself: the room does its own, and the editor gets the difference."""
        try:
            await self._host.undo(self, redo=redo)
        finally:
            if self._binding is not None:
                self._binding.undone()
                self.pump()

    def remote(self, delta: Delta) -> None:
        """Take what others wrote; ``doc`` has it."""
        if self._binding is not None:
            self._binding.remote(delta)
            self.pump()

    def pump(self) -> None:
        """Give the editor what it lacks, one edit at a time."""
        if self._binding is None:
            return
        push = self._binding.push()
        if push is None:
            self._settled.set()
            return
        if self._binding.is_known:
            # The editor may be gone before it says that it took this in, and come back with it.
            self._host.note(self, self._binding.coming or self._binding.text)
        edits = tuple(
            TextReplacement(range=TextRange(start=_position(start), end=_position(end)), new_text=text)
            for start, end, text in push.edits
        )
        asked = self._host.editor.ask(ROOM_EDIT, RoomEditParams(uri=self.uri, version=push.version, edits=edits))
        asked.add_done_callback(lambda done: self._pushed(push, done))

    def _pushed(self, push: Push, done: asyncio.Future[Any]) -> None:
        if done.cancelled() or self._binding is None:
            return
        error = done.exception()
        if error is not None:
            logger.warning("%s: an edit was not answered: %s", self.uri, error)
            if not isinstance(error, EditorGoneError):
                return
        self.write(self._binding.answered(push, None if error is not None else done.result().applied))
        self.pump()

    def write(self, delta: Delta) -> None:
        """Put the user's edit into the room: into the local copy, then the local log, then onto the way."""
        if not delta:
            return
        update = self.doc.edit(delta)
        self._written += 1
        client, page = self.client, self._page
        if page is None:
            return
        page.write(Unsent(self.room, self.actor, self.doc.client, update), lambda: self._send(client, update))

    def _send(self, client: RoomClient, update: bytes) -> None:
        client.send(update)
        self.tell_state()

    def acknowledged(self) -> None:
        """The relay made edits durable, or its connection changed."""
        if self._page is not None and self.client.undurable == 0 and self._page.waiting == 0:
            self._page.clear()
        self.tell_state()

    @property
    def undurable(self) -> int:
        """Edits that the relay has not acknowledged."""
        waiting = self._page.waiting if self._page is not None else 0
        return waiting + (self._client.undurable if self._client is not None else 0)

    async def durable(self, seconds: float) -> bool:
        """Wait until all the user wrote so far is acknowledged; false if that takes longer."""
        written = self._written
        try:
            async with asyncio.timeout(seconds):
                await self.client.until(lambda: self._written - self.undurable >= written)
        except TimeoutError:
            return False
        return True

    async def shown(self, seconds: float) -> bool:
        """Wait until the editor shows what the room holds; false if that takes longer."""
        return await self._until(lambda binding: binding.settled, seconds)

    async def caught_up(self, seconds: float) -> bool:
        """Wait until there is no reason to let the editor wait with its save; false if that takes longer."""
        return await self._until(lambda binding: binding.caught_up, seconds)

    async def _until(self, condition: Callable[[Binding], bool], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while self._binding is not None and not condition(self._binding):
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            return False
        return True

    def refuse(self, state: RoomState, reason: str) -> None:
        """It is in no room, and this is why."""
        self.state = state
        self._tell(reason)

    def tell_state(self) -> None:
        """Tell the editor how the document stands."""
        if self._client is not None:
            states: dict[str, RoomState] = {"joined": "joined", "connecting": "connecting", "offline": "offline"}
            self.state = states.get(self._client.state, "off")
        self._tell("" if self._client is None or self.state == "joined" else self._client.reason)

    def _tell(self, reason: str) -> None:
        told = DocumentRoomState(
            uri=self.uri,
            state=self.state,
            reason=reason,
            actor=self.actor or None,
            undurable=self.undurable,
            copy=self._copy,
        )
        if told != self._told:
            self._told = told
            self._host.editor.tell(ROOM_STATE, told)

    async def leave(self) -> None:
        """End the connection; what is not acknowledged stays in the local log."""
        client, page = self._client, self._page
        if self._binding is not None:
            self.text = self.origin = self._binding.text
        self.doc, self.lease, self.dirty = TextDoc(), None, False
        self._client = self._page = self._binding = None
        if client is not None:
            try:
                await client.close()
            except AnvcsError as error:
                logger.info("%s: %s", self.uri, error)
            if page is not None:
                page.close(keep=client.undurable > 0)


def lf(text: str) -> str:
    """The text with the line ends that rooms have."""
    return text.replace("\r\n", "\n") if "\r" in text else text


def _position(place: tuple[int, int]) -> TextPosition:
    return TextPosition(line=place[0], character=place[1])


def _changed(text: str, changes: Sequence[Change]) -> str:
    for change in changes:
        if change.range is None:
            text = lf(change.text)
            continue
        lines = Lines(text)
        start = lines.offset(change.range.start.line, change.range.start.character)
        end = lines.offset(change.range.end.line, change.range.end.character)
        text = text[:start] + lf(change.text) + text[end:]
    return text
