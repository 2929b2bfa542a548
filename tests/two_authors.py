"""Traces of two authors who typed at once, replayed through a relay by two real clients with the same concurrency.

A trace is ``{endContent, txns: [{parents: [indexes], agent, patches: [[position, deleted, inserted], ...]}]}``: each
transaction applies to the merge of its parents, positions in code points. What one author wrote is sent only when the
other's next transaction builds upon it, and that one is not made before it has arrived: exactly what the parents say.
Where both insert at one place, the first author's text comes first, so the first author has the smaller client id.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from anvcs.link.control import Control
from anvcs.link.discovery import Discovery
from anvcs.link.roomclient import Address, RoomClient
from anvcs.rooms.binding import Binding, Push
from anvcs.rooms.delta import IDENTITY, Delta, compose, normal
from anvcs.rooms.lines import Lines
from anvcs.rooms.text import TextDoc
from anvcs.wire.editing import TextPosition, TextRange

PATIENCE = 30.0
ACTORS = ("human:one@example.org", "human:two@example.org")
Patch = tuple[int, int, str]


class Step(NamedTuple):
    """One transaction: by whom, after how many of the other's, and what it does."""

    agent: int
    after: int
    patches: tuple[Patch, ...]


class Trace(NamedTuple):
    """What happened, in an order that puts parents first, and the text it ends at."""

    steps: tuple[Step, ...]
    end: str


def load(path: Path) -> Trace:
    """A trace from its file."""
    with gzip.open(path) as file:
        return read(json.load(file))


def read(body: Mapping[str, Any]) -> Trace:
    """A trace. Raises ValueError for one that two clients cannot replay."""
    if body.get("startContent"):
        raise ValueError("The trace does not begin with an empty text.")
    seen: list[tuple[int, int]] = []
    made = [0, 0]
    steps: list[Step] = []
    for number, txn in enumerate(body["txns"]):
        agent = int(txn["agent"])
        parents: list[tuple[int, int]] = [seen[parent] for parent in txn["parents"]]
        known = [max((each[author] for each in parents), default=0) for author in (0, 1)]
        if known[agent] != made[agent]:
            raise ValueError(f"Transaction {number} does not follow its author's last one.")
        steps.append(Step(agent, known[1 - agent], tuple((at, gone, new) for at, gone, new in txn["patches"])))
        known[agent] = made[agent] = made[agent] + 1
        seen.append((known[0], known[1]))
    return Trace(tuple(steps), body["endContent"])


def made_up(seed: int, count: int) -> dict[str, Any]:
    """A trace in which each author types in lines of their own and deletes anywhere; no two insert at one place."""
    rng = random.Random(seed)  # noqa: S311 - reproducible
    lines: list[list[_Character]] = [[] for _ in range(8)]
    made, last, knows = [1, 0], [0, 0], [[1, 0], [1, 0]]
    txns: list[dict[str, Any]] = [{"parents": [], "agent": 0, "patches": [[0, 0, "\n" * len(lines)]]}]
    for index in range(1, count):
        agent = rng.randrange(2)
        mine = knows[agent]
        parents = [last[agent]] if mine[agent] else [0]
        if rng.random() < 0.2 and mine[1 - agent] < made[1 - agent]:
            mine[1 - agent] = made[1 - agent]
            parents.append(last[1 - agent])
        made[agent] += 1
        patch = _patch(rng, lines, agent, made[agent], mine)
        mine[agent] = made[agent]
        last[agent] = index
        txns.append({"parents": sorted(set(parents)), "agent": agent, "patches": [patch]})
    everything = [count, count]
    text = "".join("".join(each.text for each in line if each.stands(everything)) + "\n" for line in lines)
    return {"endContent": text, "txns": txns}


class _Character:
    """One character of a made-up trace: whose, since when, and who deleted it when."""

    def __init__(self, text: str, agent: int, number: int) -> None:
        self.text, self.agent, self.number = text, agent, number
        self.gone: list[tuple[int, int]] = []

    def stands(self, known: Sequence[int]) -> bool:
        """Whether one who knows so many transactions of each author sees it."""
        return self.number <= known[self.agent] and all(number > known[agent] for agent, number in self.gone)


def _patch(
    rng: random.Random, lines: list[list[_Character]], agent: int, number: int, known: Sequence[int]
) -> list[int | str]:
    deletes = rng.random() < 0.2
    chosen = rng.randrange(len(lines)) if deletes else rng.randrange(len(lines) // 2) * 2 + agent
    line = lines[chosen]
    before = sum(sum(each.stands(known) for each in other) + 1 for other in lines[:chosen])
    seen = [index for index, each in enumerate(line) if each.stands(known)]
    if deletes and seen:
        place = rng.randrange(len(seen))
        line[seen[place]].gone.append((agent, number))
        return [before + place, 1, ""]
    if deletes:
        chosen = agent
        line, before = lines[chosen], sum(sum(each.stands(known) for each in other) + 1 for other in lines[:chosen])
        seen = [index for index, each in enumerate(line) if each.stands(known)]
    place = rng.randint(0, len(seen))
    new = "".join(rng.choice(("a", "b", "é", "漢", "\N{GRINNING FACE}", " ")) for _ in range(rng.randint(1, 3)))
    index = seen[place - 1] + 1 if place else 0
    line[index:index] = [_Character(each, agent, number) for each in new]
    return [before + place, 0, new]


class Author:
    """One of the two, with a client of their own in the room; knows who wrote each character that is there."""

    def __init__(self, number: int, client: int, relay: Discovery, room: str) -> None:
        self.number = number
        self.doc = TextDoc(client)
        self.credits: list[int] = []
        self.wanted = TextDoc()
        """What is to be there by now: made without the relay."""
        self._held: deque[bytes] = deque()
        self.sent = 0
        """Transactions that the other may have."""
        self._moved = asyncio.Event()

        async def find() -> Address:
            return Address(relay, room)

        self.client = RoomClient(self.doc, ACTORS[number], find, on_remote=self._others)
        self.client.start()

    @property
    def shown(self) -> str:
        """What the author sees."""
        return self.doc.text

    @property
    def settled(self) -> bool:
        """Nothing is on its way from the room's copy to what the author sees."""
        return True

    def type(self, patches: Sequence[Patch]) -> None:
        """Make a transaction; it goes out later."""
        delta = IDENTITY
        for at, gone, new in patches:
            delta = compose(delta, normal((at, new, -gone)))
        self._write(delta)

    def _write(self, delta: Delta) -> None:
        update = self.doc.edit(delta)
        self.wanted.apply(update)
        self._credit(delta, self.number)
        self._held.append(update)

    def release(self, count: int, other: Author) -> None:
        """Send the transactions up to this one."""
        while self.sent < count:
            update = self._held.popleft()
            self.client.send(update)
            other.wanted.apply(update)
            self.sent += 1

    def release_all(self, other: Author) -> None:
        """Send what is left."""
        self.release(self.sent + len(self._held), other)

    async def arrived(self) -> None:
        """Wait until what the other sent is here."""
        wanted = self.wanted.text
        async with asyncio.timeout(PATIENCE):
            while self.shown != wanted or not self.settled:
                self._moved.clear()
                await self._moved.wait()

    def _others(self, delta: Delta) -> None:
        self._credit(delta, 1 - self.number)
        self._moved.set()

    def _credit(self, delta: Delta, author: int) -> None:
        place = 0
        for part in delta:
            if isinstance(part, str):
                self.credits[place:place] = [author] * len(part)
                place += len(part)
            elif part > 0:
                place += part
            else:
                del self.credits[place : place - part]


class _Change(NamedTuple):
    range: TextRange
    text: str


class EditorAuthor(Author):
    """One who types into an editor: between that and the room's copy is the binding, as in the language server."""

    def __init__(self, number: int, client: int, relay: Discovery, room: str) -> None:
        self._text = ""
        self._lines = Lines("")
        self._version = 1
        self._binding = Binding.open("", 1, "", "").binding
        super().__init__(number, client, relay, room)

    @property
    def shown(self) -> str:
        """What the editor shows."""
        return self._text

    @property
    def settled(self) -> bool:
        """The editor shows the room's copy and has said so."""
        return self._binding.settled

    def type(self, patches: Sequence[Patch]) -> None:
        """Type into the editor."""
        self._event([(at, at + gone, new) for at, gone, new in patches])

    def _others(self, delta: Delta) -> None:
        super()._others(delta)
        self._binding.remote(delta)
        self._pump()

    def _pump(self) -> None:
        push = self._binding.push()
        if push is not None:
            asyncio.get_running_loop().call_soon(self._edit, push)

    def _edit(self, push: Push) -> None:
        applied = push.version == self._version
        if applied:
            edits = [(self._lines.offset(*start), self._lines.offset(*end), text) for start, end, text in push.edits]
            self._event(sorted(edits, reverse=True))
        asyncio.get_running_loop().call_soon(self._answered, push, applied)

    def _answered(self, push: Push, applied: bool) -> None:
        self._write(self._binding.answered(push, applied))
        self._pump()
        self._moved.set()

    def _event(self, edits: Sequence[tuple[int, int, str]]) -> None:
        """Change the text, one edit after the other, and tell the binding."""
        changes: list[_Change] = []
        for start, end, text in edits:
            changes.append(_Change(TextRange(start=self._place(start), end=self._place(end)), text))
            self._lines.splice(start, end, text)
            self._text = self._text[:start] + text + self._text[end:]
        self._version += 1
        found = self._binding.changed(self._version, changes, dirty=True)
        self._write(found.delta)
        self._pump()
        self._moved.set()

    def _place(self, offset: int) -> TextPosition:
        line, character = self._lines.position(offset)
        return TextPosition(line=line, character=character)

    def _write(self, delta: Delta) -> None:
        if delta:
            super()._write(delta)


class Outcome(NamedTuple):
    """What came of a replay."""

    texts: tuple[str, str]
    """What each author sees in the end."""
    credits: tuple[list[int], list[int]]
    """Who wrote each character, as each author's own copy has it."""
    attribution: list[tuple[str, str]]
    """Actor and how it is known, of each character, as the relay has it."""
    merges: int
    """How often one waited for what the other wrote."""


async def replay(trace: Trace, control: Control, relay: Discovery, room: str, *, editors: bool = False) -> Outcome:
    """Replay a trace in an empty room."""
    kind = EditorAuthor if editors else Author
    first, second = sorted((TextDoc().client, TextDoc().client))
    authors = kind(0, first, relay, room), kind(1, second, relay, room)
    merges = 0
    try:
        for author in authors:
            async with asyncio.timeout(PATIENCE):
                await author.client.until(lambda author=author: author.client.state == "joined")
        for step in trace.steps:
            mine, other = authors[step.agent], authors[1 - step.agent]
            if other.sent < step.after:
                other.release(step.after, mine)
                await mine.arrived()
                merges += 1
            mine.type(step.patches)
        for author, other in (authors, authors[::-1]):
            author.release_all(other)
        for author in authors:
            async with asyncio.timeout(PATIENCE):
                await author.client.durable()
            await author.arrived()
        answer = await control.ask("attribution", {"room": room})
    finally:
        for author in authors:
            await author.client.close()
    return Outcome(
        (authors[0].shown, authors[1].shown), (authors[0].credits, authors[1].credits), characters(answer), merges
    )


def characters(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Actor and how it is known, for each character, of what the relay says about a room."""
    out: list[tuple[str, str]] = []
    for length, sequence in answer["runs"]:
        source = answer["sources"][str(sequence)]
        out += [(source["actor"], source["how"])] * length
    return out


def problems(trace: Trace, outcome: Outcome) -> list[str]:
    """What is not as it must be after a replay."""
    found = [
        f"author {number} sees another text than the trace ends at"
        for number, text in enumerate(outcome.texts)
        if text != trace.end
    ]
    if outcome.credits[0] != outcome.credits[1]:
        found.append("the authors' copies differ in who wrote what")
    due = [(ACTORS[author], "live") for author in outcome.credits[0]]
    wrong = sum(a != b for a, b in zip(due, outcome.attribution, strict=False)) + abs(
        len(due) - len(outcome.attribution)
    )
    if wrong:
        found.append(f"{wrong} of {len(due)} characters are credited wrongly")
    return found
