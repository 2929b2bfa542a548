"""Asking a language model over the wire: the editor's own, and that of an endpoint, with progress and cancellation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anvcs.lsp.features.proposals import document
from tests.conftest import Repo
from tests.lsp.client import AnswerError, Client, RealClient, bounded
from tests.lsp.test_proposals import published
from tests.merging import conflicting
from tests.models import MODEL, Model, Reply, suggests

OFFERS = {"anvcs": {"assist": {"complete": True}}}
COMPLETE = "anvcs/assist/complete"


class Window:
    """An editor whose model answers as the test says."""

    def __init__(self, client: Client, *answers: str | None) -> None:
        self.asked: list[Any] = []
        self._answers = list(answers)
        client.answers[COMPLETE] = self._complete

    def _complete(self, message: Any) -> Any:
        self.asked.append(message["params"])
        text = self._answers.pop(0)
        return {"content": json.dumps({"text": text, "rationale": "Both are meant."}), "model": "copilot/x"}


def configured(repo: Repo, text: str) -> None:
    repo.write("ai-vcs.config.yaml", text)
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git("commit", "--quiet", "-m", "settings")


async def test_the_editors_own_model_suggests_and_its_user_takes_it(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)
        window = Window(client, "two ours theirs\n", None)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        assert it["canAssist"]
        found = await client.request("anvcs/proposals/assist", {"path": "f"})
        first, second = found["asked"]
        made = first["suggestion"]
        assert (made["text"], made["safe"], made["provider"]) == ("two ours theirs\n", True, "editor")
        assert (made["model"], made["place"], made["rationale"]) == ("copilot/x", "the editor", "Both are meant.")
        assert "text" not in second["suggestion"]
        (system, user), _ = (each["messages"] for each in window.asked)
        assert (system["role"], json.loads(user["content"])["left"]) == ("system", "two ours\n")
        # It is seen before anybody takes it.
        uri = document("f", it["tree"], None)
        told = [each for each in published(client)[uri] if each["code"] == "suggestion"]
        assert [each["severity"] for each in told] == [3, 3]
        assert told[0]["message"] == "copilot/x suggests:\ntwo ours theirs\n\nBecause: Both are meant."
        assert told[1]["message"] == "copilot/x could not decide: Both are meant."
        where = {"start": told[0]["range"]["start"], "end": told[0]["range"]["start"]}
        asked: dict[str, Any] = {"textDocument": {"uri": uri}, "context": {"diagnostics": []}, "range": where}
        actions = await client.request("textDocument/codeAction", asked)
        assert [each["title"] for each in actions[-2:]] == ["Take what copilot/x suggests", "Suggest a resolution"]
        command = actions[-2]["command"]
        after = (await client.command(command["command"], *command["arguments"]))["proposal"]
        taken = after["files"][0]["conflicts"][0]["resolved"]
        assert (taken["take"], taken["model"]) == ("suggestion", "copilot/x")


async def test_a_code_action_asks(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)
        window = Window(client, "nine ours theirs\n")
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        uri = document("f", it["tree"], None)
        where = {"start": published(client)[uri][1]["range"]["start"], "end": published(client)[uri][1]["range"]["end"]}
        asked: dict[str, Any] = {"textDocument": {"uri": uri}, "context": {"diagnostics": []}, "range": where}
        actions = await client.request("textDocument/codeAction", asked)
        command = actions[-1]["command"]
        assert command["title"] == "Suggest a resolution"
        found = await client.command(command["command"], *command["arguments"])
        assert [each["conflict"] for each in found["asked"]] == [2]
        assert len(window.asked) == 1


@pytest.mark.promise("assist.off")
@pytest.mark.parametrize("options", [None, {"anvcs": {"assist": {}}}, {"anvcs": {"assist": "yes"}}])
async def test_an_editor_that_does_not_offer_its_model_is_not_asked(
    repo: Repo, real_client: RealClient, options: Any
) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=options)
        window = Window(client)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        assert "canAssist" not in it
        uri = document("f", it["tree"], None)
        where = published(client)[uri][0]["range"]
        asked: dict[str, Any] = {"textDocument": {"uri": uri}, "context": {"diagnostics": []}, "range": where}
        actions = await client.request("textDocument/codeAction", asked)
        assert "Suggest a resolution" not in [each["title"] for each in actions]
        with pytest.raises(AnswerError) as caught:
            await client.request("anvcs/proposals/assist", {})
        assert caught.value.data["code"] == "assist-off"
        assert window.asked == []


@pytest.mark.promise("assist.off")
async def test_nothing_is_asked_in_a_workspace_that_is_not_trusted(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options={"anvcs": {"assist": {"complete": True}, "trusted": False}})
        window = Window(client)
        it = (await client.request("anvcs/proposals/create", {"sources": ["login"]}))["proposal"]
        assert "canAssist" not in it
        with pytest.raises(AnswerError) as caught:
            await client.request("anvcs/proposals/assist", {})
        assert caught.value.data["code"] == "untrusted"
        assert window.asked == []


async def test_an_editor_that_refuses_says_why(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)

        def refuse(message: Any) -> None:
            if message.get("method") == COMPLETE:
                error = {"code": -32000, "message": "The user said no."}
                client.send({"id": message["id"], "error": error})

        client.silent.add(COMPLETE)
        client.listeners.append(refuse)
        await client.request("anvcs/proposals/create", {"sources": ["login"]})
        with pytest.raises(AnswerError) as caught:
            await client.request("anvcs/proposals/assist", {"path": "f", "conflict": 1})
        assert caught.value.data["code"] == "assist"
        assert "The user said no." in caught.value.message


async def test_an_answer_of_another_shape_is_none(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)
        client.answers[COMPLETE] = lambda _: {"content": 3}
        await client.request("anvcs/proposals/create", {"sources": ["login"]})
        with pytest.raises(AnswerError) as caught:
            await client.request("anvcs/proposals/assist", {"path": "f", "conflict": 1})
        assert caught.value.data["code"] == "assist"


@pytest.mark.promise("assist.nothing-half")
async def test_a_cancelled_question_is_taken_back_from_the_editor(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)
        client.silent.add(COMPLETE)
        made = await client.request("anvcs/proposals/create", {"sources": ["login"]})
        asked = client.expect(COMPLETE)
        asking = client.begin("anvcs/proposals/assist", {"path": "f", "conflict": 1}, id_="mine")
        question = await bounded(asked)
        withdrawn = client.expect("$/cancelRequest")
        client.notify("$/cancelRequest", {"id": "mine"})
        with pytest.raises(AnswerError) as caught:
            await bounded(asking)
        assert caught.value.code == -32800
        assert (await bounded(withdrawn))["params"] == {"id": question["id"]}
        # An answer that comes too late is nobody's.
        client.send({"id": question["id"], "result": {"content": "{}", "model": "x"}})
        now = await client.request("anvcs/proposals/get", {})
        assert now["proposal"]["files"] == made["proposal"]["files"]


async def test_an_editor_that_leaves_keeps_nobody_waiting(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path, options=OFFERS)
        client.silent.add(COMPLETE)
        await client.request("anvcs/proposals/create", {"sources": ["login"]})
        asked = client.expect(COMPLETE)
        asking = client.begin("anvcs/proposals/assist", {"path": "f", "conflict": 1})
        await bounded(asked)
        await client.request("shutdown")
        with pytest.raises(AnswerError):
            await bounded(asking)
        assert client.connection.clean


async def test_an_endpoint_is_asked_with_progress_while_others_read_and_commit(
    repo: Repo, real_client: RealClient, model: Model
) -> None:
    configured(repo, model.settings())
    conflicting(repo)
    model.answers(Reply(b"{", hangs=True), suggests("two ours theirs\n"))
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        await client.request("anvcs/proposals/create", {"sources": ["login"]})
        told = client.expect("$/progress", lambda message: "Asking" in str(message))
        params = {"path": "f", "conflict": 1, "workDoneToken": "here"}
        asking = client.begin("anvcs/proposals/assist", params, id_="mine")
        said = (await bounded(told))["params"]["value"]["message"]
        assert said == f"Asking {MODEL} at {model.url} about f"
        repo.write("new", "x\n")
        await client.request("anvcs/commit", {"message": "beside it", "paths": ["new"]})
        client.notify("$/cancelRequest", {"id": "mine"})
        with pytest.raises(AnswerError) as caught:
            await bounded(asking)
        assert caught.value.code == -32800
        await client.request("anvcs/proposals/get", {})
        found = await client.request("anvcs/proposals/assist", {"path": "f", "conflict": 1})
        assert found["asked"][0]["suggestion"]["provider"] == "endpoint"


async def test_what_would_be_sent_can_be_seen_without_any_model(repo: Repo, real_client: RealClient) -> None:
    conflicting(repo)
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        await client.request("anvcs/proposals/create", {"sources": ["login"]})
        found = await client.command("ai-vcs.proposal.assist", {"showPrompt": True, "path": "f", "conflict": 2})
        (prompt,) = (each["prompt"] for each in found["asked"])
        assert json.loads(prompt["messages"][1]["content"])["left"] == "nine ours\n"
