"""kill -9 of the language server right after typing: its successor finds what it had written down."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anvcs.link import discovery
from anvcs.rooms import pending
from tests.conftest import Repo
from tests.lsp.room_editor import Window
from tests.lsp.server_process import Stopped, eventually, server_process

NAME = "src/app.py"
TYPED = [f"{number} é\N{GRINNING FACE}漢\n" for number in range(150)]
COUNT = 40
"""Edits that are acknowledged before the others are typed."""


@pytest.fixture
async def state(repo: Repo) -> AsyncIterator[Path]:
    """Where the rooms of a repository in which they are on have their files; its relay ends with the test."""
    folder = repo.path / ".git" / "anvcs"
    async with server_process(repo) as server:
        await server.client.request("anvcs/rooms/on", {})
    yield folder
    found = discovery.read(folder)
    if found is not None:
        os.kill(found.pid, signal.SIGKILL)


def written_down(state: Path) -> int:
    """How many edits the logs of editors hold."""
    return sum(len(list(pending._entries(path.read_bytes()))) for path in (state / "rooms").glob(f"*{pending.SUFFIX}"))


async def typed_and_killed(repo: Repo, state: Path) -> Window:
    """A window whose server was killed when all was written down, and the relay with it before it got any of that."""
    async with server_process(repo) as server:
        window = Window(server.client, repo.path / NAME)
        await window.joined()
        relay = discovery.read(state)
        assert relay is not None
        with Stopped(relay.pid):
            for text in TYPED:
                window.type(len(window.text), text)
            await eventually(lambda: written_down(state) == len(TYPED))
            await server.kill()
            # What waits in the relay's socket must not come in by itself.
            os.kill(relay.pid, signal.SIGKILL)
        return window


@pytest.mark.promise("rooms.killed-server")
async def test_what_a_killed_server_had_written_down_is_in_the_room_once(repo: Repo, state: Path) -> None:
    await typed_and_killed(repo, state)
    async with server_process(repo) as server:
        window = Window(server.client, repo.path / NAME)
        await window.joined()
        await window.shows("x = 1\n" + "".join(TYPED))
        await window.durable()
        found = await server.client.request("anvcs/rooms/attribution", {"uri": window.uri})
        lines = {
            (each["range"]["start"]["line"], each["how"], each["actor"])
            for each in found["ranges"]
            if each["range"]["start"]["line"] > 0
        }
        assert lines
        assert {(how, actor) for _, how, actor in lines} == {("live", "human:ada@example.org")}
    await eventually(lambda: written_down(state) == 0)


@pytest.mark.promise("rooms.killed-server")
async def test_an_editor_that_kept_its_unsaved_text_has_nothing_twice(repo: Repo, state: Path) -> None:
    before = await typed_and_killed(repo, state)
    async with server_process(repo) as server:
        window = Window(server.client, repo.path / NAME)
        # As an editor does that starts its server again: the document is opened as it is there.
        window.close()
        window.text = before.text
        server.client.open(window.uri, window.text)
        await window.joined()
        window.type(0, "# goes on\n")
        await window.durable()
        other = Window(server.client, repo.path / "README.md")
        await other.joined()
        await window.shows("# goes on\nx = 1\n" + "".join(TYPED))


async def test_a_server_that_is_killed_in_the_middle_of_typing_leaves_all_that_was_acknowledged(
    repo: Repo, state: Path
) -> None:
    async with server_process(repo) as server:
        window = Window(server.client, repo.path / NAME)
        await window.joined()
        for text in TYPED[:COUNT]:
            window.type(len(window.text), text)
        acknowledged = 0
        for _ in range(20):
            found = await server.client.request("anvcs/rooms/attribution", {"uri": window.uri})
            acknowledged = max((each["range"]["end"]["line"] for each in found["ranges"]), default=0)
            if acknowledged > COUNT:
                break
        assert acknowledged == COUNT + 1
        for text in TYPED[COUNT:]:
            window.type(len(window.text), text)
        await server.kill()
    async with server_process(repo) as server:
        window = Window(server.client, repo.path / NAME)
        await window.joined()
        await eventually(lambda: written_down(state) == 0)
        await window.until(lambda: len(window.text.splitlines()) > COUNT)
        lines = window.text.splitlines(keepends=True)
        assert lines == ["x = 1\n", *TYPED][: len(lines)]
