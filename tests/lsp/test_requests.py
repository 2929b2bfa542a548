"""What a request is answered, whatever it is."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from anvcs import errors
from anvcs.actions.caller import Caller
from anvcs.errors import AnvcsError, HookFailedError, UnknownCommitError, all_errors
from anvcs.lsp.messages import REFUSALS, refusal
from anvcs.lsp.verbs import COMMANDS
from anvcs.wire import (
    CommitParams,
    CommitResult,
    GraphPage,
    RepositoryStatus,
    Request,
    StatusParams,
    UninstallResult,
)
from tests.lsp.client import AnswerError, Client, FakeActions, always, bounded, connected

GIT = "0" * 40
B3 = "b3:" + "0" * 64


def status(caller: Caller, params: StatusParams) -> RepositoryStatus:
    assert params.folder is not None
    return RepositoryStatus(root=params.folder, initialized=True, stream=caller.cwd.name)


async def refused(client: Client, method: str, params: Any = None) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        await client.request(method, params)
    return caught.value


async def test_a_verb_stands_in_the_first_workspace_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(folder)
        assert await client.request("anvcs/repository/status", {}) == {
            "root": str(folder),
            "initialized": True,
            "stream": "a b",
        }
        assert await client.request("anvcs/repository/status") == await client.request("anvcs/repository/status", {})


async def test_a_verb_stands_in_the_work_tree_it_names(tmp_path: Path) -> None:
    (tmp_path / "other" / ".git").mkdir(parents=True)
    inside = tmp_path / "other" / "deep" / "er"
    inside.mkdir(parents=True)
    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(tmp_path)
        for named in (inside.as_uri(), str(inside), "other/deep/er"):
            found = await client.request("anvcs/repository/status", {"folder": named})
            assert found["root"] == str(tmp_path / "other")


async def test_a_folder_that_is_no_file_is_refused(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(tmp_path)
        error = await refused(client, "anvcs/repository/status", {"folder": "vscode-vfs://github/a/b"})
    assert (error.code, error.data["code"]) == (-32051, "usage")
    assert error.data["wayOut"] == "Name a folder on this machine."


@pytest.mark.promise("lsp.bad-parameters-by-field")
@pytest.mark.promise("lsp.every-request-is-answered")
async def test_bad_parameters_are_refused_field_by_field(tmp_path: Path) -> None:
    actions = FakeActions()
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        error = await refused(
            client, "anvcs/commit", {"message": 3, "paths": ["a", 4], "metadata": {"coverage": 101}, "amend": True}
        )
        limit = await refused(client, "anvcs/graph", {"limit": 1001})
        paths = await refused(client, "workspace/executeCommand", {"command": "ai-vcs.add", "arguments": [{}]})
        array = await refused(client, "anvcs/graph", [1])
    assert error.code == -32602
    assert {problem["field"] for problem in error.data["problems"]} == {"message", "paths[1]", "metadata.coverage"}
    assert error.data["code"] == "usage"
    assert [problem["field"] for problem in limit.data["problems"]] == ["limit"]
    assert paths.data["problems"] == [{"field": "paths", "message": "It is required."}]
    assert array.code == -32602
    assert actions.calls == []


@pytest.mark.promise("lsp.every-request-is-answered")
async def test_bad_parameters_of_a_standard_request_are_refused_field_by_field(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions()) as client:
        await client.initialize(tmp_path)
        error = await refused(client, "textDocument/hover", {"position": {"line": "x", "character": 0}})
    assert error.code == -32602
    assert {problem["field"] for problem in error.data["problems"]} == {"position.line", "textDocument"}


@pytest.mark.promise("lsp.every-request-is-answered")
@pytest.mark.parametrize("method", ["anvcs/unknown", "textDocument/unknown", "$/unknown"])
async def test_an_unknown_method_is_answered(tmp_path: Path, method: str) -> None:
    async with connected(tmp_path, FakeActions()) as client:
        await client.initialize(tmp_path)
        error = await refused(client, method, {})
    assert error.code == -32601
    assert method in error.message


@pytest.mark.promise("lsp.every-request-is-answered")
async def test_what_is_no_request_is_answered_as_far_as_it_can_be(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(tmp_path)
        for body in (b"{", b"\xff", b"[]", b'{"id": 1.5, "method": "x"}', b'{"id": null, "method": "x"}'):
            client.send_bytes(body)
        wrong = client.begin("x", None, id_="mine")
        client.send_bytes(b'{"id": "mine", "method": 7}')
        with pytest.raises(AnswerError):
            await bounded(wrong)
        await client.request("anvcs/repository/status")
        codes = [(message["id"], message["error"]["code"]) for message in client.received if "error" in message]
    assert codes[:5] == [(None, -32700), (None, -32700), (None, -32600), (None, -32600), (None, -32600)]


async def test_notifications_that_make_no_sense_are_ignored(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(tmp_path)
        client.notify("textDocument/didOpen", {"textDocument": 1})
        client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///none", "version": 1}})
        client.notify("textDocument/didChange", {"textDocument": {"uri": "u", "version": 1}, "contentChanges": []})
        client.notify("workspace/didChangeWorkspaceFolders", {"event": 3})
        client.notify("$/cancelRequest", {})
        client.notify("$/cancelRequest", {"id": "nobody"})
        client.notify("nobody/knows")
        client.send({"id": "never asked", "result": 3})
        client.send({"id": "never asked", "error": {"code": 1, "message": "x"}})
        # A standard request makes the full server handle all of them first.
        assert (await refused(client, "textDocument/unknown")).code == -32601
        assert (await client.request("anvcs/repository/status"))["initialized"]
        assert [message for message in client.received if "method" in message] == []


@pytest.mark.promise("lsp.nested-jsonrpc-is-data")
async def test_a_payload_may_be_a_json_rpc_message_itself(tmp_path: Path) -> None:
    transcript = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"jsonrpc": "2.0", "id": "x"}}

    def commit(_: Caller, params: CommitParams) -> CommitResult:
        found = params.metadata.extra
        return CommitResult(
            commit_id=B3, git_commit=GIT, change_id="k" * 32, operation_id=B3, hook_output=json.dumps(found)
        )

    async with connected(tmp_path, FakeActions(commit=commit)) as client:
        await client.initialize(tmp_path)
        params = {"message": "x", "metadata": {"extra": transcript}}
        assert json.loads((await client.request("anvcs/commit", params))["hookOutput"]) == transcript
        assert json.loads((await client.command("ai-vcs.commit", params))["hookOutput"]) == transcript
        # The same on pygls' side, which would take the inner object for a message of its own.
        hover = {"textDocument": {"uri": "file:///x", **transcript}, "position": {"line": 0, "character": 0}}
        assert await client.request("textDocument/hover", hover) is None


@pytest.mark.promise("lsp.no-traceback")
async def test_an_internal_error_is_a_log_id_to_the_client(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def graph(_: Caller, __: object) -> GraphPage:
        raise ValueError("secret path /home/me/token")

    def explain(*_: object) -> str:
        raise ValueError("secret path /home/me/token")

    actions = FakeActions(graph=graph)
    actions.explain = explain
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
        for method, params in (("anvcs/graph", {}), ("textDocument/hover", hover)):
            error = await refused(client, method, params)
            assert (error.code, error.message, error.data["code"]) == (-32603, "Internal error", "internal")
            (record,) = [record for record in caplog.records if error.data["logId"] in record.getMessage()]
            assert record.exc_info is not None
            assert isinstance(record.exc_info[1], ValueError)
        sent = json.dumps(client.received)
    assert "secret" not in sent
    assert "Traceback" not in sent
    assert "window/showMessage" not in sent


@pytest.mark.promise("lsp.refusals-are-problems")
async def test_a_refusal_has_its_code_cause_and_way_out(tmp_path: Path) -> None:
    def commit(_: Caller, __: object) -> None:
        raise HookFailedError("The pre-commit hook refused.", "Do as it says.", output="fix the\nlint")

    def show(_: Caller, __: object) -> None:
        raise UnknownCommitError("There is no commit x.", "See ai-vcs graph.")

    async with connected(tmp_path, FakeActions(commit=commit, show=show)) as client:
        await client.initialize(tmp_path)
        hook = await refused(client, "anvcs/commit", {})
        unknown = await refused(client, "anvcs/commit/show", {"commit": "x"})
    assert (hook.code, hook.message) == (-32054, "The pre-commit hook refused. Do as it says.")
    assert hook.data == {
        "code": "hook-failed",
        "message": "The pre-commit hook refused.",
        "wayOut": "Do as it says.",
        "output": "fix the\nlint",
    }
    assert (unknown.code, unknown.data["code"]) == (-32055, "unknown-commit")


def test_every_error_has_a_number_on_the_wire() -> None:
    for cls in all_errors():
        made = refusal(cls("It failed.", "Try again."))
        expected = next(code for family, code in REFUSALS if issubclass(cls, family))
        assert made.code == expected
    assert REFUSALS[-1][0] is AnvcsError
    assert len({code for _, code in REFUSALS}) == len(REFUSALS)
    assert refusal(errors.CancelledError("Cancelled.")).code == -32800


async def test_a_result_that_cannot_be_written_is_an_internal_error(tmp_path: Path) -> None:
    async with connected(tmp_path, FakeActions(status=always(object()))) as client:
        await client.initialize(tmp_path)
        assert (await refused(client, "anvcs/repository/status")).code == -32603


@pytest.mark.promise("lsp.every-request-is-answered")
async def test_a_fault_in_the_server_itself_is_answered_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret")

    async with connected(tmp_path, FakeActions(status=status)) as client:
        await client.initialize(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(type(client.connection), "_verb", broken)
            assert (await refused(client, "anvcs/repository/status")).message == "Internal error"
        assert (await client.request("anvcs/repository/status"))["initialized"]


async def test_half_a_surrogate_pair_passes_both_ways(tmp_path: Path) -> None:
    half = "\ud83d"

    def commit(_: Caller, params: CommitParams) -> CommitResult:
        assert params.message is not None
        return CommitResult(commit_id=B3, git_commit=GIT, change_id="k" * 32, operation_id=B3, subject=params.message)

    async with connected(tmp_path, FakeActions(commit=commit)) as client:
        await client.initialize(tmp_path)
        assert (await client.request("anvcs/commit", {"message": half}))["subject"] == half


@pytest.mark.promise("lsp.commands")
async def test_every_verb_is_a_command(tmp_path: Path) -> None:
    verbs = ("init", "status", "add", "commit", "diff", "graph", "show", "doctor", "uninstall")

    def same(_: Caller, params: object) -> object:
        return params

    actions = FakeActions(**dict.fromkeys(verbs, same))
    async with connected(tmp_path, actions) as client:
        capabilities = (await client.initialize(tmp_path))["capabilities"]
        assert sorted(capabilities["executeCommandProvider"]["commands"]) == sorted(COMMANDS)
        for verb in verbs:
            arguments = [{"paths": ["a"]}] if verb == "add" else []
            assert await client.command(f"ai-vcs.{verb}", *arguments) == {
                "folder": str(tmp_path),
                **({"paths": ["a"]} if verb == "add" else {}),
            }
        assert (await refused(client, "workspace/executeCommand", {"command": "ai-vcs.nope"})).code == -32602
        two = await refused(client, "workspace/executeCommand", {"command": "ai-vcs.status", "arguments": [{}, {}]})
        assert two.code == -32602
        assert (await refused(client, "workspace/executeCommand", {"command": 1})).code == -32602
    assert [verb for verb, _ in actions.calls] == list(verbs)


async def test_after_uninstall_nothing_is_kept_open(tmp_path: Path) -> None:
    callers: list[Caller] = []
    closed: list[Caller] = []

    class Watched(FakeActions):
        def call(self, caller: Caller, request: Request[Any, Any], params: Any) -> Any:
            if caller not in callers:
                callers.append(caller)
                caller.close = lambda: closed.append(caller)
            return super().call(caller, request, params)

    async with connected(tmp_path, Watched(status=status, uninstall=always(UninstallResult()))) as client:
        await client.initialize(tmp_path)
        await client.request("anvcs/repository/status")
        await client.command("ai-vcs.uninstall")
        await client.request("anvcs/repository/status")
        reading, writing, again = callers
        assert again is not reading
        await client.request("shutdown")
    assert {id(caller) for caller in closed} == {id(reading), id(writing), id(again)}


async def test_the_log_never_holds_what_is_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    actions = FakeActions(status=always(RepositoryStatus(root="a-secret-prompt", initialized=True)))
    actions.explain = always("a-secret-prompt")
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        await client.request("anvcs/repository/status")
        hover = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
        assert (await client.request("textDocument/hover", hover))["contents"]["value"] == "a-secret-prompt"
    assert "a-secret-prompt" not in caplog.text
    # At INFO pygls writes what it receives, and in its own way of sending also what it sends.
    assert [record for record in caplog.records if record.name.startswith("pygls")] == []


async def test_a_fault_outside_of_requests_is_logged_and_shown_to_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: types.DidSaveTextDocumentParams) -> None:
        raise ValueError("broken by the test")

    async with connected(tmp_path, FakeActions()) as client:
        await client.initialize(tmp_path)
        await refused(client, "textDocument/unknown")
        assert client.connection.server is not None
        client.connection.server.feature("textDocument/didSave")(broken)
        client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///x"}})
        await refused(client, "textDocument/unknown")
        assert [message for message in client.received if "method" in message] == []
    (record,) = [record for record in caplog.records if record.exc_info]
    assert isinstance(record.exc_info and record.exc_info[1], ValueError)
