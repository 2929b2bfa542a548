"""The sockets of a relay: who is let in, and where each connection goes."""

from __future__ import annotations

import asyncio
import http
import logging
from weakref import WeakKeyDictionary

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from anvcs.errors import AnvcsError
from anvcs.link.discovery import HOST
from anvcs.relay.access import Denied, Tokens, Visitor
from anvcs.relay.control import ControlSockets
from anvcs.relay.hub import LEFT, Hub
from anvcs.relay.live import LiveRoom, Member
from anvcs.relay.sockets import MAX_FRAME, RoomSocket, make_outbox, shortened

PING = 20.0
"""Seconds between pings, and until one that is not answered ends the connection."""
_QUEUE = 64
"""Messages of one client that wait to be read, before its socket is not read any more."""

_log = logging.getLogger(__name__)


class Sockets:
    """Accepts connections until closed. ``idle`` is set while there are none."""

    def __init__(self, hub: Hub, control: ControlSockets, tokens: Tokens) -> None:
        self._hub = hub
        self._control = control
        self._tokens = tokens
        self._visitors: WeakKeyDictionary[ServerConnection, Visitor] = WeakKeyDictionary()
        self._open = 0
        self.changed = asyncio.Event()
        """Set whenever a connection begins or ends."""

    @property
    def connections(self) -> int:
        """How many there are."""
        return self._open

    async def listen(self, port: int = 0) -> Server:
        """Listen on loopback; by default at a port that the system chooses."""
        return await serve(
            self._serve,
            HOST,
            port,
            process_request=self._admit,
            max_size=MAX_FRAME,
            max_queue=_QUEUE,
            compression=None,
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=2,
            server_header=None,
        )

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        verdict: Visitor | Denied = Denied(503, "The relay ends; connect again.")
        if self._hub.stopping is None:
            verdict = self._tokens.admit(request.path, request.headers, request.headers.get_all("Origin"))
        if isinstance(verdict, Denied):
            self._hub.counts["denied"] += 1
            status = http.HTTPStatus(verdict.status)
            body = verdict.reason.encode()
            headers = Headers({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))})
            headers["Connection"] = "close"
            return Response(status.value, status.phrase, headers, body)
        self._visitors[connection] = verdict
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        visitor = self._visitors.pop(connection)
        self._open += 1
        self.changed.set()
        try:
            if visitor.room is None:
                await self._control.serve(connection, visitor)
            else:
                await self._serve_room(connection, visitor, visitor.room)
        finally:
            self._open -= 1
            self.changed.set()

    async def _serve_room(self, connection: ServerConnection, visitor: Visitor, name: str) -> None:
        try:
            live = await self._hub.get(name)
        except AnvcsError as error:
            code = 4404 if error.code == "room" else 1013
            await connection.close(code, shortened(error.message))
            return
        if visitor.actor in self._hub.left:
            await connection.close(*LEFT)
            return
        member = self._member(connection, live, visitor)
        await RoomSocket(connection, live, member, self._hub.counts).serve(self._hub.writer.calm)

    @staticmethod
    def _member(connection: ServerConnection, live: LiveRoom, visitor: Visitor) -> Member:
        actor = visitor.actor or ""

        def resync() -> None:
            _log.info("%s did not read in room %s and is brought up to date", actor, live.id)
            live.resync(member)

        member = Member(actor, visitor.client or 0, make_outbox(connection, resync), ours=visitor.ours)
        return member
