"""Requests that take long: cancelled, shown with progress, and never in anybody's way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from anvcs.actions.caller import Caller
from anvcs.wire import CommitResult, GraphPage, RepositoryStatus
from tests.lsp.client import TIMEOUT, AnswerError, Client, FakeActions, Message, always, bounded, connected

STATUS = RepositoryStatus(root="/", initialized=True)
COMMITTED = CommitResult(
    commit_id="b3:" + "0" * 64, git_commit="0" * 40, change_id="k" * 32, operation_id="b3:" + "0" * 64
)


class Slow:
    """An action that goes on until the test lets it, reporting progress all the while if it is told to."""

    def __init__(self, result: Any, *, reports: bool = True) -> None:
        self.result = result
        self.reports = reports
        self.begun = threading.Event()
        self.go = threading.Event()
        self.stopped = threading.Event()

    def __call__(self, caller: Caller, _: object) -> Any:
        """Be slow."""
        self.begun.set()
        deadline = time.monotonic() + TIMEOUT
        while not self.go.wait(0.002):
            assert time.monotonic() < deadline
            if self.reports:
                try:
                    caller.progress("Working", 50)
                except Exception:
                    self.stopped.set()
                    raise
        return self.result


async def happened(event: threading.Event) -> None:
    """Wait for a thread without stopping the loop."""
    assert await asyncio.to_thread(event.wait, TIMEOUT)


async def code_of(future: asyncio.Future[Any]) -> int:
    with pytest.raises(AnswerError) as caught:
        await bounded(future)
    return caught.value.code


@pytest.mark.promise("lsp.cancel")
async def test_a_cancelled_reading_is_answered_at_once_and_stops(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/graph", {}, id_="g")
        await happened(graph.begun)
        client.notify("$/cancelRequest", {"id": "g"})
        assert await code_of(asked) == -32800
        await happened(graph.stopped)


@pytest.mark.promise("lsp.cancel")
async def test_a_cancelled_writing_is_answered_with_what_it_did(tmp_path: Path) -> None:
    commit = Slow(COMMITTED, reports=False)
    async with connected(tmp_path, FakeActions(commit=commit)) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/commit", {}, id_=7)
        await happened(commit.begun)
        for _ in range(3):
            client.notify("$/cancelRequest", {"id": 7})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), 0.05)
        commit.go.set()
        assert (await bounded(asked))["gitCommit"] == "0" * 40


@pytest.mark.promise("lsp.cancel")
async def test_a_writing_that_can_still_stop_does(tmp_path: Path) -> None:
    commit = Slow(COMMITTED)
    async with connected(tmp_path, FakeActions(commit=commit)) as client:
        await client.initialize(tmp_path)
        asked = client.begin(
            "workspace/executeCommand", {"command": "ai-vcs.commit", "arguments": [{"message": "x"}]}, id_="c"
        )
        await happened(commit.begun)
        client.notify("$/cancelRequest", {"id": "c"})
        assert await code_of(asked) == -32800
        assert commit.stopped.is_set()


@pytest.mark.promise("lsp.cancel")
async def test_what_waits_in_line_is_cancelled_before_it_begins(tmp_path: Path) -> None:
    commit = Slow(COMMITTED, reports=False)
    actions = FakeActions(commit=commit, add=always(None))
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        first = client.begin("anvcs/commit", {}, id_="first")
        await happened(commit.begun)
        second = client.begin("workspace/executeCommand", {"command": "ai-vcs.add", "arguments": [{"paths": ["a"]}]}, 2)
        with pytest.raises(AnswerError):
            # By the time this is answered, the second stands in line.
            await client.request("anvcs/unknown")
        client.notify("$/cancelRequest", {"id": 2})
        assert await code_of(second) == -32800
        commit.go.set()
        await bounded(first)
    assert [verb for verb, _ in actions.calls] == ["commit"]


async def test_a_request_cancelled_in_the_same_breath_is_answered(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(status=always(STATUS))) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/repository/status", {}, id_="s")
        client.notify("$/cancelRequest", {"id": "s"})
        assert await code_of(asked) == -32800


@pytest.mark.promise("lsp.cancel")
async def test_a_cancelled_hover_is_answered(tmp_path: Path) -> None:
    explain = Slow("why")
    actions = FakeActions()
    actions.explain = lambda caller, *_: explain(caller, None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - a fake
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
        asked = client.begin("textDocument/hover", hover, id_="h")
        await happened(explain.begun)
        client.notify("$/cancelRequest", {"id": "h"})
        assert await code_of(asked) == -32800
        await happened(explain.stopped)


def open_bars(client: Client) -> list[object]:
    """The progress tokens that pygls still knows."""
    assert client.connection.server is not None
    tokens = cast("dict[object, object]", client.connection.server.protocol.progress.tokens)
    return list(tokens)


async def show_progress(
    client: Client, begin: Callable[[], asyncio.Future[Any]]
) -> tuple[Message, asyncio.Future[Any]]:
    """Begin a request, and wait for its progress to be seen."""
    begun = client.expect("$/progress", lambda message: message["params"]["value"]["kind"] == "begin")
    asked = begin()
    return (await bounded(begun))["params"], asked


@pytest.mark.promise("lsp.progress")
async def test_long_work_shows_progress_and_takes_it_away_again(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        await client.initialize(tmp_path)
        for _ in range(3):
            graph.go.clear()
            ended = client.expect("$/progress", lambda message: message["params"]["value"]["kind"] == "end")
            shown, asked = await show_progress(client, lambda: client.begin("anvcs/graph", {}))
            assert shown["value"]["title"] == "ANVCS: graph"
            assert (shown["value"]["message"], shown["value"]["percentage"]) == ("Working", 50)
            graph.go.set()
            assert await bounded(asked) == {"rows": []}
            assert (await bounded(ended))["params"]["token"] == shown["token"]
        asked_for = [
            message for message in client.received if message.get("method") == "window/workDoneProgress/create"
        ]
        assert len({message["params"]["token"] for message in asked_for}) == 3
        assert open_bars(client) == []


@pytest.mark.promise("lsp.progress")
async def test_the_user_can_stop_it_from_the_progress_bar(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        await client.initialize(tmp_path)
        shown, asked = await show_progress(client, lambda: client.begin("anvcs/graph", {}))
        assert shown["value"]["cancellable"] is True
        client.notify("window/workDoneProgress/cancel", {"token": shown["token"]})
        assert await code_of(asked) == -32800
        await happened(graph.stopped)
        client.notify("window/workDoneProgress/cancel", {"token": "unknown"})
        assert open_bars(client) == []


@pytest.mark.promise("lsp.progress")
async def test_progress_goes_where_the_client_wants_it(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        await client.initialize(tmp_path, {})
        for begin in (
            lambda: client.begin("anvcs/graph", {"workDoneToken": "mine"}),
            lambda: client.begin("workspace/executeCommand", {"command": "ai-vcs.graph", "workDoneToken": "mine"}),
        ):
            graph.go.clear()
            shown, asked = await show_progress(client, begin)
            assert shown["token"] == "mine"
            graph.go.set()
            await bounded(asked)
        assert [message for message in client.received if "id" in message and "method" in message] == []


async def test_a_client_that_shows_no_progress_is_not_asked(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        await client.initialize(tmp_path, {})
        asked = client.begin("anvcs/graph", {})
        await happened(graph.begun)
        # Loads the full server, which would show it.
        with pytest.raises(AnswerError):
            await client.request("textDocument/definition")
        graph.go.set()
        await bounded(asked)
        assert [message for message in client.received if "method" in message] == []


async def test_a_client_that_refuses_a_progress_bar_gets_its_answer(tmp_path: Path) -> None:
    graph = Slow(GraphPage(rows=()))
    async with connected(tmp_path, FakeActions(graph=graph)) as client:
        refused = asyncio.Event()

        def refuse(message: Message) -> None:
            client.send({"id": message["id"], "error": {"code": -32601, "message": "no"}})
            refused.set()

        client.answers["window/workDoneProgress/create"] = refuse
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/graph", {})
        await asyncio.wait_for(refused.wait(), TIMEOUT)
        graph.go.set()
        assert await bounded(asked) == {"rows": []}
        assert [message for message in client.received if message.get("method") == "$/progress"] == []


@pytest.mark.promise("lsp.never-blocks")
async def test_the_loop_answers_while_actions_are_at_work(tmp_path: Path) -> None:
    commit, graph, explain, index = Slow(COMMITTED), Slow(GraphPage(rows=())), Slow("why"), Slow(result=True)
    actions = FakeActions(commit=commit, graph=graph)
    actions.explain = lambda caller, *_: explain(caller, None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - a fake
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path, {})
        hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
        with pytest.raises(AnswerError):
            await client.request("textDocument/definition")
        busy = [
            client.begin("anvcs/commit", {}),
            client.begin("anvcs/graph", {}),
            client.begin("textDocument/hover", hover),
        ]
        for slow in (commit, graph, explain):
            await happened(slow.begun)
        assert not index.begun.is_set()
        worst = 0.0
        for _ in range(50):
            since = time.monotonic()
            with pytest.raises(AnswerError):
                await client.request("anvcs/unknown")
            worst = max(worst, time.monotonic() - since)
        actions.verbs["status"] = always(STATUS)
        # Another work tree is not even delayed.
        assert (await client.request("anvcs/repository/status", {"folder": str(other)}))["initialized"]
        for slow in (commit, graph, explain):
            slow.go.set()
        for each in busy:
            await bounded(each)
    # An order of magnitude above what a loaded machine needs, two below what any of the actions took.
    assert worst < 0.5


async def test_readings_go_on_beside_a_writing(tmp_path: Path) -> None:
    commit = Slow(COMMITTED, reports=False)
    async with connected(tmp_path, FakeActions(commit=commit, status=always(STATUS))) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/commit", {})
        await happened(commit.begun)
        assert (await client.request("anvcs/repository/status"))["initialized"]
        commit.go.set()
        await bounded(asked)


async def test_writings_of_one_work_tree_go_one_after_the_other(tmp_path: Path) -> None:
    running: list[int] = []
    most: list[int] = []

    def add(_: Caller, __: object) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.002)
        running.pop()

    async with connected(tmp_path, FakeActions(add=add)) as client:
        await client.initialize(tmp_path)
        asked = [
            client.begin("workspace/executeCommand", {"command": "ai-vcs.add", "arguments": [{"paths": ["a"]}]})
            for _ in range(10)
        ]
        for each in asked:
            await bounded(each)
    assert most == [1] * 10


async def test_a_commit_under_way_is_finished_when_the_editor_leaves(tmp_path: Path) -> None:
    commit = Slow(COMMITTED, reports=False)
    async with connected(tmp_path, FakeActions(commit=commit)) as client:
        await client.initialize(tmp_path)
        asked = client.begin("anvcs/commit", {})
        await happened(commit.begun)
        leaving = client.begin("shutdown")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(leaving), 0.05)
        commit.go.set()
        assert (await bounded(asked))["gitCommit"] == "0" * 40
        assert await bounded(leaving) is None
        client.notify("exit")
    assert client.connection.exit_code == 0
    assert client.connection.clean
