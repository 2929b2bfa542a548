"""Two editors with their bindings and a Yjs client from npm type at one place of one room."""

from __future__ import annotations

import asyncio
import random

import pytest

from anvcs.rooms.binding import Push
from tests.relay.conftest import PATIENCE, Team
from tests.relay.test_node import NODE, peer
from tests.two_authors import ACTORS, EditorAuthor, characters

OURS = ("abé中\N{FAMILY}", "xyü本\N{GRINNING FACE WITH SMILING EYES}")
"""What each editor's user types; nobody else types any of it."""
THEIRS = "ABC\N{GRINNING FACE}漢"


class Typist(EditorAuthor):
    """One who types without waiting for anybody: everything goes out at once, also before the editor shows the rest."""

    def type_anywhere(self, rng: random.Random) -> None:
        """Type a character, or delete one, near the start."""
        length = len(self.shown)
        if rng.random() < 0.2 and length:
            place = rng.randrange(min(6, length))
            self.type([(place, 1, "")])
        else:
            self.type([(rng.randint(0, min(4, length)), 0, rng.choice(OURS[self.number]))])
        self.send()

    def send(self) -> None:
        """Send what is written."""
        while self._held:
            self.client.send(self._held.popleft())

    def _answered(self, push: Push, applied: bool) -> None:
        super()._answered(push, applied)
        self.send()


@pytest.mark.promise("relay.any-yjs-client")
@pytest.mark.parametrize("seed", range(2))
async def test_two_editors_and_node_yjs_that_type_at_one_place_end_in_one_text_with_every_character_credited(
    team: Team, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - reproducible
    team.repo.write("both.txt", "")
    room = str((await team.open("both.txt"))["room"])
    control = await team.control()
    relay = team.relays.start()
    typists = [Typist(number, 1000 + number, relay, room) for number in range(2)]
    try:
        for typist in typists:
            async with asyncio.timeout(PATIENCE):
                await typist.client.until(lambda typist=typist: typist.client.state == "joined")
        async with peer(team, room) as node:
            await node.until(lambda body: body.get("synced") is True)
            node.tell(type=200, seed=seed + 1)
            for index in range(200):
                for typist in typists:
                    typist.type_anywhere(rng)
                if index % 3 == 0:
                    await asyncio.sleep(0)
            await node.until(lambda body: body.get("typed") == 200)
            text = ""
            for _ in range(200):
                text = await node.text()
                if all(typist.shown == text and typist.settled and not typist.client.undurable for typist in typists):
                    break
                await asyncio.sleep(0.05)
            assert [typist.shown for typist in typists] == [text, text]
            answer = await control.ask("attribution", {"room": room})
    finally:
        for typist in typists:
            await typist.client.close()
    credited = characters(answer)
    assert len(credited) == len(text)
    authors = {
        each: actor for actor, alphabet in zip((*ACTORS, NODE), (*OURS, THEIRS), strict=True) for each in alphabet
    }
    wrong = [
        (place, each, credit)
        for place, (each, credit) in enumerate(zip(text, credited, strict=True))
        if each != "\n" and credit != (authors[each], "live")
    ]
    assert wrong == []
    assert {actor for actor, _ in credited} == {*ACTORS, NODE}
