"""A Yjs client as it comes from npm, in a room of ours: it joins with a token, and knows nothing of us."""

from __future__ import annotations

import asyncio
import json
import random
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts import toolchain
from tests.relay.conftest import PATIENCE, Team, agree, until, write

PEER = Path(__file__).parent / "node" / "peer.mjs"
NODE = "human:node@example.org"
ADA = "human:ada@example.org"
OURS = ["a", "b", "é", "中", "\n", "\N{FAMILY}"]


class Peer:
    """A running Node client."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []

    def tell(self, **command: object) -> None:
        """Have it do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until it says something."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                line = await self._process.stdout.readline()
                assert line, "the Node client ended"
                body = json.loads(line)
                self.said.append(body)
                if condition(body):
                    return body

    async def text(self) -> str:
        """What it shows."""
        self.tell(show=True)
        return (await self.until(lambda body: "text" in body))["text"]


@asynccontextmanager
async def peer(team: Team, room: str) -> AsyncGenerator[Peer]:
    """A Node client in a room."""
    if not (PEER.parent / "node_modules" / "anvcs.stamp").exists():
        pytest.fail("The Node peers are not installed; run: make setup")
    found = team.relays.start()
    query = json.dumps({"token": found.token, "actor": NODE})
    process = await asyncio.create_subprocess_exec(
        str(toolchain.NODE_BIN / "node"), str(PEER), found.url("/rooms"), room, query, stdin=PIPE, stdout=PIPE
    )
    made = Peer(process)
    try:
        yield made
    finally:
        made.tell(quit=True)
        async with asyncio.timeout(PATIENCE):
            await process.communicate()


async def same(node: Peer, *clients: Any) -> str:
    """Wait until all show one text; gives it."""
    text = ""
    for _ in range(200):
        text = await agree(*clients)
        if await node.text() == text:
            return text
        await asyncio.sleep(0.05)
    raise AssertionError(text, await node.text())


@pytest.mark.promise("relay.any-yjs-client")
@pytest.mark.parametrize("seed", range(3))
async def test_typing_at_one_place_beside_node_yjs_ends_in_one_text_with_every_character_credited(
    team: Team, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - reproducible
    team.repo.write("both.txt", "=\n")
    opened = await team.open("both.txt")
    room = str(opened["room"])
    ada = await team.join("both.txt", ADA, room=room)
    async with peer(team, room) as node:
        await node.until(lambda body: body.get("synced") is True)
        node.tell(type=300, seed=seed + 1)
        for index in range(300):
            write(ada, min(len(ada.doc), rng.randrange(4)), rng.choice(OURS))
            if index % 5 == 4 and (start := rng.randrange(6)) < len(ada.doc):
                ada.send(ada.doc.edit((start, -1) if start else (-1,)))
            if index % 3 == 0:
                await asyncio.sleep(0)
        await node.until(lambda body: body.get("typed") == 300)
        text = await same(node, ada)
    control = await team.control()
    answer = await control.ask("attribution", {"room": room})
    place = 0
    for length, seq in answer["runs"]:
        actor = answer["sources"][str(seq)]["actor"]
        for each in text[place : place + length]:
            if each in "ABC\N{GRINNING FACE}漢":
                assert actor == NODE, (place, each)
            elif each in "abé中\N{FAMILY}":
                assert actor == ADA, (place, each)
            elif each == "=":
                assert actor == "system:git"
        place += length
    assert place == len(text)


async def test_node_yjs_and_our_clients_see_each_other(team: Team) -> None:
    opened = await team.open("src/app.py")
    ada = await team.join("src/app.py", ADA, room=str(opened["room"]))
    ada.say({"name": "Ada 漢"})
    async with peer(team, str(opened["room"])) as node:
        seen = await node.until(lambda body: bool(body.get("others")))
        assert seen["others"] == [{"name": "Ada 漢", "actor": ADA}]
        node.tell(aware={"user": {"name": "JS \N{GRINNING FACE}"}})
        wanted = {"user": {"name": "JS \N{GRINNING FACE}"}, "actor": NODE}
        await until(ada, lambda: list(ada.others.values()) == [wanted])
        ada.say(None)
        await node.until(lambda body: body.get("others") == [])
    await until(ada, lambda: not ada.others)


async def test_node_yjs_comes_back_after_kill_9_of_the_relay_with_what_it_typed_meanwhile(team: Team) -> None:
    opened = await team.open("src/app.py")
    room = str(opened["room"])
    async with peer(team, room) as node:
        await node.until(lambda body: body.get("synced") is True)
        found = team.relays.start()
        await team.close()
        team.relays.kill(found)
        await team.relays.ended(found)
        node.tell(insert="offline ")
        # It knows no file that names the relay, so this one listens where the other did.
        again = await asyncio.to_thread(team.relays.start, "--port", str(found.port))
        assert again.port == found.port
        node.tell(token=again.token)
        await node.until(lambda body: body.get("synced") is True)
        ada = await team.join("src/app.py", ADA, room=room)
        await until(ada, lambda: ada.doc.text == "offline x = 1\n")
