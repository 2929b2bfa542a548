"""An editor is told where others meet what is typed, without being asked and without waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from anvcs.actions.conflicts import Note, notes
from anvcs.errors import CorruptStoreError
from anvcs.lsp.features import meetings
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, Client, FakeActions, Message, bounded, connected
from tests.unit.actions.test_conflicts import MORE, RENAMED, WEB, shop

__all__ = ["shop"]

PUBLISH = "textDocument/publishDiagnostics"
SAID = "feature renames make to create, which you newly call."


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits until a person paused."""
    monkeypatch.setattr(meetings, "AFTER", 0.01)
    monkeypatch.setattr(meetings, "AGAIN", 3600.0)


def type_over(client: Client, uri: str, version: int, text: str) -> None:
    client.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]},
    )


def told(client: Client, uri: str) -> asyncio.Future[Message]:
    """The next diagnostics of a document."""
    return client.expect(PUBLISH, lambda message: message["params"]["uri"] == uri)


async def shown(message: asyncio.Future[Message]) -> list[tuple[Any, ...]]:
    """Where diagnostics are, and what they say."""
    found = (await bounded(message))["params"]["diagnostics"]
    return [
        (
            each["range"]["start"]["line"],
            each["range"]["start"]["character"],
            each["range"]["end"]["character"],
            each["message"],
        )
        for each in found
    ]


@pytest.mark.promise("resources.while-typing")
async def test_what_is_typed_is_told_about_while_it_is_typed_and_no_longer(shop: Repo) -> None:
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, env=shop.env) as client:
        await client.initialize(shop.path)
        client.open(uri, WEB)
        waiting = told(client, uri)
        type_over(client, uri, 2, MORE)
        assert await shown(waiting) == [(8, 11, 15, SAID)]
        (diagnostic,) = client.received[-1]["params"]["diagnostics"]
        assert (diagnostic["severity"], diagnostic["source"], diagnostic["code"]) == (3, "anvcs", "depends")
        waiting = told(client, uri)
        type_over(client, uri, 3, WEB)
        assert await shown(waiting) == []
    assert shop.read("shop/web.py").decode() == WEB


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", 12), ("utf-16", 10), ("utf-32", 9)])
async def test_columns_are_counted_as_the_client_counts(shop: Repo, encoding: str, start: int) -> None:
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, env=shop.env) as client:
        await client.initialize(shop.path, {"general": {"positionEncodings": [encoding]}})
        waiting = told(client, uri)
        client.open(uri, WEB + "\n\ndef other():\n    '🌙', make()\n")
        ((_, at, end, _),) = await shown(waiting)
        assert (at, end) == (start, start + 4)


async def test_what_others_commit_is_told_without_a_keystroke(shop: Repo) -> None:
    shop.git("branch", "--force", "feature", "main")
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, env=shop.env, interval=0.01) as client:
        await client.initialize(shop.path)
        client.open(uri, MORE)
        waiting = told(client, uri)
        shop.git("checkout", "--quiet", "feature")
        shop.write("shop/basket.py", RENAMED)
        shop.git_commit("rename")
        shop.git("checkout", "--quiet", "main")
        assert [each[3] for each in await shown(waiting)] == [SAID]


async def test_what_others_only_save_is_told_when_it_is_looked_again(
    shop: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meetings, "AGAIN", 0.01)
    shop.git("branch", "--force", "feature", "main")
    shop.git("worktree", "add", "--quiet", str(shop.path.parent / "feature"), "feature")
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, env=shop.env) as client:
        await client.initialize(shop.path)
        waiting = told(client, uri)
        client.open(uri, MORE)
        (shop.path.parent / "feature" / "shop" / "basket.py").write_text(RENAMED)
        assert [each[3] for each in await shown(waiting)] == [SAID]


async def test_a_document_that_is_closed_shows_nothing_any_more(shop: Repo) -> None:
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, env=shop.env) as client:
        await client.initialize(shop.path)
        waiting = told(client, uri)
        client.open(uri, MORE)
        assert len(await shown(waiting)) == 1
        waiting = told(client, uri)
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert await shown(waiting) == []


async def test_who_changes_what_others_use_is_told_where_it_is_changed(shop: Repo) -> None:
    shop.git("checkout", "--quiet", "-b", "user", "main")
    shop.write("shop/web.py", MORE)
    shop.git_commit("more")
    shop.git("branch", "--delete", "--force", "feature")
    shop.git("checkout", "--quiet", "main")
    uri = (shop.path / "shop" / "basket.py").as_uri()
    async with connected(shop.path, env=shop.env) as client:
        await client.initialize(shop.path)
        waiting = told(client, uri)
        client.open(uri, RENAMED)
        assert await shown(waiting) == [
            (5, 4, 10, "You rename make to create, which user newly calls in shop/web.py:9.")
        ]


async def test_many_keystrokes_are_one_look_and_a_failed_look_is_not_the_last(shop: Repo) -> None:
    looks: list[dict[str, str]] = []
    answers: list[Any] = [
        CorruptStoreError("Damaged."),
        ValueError("a fault"),
        {"shop/web.py": (Note(0, 0, 4, "It meets.", "depends"),)},
    ]

    def look(_caller: object, _folder: object, typed: dict[str, str]) -> Any:
        looks.append(typed)
        answer = answers[min(len(looks), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    actions = FakeActions()
    actions.meetings = look
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, actions, env=shop.env) as client:
        await client.initialize(shop.path)
        client.open(uri, WEB)
        for version in range(2, 50):
            type_over(client, uri, version, WEB + "#" * version)
        async with asyncio.timeout(TIMEOUT):
            while not looks:  # noqa: ASYNC110 - no editor is told of a look that fails
                await asyncio.sleep(0.001)
        assert looks == [{"shop/web.py": WEB + "#" * 49}]
        waiting = told(client, uri)
        for version in (50, 51):
            known = len(looks)
            type_over(client, uri, version, WEB + "#" * version)
            async with asyncio.timeout(TIMEOUT):
                while len(looks) == known:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.001)
        assert await shown(waiting) == [(0, 0, 4, "It meets.")]


async def test_what_was_found_in_a_text_that_changed_meanwhile_is_not_told(shop: Repo) -> None:
    began, typed = threading.Event(), threading.Event()

    def look(_caller: object, _folder: object, texts: dict[str, str]) -> Any:
        if not began.is_set():
            began.set()
            assert typed.wait(TIMEOUT)
        return {"shop/web.py": (Note(0, 0, 4, f"About {texts['shop/web.py']!r}.", "depends"),)}

    actions = FakeActions()
    actions.meetings = look
    uri = (shop.path / "shop" / "web.py").as_uri()
    async with connected(shop.path, actions, env=shop.env) as client:
        await client.initialize(shop.path)
        client.open(uri, "old text")
        await asyncio.to_thread(began.wait, TIMEOUT)
        waiting = told(client, uri)
        type_over(client, uri, 2, "new text")
        # The server has the new text once it answers what came after it.
        await client.request("textDocument/codeAction", asking(uri))
        typed.set()
        assert await shown(waiting) == [(0, 0, 4, "About 'new text'.")]


def asking(uri: str) -> dict[str, Any]:
    start = {"line": 0, "character": 0}
    return {"textDocument": {"uri": uri}, "range": {"start": start, "end": start}, "context": {"diagnostics": []}}


async def test_what_is_no_file_or_lies_elsewhere_is_left_alone(shop: Repo) -> None:
    actions = FakeActions()
    looks: list[dict[str, str]] = []

    def look(_caller: object, _folder: object, typed: dict[str, str]) -> Any:
        looks.append(typed)
        return {}

    actions.meetings = look
    async with connected(shop.path, actions, env=shop.env) as client:
        await client.initialize(shop.path)
        client.open("untitled:Untitled-1", WEB)
        client.open((shop.path / "shop" / "web.py").as_uri(), WEB)
        async with asyncio.timeout(TIMEOUT):
            while not looks:  # noqa: ASYNC110 - nothing is told
                await asyncio.sleep(0.001)
    assert looks == [{"shop/web.py": WEB}]


def test_nobody_is_told_where_anvcs_is_not_set_up(shop: Repo, make_repo: Callable[..., Repo]) -> None:
    assert [each.message for each in notes(shop.caller(), None, {"shop/web.py": MORE})["shop/web.py"]] == [SAID]
    plain = make_repo("plain", init=False)
    plain.git("pull", "--quiet", "--rebase", str(shop.path), "main")
    plain.git("fetch", "--quiet", str(shop.path), "feature:feature")
    assert notes(plain.caller(), None, {"shop/web.py": MORE}) == {}
