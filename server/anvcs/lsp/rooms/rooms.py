"""Every open document of the editor that is in a room, or on its way into one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import msgspec

from anvcs.errors import AnvcsError, NotInitializedError, RoomError, RoomsLeftError
from anvcs.link.roomclient import Address, RoomClient
from anvcs.lsp.documents import DidChange
from anvcs.lsp.messages import Envelope, InvalidParamsError, read_params
from anvcs.lsp.rooms import presence
from anvcs.lsp.rooms.document import RoomDocument
from anvcs.lsp.rooms.editor import Editor
from anvcs.lsp.rooms.journal import Journal
from anvcs.lsp.rooms.repository import Repository
from anvcs.lsp.work import Actions, Works
from anvcs.rooms import pending, shadow, shown
from anvcs.rooms.lines import Lines
from anvcs.rooms.outside import guess_base
from anvcs.rooms.pending import orphans
from anvcs.rooms.replay import text_hash
from anvcs.rooms.shown import Shown
from anvcs.wire import (
    ROOM_ATTRIBUTION,
    ROOM_PRESENCE,
    ROOM_REDO,
    ROOM_RESYNC,
    ROOM_SAVED,
    ROOM_UNDO,
    ROOM_WILL_SAVE,
)
from anvcs.wire.editing import (
    CursorMoved,
    DidSave,
    DocumentAttribution,
    DocumentChanged,
    LineAttributionParams,
    Nothing,
    Presence,
    ResyncParams,
    RoomSaved,
    RoomUndone,
    RoomUndoParams,
    SavePrepared,
    WillSaveParams,
)

logger = logging.getLogger(__name__)

SOON = 1.0
"""Seconds that a save waits for what was typed to be durable."""
BEGIN_ANEW = 4411
"""The code with which the relay closes a room whose document a purge replaced."""
SMALL = 1 << 18
"""Characters up to which the relay is told a text and not only its hash."""
SHOWN = 0.3
"""Seconds that it waits until the editor shows what others wrote, so that formatters see it."""

_AWAY = {"paused": "", "left": "You left the rooms of this repository. Come back with: ai-vcs collab start"}
"""Why the relay closes a room that one may come back to, and what is said of it."""


class _OpenedDocument(msgspec.Struct, rename="camel"):
    uri: str
    version: int
    text: str


class _DidOpen(msgspec.Struct, rename="camel"):
    text_document: _OpenedDocument


class _Named(msgspec.Struct):
    uri: str


class _DidClose(msgspec.Struct, rename="camel"):
    text_document: _Named


class Rooms:
    """Takes what the editor says about documents and answers what it asks about those in rooms."""

    def __init__(
        self, editor: Editor, works: Works, actions: Actions, config_home: Path, env: Mapping[str, str]
    ) -> None:
        self.editor = editor
        self._works = works
        self._actions = actions
        self._config_home = config_home
        self._env = env
        self._journal = Journal()
        self._documents: dict[str, RoomDocument] = {}
        self._places: dict[str, tuple[Repository, str]] = {}
        """Of each document in a room or on its way there: its repository and its path in it."""
        self._repositories: dict[Path, Repository] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._remembering: dict[str, asyncio.TimerHandle] = {}

    # What the editor tells

    def notified(self, method: str, envelope: Envelope) -> None:
        """Take a notification about a document."""
        try:
            self._notified(method, envelope)
        except InvalidParamsError as error:
            logger.warning("Ignoring %s: %s", method, error)

    def _notified(self, method: str, envelope: Envelope) -> None:
        match method:
            case "textDocument/didOpen":
                opened = read_params(envelope.params, _DidOpen).text_document
                self._opened(opened.uri, opened.version, opened.text)
            case "textDocument/didChange" if self._documents:
                changed = read_params(envelope.params, DidChange)
                document = self._documents.get(changed.text_document.uri)
                if document is not None:
                    document.change(changed.text_document.version, changed.content_changes)
                    self._remember_soon(document)
            case "textDocument/didClose":
                self._closed(read_params(envelope.params, _DidClose).text_document.uri)
            case "anvcs/rooms/changed":
                hint = read_params(envelope.params, DocumentChanged)
                if document := self._documents.get(hint.uri):
                    document.hint(hint)
                    self._dirty(document, hint.dirty)
            case "anvcs/rooms/didSave":
                self._saved(read_params(envelope.params, DidSave))
            case "anvcs/rooms/cursor":
                self._moved(read_params(envelope.params, CursorMoved))
            case _:
                pass

    def _opened(self, uri: str, version: int, text: str) -> None:
        if not uri.startswith("file:") or uri in self._documents:
            return
        document = self._documents[uri] = RoomDocument(uri, version, text, self)
        self.spawn(self._join(document))

    def _closed(self, uri: str) -> None:
        document = self._documents.pop(uri, None)
        if document is not None:
            self._remember(document)
            self.spawn(self._leave(document))

    def _moved(self, cursor: CursorMoved) -> None:
        document = self._documents.get(cursor.uri)
        if document is not None and document.joined:
            document.client.say(presence.own_state(document.actor, cursor))

    def _dirty(self, document: RoomDocument, dirty: bool) -> None:
        """The one editor that holds unsaved text of a file is the one to save it."""
        if document.joined and document.dirty != dirty:
            document.dirty = dirty
            self.spawn(self._tell_dirty(document))

    async def _tell_dirty(self, document: RoomDocument) -> None:
        repository, _ = self._places[document.uri]
        try:
            await repository.ask(
                "dirty", {"room": document.room, "holder": self._holder(document), "dirty": document.dirty}
            )
        except RoomError as error:
            logger.info("%s: %s", document.uri, error)

    def _saved(self, saved: DidSave) -> None:
        document = self._documents.get(saved.uri)
        if document is None or not document.joined:
            return
        self._dirty(document, dirty=saved.dirty)
        lease, document.lease = document.lease, None
        # As things are now, before the editor tells more: the next may be what it reads from the disk.
        known = document.version == saved.version
        params = {
            "room": document.room,
            "lease": lease,
            "actor": document.actor,
            "holder": self._holder(document),
            "hash": document.binding.hash if known else shadow.text_hash(document.last_shown),
            "text": document.binding.text if known else None,
            "shown": list(document.recent),
            "followed": saved.followed,
        }
        document.saved(saved.version)
        self.spawn(self._tell_saved(document, params))

    async def _tell_saved(self, document: RoomDocument, params: dict[str, Any]) -> None:
        repository, path = self._places[document.uri]
        # The room has to have what the file has, or the file would seem to be ahead of it.
        await document.durable(SOON)
        try:
            await repository.ask("saved", params | {"worktree": str(repository.standing.root), "path": path})
        except RoomError as error:
            logger.warning("%s: the save was not recorded: %s", document.uri, error)

    # Joining and leaving

    def join_open(self, texts: Mapping[str, tuple[int, str]]) -> None:
        """Rooms were switched on: join what is open."""
        for uri, (version, text) in texts.items():
            self._opened(uri, version, text)

    async def _join(self, document: RoomDocument) -> None:
        async with document.moving:
            if not document.joined and self._documents.get(document.uri) is document:
                await self._join_now(document)

    async def _join_now(self, document: RoomDocument) -> None:
        file = self._works.path(document.uri)
        root = await self._works.root(file)
        try:
            repository = await self._repository(root)
            if repository is None:
                self._forget(document)
                return
            path = file.resolve().relative_to(repository.standing.root.resolve()).as_posix()
            await self._enter(document, repository, path)
        except (AnvcsError, ValueError) as error:
            logger.info("%s is in no room: %s", document.uri, error)
            if self._documents.get(document.uri) is document:
                # Kept, so that the editor can ask why; it is tried again when it is opened again.
                document.refuse("paused" if isinstance(error, RoomsLeftError) else "refused", str(error))

    async def _repository(self, root: Path) -> Repository | None:
        known = self._repositories.get(root)
        try:
            standing = await self._works.run(root, "looking", lambda caller: self._actions.standing(caller, str(root)))
        except NotInitializedError:
            return None
        if not standing.initialized or standing.settings.mode == "off":
            return None
        if known is None:
            known = Repository(
                standing,
                self._config_home,
                self._env,
                lambda event, params: self._event(root, event, params),
            )
            known = self._repositories.setdefault(root, known)
        # Before any document joins: what its buffer holds may be in a log that was left behind.
        await known.recovered(self._recover)
        return known

    async def _enter(self, document: RoomDocument, repository: Repository, path: str) -> None:
        standing = repository.standing
        document.actor = standing.actor
        self._places[document.uri] = (repository, path)
        known: dict[str, Any] = {}

        async def find() -> Address:
            _, found = await repository.control()
            known.update(
                await repository.ask("open", {"worktree": str(standing.root), "path": path, "actor": standing.actor})
            )
            if reason := known.get("refused"):
                raise RoomError(str(reason))
            document.room = str(known["room"])
            return Address(found, document.room)

        client = RoomClient(
            document.doc,
            standing.actor,
            find,
            on_remote=document.remote,
            on_state=lambda: self._state_changed(document),
            on_awareness=lambda: self._others_changed(document),
        )
        await find()
        await repository.settled(document.room)
        client.start()
        await client.until(lambda: client.state in ("joined", "closed"))
        base = await asyncio.to_thread(self._base, document, repository, path, known.get("saved"))
        if self._documents.get(document.uri) is not document or client.state == "closed":
            await client.close()
            if self._documents.get(document.uri) is document:
                document.refuse("refused", client.reason)
            return
        page = self._journal.open(repository.pending, document.room, document.doc.client)
        document.join(client, page, base)
        self._dirty(document, document.binding.text != known.get("saved"))
        client.say(presence.own_state(standing.actor, None))

    def _base(self, document: RoomDocument, repository: Repository, path: str, saved: str | None) -> str | None:
        """The newest known text that the editor's unsaved changes can stand on."""
        if document.base is not None:
            return document.base
        folder, room, now = repository.pending, document.room, document.text
        known = [] if saved is None else [saved]
        last = shown.read(folder, path, room)
        # An editor's backup can be older than what it last showed: that is no deletion of what came after.
        for text in (now, document.origin):
            if text in known or text in last or shown.last_shown(folder, path, room, text) is not None:
                return text
        # What only others show it cannot have deleted from.
        known += shown.by_the_gone(folder, path, room, pending.living(folder, room))
        return known[guess_base(known, now)] if known else None

    async def _leave(self, document: RoomDocument) -> None:
        await document.leave()
        if document.uri not in self._documents:
            # It may have been opened again meanwhile.
            self._places.pop(document.uri, None)

    def _forget(self, document: RoomDocument) -> None:
        if self._documents.get(document.uri) is document:
            del self._documents[document.uri]

    async def _recover(self, repository: Repository) -> None:
        """Send what servers that died had written down and not got acknowledged."""
        for orphan in await asyncio.to_thread(orphans, repository.pending):
            entries = await asyncio.to_thread(orphan.entries)
            try:
                for entry in entries:
                    await repository.ask(
                        "recover",
                        {
                            "room": entry.room,
                            "actor": entry.actor,
                            "client": entry.client,
                            "how": entry.how,
                            "update": entry.update.hex(),
                        },
                    )
            except RoomError as error:
                logger.warning("%s is kept for later: %s", orphan.path.name, error)
                orphan.release()
            else:
                await asyncio.to_thread(orphan.done)

    # What the relay says

    def _event(self, root: Path, event: str, params: Mapping[str, Any]) -> None:
        if event == "saved":
            for document in list(self._documents.values()):
                if document.joined and document.room == params.get("room"):
                    self._follow_save(document, params)
        elif event == "resumed":
            for document in self._of(root):
                if document.state == "paused":
                    self.spawn(self._join(document))
        elif event == "session" and params.get("worktree") == str(self._repositories[root].standing.root):
            for document in self._of(root):
                self.spawn(self._rejoin(document))

    def _of(self, root: Path) -> list[RoomDocument]:
        """The documents of a work tree that are or were in rooms."""
        repository = self._repositories.get(root)
        return [
            document
            for uri, document in list(self._documents.items())
            if uri in self._places and self._places[uri][0] is repository
        ]

    async def _rejoin(self, document: RoomDocument) -> None:
        """The file's room is another one now: the work tree is in another session, or a purge began a new document.

        The relay carries unsaved text along, once for all windows; what is typed meanwhile is the user's edit.
        """
        async with document.moving:
            if document.joined:
                self._remember(document)
                document.base = document.binding.text
                await document.leave()
        await self._join(document)

    def _follow_save(self, document: RoomDocument, params: Mapping[str, Any]) -> None:
        own = params.get("holder") == self._holder(document)
        if own or params.get("followed") or text_hash(document.binding.text).hex() != params.get("hash"):
            return
        actor = params.get("actor")
        self.editor.tell(
            ROOM_SAVED,
            RoomSaved(uri=document.uri, version=document.version, actor=actor if isinstance(actor, str) else None),
        )

    def _state_changed(self, document: RoomDocument) -> None:
        if not document.joined:
            return
        if document.client.state == "closed":
            if document.client.code == BEGIN_ANEW:
                self.spawn(self._rejoin(document))
            else:
                self.spawn(self._sent_away(document, document.client.reason))
        else:
            document.acknowledged()

    async def _sent_away(self, document: RoomDocument, reason: str) -> None:
        """The relay closed the room to us for good: the document stays as it is on the screen."""
        async with document.moving:
            self._remember(document)
            await document.leave()
        if reason in _AWAY:
            document.refuse("paused", _AWAY[reason])
            return
        self._places.pop(document.uri, None)
        self._forget(document)
        document.refuse("off" if reason == "off" else "refused", "" if reason == "off" else reason)

    def _others_changed(self, document: RoomDocument) -> None:
        if document.joined:
            others = presence.participants(document.client.others)
            self.editor.tell(ROOM_PRESENCE, Presence(uri=document.uri, others=others))

    # What the editor asks

    async def will_save(self, params: WillSaveParams) -> SavePrepared:
        """Make the file ready to be written over: nothing on the disk is unknown, and nobody else saves."""
        document = self._documents.get(params.uri)
        if document is None or not document.joined:
            return SavePrepared()
        document.will_save()
        if document.binding.is_known:
            # Whatever the editor writes now is no news to the room, even if it does not wait for the lease.
            await self.showing(document, document.binding.text, document.binding.hash)
        await document.durable(SOON)
        wait = await self._take_lease(document)
        if document.joined and not document.binding.caught_up:
            await document.caught_up(SHOWN)
            # The editor looks at the file next: what was written meanwhile would make it refuse.
            wait = await self._take_lease(document)
        if document.joined and document.lease is None:
            document.write(document.binding.saved())
            document.pump()
        return SavePrepared(wait=round(wait * 1000))

    async def _take_lease(self, document: RoomDocument) -> float:
        """Have the relay make the file ready for the editor's save; without its leave the save goes on all the same.

        Gives the seconds for which the editor had better wait.
        """
        if not document.joined:
            return 0.0
        wait = 0.0
        repository, path = self._places[document.uri]
        try:
            granted = await repository.ask("lease", {"room": document.room, "holder": self._holder(document)})
            lease = document.lease = int(granted["lease"])
            wait = float(granted["wait"])
            asyncio.get_running_loop().call_later(float(granted["seconds"]), lambda: self._expire(document, lease))
        except RoomError as error:
            logger.warning("%s (%s): saved without a lease: %s", document.uri, path, error)
        if document.joined:
            document.write(document.binding.granted())
            document.pump()
        return wait

    def _expire(self, document: RoomDocument, lease: int) -> None:
        """A save that never came must not hold others' edits back."""
        if document.lease == lease:
            document.lease = None
            if document.joined:
                document.write(document.binding.saved())
                document.pump()

    async def perform(self, method: str, params: Any) -> Any:
        """The answer to a request about a document."""
        work: dict[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {
            ROOM_WILL_SAVE.method: self.will_save,
            ROOM_UNDO.method: lambda asked: self._undo_request(asked, redo=False),
            ROOM_REDO.method: lambda asked: self._undo_request(asked, redo=True),
            ROOM_RESYNC.method: self.resync,
            ROOM_ATTRIBUTION.method: self.attribution,
        }
        return await work[method](params)

    async def _undo_request(self, params: RoomUndoParams, *, redo: bool) -> RoomUndone:
        document = self._documents.get(params.uri)
        return RoomUndone(done=document is not None and document.joined and await self.undo(document, redo=redo))

    async def undo(self, document: RoomDocument, *, redo: bool) -> bool:
        """Have the room take back (or do again) what the user wrote last."""
        await document.durable(SOON)
        repository, _ = self._places[document.uri]
        answer = await repository.ask("redo" if redo else "undo", {"room": document.room, "actor": document.actor})
        return bool(answer.get("done"))

    async def showing(self, document: RoomDocument, text: str, hashed: str) -> None:
        """Tell the relay what the editor shows while it saves: in the file it is nobody's new writing."""
        repository, _ = self._places[document.uri]
        try:
            await repository.ask(
                "showing",
                {"room": document.room, "hash": hashed, "text": text if len(text) <= SMALL else None},
            )
        except RoomError as error:
            logger.info("%s: %s", document.uri, error)

    async def look(self, document: RoomDocument) -> None:
        """Have the relay take in what the file holds now, and go on when it has."""
        repository, path = self._places[document.uri]
        try:
            await repository.ask("look", {"worktree": str(repository.standing.root), "path": path})
        except RoomError as error:
            logger.warning("%s: %s", document.uri, error)
        if document.joined:
            document.write(document.binding.release())
            document.pump()

    async def resync(self, params: ResyncParams) -> Nothing:
        """Compare the editor's text with what it is believed to be, and repair what differs."""
        document = self._documents.get(params.uri)
        if document is not None and document.joined:
            document.resync(params.version, params.text)
        return Nothing()

    async def attribution(self, params: LineAttributionParams) -> DocumentAttribution:
        """Who wrote what in a document, in the editor's own version of it."""
        document = self._documents.get(params.uri)
        if document is None or not document.joined:
            return DocumentAttribution(version=0)
        repository, _ = self._places[params.uri]
        await document.durable(SOON)
        answer = await repository.ask("attribution", {"room": document.room})
        await document.shown(SOON)
        runs = [(int(length), int(sequence)) for length, sequence in answer["runs"]]
        text = document.binding.text
        if sum(length for length, _ in runs) != len(text):
            # Somebody went on writing; the editor asks again when it has shown that.
            return DocumentAttribution(version=0)
        return presence.attributed(document.version, Lines(text), runs, answer["sources"])

    # Keeping and ending

    def _holder(self, document: RoomDocument) -> str:
        return f"{document.actor}/{document.doc.client}"

    def note(self, document: RoomDocument, text: str) -> None:
        """Remember that the editor may have shown this text, should it come back without what came after."""
        repository, path = self._places[document.uri]
        room, client, now = document.room, document.doc.client, time.time_ns() // 1_000_000
        self._journal.put(lambda: shown.note(repository.pending, path, room, client, text, now))

    def _remember_soon(self, document: RoomDocument) -> None:
        if document.joined and document.uri not in self._remembering:
            self._remembering[document.uri] = asyncio.get_running_loop().call_later(
                0.5, lambda: self._remember(document)
            )

    def _remember(self, document: RoomDocument) -> None:
        timer = self._remembering.pop(document.uri, None)
        if timer is not None:
            timer.cancel()
        if document.joined and document.uri in self._places:
            repository, path = self._places[document.uri]
            last = Shown(document.room, document.binding.text, document.binding.coming)
            client = document.doc.client
            self._journal.put(lambda: shown.write(repository.pending, path, client, last))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let work go on by itself; a failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Work on rooms failed", exc_info=error)

    async def close(self) -> None:
        """The editor leaves: what is not acknowledged is in the local logs."""
        for document in list(self._documents.values()):
            self._remember(document)
            await document.leave()
        self._documents.clear()
        for repository in self._repositories.values():
            await repository.close()
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.to_thread(self._journal.close)
