"""One repository's relay, as this server is connected to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from anvcs.actions.rooms.standing import Standing
from anvcs.errors import RelayError
from anvcs.link import start
from anvcs.link.control import Control
from anvcs.link.discovery import Discovery
from anvcs.rooms import pending

logger = logging.getLogger(__name__)

SETTLING = 1.0
"""Seconds to wait for a window that closes to hand over what it had not sent."""
Events = Callable[[str, Mapping[str, Any]], None]


class Repository:
    """A worktree with rooms, and the control connection to its relay, opened when it is needed."""

    def __init__(self, standing: Standing, config_home: Path, env: Mapping[str, str], on_event: Events) -> None:
        self.standing = standing
        self._config_home = config_home
        self._env = env
        self._on_event = on_event
        self._control: Control | None = None
        self._found: Discovery | None = None
        self._opening = asyncio.Lock()
        self._recovery: asyncio.Task[None] | None = None

    @property
    def pending(self) -> Path:
        """Where editors' local logs are."""
        return pending.folder(self.standing.state)

    async def control(self) -> tuple[Control, Discovery]:
        """The connection to the relay, which is started if none runs. Raises RelayError."""
        async with self._opening:
            if self._control is not None and self._found is not None and not self._control.closed.is_set():
                return self._control, self._found
            found = await asyncio.to_thread(start.ensure, self.standing.state, self._config_home, env=self._env)
            control = Control(self.standing.state, found, self._on_event)
            await control.open()
            await control.ask("subscribe", {"worktree": str(self.standing.root)})
            self._control, self._found = control, found
            return control, found

    async def recovered(self, recover: Callable[[Repository], Coroutine[Any, Any, None]]) -> None:
        """Wait until what dead servers left behind is in the rooms; the first who comes begins it."""
        if self._recovery is None:
            self._recovery = asyncio.get_running_loop().create_task(recover(self))
        await asyncio.shield(self._recovery)

    async def settled(self, room: str) -> None:
        """Wait a moment for other windows' logs of a room to be acknowledged: one of them may just be closing."""
        until = asyncio.get_running_loop().time() + SETTLING
        while asyncio.get_running_loop().time() < until:
            if not await asyncio.to_thread(pending.waiting, self.pending, room):
                return
            await asyncio.sleep(0.02)

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the relay answers. Raises RelayError and what the relay refuses with."""
        control, _ = await self.control()
        return await control.ask(method, params)

    async def close(self) -> None:
        """End the connection."""
        if self._control is not None:
            try:
                await self._control.close()
            except RelayError as error:
                logger.info("%s", error)
