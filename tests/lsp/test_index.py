"""The graph's index is built in the background once somebody looks at the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.actions.caller import Caller, Progress
from anvcs.errors import NotInitializedError
from anvcs.wire import CommitResult, GraphPage, RepositoryStatus
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, FakeActions, Message, RealClient, always, bounded, connected
from tests.lsp.test_cancellation import Slow, happened

PAGE = GraphPage(rows=(), source="git")
COMMITTED = CommitResult(
    commit_id="b3:" + "0" * 64, git_commit="0" * 40, change_id="k" * 32, operation_id="b3:" + "0" * 64
)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - the editor is not told, so nobody is
            await asyncio.sleep(0)


def begins(message: Message) -> bool:
    return message["params"]["value"]["kind"] == "begin"


@pytest.mark.promise("lsp.index-in-background")
async def test_the_first_look_at_the_graph_builds_the_index_in_the_background(tmp_path: Path) -> None:
    slow = Slow(result=True)
    actions = FakeActions(graph=always(PAGE), status=always(RepositoryStatus(root="/", initialized=True)))

    def index(caller: Caller, _: str | None, __: Progress) -> bool:
        return bool(slow(caller, None))

    actions.index = index
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        assert (await client.request("anvcs/repository/status"))["initialized"]
        assert actions.indexed == []
        shown = client.expect("$/progress", begins)
        assert (await client.request("anvcs/graph", {}))["source"] == "git"
        await happened(slow.begun)
        assert (await bounded(shown))["params"]["value"]["title"] == "ANVCS: reading the history"
        # Pages and status go on while it is being built; a second look starts nothing.
        await client.request("anvcs/graph", {})
        await client.request("anvcs/repository/status")
        ended = client.expect("$/progress", lambda message: message["params"]["value"]["kind"] == "end")
        slow.go.set()
        await bounded(ended)
        await client.request("anvcs/graph", {})
    assert actions.indexed == [str(tmp_path)]


@pytest.mark.promise("lsp.index-in-background")
async def test_the_index_follows_the_history(make_repo: Callable[..., Repo], tmp_path: Path) -> None:
    repo = make_repo(init=False)
    actions = FakeActions(graph=always(PAGE), commit=lambda *_: repo.git_commit("x") and COMMITTED)
    async with connected(tmp_path, actions, env=repo.env) as client:
        await client.initialize(repo.path)
        await until(lambda: client.connection.history.follows(repo.path))
        await client.connection.history.look()
        told = client.expect("anvcs/history/changed")
        await client.request("anvcs/commit", {})
        await bounded(told)
        # Nobody looked at the graph yet.
        assert actions.indexed == []
        await client.request("anvcs/graph", {})
        await until(lambda: len(actions.indexed) == 1)
        told = client.expect("anvcs/history/changed")
        await client.request("anvcs/commit", {})
        await bounded(told)
        await until(lambda: len(actions.indexed) == 2)


async def test_a_change_while_the_index_is_built_is_not_missed(make_repo: Callable[..., Repo], tmp_path: Path) -> None:
    repo = make_repo(init=False)
    slow = Slow(result=True)
    actions = FakeActions(graph=always(PAGE))

    def index(caller: Caller, _: str | None, __: Progress) -> bool:
        return bool(slow(caller, None))

    actions.index = index
    async with connected(tmp_path, actions, env=repo.env) as client:
        await client.initialize(repo.path)
        await until(lambda: client.connection.history.follows(repo.path))
        await client.connection.history.look()
        await client.request("anvcs/graph", {})
        await happened(slow.begun)
        for number in range(3):
            repo.git_commit(f"{number}")
            await client.connection.history.look()
        assert len(actions.indexed) == 1
        slow.go.set()
        await until(lambda: len(actions.indexed) == 2)


@pytest.mark.promise("lsp.index-in-background")
async def test_the_user_can_stop_the_indexing_and_a_new_look_begins_it_anew(tmp_path: Path) -> None:
    slow = Slow(result=True)
    actions = FakeActions(graph=always(PAGE))

    def index(caller: Caller, _: str | None, __: Progress) -> bool:
        return bool(slow(caller, None))

    actions.index = index
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        shown = client.expect("$/progress", begins)
        await client.request("anvcs/graph", {})
        token = (await bounded(shown))["params"]["token"]
        client.notify("window/workDoneProgress/cancel", {"token": token})
        await happened(slow.stopped)
        await until(lambda: client.received[-1].get("params", {}).get("value") == {"kind": "end"})
        slow.go.set()
        await client.request("anvcs/graph", {})
        await until(lambda: len(actions.indexed) == 2)


@pytest.mark.parametrize("error", [NotInitializedError("Not set up.", "Run: ai-vcs init"), ValueError("broken")])
async def test_an_index_that_fails_disturbs_nobody(tmp_path: Path, error: Exception) -> None:
    def index(*_: object) -> bool:
        raise error

    actions = FakeActions(graph=always(PAGE))
    actions.index = index
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        for number in range(3):
            assert (await client.request("anvcs/graph", {}))["source"] == "git"
            await until(lambda number=number: len(actions.indexed) > number)
        assert [message for message in client.received if "error" in message] == []


@pytest.mark.promise("lsp.index-in-background")
async def test_the_real_index_takes_over(repo: Repo, real_client: RealClient) -> None:
    for number in range(5):
        repo.write("n.txt", str(number))
        repo.git_commit(f"commit {number}")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        async with asyncio.timeout(TIMEOUT):
            first = await client.request("anvcs/graph", {"limit": 3})
            page = first
            while page.get("source", "index") != "index":
                page = await client.request("anvcs/graph", {"limit": 3})
    assert [row["subject"] for row in page["rows"]] == [row["subject"] for row in first["rows"]]
