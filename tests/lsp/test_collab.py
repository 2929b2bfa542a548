"""Leaving rooms and coming back, and reviews, as an editor's windows see them; with a real relay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Repo
from tests.lsp.client import RealClient
from tests.lsp.room_editor import Window, window

NAME = "src/app.py"


@pytest.fixture
async def windows(real_client: RealClient, repo: Repo) -> AsyncIterator[tuple[Window, Window]]:
    """Two windows of one user on one file, in its room."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(real_client(repo))
        await client.initialize(repo.path)
        await client.request("anvcs/rooms/on", {})
        one = await stack.enter_async_context(window(real_client, repo, NAME))
        two = await stack.enter_async_context(window(real_client, repo, NAME))
        await one.joined()
        await two.joined()
        yield one, two
        await client.request("anvcs/rooms/off", {})


async def out(each: Window) -> None:
    """Wait until a window is out of its room, for a while."""
    await each.until(lambda: each.state.get("state") == "paused")


@pytest.mark.promise("collab.leave")
async def test_windows_of_one_who_left_keep_their_text_and_join_again_on_a_start(
    windows: tuple[Window, Window],
) -> None:
    one, two = windows
    one.type(0, "typed\n")
    await two.shows("typed\nx = 1\n")
    left = await one.client.request("anvcs/collab/leave", {})
    assert (left["actor"], left["rooms"]) == ("human:ada@example.org", 1)
    await out(one)
    await out(two)
    assert "collab start" in one.state["reason"]
    two.type(0, "alone\n")
    assert one.text == "typed\nx = 1\n"
    await one.client.request("anvcs/collab/start", {})
    await one.joined()
    await two.joined()
    await one.shows("alone\ntyped\nx = 1\n")
    await two.shows("alone\ntyped\nx = 1\n")


async def test_a_file_that_is_opened_after_leaving_joins_on_the_next_start(
    windows: tuple[Window, Window], real_client: RealClient, repo: Repo
) -> None:
    one, _ = windows
    await one.client.request("anvcs/collab/leave", {})
    await out(one)
    async with window(real_client, repo, NAME) as later:
        await out(later)
        await later.client.request("anvcs/collab/start", {})
        await later.joined()


@pytest.mark.promise("collab.revert")
async def test_an_editor_reviews_and_takes_back_what_an_agent_wrote(windows: tuple[Window, Window]) -> None:
    one, two = windows
    one.file.write_text("x = 1\ny = 2\n")
    await one.shows("x = 1\ny = 2\n")
    two.type(0, "# mine\n")
    await one.shows("# mine\nx = 1\ny = 2\n")
    (run,) = (await one.client.request("anvcs/collab/review", {}))["runs"]
    (hunk,) = run["files"][0]["hunks"]
    assert (hunk["line"], hunk["new"], hunk["how"]) == (3, "y = 2\n", "inferred")
    await one.client.request("anvcs/collab/revert", {"actor": run["actor"], "hunks": [hunk["id"]]})
    await one.shows("# mine\nx = 1\n")
    await two.shows("# mine\nx = 1\n")
    assert (await one.client.request("anvcs/collab/review", {})).get("runs", []) == []
