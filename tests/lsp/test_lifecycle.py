"""A connection from the first message to the last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lsprotocol import types

from anvcs import __version__
from anvcs.lsp import boot, standard
from anvcs.lsp.messages import encode
from anvcs.lsp.server import make_server
from anvcs.lsp.work import RealActions, Works
from anvcs.wire import NOTIFICATIONS, REQUESTS, RepositoryStatus
from tests.lsp.client import AnswerError, Client, FakeActions, Message, always, bounded, connected

VSCODE: Message = json.loads((Path(__file__).parent / "capabilities" / "vscode-languageclient-11.json").read_bytes())
"""What vscode-languageclient 11 says it can do; pytest-lsp's newest is VS Code 1.65 of 2022."""

STATUS = FakeActions(status=always(RepositoryStatus(root="/", initialized=False)))

CLIENTS: dict[str, Message] = {
    "vscode": VSCODE,
    "nothing": {},
    "utf-8 first": {"general": {"positionEncodings": ["utf-8", "utf-16"]}},
    "utf-32 first": {"general": {"positionEncodings": ["utf-32", "utf-16"]}},
    "a newer encoding": {"general": {"positionEncodings": ["utf-64"]}},
    "newer than lsprotocol": {"textDocument": {"completion": {"completionItemKind": {"valueSet": [9999]}}}},
}


async def code_of(client: Client, method: str) -> int:
    with pytest.raises(AnswerError) as caught:
        await client.request(method, {})
    return caught.value.code


@pytest.mark.promise("lsp.early-answer-is-the-full-answer")
@pytest.mark.parametrize("capabilities", CLIENTS.values(), ids=CLIENTS.keys())
def test_the_early_answer_is_the_full_servers_answer(tmp_path: Path, capabilities: Message) -> None:
    introduction = {
        "processId": 1,
        "rootUri": tmp_path.as_uri(),
        "capabilities": capabilities,
        "workspaceFolders": [{"uri": tmp_path.as_uri(), "name": "x"}],
        "initializationOptions": {"any": "thing"},
    }
    params = msgspec.convert(introduction, boot.InitializeParams)
    server = make_server(Works(tmp_path, always(None)), RealActions())
    full = server.protocol.adopt(params)
    plain = json.loads(encode(server.protocol.plain(full)))
    early = boot.initialize_result(params)
    commands = early["capabilities"]["executeCommandProvider"]["commands"]
    assert plain["capabilities"]["executeCommandProvider"]["commands"] == commands
    assert json.loads(json.dumps(early)) == plain


async def test_the_newest_vs_code_gets_everything(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        result = await client.initialize(tmp_path, VSCODE)
    capabilities = result["capabilities"]
    assert capabilities["positionEncoding"] == "utf-16"
    assert capabilities["hoverProvider"] is True
    assert capabilities["workspace"]["textDocumentContent"] == {"schemes": ["anvcs"]}
    assert result["serverInfo"] == {"name": "anvcs", "version": __version__}


@pytest.mark.promise("lsp.advertises")
async def test_the_server_says_what_it_has_of_its_own(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        own = (await client.initialize(tmp_path))["capabilities"]["experimental"]["anvcs"]
    assert own["version"] == 1
    assert own["requests"] == sorted(REQUESTS)
    assert own["notifications"] == sorted(NOTIFICATIONS)
    assert "ai-vcs.commit" in own["commands"]


async def test_nothing_is_answered_before_initialize(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        client.notify("textDocument/didOpen", {})
        client.notify("initialized", {})
        client.send({"id": 1, "result": None})
        assert await code_of(client, "anvcs/repository/status") == -32002
        assert await code_of(client, "shutdown") == -32002
        with pytest.raises(AnswerError) as caught:
            await client.request("initialize", {"workspaceFolders": 3})
        assert caught.value.data["problems"][0]["field"] == "workspaceFolders"
        await client.initialize(tmp_path)
        assert await client.request("anvcs/repository/status") == {"root": "/", "initialized": False}
        assert await code_of(client, "initialize") == -32600


async def test_a_client_without_folders_stands_where_the_server_was_started(tmp_path: Path) -> None:
    seen: list[str | None] = []

    def status(_: object, params: Any) -> RepositoryStatus:
        seen.append(params.folder)
        return RepositoryStatus(root="/", initialized=False)

    folders: tuple[Any, ...] = ([], [{"uri": "vscode-vfs://github/a/b", "name": "b"}], None)
    for workspace in folders:
        async with connected(tmp_path, FakeActions(status=status)) as client:
            params: Message = {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": workspace}
            await client.request("initialize", params)
            await client.request("anvcs/repository/status")
    async with connected(Path("/"), FakeActions(status=status)) as client:
        await client.request("initialize", {"rootPath": str(tmp_path), "capabilities": {}})
        await client.request("anvcs/repository/status")
    assert seen == [str(tmp_path)] * 4


async def test_messages_that_came_early_are_handled_in_their_order(tmp_path: Path) -> None:
    actions = FakeActions()

    def text(*arguments: object) -> str:
        return str(arguments[4])

    actions.explain = text
    uri = (tmp_path / "a.txt").as_uri()
    async with connected(tmp_path, actions) as client:
        # The full server is not there yet for any of these.
        await client.initialize(tmp_path)
        client.open(uri, "one\n")
        for version, new in ((2, "two\n"), (3, "three\n")):
            client.notify(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": new}]},
            )
        hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        first = client.begin("textDocument/hover", hover)
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert (await bounded(first))["contents"] == {"kind": "markdown", "value": "three\n"}
        assert (await client.request("textDocument/hover", hover))["contents"]["value"] == "None"


async def test_changes_in_text_beyond_ascii_are_taken(tmp_path: Path) -> None:
    actions = FakeActions()

    def explain(*arguments: object) -> str:
        return str(arguments[4])

    actions.explain = explain
    uri = (tmp_path / "a.txt").as_uri()
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        client.open(uri, "é😀x\n")
        place = {"line": 0, "character": 3}
        change = {"range": {"start": place, "end": {"line": 0, "character": 4}}, "text": "中"}
        document = {"uri": uri, "version": 2}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        hover = await client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        assert hover["contents"]["value"] == "é😀中\n"


async def test_own_requests_are_answered_while_the_full_server_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ImportError("no pygls here")

    monkeypatch.setattr(standard.Standard, "_make", broken)
    async with connected(tmp_path, STATUS) as client:
        await client.initialize(tmp_path)
        assert await code_of(client, "textDocument/hover") == -32603
        client.notify("textDocument/didOpen", {})
        assert await code_of(client, "textDocument/definition") == -32603
        assert await client.request("anvcs/repository/status") == {"root": "/", "initialized": False}


@pytest.mark.promise("lsp.clean-exit")
async def test_exit_after_shutdown_is_a_success(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        await client.initialize(tmp_path)
        assert await client.request("shutdown") is None
        assert await code_of(client, "anvcs/repository/status") == -32600
        assert await code_of(client, "shutdown") == -32600
        client.notify("exit")
    assert client.connection.exit_code == 0
    assert client.connection.clean


@pytest.mark.promise("lsp.clean-exit")
async def test_exit_without_shutdown_is_a_failure(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        await client.initialize(tmp_path)
        client.notify("exit")
    assert client.connection.exit_code == 1


@pytest.mark.promise("lsp.clean-exit")
async def test_an_editor_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    async with connected(tmp_path, STATUS) as client:
        await client.initialize(tmp_path)
    assert client.connection.exit_code == 0
    async with connected(tmp_path, STATUS) as client:
        pass
    assert client.connection.exit_code == 0


@pytest.mark.promise("lsp.clean-exit")
async def test_a_timer_that_comes_after_the_editor_left_loads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Callable[[], None]] = []

    def later(_seconds: float, look: Callable[[], None]) -> None:
        looks.append(look)

    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", later)
    async with connected(tmp_path, STATUS) as client:
        idle = client.connection._standard
        idle.load_when_idle()
    monkeypatch.undo()
    for look in looks:
        look()
    assert looks
    assert idle._loading is None


async def test_input_that_is_no_protocol_ends_the_server(tmp_path: Path) -> None:
    for data in (b"hello\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 10\r\n\r\n{}", b"Content-Le"):
        async with connected(tmp_path, STATUS) as client:
            client.out.write(data)
        assert client.connection.exit_code == 1


async def test_plain_text_editors_get_plain_text(tmp_path: Path) -> None:
    actions = FakeActions()
    actions.explain = always("why")
    hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path, {"textDocument": {"hover": {"contentFormat": ["plaintext"]}}})
        found = await client.request("textDocument/hover", hover)
    assert found["contents"] == {"kind": types.MarkupKind.PlainText.value, "value": "why"}
