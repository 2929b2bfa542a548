"""Two windows of the language server on one file, with a real relay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Repo
from tests.lsp.client import RealClient
from tests.lsp.room_editor import Window, window

NAME = "src/app.py"


class Desk:
    """Windows of one user on one repository, closed with the test."""

    def __init__(self, stack: AsyncExitStack, client: RealClient, repo: Repo) -> None:
        self._stack = stack
        self._client = client
        self.repo = repo

    async def open(self, name: str = NAME) -> Window:
        """One more window with a file open."""
        return await self._stack.enter_async_context(window(self._client, self.repo, name))

    async def joined(self, name: str = NAME) -> Window:
        """One more window whose file is in its room."""
        made = await self.open(name)
        await made.joined()
        return made


@pytest.fixture
async def desk(real_client: RealClient, repo: Repo) -> AsyncIterator[Desk]:
    """A repository with rooms on."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(real_client(repo))
        await client.initialize(repo.path)
        await client.request("anvcs/rooms/on", {})
        yield Desk(stack, real_client, repo)
        await client.request("anvcs/rooms/off", {})


async def test_what_one_window_types_the_other_shows(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "# é😀\n")
    await two.shows("# é😀\nx = 1\n")
    two.type(3, "中", delete=1)
    await one.shows("# é中\nx = 1\n")
    await one.durable()
    await two.durable()


async def test_windows_that_type_at_once_show_the_same_in_the_end(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    for index in range(60):
        one.type(len(one.text), f"one {index}\n")
        two.type(0, f"two {index}\n")
        if index % 3 == 0:
            await asyncio.sleep(0)
    await one.until(lambda: one.text == two.text and one.text.count("\n") == 121)
    assert sorted(one.text.splitlines()) == sorted(
        ["x = 1", *(f"one {index}" for index in range(60)), *(f"two {index}" for index in range(60))]
    )
