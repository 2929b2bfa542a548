"""Two windows of the language server on one file, with a real relay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from anvcs.link.ask import LazyRelay
from anvcs.rooms import bridge
from tests.conftest import Repo
from tests.lsp.client import TIMEOUT, AnswerError, Message, RealClient
from tests.lsp.room_editor import LIVE, Window, window
from tests.lsp.server_process import eventually
from tests.relay.conftest import Relays, Team

NAME = "src/app.py"


class Desk:
    """Windows of one user on one repository, closed with the test."""

    def __init__(self, stack: AsyncExitStack, client: RealClient, repo: Repo) -> None:
        self._stack = stack
        self._client = client
        self.repo = repo

    async def open(self, name: str = NAME) -> Window:
        """One more window with a file open."""
        return await self._stack.enter_async_context(window(self._client, self.repo, name))

    async def joined(self, name: str = NAME) -> Window:
        """One more window whose file is in its room."""
        made = await self.open(name)
        await made.joined()
        return made


@pytest.fixture
async def desk(real_client: RealClient, repo: Repo) -> AsyncIterator[Desk]:
    """A repository with rooms on."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(real_client(repo))
        await client.initialize(repo.path)
        await client.request("anvcs/rooms/on", {})
        yield Desk(stack, real_client, repo)
        await client.request("anvcs/rooms/off", {})


async def test_what_one_window_types_the_other_shows(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "# é😀\n")
    await two.shows("# é😀\nx = 1\n")
    two.type(3, "中", delete=1)
    await one.shows("# é中\nx = 1\n")
    await one.durable()
    await two.durable()


async def test_windows_that_type_at_once_show_the_same_in_the_end(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    for index in range(60):
        one.type(len(one.text), f"one {index}\n")
        two.type(0, f"two {index}\n")
        if index % 3 == 0:
            await asyncio.sleep(0)
    await one.until(lambda: one.text == two.text and one.text.count("\n") == 121)
    assert sorted(one.text.splitlines()) == sorted(
        ["x = 1", *(f"one {index}" for index in range(60)), *(f"two {index}" for index in range(60))]
    )


async def test_an_agent_that_rewrites_the_file_loses_nobodys_unsaved_text(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "# typed in one\n")
    two.type(len(two.text), "# typed in two\n")
    await one.until(lambda: one.text == two.text == "# typed in one\nx = 1\n# typed in two\n")
    desk.repo.write(NAME, "x = 1\ny = 2\n")
    await one.until(lambda: one.text == two.text and "y = 2" in one.text)
    assert sorted(one.text.splitlines()) == ["# typed in one", "# typed in two", "x = 1", "y = 2"]
    await one.save()
    await two.until(lambda: bool(two.saves))
    assert desk.repo.read(NAME).decode() == two.text
    assert two.saves[-1]["version"] == two.version


async def test_a_reload_from_disk_is_nobodys_edit(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    desk.repo.write(NAME, "x = 1\nfrom disk\n")
    one.reload()
    await one.until(lambda: one.text == two.text == "x = 1\nfrom disk\n")
    found = await one.client.request("anvcs/rooms/attribution", {"uri": one.uri})
    actors = {each.get("actor") for each in found["ranges"] if each.get("how") not in (None, "live")}
    assert not [each for each in found["ranges"] if each.get("how", "live") == "live"], found
    assert "human:ada@example.org" not in actors


async def test_a_save_waits_for_the_lease_and_finds_an_older_file(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "a\n")
    await two.shows("a\nx = 1\n")
    before = two.file.stat().st_mtime_ns
    await one.save()
    two.type(0, "b\n")
    prepared = await two.client.request("anvcs/rooms/willSave", {"uri": two.uri, "version": two.version})
    assert 0 < prepared["wait"] <= bridge.APART * 1000
    assert two.file.stat().st_mtime_ns <= before
    two.file.write_text(two.text, "utf-8")
    two.client.notify("anvcs/rooms/didSave", {"uri": two.uri, "version": two.version})
    await one.shows("b\na\nx = 1\n")
    await one.until(lambda: bool(one.saves))
    again = await two.client.request("anvcs/rooms/willSave", {"uri": two.uri, "version": two.version})
    assert again["wait"] == bridge.SETTLED * 1000, "nobody else has saved since, but others look at what was touched"
    again = await two.client.request("anvcs/rooms/willSave", {"uri": two.uri, "version": two.version})
    assert "wait" not in again


async def test_an_editor_that_saves_what_it_showed_a_moment_ago_deletes_nothing(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "a\n")
    await two.shows("a\nx = 1\n")
    await one.client.request("anvcs/rooms/willSave", {"uri": one.uri, "version": one.version})
    # Neither the text with which the save began nor the newest is the one that is written.
    one.type(0, "typed while it saves\n")
    taken = one.text
    one.type(0, "a moment later\n")
    one.file.write_text(taken, "utf-8")
    one.client.notify("anvcs/rooms/didSave", {"uri": one.uri, "version": one.version, "dirty": True})
    await one.durable()
    await two.until(lambda: "a moment later" in two.text)
    # The next save has the relay look at the file once more; what it believed of it by then is in the room.
    await one.client.request("anvcs/rooms/willSave", {"uri": one.uri, "version": one.version})
    two.type(len(two.text), "after that\n")
    await one.until(lambda: "after that" in one.text)
    assert one.text == two.text == "a moment later\ntyped while it saves\na\nx = 1\nafter that\n"


@pytest.mark.promise("rooms.written-over")
async def test_what_is_read_from_the_disk_soon_after_a_save_is_somebodys_writing(desk: Desk) -> None:
    one = await desk.joined()
    one.type(0, "a\n")
    assert await one.save()
    for number in range(5):
        desk.repo.write(NAME, f"{one.text}agent {number}\n")
        one.reload()
        # The relay has not seen it by itself; what it hears first is the save before.
        assert await one.save()
    await eventually(lambda: one.text == desk.repo.read(NAME).decode())
    found = await one.client.request("anvcs/rooms/attribution", {"uri": one.uri})
    assert one.text == "a\nx = 1\n" + "".join(f"agent {number}\n" for number in range(5))
    assert [each["how"] for each in found["ranges"] if each["how"] == "inferred"], found


async def test_undo_takes_back_only_the_users_own_edits(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "mine\n")
    await two.shows("mine\nx = 1\n")
    desk.repo.write(NAME, "x = 1\nother\n")
    await one.shows("mine\nx = 1\nother\n")
    assert await one.client.request("anvcs/rooms/undo", {"uri": one.uri}) == {"done": True}
    await one.until(lambda: one.text == two.text == "x = 1\nother\n")
    assert await one.client.request("anvcs/rooms/redo", {"uri": one.uri}) == {"done": True}
    await one.until(lambda: one.text == two.text == "mine\nx = 1\nother\n")
    await one.client.request("anvcs/rooms/undo", {"uri": one.uri})
    assert await one.client.request("anvcs/rooms/undo", {"uri": one.uri}) == {"done": False}


async def test_the_editors_own_undo_becomes_the_rooms(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "mine\n")
    await two.shows("mine\nx = 1\n")
    desk.repo.write(NAME, "x = 1\nother\n")
    await one.shows("mine\nx = 1\nother\n")
    # The editor takes back what came last, which is somebody else's.
    one.version += 1
    one.text = "mine\nx = 1\n"
    place = {"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 0}}
    one.event(one.version, [{"range": place, "text": ""}], reason="undo")
    await one.until(lambda: one.text == two.text == "x = 1\nother\n")


async def test_cursors_of_others_are_shown_and_go_with_them(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    place = {"line": 0, "character": 2}
    cursor = {"uri": two.uri, "version": two.version, "selections": [{"anchor": place, "active": place}]}
    two.client.notify("anvcs/rooms/cursor", cursor)
    await one.until(lambda: any(each.get("selections") for each in one.others))
    (other,) = one.others
    assert (other["actor"], other["name"]) == ("human:ada@example.org", "ada")
    assert other["selections"] == [{"anchor": place, "active": place}]
    two.close()
    await one.until(lambda: not one.others)


async def test_old_unsaved_text_joins_on_the_text_it_stands_on(desk: Desk) -> None:
    one = await desk.joined()
    one.type(0, "unsaved\n")
    await one.durable()
    one.close()
    two = await desk.joined()
    await two.shows("unsaved\nx = 1\n")
    two.type(len(two.text), "more\n")
    await two.durable()
    # The first window comes back with the text it had, and a little more that nobody heard of.
    again = await desk.open()
    again.version += 1
    again.event(again.version, [{"text": "unsaved\nx = 1 # late\n"}])
    again.text = "unsaved\nx = 1 # late\n"
    await two.until(lambda: again.text == two.text and "more" in again.text and "late" in again.text)
    assert two.text.count("unsaved") == 1


async def test_an_older_unsaved_text_that_comes_back_deletes_nothing(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "unsaved\n")
    await two.shows("unsaved\nx = 1\n")
    two.type(len("unsaved"), " and more")
    await one.shows("unsaved and more\nx = 1\n")
    # The editor's own backup of unsaved text is older than what it showed when it ended.
    one.close()
    again = await desk.open()
    again.version += 1
    again.event(again.version, [{"text": "unsaved\nx = 1\n"}])
    again.text = "unsaved\nx = 1\n"
    await again.joined()
    await again.shows("unsaved and more\nx = 1\n")
    two.type(0, "# two\n")
    await again.shows("# two\nunsaved and more\nx = 1\n")
    assert two.text == again.text


async def test_an_edit_that_an_editor_took_in_and_never_told_of_is_not_there_twice(desk: Desk) -> None:
    one = await desk.joined()
    taken = asyncio.Event()

    def take(_: Message) -> Message:
        taken.set()
        return {"applied": True}

    one.client.answers["anvcs/rooms/edit"] = take
    # No other window shows it: only that it was on its way tells where it comes from.
    team = Team(Relays(desk.repo))
    agent = await team.join(NAME, "agent:foo", room=str((await team.open(NAME))["room"]))
    agent.send(agent.doc.edit(("before ",)))
    async with asyncio.timeout(TIMEOUT):
        await taken.wait()
    one.close()
    agent.send(agent.doc.edit((len("before "), "meanwhile ")))
    await agent.durable()
    await team.close()
    again = await desk.open()
    again.version += 1
    again.event(again.version, [{"text": "before x = 1\n"}])
    again.text = "before x = 1\n"
    await again.shows("before meanwhile x = 1\n")
    again.type(0, "# more\n")
    await again.durable()
    two = await desk.joined()
    await two.shows("# more\nbefore meanwhile x = 1\n")


async def test_rooms_that_are_switched_off_leave_the_text_as_it_is(desk: Desk) -> None:
    one = await desk.joined()
    one.type(0, "kept\n")
    await one.durable()
    await one.client.request("anvcs/rooms/off", {})
    await one.until(lambda: one.state.get("state") == "off")
    one.type(0, "not recorded\n")
    assert one.text == "not recorded\nkept\nx = 1\n"
    assert desk.repo.read(NAME) == b"x = 1\n"
    status = await one.client.request("anvcs/rooms/status", {})
    assert status["mode"] == "off"
    (room,) = [each for each in status["rooms"] if each["path"] == NAME]
    assert room["unsaved"] == ["human:ada@example.org"]
    await one.client.request("anvcs/rooms/on", {})
    await one.joined()
    await one.until(lambda: "not recorded" in one.text and "kept" in one.text)


async def test_an_editor_that_counts_otherwise_than_rooms_takes_part_save_by_save(
    desk: Desk, real_client: RealClient
) -> None:
    one = await desk.joined()
    async with real_client(desk.repo) as client:
        capabilities = {"general": {"positionEncodings": ["utf-8", "utf-16"]}}
        await client.initialize(desk.repo.path, capabilities, LIVE)
        states: list[Message] = []
        client.listeners.append(lambda message: states.append(message) if "method" in message else None)
        client.open(one.uri, one.text)
        assert await client.request("anvcs/rooms/status", {})
        assert [each for each in states if each["method"] == "anvcs/rooms/state"] == []


async def test_files_that_cannot_be_rooms_say_why(desk: Desk) -> None:
    desk.repo.write(".env", "SECRET=1\n")
    desk.repo.write("mixed.txt", b"a\r\nb\n")
    for name in (".env", "mixed.txt"):
        refused = await desk.open(name)
        await refused.until(lambda each=refused: each.state.get("state") == "refused")
        assert refused.state["reason"]


async def test_a_commit_leaves_live_text_out_and_says_whose_it_is(desk: Desk) -> None:
    one = await desk.joined()
    desk.repo.write("README.md", "changed\n")
    one.type(0, "# unsaved\n")
    await one.durable()
    made = await one.client.request("anvcs/commit", {"message": "without live text"})
    assert [each["path"] for each in made["files"]] == ["README.md"]
    assert made["unsaved"] == [{"path": NAME, "actors": ["human:ada@example.org"]}]
    assert desk.repo.git("show", f"HEAD:{NAME}") == "x = 1"


async def test_a_live_commit_takes_what_everybody_has_typed(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "# one\n")
    two.type(len(two.text), "# two\n")
    await one.durable()
    await two.durable()
    made = await one.client.request("anvcs/commit", {"message": "all of it", "live": True})
    assert desk.repo.git("show", f"HEAD:{NAME}") == "# one\nx = 1\n# two"
    assert "unsaved" not in made
    assert [each["path"] for each in made["saved"]] == [NAME]
    assert desk.repo.status() == ""
    # The editors hear of it, and have nothing left to save.
    await one.until(lambda: bool(one.saves))
    await two.until(lambda: bool(two.saves))


async def test_one_agents_text_is_committed_alone(desk: Desk) -> None:
    one = await desk.joined()
    one.type(0, "# mine\n")
    await one.durable()
    await write_as(one, "agent:foo", "x = 1\nfoo = 2\n")
    await one.shows("# mine\nx = 1\nfoo = 2\n")
    made = await one.client.request("anvcs/commit", {"message": "foo's", "onlyAgent": "foo"})
    assert desk.repo.git("show", f"HEAD:{NAME}") == "x = 1\nfoo = 2"
    assert desk.repo.show().agent == "agent:foo"
    assert made["files"][0]["path"] == NAME
    assert desk.repo.git("fsck", "--strict", "--no-dangling") == ""


async def test_text_of_two_in_one_place_is_not_torn_apart(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    await write_as(one, "agent:foo", "x = 1\nfoo = 2\n")
    await one.shows("x = 1\nfoo = 2\n")
    one.type(len("x = 1\nfoo = "), "1 + ")
    # Whoever else shows it has it from the relay, which has it on the disk.
    await two.shows("x = 1\nfoo = 1 + 2\n")
    before = desk.repo.snapshot()
    with pytest.raises(AnswerError, match=r"agent:foo and of human:ada@example\.org") as caught:
        await one.client.request("anvcs/commit", {"message": "foo's", "onlyAgent": "foo"})
    assert NAME in caught.value.message
    assert desk.repo.snapshot() == before


async def test_going_back_to_a_checkpoint_reaches_live_text(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "# before\n")
    await two.shows("# before\nx = 1\n")
    await one.durable()
    await one.client.request("anvcs/checkpoints/create", {"name": "here"})
    two.type(0, "# after\n")
    await one.shows("# after\n# before\nx = 1\n")
    await two.durable()
    found = await one.client.request("anvcs/checkpoints/restore", {"name": "here"})
    assert any(NAME in notice for notice in found["notices"])
    await one.until(lambda: one.text == two.text == "# before\nx = 1\n")
    assert desk.repo.read(NAME) == b"x = 1\n"
    assert await one.client.request("anvcs/rooms/undo", {"uri": one.uri}) == {"done": True}
    await one.until(lambda: one.text == two.text == "# after\n# before\nx = 1\n")


async def test_a_purge_leaves_the_text_and_lets_everybody_go_on(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    one.type(0, "password = 'hunter2'\n")
    await two.shows("password = 'hunter2'\nx = 1\n")
    away = await desk.joined()
    await away.shows("password = 'hunter2'\nx = 1\n")
    away.close()
    state = desk.repo.path / ".git" / "anvcs"
    await eventually(lambda: b"hunter2" in whole(state / "rooms"))
    two.type(0, "", delete=len("password = 'hunter2'\n"))
    await one.shows("x = 1\n")
    await two.durable()
    await one.durable()
    await one.save()
    erased = await one.client.request("anvcs/rooms/purge", {"path": str(one.file)})
    assert erased["erased"] >= 2
    newest = (await one.client.request("anvcs/operations/list", {"limit": 1}))["operations"][0]
    assert (newest["kind"], newest["reversibility"]) == ("rooms-purge", "irreversible")
    assert b"hunter2" not in whole(state)
    one.type(0, "one\n")
    await two.shows("one\nx = 1\n")
    two.type(0, "two\n")
    await one.shows("two\none\nx = 1\n")
    await one.durable()
    await two.durable()


def whole(folder: Path) -> bytes:
    """The bytes of all files below a folder."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def write_as(one: Window, actor: str, text: str) -> None:
    """Write a file through the relay as a hooked agent does."""
    root = one.file.parents[1]
    relay = LazyRelay({}, root.parent / "config")
    params = {"worktree": str(root), "path": NAME, "text": text, "actor": actor}
    await asyncio.to_thread(relay.ask, root / ".git" / "anvcs", "write", params)


async def test_another_stream_has_rooms_of_its_own(desk: Desk) -> None:
    one, two = await desk.joined(), await desk.joined()
    desk.repo.git("switch", "--quiet", "--create", "other")
    desk.repo.write(NAME, "x = 1\nother = True\n")
    desk.repo.git_commit("other")
    desk.repo.git("switch", "--quiet", "main")
    await one.until(lambda: one.text == two.text == "x = 1\n")
    one.type(0, "# unsaved\n")
    await two.shows("# unsaved\nx = 1\n")
    desk.repo.git("switch", "--quiet", "other")
    await one.until(lambda: one.text == two.text == "# unsaved\nx = 1\nother = True\n")
    two.type(len(two.text), "two\n")
    await one.shows("# unsaved\nx = 1\nother = True\ntwo\n")
    assert desk.repo.read(NAME) == b"x = 1\nother = True\n"
