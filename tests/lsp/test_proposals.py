"""Merge proposals over the wire, with real actions and git: requests, documents, diagnostics, ways to decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from anvcs import wire
from anvcs.lsp.features.proposals import document
from anvcs.lsp.verbs import CHECKING, COMMANDS, SHARING, WRITING
from tests.conftest import Repo
from tests.lsp.client import AnswerError, Client, RealClient
from tests.merging import apart, breaking, conflicting

PUBLISH = "textDocument/publishDiagnostics"


def published(client: Client) -> dict[str, list[dict[str, Any]]]:
    """The diagnostics of every document as they were told last."""
    told = [message["params"] for message in client.received if message.get("method") == PUBLISH]
    return {params["uri"]: params["diagnostics"] for params in told}


async def test_a_merge_goes_from_proposal_to_landing(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        made = await client.request("anvcs/proposals/create", {"sources": ["login"]})
        it = made["proposal"]
        assert (made["outcome"], it["status"]) == ("proposed", "blocked")
        (listed,) = (await client.request("anvcs/proposals/list", {}))["proposals"]
        assert listed["proposalId"] == it["proposalId"]
        decided = await client.request("anvcs/proposals/resolve", {"path": "f", "conflict": 1, "take": "left"})
        assert decided["proposal"]["status"] == "blocked"
        decided = await client.command("ai-vcs.proposal.resolve", {"path": "f", "conflict": 2, "text": "nine\n"})
        assert decided["proposal"]["status"] == "ready"
        voted = await client.request("anvcs/proposals/vote", {"proposal": "login", "choice": "approve"})
        tree = voted["proposal"]["tree"]
        with pytest.raises(AnswerError) as caught:
            await client.request("anvcs/proposals/accept", {"tree": it["tree"]})
        assert (caught.value.code, caught.value.data["code"]) == (-32061, "proposal-moved")
        landed = await client.request("anvcs/proposals/accept", {"tree": tree})
        assert landed["proposal"]["status"] == "accepted"
        assert repo.git("rev-parse", "HEAD^{tree}") == tree
        await client.request("anvcs/operations/undo", {})
        again = await client.request("anvcs/proposals/get", {"proposal": it["proposalId"]})
        assert again["proposal"]["landed"]["takenBack"]
        made = await client.request("anvcs/proposals/create", {"sources": ["login"]})
        gone = await client.request("anvcs/proposals/reject", {"reason": "Not now."})
        assert gone["proposal"]["reason"] == "Not now."


@pytest.mark.promise("proposals.documents")
@pytest.mark.parametrize("named", [False, True], ids=["first folder", "folder named"])
async def test_a_result_is_a_document_with_its_conflicts_as_diagnostics(
    repo: Repo, real_client: RealClient, named: bool
) -> None:
    conflicting(repo)
    folder = {"folder": repo.path.as_uri()} if named else {}
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"], **folder}))["proposal"]
        uri = document("f", it["tree"], folder.get("folder"))
        text = (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"]
        lines = text.splitlines()
        found = published(client)[uri]
        assert [(each["severity"], each["source"]) for each in found] == [(1, "anvcs")] * 2
        for each in found:
            assert lines[each["range"]["start"]["line"]].startswith("<<<<<<<")
            assert lines[each["range"]["end"]["line"] - 1].startswith(">>>>>>>")
        second = found[1]["range"]["start"]
        # As another client may escape it.
        asked: dict[str, Any] = {"textDocument": {"uri": uri.replace("%3A", ":")}, "context": {"diagnostics": []}}
        actions = await client.request("textDocument/codeAction", {**asked, "range": {"start": second, "end": second}})
        assert [each["title"] for each in actions] == [
            "Take what main has",
            "Take what login has",
            "Take both, main's first",
        ]
        command = actions[1]["command"]
        assert command["command"] in COMMANDS
        it = (await client.command(command["command"], *command["arguments"]))["proposal"]
        assert [each.get("resolved", {}).get("take") for each in it["files"][0]["conflicts"]] == [None, "right"]
        now = published(client)
        assert now[uri] == []
        assert len(now[document("f", it["tree"], folder.get("folder"))]) == 1
        nowhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
        for other in ({"range": nowhere}, {"textDocument": {"uri": repo.path.as_uri()}}):
            wanted: dict[str, Any] = {**asked, "range": {"start": second, "end": second}, **other}
            assert await client.request("textDocument/codeAction", wanted) is None
        await client.request("anvcs/proposals/reject", folder)
        assert not any(published(client).values())


async def test_a_whole_file_in_conflict_is_told_and_decided_in_its_first_line(
    repo: Repo, real_client: RealClient
) -> None:
    apart(repo)
    repo.git("switch", "--quiet", "login")
    repo.git("rm", "--quiet", "f")
    repo.git_commit("without f")
    repo.git("switch", "--quiet", "main")
    repo.write("f", "changed\n")
    repo.git_commit("f")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        uri = document("f", it["tree"], None)
        (found,) = published(client)[uri]
        assert (found["code"], found["range"]["start"]["line"]) == ("modify/delete", 0)
        asked: dict[str, Any] = {"textDocument": {"uri": uri}, "range": found["range"], "context": {"diagnostics": []}}
        actions = await client.request("textDocument/codeAction", asked)
        assert [each["title"] for each in actions] == ["Take what main has", "Remove the file, as login did"]
        command = actions[1]["command"]
        it = (await client.command(command["command"], *command["arguments"]))["proposal"]
        assert (it["status"], it["files"][0]["resolved"]["take"]) == ("ready", "right")
        assert "result" not in it["files"][0]


def test_addresses_are_written_as_vs_code_writes_them() -> None:
    tree = "8" * 40
    assert document("a b/ä.py", tree, None) == f"anvcs:/a%20b/%C3%A4.py?tree%3A{tree}"
    folder = "file:///a%20b"
    assert document("c.py", tree, folder) == f"anvcs:/c.py?{quote(f'tree:{tree}&folder={folder}', safe='')}"


async def test_a_tree_that_is_not_there_is_an_empty_document(repo: Repo, real_client: RealClient) -> None:
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        uri = document("README.md", "8" * 40, None)
        assert (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"] == ""
        here = document("README.md", repo.git("rev-parse", "HEAD^{tree}"), None)
        assert (await client.request("workspace/textDocumentContent", {"uri": here}))["text"] == "hello\n"


def test_what_may_run_guards_keeps_nobody_from_committing() -> None:
    assert not (CHECKING & WRITING)
    assert not (CHECKING & SHARING)
    assert {verb for verb in wire.VERBS if verb.startswith("proposal.")} <= WRITING | CHECKING | {"proposal.list"}


@pytest.mark.promise("proposals.between-files")
async def test_an_editor_lands_nothing_that_breaks_between_files(repo: Repo, real_client: RealClient) -> None:
    breaking(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        made = await client.request("anvcs/proposals/create", {"sources": ["login"], "auto": True})
        it = made["proposal"]
        assert (made["outcome"], [each["code"] for each in it["obstacles"]]) == ("proposed", ["unsafe"])
        (found,) = published(client)[document("pkg/b.py", it["tree"], None)]
        assert (found["code"], found["severity"]) == ("renamed", 1)
