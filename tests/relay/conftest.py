"""Real relays over real repositories, and clients in this process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from anvcs.link import start
from anvcs.link.control import Control
from anvcs.link.discovery import Discovery
from anvcs.link.processes import is_dead
from anvcs.link.roomclient import Address, RoomClient
from anvcs.rooms.text import TextDoc
from tests.conftest import Repo

PATIENCE = 20.0
"""Seconds after which anything that was waited for did not come."""


class Relays:
    """The relays of one repository, one at a time, ended with the test."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.state = repo.path / ".git" / "anvcs"
        self._started: dict[int, Discovery] = {}

    def start(self, *arguments: str) -> Discovery:
        """The relay, started if none runs."""
        found = start.ensure(self.state, self.repo.config_home, env=self.repo.env, arguments=arguments)
        self._started[found.pid] = found
        return found

    def kill(self, found: Discovery, number: int = signal.SIGKILL) -> None:
        """Send a signal to a relay of this test."""
        assert found.pid in self._started
        os.kill(found.pid, number)

    async def ended(self, found: Discovery) -> None:
        """Wait until a relay is gone."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(os.waitpid, found.pid, 0)

    def close(self) -> None:
        """Kill what is left."""
        for found in self._started.values():
            if not is_dead(found.process):
                with suppress(ProcessLookupError):
                    os.kill(found.pid, signal.SIGKILL)
                    os.waitpid(found.pid, 0)


class Team:
    """Clients of one relay."""

    def __init__(self, relays: Relays) -> None:
        self.relays = relays
        self.repo = relays.repo
        self.events: list[tuple[str, dict[str, object]]] = []
        self._heard = asyncio.Event()
        self._clients: list[RoomClient] = []
        self._controls: list[Control] = []

    async def control(self) -> Control:
        """A control connection that hears events."""
        made = Control(self.relays.state, self.relays.start(), self._hear)
        await made.open()
        await made.ask("subscribe")
        self._controls.append(made)
        return made

    def _hear(self, event: str, params: dict[str, object]) -> None:
        self.events.append((event, params))
        self._heard.set()

    async def heard(self, event: str, **wanted: object) -> dict[str, object]:
        """Wait for an event with these parameters, told already or not."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for name, params in self.events:
                    if name == event and all(params.get(key) == value for key, value in wanted.items()):
                        return params
                self._heard.clear()
                await self._heard.wait()

    async def open(self, path: str, actor: str = "human:ada@example.org") -> dict[str, object]:
        """Ask for a file's room."""
        control = await self.control()
        return await control.ask("open", {"worktree": str(self.repo.path), "path": path, "actor": actor})

    async def join(
        self, path: str, actor: str = "human:ada@example.org", *, room: str | None = None, wait: bool = True
    ) -> RoomClient:
        """A client in a file's room."""
        name = room or str((await self.open(path, actor))["room"])

        async def find() -> Address:
            return Address(await asyncio.to_thread(self.relays.start), name)

        client = RoomClient(TextDoc(), actor, find)
        self._clients.append(client)
        client.start()
        if wait:
            await until(client, lambda: client.state == "joined")
        return client

    async def close(self) -> None:
        """Everybody leaves."""
        for client in self._clients:
            await client.close()
        for control in self._controls:
            await control.close()


async def until(client: RoomClient, condition: Callable[[], bool]) -> None:
    """Wait until something holds that a message to this client brings about."""
    async with asyncio.timeout(PATIENCE):
        await client.until(condition)


async def agree(*clients: RoomClient) -> str:
    """Wait until everything is durable and all clients show the same text; gives it."""
    async with asyncio.timeout(PATIENCE):
        for client in clients:
            await client.durable()
        same = [asyncio.ensure_future(client.until(lambda: _agree(clients))) for client in clients]
        await asyncio.wait(same, return_when=asyncio.FIRST_COMPLETED)
        for each in same:
            each.cancel()
        await asyncio.gather(*same, return_exceptions=True)
    return clients[0].doc.text


def _agree(clients: tuple[RoomClient, ...]) -> bool:
    return len({client.doc.text for client in clients}) == 1


def write(client: RoomClient, place: int, text: str) -> None:
    """Type something."""
    client.send(client.doc.edit((place, text) if place else (text,)))


@pytest.fixture
def relays(repo: Repo) -> Iterator[Relays]:
    """The relays of the repository."""
    made = Relays(repo)
    yield made
    made.close()


@pytest.fixture
async def team(relays: Relays) -> AsyncIterator[Team]:
    """Clients of the repository's relay."""
    made = Team(relays)
    yield made
    await made.close()


def write_file(repo: Repo, path: str, data: str | bytes) -> Path:
    """Put a file into the work tree as a bare writer does."""
    return repo.write(path, data)
