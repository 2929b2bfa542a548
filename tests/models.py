"""A small server that speaks the API of chat completions, as badly as a test wants."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

MODEL = "small-1"
KEY = "kx" + "7Qp2" * 8


@dataclass
class Reply:
    """What the server sends back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    hangs: bool = False
    """Headers come, and nothing after them until the test is over."""


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        """The first message."""
        return self.body["messages"][0]["content"]

    @property
    def document(self) -> dict[str, Any]:
        """The second message, which is JSON."""
        return json.loads(self.body["messages"][1]["content"])


class Model:
    """The server, and everything that it was ever sent."""

    def __init__(self) -> None:
        self.replies: list[Reply | Callable[[Received], Reply]] = []
        """What is answered in turn; the last one again and again."""
        self.received: list[Received] = []
        self.connections = 0
        self.asked = threading.Event()
        """Somebody has asked."""
        self.over = threading.Event()
        self.url = ""

    def settings(self, **more: Any) -> str:
        """The section of the settings that lets this model be asked."""
        given = {"url": f"{self.url}/v1", "model": MODEL, "seconds": 20, **more}
        lines = [f"    {name}: {json.dumps(value)}" for name, value in given.items()]
        return "\n".join(["merge:", "  assist:", *lines, ""])

    def answers(self, *replies: Reply | Callable[[Received], Reply]) -> None:
        """Answer so from now on."""
        self.replies = list(replies)

    def next(self, received: Received) -> Reply:
        """What is answered to a request."""
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(received) if callable(reply) else reply


def said(content: str, *, finish: str = "stop", model: str = f"{MODEL}-2026") -> Reply:
    """A completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    return Reply(json.dumps({"id": "c1", "object": "chat.completion", "model": model, "choices": [choice]}).encode())


def suggests(text: str | None, rationale: str = "Both edits are kept.") -> Reply:
    """A completion as it should be."""
    return said(json.dumps({"text": text, "rationale": rationale}))


def refuses(status: int, message: str = "no", **headers: str) -> Reply:
    """An error as the API has it."""
    body = json.dumps({"error": {"message": message, "type": "error"}}).encode()
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: Model

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        received = Received(self.path, dict(self.headers.items()), json.loads(self.rfile.read(size)))
        self.model.received.append(received)
        self.model.asked.set()
        reply = self.model.next(received)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + (1 if reply.hangs else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        if reply.hangs:
            self.model.over.wait(60)
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    model: Model

    def process_request(self, request: Any, client_address: Any) -> None:
        self.model.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no fault."""


@contextmanager
def serving(secure: ssl.SSLContext | None = None) -> Generator[Model]:
    """The server, on a port of its own."""
    model = Model()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": model}))
    server.model = model
    if secure is not None:
        # The handshake is left to each connection's own thread.
        server.socket = secure.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    model.url = f"http{'s' if secure is not None else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def model() -> Iterator[Model]:
    """A model that answers as the test says."""
    with serving() as found:
        yield found
