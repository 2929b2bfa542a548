"""One editor's connection: its life from ``initialize`` to ``exit``, and who answers what.

Our own requests are answered without pygls; all else goes to ``standard``, in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from anvcs.actions.caller import Caller
from anvcs.errors import AnvcsError
from anvcs.lsp import boot
from anvcs.lsp.features import meetings
from anvcs.lsp.features.assist import EditorModel
from anvcs.lsp.features.elsewhere import Elsewhere
from anvcs.lsp.features.foreign import Foreign
from anvcs.lsp.features.history import History
from anvcs.lsp.features.index import Indexer
from anvcs.lsp.features.meetings import Meetings
from anvcs.lsp.features.proposals import Proposals
from anvcs.lsp.messages import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NOT_INITIALIZED,
    Envelope,
    FieldProblem,
    InvalidParamsError,
    MessageId,
    Refusal,
    answer,
    cancelled,
    convert_params,
    failure,
    notice,
    read_envelope,
    read_params,
    refusal,
)
from anvcs.lsp.rooms.late import LateRooms
from anvcs.lsp.standard import Standard
from anvcs.lsp.transport import BadFrameError, Frames, Writer, send
from anvcs.lsp.verbs import CHECKING, COMMANDS, WRITING, ProgressToken, Verbs
from anvcs.lsp.work import Actions, RealActions, Works
from anvcs.wire import (
    EDITOR_REQUESTS,
    FOREIGN_CHANGED,
    GRAPH,
    HISTORY_CHANGED,
    PROPOSALS_CHANGED,
    REQUESTS,
    ROOMS_ON,
    UNINSTALL,
    ForeignChanged,
    HistoryChanged,
    Params,
    ProposalsChanged,
    Request,
)

if TYPE_CHECKING:
    from anvcs.lsp.server import AnvcsServer

logger = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds that running work gets to end when the editor goes."""


class _Token(msgspec.Struct, rename="camel"):
    work_done_token: ProgressToken | None = None


class _ExecuteCommand(msgspec.Struct, rename="camel"):
    command: str
    arguments: list[Any] | None = None
    work_done_token: ProgressToken | None = None


class _Cancel(msgspec.Struct):
    id: MessageId


class _FolderEvent(msgspec.Struct):
    added: list[boot.Folder] = []


class _FoldersChanged(msgspec.Struct):
    event: _FolderEvent


class Connection:
    """Everything between one editor and the actions."""

    def __init__(
        self,
        writer: Writer,
        *,
        cwd: Path,
        env: Mapping[str, str],
        make_caller: Callable[[Path], Caller],
        config_home: Path,
        actions: Actions | None = None,
        interval: float = 1.0,
    ) -> None:
        actions = actions or RealActions()
        self._writer = writer
        self._works = Works(cwd, make_caller)
        self._proposals = Proposals(self._send)
        self._standard = Standard(writer, self._works, actions, lambda: bool(self._running), self._proposals)
        self._verbs = Verbs(self._works, actions, self._standard.bar, self._verb_done)
        self.elsewhere = Elsewhere(self._works, actions, self._proposals, self._tell_proposals)
        self.history = History(env, self._tell_history, interval, self._proposed)
        self.foreign = Foreign(self._works, actions, self._tell_foreign)
        self._indexer = Indexer(self._works, actions, self._standard.bar)
        self._meetings = Meetings(self._works, actions, self._send, self._standard.open_texts)
        self._rooms = LateRooms(self._send, self._works, actions, config_home=config_home, env=env)
        self._model = EditorModel(self._send)
        self._introduced = False
        self._running: dict[MessageId, asyncio.Task[Any]] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._closing: asyncio.Task[None] | None = None
        self._shut_down = False
        self._frames = Frames()
        self._left = asyncio.Event()
        self.exit_code: int | None = None
        """What the process is to exit with, once the editor said so or left."""
        self.clean = True
        """False if some work did not end in time when the editor left."""

    @property
    def server(self) -> AnvcsServer | None:
        """The full server, once it is loaded."""
        return self._standard.server

    def data_received(self, data: bytes) -> None:
        """Take what the editor sends."""
        try:
            for body in self._frames.feed(data):
                if self.exit_code is not None:
                    return
                self.receive(body)
        except BadFrameError as error:
            self._misunderstood(error)

    def eof_received(self) -> None:
        """The editor is gone, which is not our failure."""
        try:
            self._frames.end()
        except BadFrameError as error:
            self._misunderstood(error)
        else:
            self._leave(0)

    def _misunderstood(self, error: BadFrameError) -> None:
        if self.exit_code is None:
            logger.error("%s", error)
            self._leave(1)

    def _leave(self, code: int) -> None:
        if self.exit_code is None:
            self.exit_code = code
            self._left.set()

    async def serve(self) -> int:
        """Serve until the editor leaves; gives the exit code."""
        try:
            await self._left.wait()
        finally:
            await self._close()
            await self._writer.drain()
        return self.exit_code or 0

    def receive(self, body: bytes) -> None:
        """Take one message."""
        envelope = read_envelope(body)
        if isinstance(envelope, bytes):
            self._send(envelope)
            return
        try:
            self._received(envelope, body)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one message must not end them all
            fault = refusal(error)
            if envelope.id is not UNSET and envelope.method is not UNSET:
                self._send(failure(envelope.id, fault))

    def _received(self, envelope: Envelope, body: bytes) -> None:
        if envelope.method is UNSET:
            # The client's answer to a request of the server, which makes none before it knows the client.
            asked = (self._rooms.editor.answered, self._model.answered)
            if self._introduced and not any(answered(envelope, body) for answered in asked):
                self._standard.take(envelope, body)
        elif envelope.id is UNSET:
            self._notified(envelope.method, envelope, body)
        elif envelope.id is None:
            self._send(failure(None, Refusal(INVALID_REQUEST, "A request needs an id.")))
        else:
            self._requested(envelope.id, envelope.method, envelope, body)

    # Requests

    def _requested(self, id_: MessageId, method: str, envelope: Envelope, body: bytes) -> None:
        if method == "initialize":
            self._initialize(id_, envelope)
        elif not self._introduced:
            self._send(failure(id_, Refusal(NOT_INITIALIZED, f"{method} came before initialize.")))
        elif self._shut_down:
            self._send(failure(id_, Refusal(INVALID_REQUEST, f"{method} came after shutdown.")))
        elif method == "shutdown":
            self._shut_down = True
            closing = self._close()
            closing.add_done_callback(lambda _: self._send(answer(id_, None)))
        elif request := REQUESTS.get(method):
            self._verb(id_, request, lambda: (read_params(envelope.params, request.params), _token(envelope.params)))
        elif method == "workspace/executeCommand":
            self._command(id_, envelope)
        elif method in EDITOR_REQUESTS:
            self._about_document(id_, method, envelope)
        elif method.startswith("anvcs/"):
            self._send(failure(id_, Refusal(METHOD_NOT_FOUND, f"There is no method {method} here.")))
        else:
            self._standard.take(envelope, body)

    def _about_document(self, id_: MessageId, method: str, envelope: Envelope) -> None:
        try:
            work = self._rooms.requested(method, envelope.params)
        except InvalidParamsError as error:
            self._send(failure(id_, refusal(error)))
            return
        self._start(id_, work)

    def _initialize(self, id_: MessageId, envelope: Envelope) -> None:
        if self._introduced:
            self._send(failure(id_, Refusal(INVALID_REQUEST, "initialize came twice.")))
            return
        try:
            params = read_params(envelope.params, boot.InitializeParams)
        except InvalidParamsError as error:
            self._send(failure(id_, refusal(error)))
            return
        self._introduced = True
        self._standard.introduce(params)
        self._works.trusted = params.options().trusted
        if params.options().assist.complete:
            self._works.editor_model = self._model
        self._meetings.encoding = boot.position_encoding(params.capabilities)
        # Rooms count as Yjs does.
        self._rooms.live = params.options().rooms.live and boot.position_encoding(params.capabilities) == "utf-16"
        self._send(answer(id_, boot.initialize_result(params)))
        folders = [path for path in map(self._path, params.folders()) if path]
        if folders:
            self._works.cwd = folders[0]
        self._spawn(self._watch(folders))

    def _command(self, id_: MessageId, envelope: Envelope) -> None:
        try:
            wanted = read_params(envelope.params, _ExecuteCommand)
        except InvalidParamsError as error:
            self._send(failure(id_, refusal(error)))
            return
        request = COMMANDS.get(wanted.command)
        if request is None:
            unknown = FieldProblem("command", f"There is no command {wanted.command}.")
            self._send(failure(id_, refusal(InvalidParamsError((unknown,)))))
            return
        self._verb(id_, request, partial(_command_params, wanted, request))

    def _verb(
        self, id_: MessageId, request: Request[Any, Any], read: Callable[[], tuple[Params, ProgressToken | None]]
    ) -> None:
        try:
            params, token = read()
        except InvalidParamsError as error:
            self._send(failure(id_, refusal(error)))
            return
        self._start(id_, self._verbs.perform(request, params, token))

    def _start(self, id_: MessageId, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running[id_] = task
        task.add_done_callback(partial(self._answer, id_))

    def _answer(self, id_: MessageId, task: asyncio.Task[Any]) -> None:
        self._running.pop(id_, None)
        if task.cancelled():
            self._send(failure(id_, cancelled()))
            return
        error = task.exception()
        try:
            body = answer(id_, task.result()) if error is None else failure(id_, refusal(error))
        except Exception as unwritable:  # noqa: BLE001 - a result nobody can write is our own fault
            body = failure(id_, refusal(unwritable))
        self._send(body)

    # Notifications

    def _notified(self, method: str, envelope: Envelope, body: bytes) -> None:
        if method == "exit":
            self._leave(0 if self._shut_down else 1)
        elif not self._introduced or self._shut_down:
            logger.info("Ignoring %s: it came before initialize or after shutdown", method)
        elif method == "$/cancelRequest":
            self._cancel(envelope, body)
        else:
            if method == "initialized":
                self._standard.load_when_idle()
            elif method == "workspace/didChangeWorkspaceFolders":
                self._folders_changed(envelope)
            if not self._rooms.notified(method, envelope):
                self._standard.take(envelope, body)
            self._meetings.notified(method)

    def _cancel(self, envelope: Envelope, body: bytes) -> None:
        try:
            wanted = read_params(envelope.params, _Cancel).id
        except InvalidParamsError as error:
            logger.warning("Ignoring $/cancelRequest: %s", error)
            return
        if task := self._running.get(wanted):
            task.cancel()
        else:
            self._standard.take(envelope, body)

    def _folders_changed(self, envelope: Envelope) -> None:
        try:
            added = read_params(envelope.params, _FoldersChanged).event.added
        except InvalidParamsError as error:
            logger.warning("Ignoring workspace/didChangeWorkspaceFolders: %s", error)
            return
        self._spawn(self._follow([path for path in (self._path(folder.uri) for folder in added) if path]))

    def _path(self, folder: str) -> Path | None:
        try:
            return self._works.path(folder)
        except AnvcsError as error:
            logger.info("%s", error)
            return None

    # Git changing under us

    async def _watch(self, folders: list[Path]) -> None:
        await self._follow(folders)
        await self.history.run()

    async def _follow(self, folders: list[Path]) -> None:
        roots = [await self._works.root(folder) for folder in folders]
        for root in roots:
            self.history.follow(root)
        await self.history.look()
        for root in roots:
            await self.foreign.look(root)

    def _tell_history(self, changed: HistoryChanged) -> None:
        self._send(notice(HISTORY_CHANGED.method, changed))
        self._indexer.moved(Path(changed.root))
        self._meetings.look_soon(meetings.AFTER)
        self._spawn(self.foreign.look(Path(changed.root)))

    def _proposed(self, root: Path) -> None:
        self._spawn(self.elsewhere.look(root))

    def _tell_proposals(self, changed: ProposalsChanged) -> None:
        self._send(notice(PROPOSALS_CHANGED.method, changed))

    def _tell_foreign(self, changed: ForeignChanged) -> None:
        self._send(notice(FOREIGN_CHANGED.method, changed))

    def _verb_done(self, request: Request[Any, Any], root: Path, folder: str | None, result: Any) -> None:
        self.history.follow(root)
        if request is GRAPH:
            self._indexer.wanted(root)
        elif request.verb in WRITING | CHECKING:
            self._spawn(self.history.look())
        self._proposals.took(folder, result)
        if request is ROOMS_ON:
            self._spawn(self._rooms.switched_on(self._standard.open_texts()))
        if request is UNINSTALL:
            # What it removed must not be kept open.
            self._works.retire(root)

    # Sending and ending

    def _send(self, body: bytes) -> None:
        send(self._writer, body)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background_ended)

    def _background_ended(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Background work failed", exc_info=error)

    def _close(self) -> asyncio.Task[None]:
        """Stop everything, once."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._stop())
        return self._closing

    async def _stop(self) -> None:
        self._standard.close()
        self._indexer.close()
        self._meetings.close()
        self._model.close()
        running = [*self._running.values(), *self._background]
        for task in running:
            task.cancel()
        # Work that is past stopping (a commit being published) still ends by itself, and is answered.
        if running:
            await asyncio.wait(running, timeout=GRACE)
        await self._rooms.close()
        self.history.close()
        self.clean = await self._works.close(GRACE)


def _command_params(wanted: _ExecuteCommand, request: Request[Any, Any]) -> tuple[Params, ProgressToken | None]:
    """What a command is given: its parameters are the first argument."""
    if len(wanted.arguments or ()) > 1:
        raise InvalidParamsError((FieldProblem("arguments", "Expected one object at most."),))
    return convert_params((wanted.arguments or [{}])[0], request.params), wanted.work_done_token


def _token(raw: msgspec.Raw) -> ProgressToken | None:
    """Where the client wants to see progress, if it says so."""
    return read_params(raw, _Token).work_done_token
