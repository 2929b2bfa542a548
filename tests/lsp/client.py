"""A client that speaks plain JSON, and the server in the same process, joined by two in-memory streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

from anvcs.actions.caller import Caller, Progress
from anvcs.actions.proposal.news import News
from anvcs.link.ask import LazyRelay
from anvcs.lsp.connection import Connection
from anvcs.lsp.transport import Frames, Listener, frame
from anvcs.wire import Request
from tests.conftest import Repo

TIMEOUT = 20
"""Seconds that any single wait may take; far more than any needs."""

Message = dict[str, Any]


class AnswerError(Exception):
    """The server's refusal of a request."""

    def __init__(self, error: Message) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: Message = error.get("data") or {}


class Pipe:
    """What one side writes, the other side's listener takes, a moment later as between processes."""

    def __init__(self) -> None:
        self.listener: Listener | None = None

    def write(self, data: bytes) -> None:
        """Send bytes."""
        assert self.listener is not None
        asyncio.get_running_loop().call_soon(self.listener.data_received, data)

    def close(self) -> None:
        """Send no more."""
        assert self.listener is not None
        asyncio.get_running_loop().call_soon(self.listener.eof_received)

    async def drain(self) -> None:
        """Memory is always there at once."""


class Client:
    """One editor. Every wait is bounded."""

    def __init__(self, out: Pipe, connection: Connection) -> None:
        self.out = out
        self.connection = connection
        self.received: list[Message] = []
        """Everything the server ever sent."""
        self.answers: dict[str, Callable[[Message], Any]] = {}
        """How requests of the server are answered, by method; null if not named here."""
        self.silent: set[str] = set()
        """Requests of the server that get no answer, by method."""
        self.listeners: list[Callable[[Message], None]] = []
        """Told of every message of the server."""
        self._pending: dict[int | str, asyncio.Future[Any]] = {}
        self._awaited: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []
        self._next = 0
        self._frames = Frames()

    def send(self, message: Message) -> None:
        """Send anything."""
        self.send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_bytes(self, body: bytes) -> None:
        """Send a frame with any body."""
        self.out.write(frame(body))

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any = None, id_: int | str | None = None) -> asyncio.Future[Any]:
        """Send a request; its answer comes later."""
        self._next += 1
        name = id_ if id_ is not None else self._next
        future = self._pending[name] = asyncio.get_running_loop().create_future()
        self.send({"id": name, "method": method, "params": params})
        return future

    async def request(self, method: str, params: Any = None) -> Any:
        """The answer to a request. Raises AnswerError."""
        return await bounded(self.begin(method, params))

    async def command(self, name: str, *arguments: Any) -> Any:
        """The answer to a command."""
        return await self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    def expect(self, method: str, where: Callable[[Message], bool] = lambda _: True) -> asyncio.Future[Message]:
        """The next message of the server with this method; ask before doing what causes it."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._awaited.append((lambda message: message.get("method") == method and where(message), future))
        return future

    async def initialize(
        self, folder: Path, capabilities: Message | None = None, options: Message | None = None
    ) -> Message:
        """Introduce ourselves; gives the server's capabilities."""
        uri = folder.as_uri()
        params = {
            "processId": None,
            "rootUri": uri,
            "capabilities": {"window": {"workDoneProgress": True}} if capabilities is None else capabilities,
            "workspaceFolders": [{"uri": uri, "name": folder.name}],
            "initializationOptions": options,
        }
        result = await self.request("initialize", params)
        self.notify("initialized", {})
        return cast("Message", result)

    def open(self, uri: str, text: str) -> None:
        """Open a document."""
        item = {"uri": uri, "languageId": "plaintext", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def data_received(self, data: bytes) -> None:
        """Take what the server sends."""
        for body in self._frames.feed(data):
            self._received(json.loads(body))

    def eof_received(self) -> None:
        """The server never ends first."""

    def _received(self, message: Message) -> None:
        self.received.append(message)
        for listener in self.listeners:
            listener(message)
        for entry in list(self._awaited):
            if entry[0](message):
                self._awaited.remove(entry)
                entry[1].set_result(message)
        if "method" not in message:
            self._answered(message)
        elif "id" in message and message["method"] not in self.silent:
            answer = self.answers.get(message["method"], lambda _: None)
            self.send({"id": message["id"], "result": answer(message)})

    def _answered(self, message: Message) -> None:
        future = self._pending.pop(message["id"], None)
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(AnswerError(message["error"]))
        else:
            future.set_result(message["result"])


def always(value: Any, /) -> Callable[..., Any]:
    """A function that gives the same whatever it is called with."""

    def given(*_: Any) -> Any:
        return value

    return given


class FakeActions:
    """Actions that do as the test says: a function for each verb, and empty answers otherwise."""

    def __init__(self, **verbs: Callable[..., Any]) -> None:
        self.verbs = verbs
        self.calls: list[tuple[str, Any]] = []
        self.indexed: list[str | None] = []
        self.explain = always(None)
        self.content = always("")
        self.stands = always(None)
        self.index = always(False)
        self.news = always(((), None))
        self.meetings = always({})
        self.proposed = always(News({}))

    def call(self, caller: Caller, request: Request[Any, Any], params: Any) -> Any:
        """Do what the test says."""
        self.calls.append((request.verb, params))
        return self.verbs[request.verb](caller, params)

    def update_index(self, caller: Caller, folder: str | None, progress: Progress) -> bool:
        """Do what the test says."""
        self.indexed.append(folder)
        return self.index(caller, folder, progress)

    def foreign(self, caller: Caller, folder: str | None, after: bytes | None) -> Any:
        """Do what the test says."""
        return self.news(caller, folder, after)

    def notes(self, caller: Caller, folder: str | None, typed: Mapping[str, str]) -> Any:
        """Do what the test says."""
        return self.meetings(caller, folder, typed)

    def proposals(
        self, caller: Caller, folder: str | None, known: Mapping[bytes, int] | None, shown: Collection[str]
    ) -> Any:
        """Do what the test says."""
        return self.proposed(caller, folder, known, shown)

    def explain_line(
        self, caller: Caller, folder: Path, path: Path, line: int, text: str | None, commit: str | None
    ) -> str | None:
        """Do what the test says."""
        return self.explain(caller, folder, path, line, text, commit)

    def text_at(self, caller: Caller, folder: str | None, path: str, commit: str) -> str:
        """Do what the test says."""
        return self.content(caller, folder, path, commit)

    def standing(self, caller: Caller, folder: str | None) -> Any:
        """Do what the test says."""
        return self.stands(caller, folder)


async def bounded(awaitable: asyncio.Future[Any]) -> Any:
    """What comes, within the time allowed."""
    async with asyncio.timeout(TIMEOUT):
        return await awaitable


@asynccontextmanager
async def connected(
    cwd: Path, actions: Any = None, *, env: Mapping[str, str] | None = None, interval: float = 3600
) -> AsyncGenerator[Client]:
    """A client and a server that have not been introduced; afterwards the editor is gone and the server has ended."""
    to_server, to_client = Pipe(), Pipe()
    environment = dict(env or {})

    def make_caller(folder: Path) -> Caller:
        home = cwd / "config"
        return Caller(cwd=folder, env=environment, config_home=home, relay=LazyRelay(environment, home))

    connection = Connection(
        to_client,
        cwd=cwd,
        env=environment,
        make_caller=make_caller,
        config_home=cwd / "config",
        actions=actions,
        interval=interval,
    )
    client = Client(to_server, connection)
    to_server.listener, to_client.listener = connection, client
    serving = asyncio.create_task(connection.serve())
    try:
        yield client
    finally:
        to_server.close()
        await bounded(serving)
        # What the server said last is still on its way.
        await asyncio.sleep(0)


RealClient = Callable[[Repo], AbstractAsyncContextManager[Client]]
"""Connects to a server with the real actions."""
