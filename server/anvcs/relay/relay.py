"""The relay as a whole: what it is made of, how it begins, and how it ends without losing anything."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anvcs import __version__
from anvcs.errors import FencedError
from anvcs.link import discovery
from anvcs.link.discovery import Discovery
from anvcs.relay.access import Tokens
from anvcs.relay.collab import CollabMethods
from anvcs.relay.control import Asker, ControlSockets
from anvcs.relay.hub import Hub
from anvcs.relay.methods import Methods
from anvcs.relay.owner import DATABASE, Ownership
from anvcs.relay.places import Places
from anvcs.relay.reading import Reader
from anvcs.relay.server import Sockets
from anvcs.relay.upkeep import Upkeep

IDLE = 600.0
"""Seconds after its last client until a relay ends."""
DRAIN = 10.0
"""Seconds that a relay which ends gives its disk and its clients."""
_SWEEP = 15.0
"""Seconds between looks for rooms that nobody uses."""

_log = logging.getLogger(__name__)


class Relay:
    """One repository's relay, from owning its rooms to letting go of them."""

    def __init__(
        self, state: Path, config: Path, env: Mapping[str, str], ownership: Ownership, *, idle: float = IDLE
    ) -> None:
        self._state = state
        self._config = config
        self._env = env
        self._ownership = ownership
        self._idle = idle
        self._stopped = asyncio.Event()
        self._reason = ""
        self._fenced = False
        self.discovery: Discovery | None = None

    def stop(self, reason: str) -> None:
        """End: what is under way is made durable first."""
        self._reason = self._reason or reason
        self._stopped.set()

    async def serve(self, port: int, listening: Callable[[int], None]) -> int:
        """Serve until stopped; the exit code."""
        reader = Reader(self._state / DATABASE)
        control: ControlSockets | None = None

        def report(event: str, params: dict[str, Any]) -> None:
            if control is not None:
                control.report(event, params)

        hub = Hub(self._ownership.log, self._ownership.term, reader, self._state, report=report, lost=self._lost)
        places = Places(hub, self._state.parent, self._config, self._env)
        token = discovery.new_token()
        tokens = Tokens(token, f"human:{_user()}")
        methods = Methods(hub, places, tokens, self.stop)
        collab = CollabMethods(hub, places, lambda: self.discovery.port if self.discovery is not None else 0)

        upkeep = Upkeep(hub, places, lambda: places.retention)

        def gone(asker: Asker) -> None:
            methods.gone(asker)
            collab.gone(asker)

        control = ControlSockets(methods.table() | collab.table() | upkeep.table(), gone, hub.counts)
        sockets = Sockets(hub, control, tokens)
        server = await sockets.listen(port)
        chosen = next(iter(server.sockets)).getsockname()[1]
        self._publish(chosen, token)
        listening(chosen)
        _log.info("term %d listens on port %d", self._ownership.term, chosen)
        tasks = [asyncio.create_task(self._wait_idle(sockets)), asyncio.create_task(self._sweep(upkeep))]
        await self._stopped.wait()
        _log.info("ends: %s", self._reason)
        for task in tasks:
            task.cancel()
        return await self._end(hub, places, control, server, reader)

    def _publish(self, port: int, token: str) -> None:
        process = self._ownership.process
        self.discovery = Discovery(
            pid=process.pid,
            boot=process.boot,
            started=process.started,
            port=port,
            token=token,
            term=self._ownership.term,
            version=__version__,
        )
        discovery.write(self._state, self.discovery)

    async def _end(self, hub: Hub, places: Places, control: ControlSockets, server: Any, reader: Reader) -> int:
        hub.stopping = self._reason
        # Whoever looks for a relay from now on starts a new one; it waits for our lock.
        if self.discovery is not None:
            discovery.remove(self._state, self.discovery)
        control.report("stop", {"reason": self._reason})
        code, reason = (4410, self._reason) if self._reason == "off" else (1012, self._reason or "stopped")
        await places.close()
        drained = await hub.writer.close(DRAIN)
        for live in list(hub.live.values()):
            live.dismiss(code, reason)
        try:
            async with asyncio.timeout(DRAIN):
                await control.drained()
                await asyncio.gather(*(live.empty.wait() for live in hub.live.values()))
        except TimeoutError:
            _log.warning("some clients did not read to the end")
        server.close(code=code, reason=reason)
        await server.wait_closed()
        reader.close()
        self._ownership.log.close()
        os.close(self._ownership.lock)
        if not drained and not self._fenced:
            _log.error("the disk did not take everything; what it did not take was not acknowledged")
        return 1 if self._fenced or not drained else 0

    def _lost(self, error: FencedError) -> None:
        self._fenced = True
        _log.error("%s", error)
        self.stop("replaced")

    async def _wait_idle(self, sockets: Sockets) -> None:
        while True:
            sockets.changed.clear()
            if sockets.connections:
                await sockets.changed.wait()
                continue
            try:
                async with asyncio.timeout(self._idle):
                    await sockets.changed.wait()
            except TimeoutError:
                self.stop("idle")
                return

    @staticmethod
    async def _sweep(upkeep: Upkeep) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            await upkeep.sweep()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
