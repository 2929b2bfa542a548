"""Everybody at once on one file: two windows, a Yjs client from npm, agents, and a program that only writes files."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from blake3 import blake3

from anvcs.link.control import Control
from anvcs.link.roomclient import RoomClient
from tests.conftest import Repo
from tests.lsp.client import RealClient
from tests.lsp.room_editor import Window, window
from tests.relay.conftest import PATIENCE, Relays, Team
from tests.relay.test_node import NODE, Peer, peer
from tests.two_authors import characters

NAME = "src/all.txt"
BEGIN = "first é\nsecond \N{GRINNING FACE}\nthird 漢字\n"
ROUNDS = 12
ADA, AGENT, HOOKED = "human:ada@example.org", "agent:python", "agent:hooked"
TAILS = ("é\N{GRINNING FACE}", "漢字", "\N{FAMILY} x", "plain")


class Everybody:
    """The file, those who change it, and what each wrote."""

    def __init__(self, repo: Repo, control: Control, windows: tuple[Window, Window], agent: RoomClient) -> None:
        self.repo = repo
        self.control = control
        self.windows = windows
        self.agent = agent
        self.wrote: dict[str, tuple[str, str | None]] = {}
        """By whom each word is and how that is known; None for what can only be guessed."""
        self._rng = random.Random(4)  # noqa: S311 - reproducible
        self._disk = asyncio.Lock()
        """Held by one who reads the file, changes it and waits until that is seen."""
        self._where = {"worktree": str(repo.path), "path": NAME}

    def word(self, kind: str, number: int, actor: str, how: str | None = "live") -> str:
        """A word that nobody else writes."""
        made = f"<{kind}{number} {TAILS[number % len(TAILS)]}>"
        self.wrote[made] = (actor, how)
        return made

    def line_start(self, text: str) -> int:
        """The start of any line."""
        return self._rng.choice([0, *(place + 1 for place, each in enumerate(text) if each == "\n")])

    async def type(self, index: int) -> None:
        """Type a word into a window, in pieces, at a place that moves meanwhile; now and then save."""
        one = self.windows[index]
        for number in range(ROUNDS):
            word = self.word("ab"[index], number, ADA)
            done = word.index(" ")
            one.type(self.line_start(one.text), word[:done] + "\n")
            for piece in (word[done:-2], word[-2:]):
                await asyncio.sleep(0)
                one.type(one.text.index(word[:done] + "\n") + done, piece)
                done += len(piece)
            if number % 4 == 3:
                await one.save()
            await one.durable()

    async def node(self, node: Peer) -> None:
        """The Node client types."""
        for number in range(ROUNDS):
            word = self.word("n", number, NODE)
            node.tell(insert=f"{word}\n")
            await self.seen(word)

    async def edit(self) -> None:
        """The agent inserts a line, and takes back every other one."""
        for number in range(ROUNDS):
            word = self.word("p", number, AGENT)
            doc = self.agent.doc
            place = self.line_start(doc.text)
            self.agent.send(doc.edit((place, f"{word}\n") if place else (f"{word}\n",)))
            await asyncio.sleep(0)
            if number % 2:
                del self.wrote[word]
                start = doc.text.index(word)
                self.agent.send(doc.edit((start, -len(word) - 1) if start else (-len(word) - 1,)))
            await self.agent.durable()

    async def rewrite(self, *, hooked: bool) -> None:
        """Read the file, write it with a line more; a hook reports what was read, or nobody does."""
        for number in range(ROUNDS):
            word = self.word("h", number, HOOKED, "reported") if hooked else self.word("d", number, "system:disk", None)
            async with self._disk:
                text = self.repo.read(NAME).decode()
                if hooked:
                    read = blake3(text.replace("\r\n", "\n").encode()).hexdigest()
                    await self.control.ask("announce", {**self._where, "actor": HOOKED, "baseHash": read})
                lines = text.splitlines(keepends=True)
                lines.insert(self._rng.randint(0, len(lines)), f"{word}\r\n")
                self.repo.write(NAME, "".join(lines))
                for one in self.windows:
                    if not one.dirty:
                        one.reload()
                await self.seen(word)

    async def seen(self, word: str) -> None:
        """Wait until the agent sees a word."""
        async with asyncio.timeout(PATIENCE):
            await self.agent.until(lambda: word in self.agent.doc.text)

    async def same(self, node: Peer) -> str:
        """Wait until all show one text; gives it."""
        one, two = self.windows
        shown: list[str] = []
        for _ in range(400):
            shown = [one.text, two.text, self.agent.doc.text, await node.text()]
            if len(set(shown)) == 1:
                return shown[0]
            await asyncio.sleep(0.05)
        raise AssertionError(shown)


@pytest.fixture
async def everybody(
    real_client: RealClient, repo: Repo
) -> AsyncIterator[Callable[[], Awaitable[tuple[Everybody, Peer]]]]:
    """Brings everybody to the file."""
    repo.write(NAME, BEGIN.replace("\n", "\r\n"))
    repo.git_commit("a file with CRLF")
    relays = Relays(repo)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(real_client(repo))
        await client.initialize(repo.path)
        await client.request("anvcs/rooms/on", {})

        async def come() -> tuple[Everybody, Peer]:
            windows = [await stack.enter_async_context(window(real_client, repo, NAME)) for _ in range(2)]
            for each in windows:
                await each.joined()
            team = Team(relays)
            stack.push_async_callback(team.close)
            room = str((await team.open(NAME))["room"])
            node = await stack.enter_async_context(peer(team, room))
            await node.until(lambda body: body.get("synced") is True)
            agent = await team.join(NAME, AGENT, room=room)
            return Everybody(repo, await team.control(), (windows[0], windows[1]), agent), node

        yield come
        await client.request("anvcs/rooms/off", {})
    relays.close()


@pytest.mark.heavy
@pytest.mark.timeout(240)
@pytest.mark.promise("relay.everybody-at-once")
async def test_everybody_changes_one_file_at_once_and_nothing_is_lost_doubled_or_credited_to_another(
    everybody: Callable[[], Awaitable[tuple[Everybody, Peer]]],
) -> None:
    all_of_them, node = await everybody()
    await asyncio.gather(
        all_of_them.type(0),
        all_of_them.type(1),
        all_of_them.node(node),
        all_of_them.edit(),
        all_of_them.rewrite(hooked=True),
        all_of_them.rewrite(hooked=False),
    )
    text = await all_of_them.same(node)
    due = sorted([*BEGIN.splitlines(), *all_of_them.wrote])
    assert sorted(text.splitlines()) == due
    one, _ = all_of_them.windows
    assert await one.save()
    assert await all_of_them.same(node) == text
    assert all_of_them.repo.read(NAME).decode() == text.replace("\n", "\r\n")
    opened = await all_of_them.control.ask("open", {"worktree": str(all_of_them.repo.path), "path": NAME, "actor": ADA})
    credited = characters(await all_of_them.control.ask("attribution", {"room": opened["room"]}))
    assert len(credited) == len(text)
    for word, (actor, how) in all_of_them.wrote.items():
        place = text.index(word)
        found = set(credited[place : place + len(word)])
        if how is None:
            assert not {who for who, _ in found if who.startswith("human:")}, (word, found)
        else:
            assert found == {(actor, how)}, word
