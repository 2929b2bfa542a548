"""pygls' protocol, made to answer every request it is given."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from typing import Any, cast

import attrs
import cattrs
import msgspec
from lsprotocol import types
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    lsp_method,
)

from anvcs.lsp import boot
from anvcs.lsp.documents import DidChange, Documents
from anvcs.lsp.messages import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    FieldProblem,
    InvalidParamsError,
    MessageId,
    Refusal,
    answer,
    cancelled,
    encode,
    failure,
    read_params,
    refusal,
)
from anvcs.lsp.transport import Writer, send
from anvcs.lsp.verbs import COMMANDS

logger = logging.getLogger(__name__)


class AnvcsProtocol(LanguageServerProtocol):
    """Reads plain messages, structures them, and answers with our errors: never a traceback, never silence."""

    out: Writer | None = None
    """Where messages go; nothing is sent before it is set."""

    def documents(self) -> Documents:
        """The open documents. No property: pygls looks at every attribute before there is a workspace."""
        workspace = self.workspace
        assert isinstance(workspace, Documents)  # noqa: S101 - for the type checker; lsp_initialize makes one
        return workspace

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Prepare the workspace and say what the server can do."""
        result = yield from super().lsp_initialize(params)
        stock = self.workspace
        self._workspace = Documents(
            stock.root_uri,
            types.TextDocumentSyncKind.Incremental,
            list(stock.folders.values()),
            stock.position_encoding,
        )
        capabilities = result.capabilities
        # pygls never advertises this one, and commands are answered by the connection.
        if capabilities.workspace is not None:
            capabilities.workspace.text_document_content = types.TextDocumentContentOptions([boot.CONTENT_SCHEME])
        capabilities.execute_command_provider = types.ExecuteCommandOptions(list(COMMANDS))
        capabilities.experimental = boot.EXPERIMENTAL
        return result

    def adopt(self, params: boot.InitializeParams) -> types.InitializeResult:
        """Take over a connection whose ``initialize`` has been answered; gives the answer it would have sent."""
        structured = self._converter.structure(msgspec.to_builtins(params), types.InitializeParams)
        steps = self.lsp_initialize(structured)
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        raise AssertionError("initialize has a handler of its own")

    def did_change(self, raw: msgspec.Raw) -> None:
        """Take a keystroke: the one message that is too frequent for pygls' way."""
        self.documents().change(read_params(raw, DidChange))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message as its type. Raises InvalidParamsError."""
        method = data.get("method")
        cls: Any
        if method is None:
            known = self._result_types.pop(data.get("id", ""), None) or JsonRPCResponseMessage
            cls = types.ResponseErrorMessage if "error" in data else known
        else:
            cls = self.get_message_type(method) or (JsonRPCRequestMessage if "id" in data else JsonRPCNotification)
        try:
            return self._converter.structure(data, cls)
        except Exception as error:
            # cattrs raises whatever the reading of a wrong value happened to raise.
            raise InvalidParamsError(tuple(_problems(error))) from error

    def handle_message(self, message: Any) -> None:
        """Handle a message as it came, plain JSON objects."""
        # The base class finds out what a message is by its attributes, which costs more than most handlers, and
        # lets json.loads structure every nested object that has a "jsonrpc" key as if it were a message.
        id_, method = message.get("id"), message.get("method")
        try:
            structured = self.structure_message(message)
        except InvalidParamsError as error:
            self._cannot_read(id_, method, error)
            return
        if method is None:
            self._handle_response(id_, getattr(structured, "result", None), getattr(structured, "error", None))
        elif id_ is None:
            self._handle_notification(method, getattr(structured, "params", None))
        else:
            self._handle_request(id_, method, getattr(structured, "params", None))

    def _cannot_read(self, id_: MessageId | None, method: str | None, error: InvalidParamsError) -> None:
        if id_ is None:
            logger.warning("Ignoring a notification that cannot be read: %s: %s", method, error)
        elif method is None:
            logger.warning("The client's answer to %s cannot be read: %s", id_, error)
            self._handle_response(id_, error=types.ResponseError(INVALID_PARAMS, str(error)))
        else:
            self._send(failure(id_, refusal(error)))

    def _handle_request(self, msg_id: MessageId, method_name: str, params: Any) -> None:
        known: set[str] = {*self.fm.builtin_features, *self.fm.features}  # pyright: ignore[reportUnknownMemberType] - pygls
        if method_name not in known:
            self._send(failure(msg_id, Refusal(METHOD_NOT_FOUND, f"There is no method {method_name} here.")))
            return
        super()._handle_request(msg_id, method_name, params)

    def _handle_notification(self, method_name: str, params: Any) -> None:
        known: set[str] = {*self.fm.builtin_features, *self.fm.features, types.CANCEL_REQUEST}  # pyright: ignore[reportUnknownMemberType] - pygls
        # Clients tell of much that nobody here wants to know.
        if method_name in known:
            super()._handle_notification(method_name, params)

    def _execute_handler(
        self,
        msg_id: MessageId,
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Run a handler, which may also be a plain function that gives a coroutine for the rest of its work.

        It sees the documents as they were when the client asked; pygls begins a coroutine only after messages that
        came later.
        """
        if inspect.isgeneratorfunction(handler) or inspect.iscoroutinefunction(handler):
            super()._execute_handler(msg_id, handler, callback, args, kwargs)
            return

        try:
            begun = handler(*(args or ()), **(kwargs or {}))
        except Exception as error:  # noqa: BLE001 - passed on to where every failure goes
            begun = _raise(error)

        async def rest(*_: Any) -> Any:
            return await cast("Coroutine[Any, Any, Any]", begun) if inspect.iscoroutine(begun) else begun

        super()._execute_handler(msg_id, rest, callback)

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("A notification failed", exc_info=error)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MessageId) -> None:
        self._request_futures.pop(msg_id, None)
        try:
            body = answer(msg_id, self.plain(future.result()))
        except (asyncio.CancelledError, FutureCancelledError):
            body = failure(msg_id, cancelled())
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered and logged
            body = failure(msg_id, refusal(error))
        self._send(body)

    def _send_response(
        self, msg_id: MessageId, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        # Reached only when a handler could not even be started; pygls has put a traceback into the error's data.
        logger.error("Request %s failed: %s, result %s", msg_id, error, result)
        self._send(failure(msg_id, refusal(RuntimeError("the handler was not started"))))

    def _send_data(self, data: Any) -> None:
        """Send a message of pygls' own making: requests and notifications of the server."""
        self._send(encode(self.plain(data)))

    def _send(self, body: bytes) -> None:
        if self.out is not None:
            send(self.out, body)

    def plain(self, data: Any) -> Any:
        """Messages of lsprotocol as plain objects; ours are left to msgspec."""
        if attrs.has(cast("type[Any]", type(data))) or isinstance(data, list):
            return self._converter.unstructure(data)
        return data


def _problems(error: BaseException) -> list[FieldProblem]:
    """What cattrs found wrong, by field."""
    found: list[FieldProblem] = []
    for line in cattrs.transform_error(error):
        said, _, where = line.rpartition(" @ ")
        field = _camel(where.removeprefix("$").removeprefix(".").removeprefix("params").removeprefix("."))
        found.append(FieldProblem(field if said else "", (said or line)[:1].upper() + (said or line)[1:] + "."))
    return found or [FieldProblem("", "The parameters do not have the right form.")]


async def _raise(error: Exception) -> Any:
    raise error


def _camel(name: str) -> str:
    """The name of a field as it is on the wire, from the one it has in lsprotocol."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
