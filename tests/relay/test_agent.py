"""The client for agents in Python, beside people who type."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest

import anvcs.agent
from anvcs.agent import Participant, Room
from anvcs.errors import EditError, RelayError, RoomError, RoomRefusedError, RoomsOffError, UsageError
from anvcs.link.roomclient import RoomClient
from tests.relay.conftest import PATIENCE, Relays, Team, agree, until, write
from tests.relay.test_collab import ADA, FILE, FOO, TEXT, place, switch_on
from tests.relay.test_disk import writers

T = TypeVar("T")


async def call(function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """What a call of the client gives, which blocks."""
    async with asyncio.timeout(PATIENCE):
        return await asyncio.to_thread(function, *arguments, **named)


async def opened(team: Team, path: str = FILE) -> Room:
    """Foo in a file's room."""
    return await call(anvcs.agent.open, team.repo.path / path, as_=FOO, env=team.repo.env)


@pytest.fixture
async def ada(team: Team) -> RoomClient:
    """Ada, who types in the file."""
    await switch_on(team)
    return await team.join(FILE)


@pytest.fixture
async def room(team: Team, ada: RoomClient) -> AsyncIterator[Room]:
    """Foo in the same room."""
    del ada
    made = await opened(team)
    yield made
    await call(made.close)


@pytest.mark.promise("collab.agent-client")
async def test_an_edit_of_what_was_read_goes_to_its_place_whatever_was_typed_since(
    team: Team, ada: RoomClient, room: Room
) -> None:
    assert await call(room.read) == TEXT
    write(ada, 0, "# é😀\n")
    write(ada, place(ada, "five"), "more\n")
    await agree(ada)
    assert await call(room.wait_for_change, PATIENCE)
    await call(room.edit, 0, 3, "ONE")
    await call(room.replace, "four\n", "4\n5\n")
    await call(room.edit, 4, 4, "between\n")
    expected = "# é😀\nONE\nbetween\ntwo\nthree\n4\n5\nmore\nfive\n"
    assert await call(room.read) == expected
    await until(ada, lambda: ada.doc.text == expected)
    control = await team.control()
    name = str((await team.open(FILE))["room"])
    assert await writers(control, ada, name) == [
        (ADA, "# é😀\n"),
        (FOO, "ONE"),
        ("system:git", "\n"),
        (FOO, "between\n"),
        ("system:git", "two\nthree\n"),
        (FOO, "4\n5\n"),
        (ADA, "more\n"),
        ("system:git", "five\n"),
    ]
    sources = (await control.ask("attribution", {"room": name}))["sources"].values()
    assert {each["how"] for each in sources if each["actor"] == FOO} == {"live"}
    assert team.repo.read(FILE).decode() == TEXT


async def test_a_line_goes_before_one_that_somebody_has_begun_there_and_a_word_behind(
    ada: RoomClient, room: Room
) -> None:
    start = place(ada, "two")
    write(ada, start, "hal")
    await agree(ada)
    assert await call(room.wait_for_change, PATIENCE)
    await call(room.edit, start, start, "mine\n")
    await call(room.edit, start + 5, start + 5, "my ")
    expected = TEXT.replace("two", "mine\nhalmy two")
    assert await call(room.read) == expected
    await until(ada, lambda: ada.doc.text == expected)
    write(ada, place(ada, "my two"), "f a line\n")
    assert await agree(ada) == TEXT.replace("two", "mine\nhalf a line\nmy two")


async def test_what_somebody_typed_into_text_that_the_agent_replaces_stays(ada: RoomClient, room: Room) -> None:
    write(ada, place(ada, "wo\n"), "X")
    await agree(ada)
    assert await call(room.wait_for_change, PATIENCE)
    await call(room.replace, "two", "2")
    await until(ada, lambda: ada.doc.text == TEXT.replace("two", "2X"))


async def test_text_that_is_not_there_or_there_twice_is_not_replaced_and_it_is_said(
    ada: RoomClient, room: Room
) -> None:
    for old, said in (("absent", "does not occur"), ("e\n", "occurs 3 times"), ("", "does not occur")):
        with pytest.raises(EditError, match=said):
            await call(room.replace, old, "new")
    for start, end in ((-1, 0), (3, 2), (0, len(TEXT) + 1)):
        with pytest.raises(EditError, match="is not in a text"):
            await call(room.edit, start, end, "new")
    assert ada.doc.text == await call(room.read) == TEXT


async def test_cursors_and_names_are_seen_both_ways(ada: RoomClient, room: Room) -> None:
    write(ada, 0, "# ada\n")
    ada.say({"actor": ADA, "name": "ada"})
    await agree(ada)
    assert await call(room.wait_for_change, PATIENCE)
    # Meant in the text that was read, shown where that is now.
    await call(room.cursor, 4, 7)

    def selections() -> list[Any]:
        return [each.get("selections") for each in ada.others.values() if each["actor"] == FOO]

    await until(ada, lambda: selections() != [None])
    assert selections() == [
        [{"anchor": {"line": 2, "character": 0}, "active": {"line": 2, "character": 3}}],
    ]
    assert await call(lambda: room.others) == (Participant(ADA, "ada"),)
    await call(room.cursor, None)
    await until(ada, lambda: selections() == [None])
    with pytest.raises(EditError):
        await call(room.cursor, 1000)
    await call(room.close)
    await until(ada, lambda: not ada.others)


async def test_a_save_writes_the_file_unless_an_editor_holds_unsaved_text(
    team: Team, ada: RoomClient, room: Room
) -> None:
    del ada
    await call(room.replace, "one", "1")
    await call(room.save)
    assert team.repo.read(FILE).decode() == TEXT.replace("one", "1")
    control = await team.control()
    name = str((await team.open(FILE))["room"])
    await control.ask("dirty", {"room": name, "holder": "window", "dirty": True})
    await call(room.replace, "two", "2")
    with pytest.raises(RoomError, match="window holds unsaved text"):
        await call(room.save)


@pytest.mark.promise("collab.agent-client-bounded")
async def test_waiting_ends_in_time_and_so_does_an_edit_that_no_relay_takes(
    team: Team, relays: Relays, room: Room
) -> None:
    began = time.monotonic()
    assert not await call(room.wait_for_change, 0.2)
    relay = relays.start()
    relays.kill(relay, signal.SIGSTOP)
    with pytest.raises(RelayError, match="not durable yet"):
        await call(room.replace, "one", "1", timeout=0.2)
    assert time.monotonic() - began < PATIENCE / 2
    relays.kill(relay, signal.SIGCONT)
    # It was kept, and goes out when the relay is back.
    ada = await team.join(FILE)
    await until(ada, lambda: ada.doc.text == TEXT.replace("one", "1"))


async def test_a_relay_that_is_killed_is_replaced_and_the_agent_goes_on(team: Team, relays: Relays, room: Room) -> None:
    relay = relays.start()
    relays.kill(relay)
    await relays.ended(relay)
    await call(room.replace, "one", "1")
    ada = await team.join(FILE)
    assert ada.doc.text == TEXT.replace("one", "1")


async def test_what_cannot_be_joined_is_refused_with_the_reason(team: Team) -> None:
    with pytest.raises(RoomsOffError):
        await opened(team)
    await switch_on(team)
    team.repo.write(".env", "SECRET=1\n")
    with pytest.raises(RoomRefusedError, match="environment file"):
        await opened(team, ".env")
    with pytest.raises(UsageError):
        await call(anvcs.agent.open, team.repo.path / FILE, as_="no name", env=team.repo.env)


async def test_a_closed_room_does_nothing_more_and_closing_twice_is_fine(ada: RoomClient, room: Room) -> None:
    del ada
    await call(room.close)
    await call(room.close)
    with pytest.raises(RelayError, match="was closed"):
        await call(room.read)
