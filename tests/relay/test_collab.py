"""``ai-vcs collab`` on a real relay: joining and leaving, who is where, what was changed, taking it back, playback."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from blake3 import blake3
from websockets.asyncio.client import connect

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import NotKeptError, RoomError, RoomsLeftError, RoomsOffError, UsageError
from anvcs.link.ask import LazyRelay
from anvcs.link.roomclient import RoomClient
from anvcs.rooms import log_upkeep, retention
from anvcs.rooms.log import RoomLog
from anvcs.wire import Params, Request
from tests.conftest import Repo
from tests.relay.conftest import PATIENCE, Team, agree, until, write

P = TypeVar("P", bound=Params)
R = TypeVar("R")
ADA, BOB, FOO = "human:ada@example.org", "human:bob@example.org", "agent:foo"
FILE = "src/app.py"
TEXT = "one\ntwo\nthree\nfour\nfive\n"


async def ask(repo: Repo, request: Request[P, R], params: P, cwd: Path | None = None) -> R:
    """Perform a verb as a command does, as Ada."""
    relay = LazyRelay(repo.env, repo.config_home)
    caller = Caller(cwd=cwd or repo.path, env=repo.env, config_home=repo.config_home, relay=relay)
    try:
        return await asyncio.to_thread(call, caller, request, params)
    finally:
        caller.close()


async def switch_on(team: Team) -> None:
    """Rooms are on, and there is a file worth reading."""
    team.repo.write(FILE, TEXT)
    team.repo.git_commit("text")
    await ask(team.repo, wire.ROOMS_ON, wire.RoomsOnParams())


async def stop(team: Team) -> None:
    """End the relay."""
    found = team.relays.start()
    await (await team.control()).ask("stop")
    await team.relays.ended(found)


async def agent_writes(team: Team, old: str, new: str, task: str | None = None, path: str = FILE) -> None:
    """A hooked agent replaces something in the file's text."""
    control = await team.control()
    await control.ask("open", {"worktree": str(team.repo.path), "path": path, "actor": FOO})
    base = team.repo.read(path).decode()
    assert old in base
    meta = {"model": "m1"} | ({"task": task} if task else {})
    announced = {"worktree": str(team.repo.path), "path": path, "actor": FOO, "meta": meta}
    await control.ask("announce", announced | {"baseHash": blake3(base.encode()).hexdigest()})
    team.repo.write(path, base.replace(old, new, 1))
    await control.ask("look", {"worktree": str(team.repo.path), "path": path})


def place(client: RoomClient, text: str) -> int:
    """Where something stands in a client's text."""
    return client.doc.text.index(text)


async def replace(client: RoomClient, old: str, new: str) -> None:
    """Type something in the place of something."""
    at = place(client, old)
    client.send(client.doc.edit((*((at,) if at else ()), new, -len(old))))
    await client.durable()


async def review(team: Team, **params: Any) -> wire.CollabReview:
    """What others changed."""
    return await ask(team.repo, wire.COLLAB_REVIEW, wire.CollabReviewParams(**params))


def hunks(found: wire.CollabReview) -> list[tuple[str, str]]:
    """Old and new of each hunk."""
    return [(hunk.old, hunk.new) for run in found.runs for file in run.files for hunk in file.hunks]


# Joining and leaving


@pytest.mark.promise("collab.start-refused")
async def test_a_start_says_how_to_switch_rooms_on(team: Team) -> None:
    with pytest.raises(RoomsOffError, match="off") as refused:
        await ask(team.repo, wire.COLLAB_START, wire.CollabStartParams(paths=(FILE,)))
    assert "ai-vcs rooms on" in refused.value.way_out
    assert not (team.relays.state / "relay.json").exists()
    await switch_on(team)
    await ask(team.repo, wire.ROOMS_PAUSE, wire.RoomsPauseParams())
    with pytest.raises(RoomsOffError, match="paused"):
        await ask(team.repo, wire.COLLAB_START, wire.CollabStartParams())


@pytest.mark.promise("collab.start")
async def test_a_start_runs_the_relay_and_a_token_lets_any_client_in_as_its_user(team: Team) -> None:
    await switch_on(team)
    team.repo.write("a.log", "x\n")
    team.repo.write(".gitignore", "*.log\n")
    started = await ask(team.repo, wire.COLLAB_START, wire.CollabStartParams(paths=("src", "a.log"), token=True))
    found = team.relays.start()
    assert started.url == f"ws://127.0.0.1:{found.port}"
    assert started.actor == ADA
    assert started.token is not None
    assert started.token != found.token
    (room,) = started.rooms
    assert (room.path, room.url) == (FILE, f"{started.url}/rooms/{room.room}?token={started.token}")
    assert [each.path for each in started.refused] == ["a.log"]
    assert "ignored" in started.refused[0].reason
    async with connect(room.url, proxy=None) as socket:
        assert isinstance(await socket.recv(), bytes)
        who = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert [(each.actor, each.connected) for each in who.collaborators] == [(ADA, True)]
    without = await ask(team.repo, wire.COLLAB_START, wire.CollabStartParams(paths=(FILE,)))
    assert (without.token, without.rooms[0].url) == (None, f"{started.url}/rooms/{room.room}")


@pytest.mark.promise("collab.leave")
async def test_who_leaves_is_out_of_every_room_until_the_next_start(team: Team) -> None:
    await switch_on(team)
    ada, bob = await team.join(FILE), await team.join(FILE, BOB)
    room = str((await team.open(FILE, BOB))["room"])
    began = time.monotonic()
    left = await ask(team.repo, wire.COLLAB_LEAVE, wire.CollabLeaveParams())
    await until(ada, lambda: ada.state == "closed")
    assert time.monotonic() - began < 5
    assert (left.actor, left.rooms, ada.reason) == (ADA, 1, "left")
    write(bob, 0, "on\n")
    await bob.durable()
    again = await team.join(FILE, room=room, wait=False)
    await until(again, lambda: again.state == "closed")
    with pytest.raises(RoomsLeftError) as refused:
        await team.open(FILE)
    assert "collab start" in refused.value.way_out
    # Remembered by the user's own settings, so a relay that is started anew knows it too.
    await stop(team)
    with pytest.raises(RoomsLeftError):
        await team.open(FILE)
    status = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert status.left
    back = await ask(team.repo, wire.COLLAB_START, wire.CollabStartParams())
    assert back.notices
    assert (await team.join(FILE)).doc.text == f"on\n{TEXT}"


@pytest.mark.promise("collab.leave")
async def test_a_room_that_everybody_left_records_nothing_more(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    control = await team.control()
    await ask(team.repo, wire.COLLAB_LEAVE, wire.CollabLeaveParams())
    await until(ada, lambda: ada.state == "closed")
    async with asyncio.timeout(PATIENCE):
        for _ in range(500):
            if not (await control.ask("rooms"))["rooms"]:
                return
            await asyncio.sleep(0.02)
    pytest.fail("the room is still there")


# Who is where


@pytest.mark.promise("collab.elsewhere")
async def test_a_status_shows_who_is_here_and_warns_of_those_elsewhere(team: Team, tmp_path: Path) -> None:
    await switch_on(team)
    other = tmp_path / "login"
    team.repo.git("worktree", "add", "-q", "-b", "login", other)
    control = await team.control()
    await control.ask("open", {"worktree": str(other), "path": FILE, "actor": FOO})
    there = {"worktree": str(other), "path": FILE, "actor": FOO, "baseText": TEXT, "text": f"{TEXT}six\n"}
    await control.ask("write", there)
    ada = await team.join(FILE)
    ada.say({"name": "ada", "selections": [{"anchor": {"line": 2, "character": 0}, "active": {"line": 3}}]})
    bob = await team.join(FILE, BOB)
    await until(bob, lambda: bool(bob.others))
    calm = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert calm.warnings == ()
    write(ada, 0, "zero\n")
    await ada.durable()
    status = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert (status.mode, status.relay, status.stream) == ("local", True, "main")
    assert status.unsaved == (wire.UnsavedRoom(path=FILE, actors=(ADA,)),)
    found = {each.actor: each for each in status.collaborators}
    assert (found[ADA].where, found[ADA].connected, found[ADA].files[0].line) == ("here", True, 4)
    assert (found[BOB].connected, found[BOB].files[0].edits) == (True, 0)
    foo = found[FOO]
    assert (foo.where, foo.stream, foo.worktree, foo.connected) == ("elsewhere", "login", str(other), False)
    assert foo.files[0].edits == 1
    (warning,) = status.warnings
    assert (warning.path, warning.mine, warning.actor, warning.stream) == (FILE, "unsaved", FOO, "login")
    await control.ask("save", {"actor": ADA, "rooms": None, "live": True, "worktree": str(team.repo.path)})
    status = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert [each.mine for each in status.warnings] == ["uncommitted"]
    team.repo.git_commit("mine")
    assert (await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())).warnings == ()


async def test_a_status_needs_no_relay_and_no_rooms(repo: Repo) -> None:
    status = await ask(repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert (status.mode, status.relay, status.collaborators) == ("off", False, ())


# Edits as they happen


@pytest.mark.promise("collab.tail")
async def test_a_tail_tells_edits_with_their_text_and_goes_on_behind_them(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    await agent_writes(team, "two", "2", "fix")
    await until(ada, lambda: "2" in ada.doc.text)
    await replace(ada, "four\n", "")
    page = await ask(team.repo, wire.COLLAB_TAIL, wire.CollabTailParams(path=FILE))
    first, agents, mine = page.edits
    assert (first.actor, first.how, first.inserts) == ("system:git", "base", len(TEXT))
    assert (agents.actor, agents.how, agents.line, agents.task) == (FOO, "reported", 2, "fix")
    assert (agents.deleted, agents.inserted, agents.sequence) == ("two\n", "2\n", 2)
    assert (mine.actor, mine.how, mine.line, mine.deleted, mine.deletes) == (ADA, "live", 4, "four\n", 5)
    assert not page.more
    await replace(ada, "five", "5")
    (next_,) = (await ask(team.repo, wire.COLLAB_TAIL, wire.CollabTailParams(after=page.after))).edits
    assert (next_.sequence, next_.inserted) == (4, "5")
    behind = await ask(team.repo, wire.COLLAB_TAIL, wire.CollabTailParams(since=1, limit=2))
    assert ([each.sequence for each in behind.edits], behind.more) == ([2, 3], True)
    newest = await ask(team.repo, wire.COLLAB_TAIL, wire.CollabTailParams(limit=1))
    assert [each.sequence for each in newest.edits] == [4]


@pytest.mark.promise("collab.tail")
async def test_a_followed_tail_prints_edits_while_they_are_made(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    run = "from anvcs.cli.main import main; main()"
    command = [sys.executable, "-c", run, "collab", "tail", "--follow", "--json"]
    tail = await asyncio.create_subprocess_exec(
        *command, cwd=team.repo.path, env=team.repo.env, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert tail.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await tail.stdout.readline())["sequence"] == 1
            write(ada, 0, "é😀")
            edit = json.loads(await tail.stdout.readline())
        assert (edit["actor"], edit["inserted"], edit["path"]) == (ADA, "é😀", FILE)
    finally:
        tail.kill()
        await tail.wait()


# What was changed


@pytest.mark.promise("collab.review")
async def test_a_review_shows_what_an_agent_changed_by_task_and_what_others_wrote_there(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    await agent_writes(team, "two", "two by foo", "fix")
    await agent_writes(team, "five\n", "", "tidy")
    await until(ada, lambda: "five" not in ada.doc.text)
    await replace(ada, "foo", "fOO")
    found = await review(team)
    fix, tidy = found.runs
    assert (fix.actor, fix.task, fix.model, tidy.task) == (FOO, "fix", "m1", "tidy")
    (hunk,) = fix.files[0].hunks
    assert (hunk.number, hunk.line, hunk.old, hunk.how) == (1, 2, "twofOO\n", "reported")
    assert hunk.new == "two by fOO\n"
    (overlap,) = hunk.overlaps
    assert (overlap.actors, overlap.line, overlap.text) == ((ADA,), 2, "fOO")
    assert hunks(found)[1] == ("five\n", "")
    assert hunks(await review(team, actor=ADA)) == [("two by foo\n", "two by fOO\n")]
    assert hunks(await review(team, paths=("README.md",))) == []
    assert hunks(await review(team, actor=FOO, task="tidy")) == [("five\n", "")]


@pytest.mark.promise("collab.review")
async def test_what_was_looked_at_is_not_shown_again(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2")
    await agent_writes(team, "five", "5")
    first, _ = (await review(team)).runs[0].files[0].hunks
    assert hunks(await review(team, keep=(first.id,))) == [("five\n", "5\n")]
    assert hunks(await review(team)) == [("five\n", "5\n")]
    assert hunks(await review(team, seen=True)) == [("five\n", "5\n")]
    assert hunks(await review(team)) == []
    await agent_writes(team, "three", "3")
    assert hunks(await review(team)) == [("three\n", "3\n")]
    # A review of a part is remembered hunk by hunk.
    assert hunks(await review(team, since="1")) == [("two\nthree\n", "2\n3\n"), ("five\n", "5\n")]


async def test_a_review_begins_at_an_edit_a_time_or_a_commit(team: Team) -> None:
    await switch_on(team)
    first = team.repo.head()
    await agent_writes(team, "two", "2")
    control = await team.control()
    team.repo.git_commit("by foo")
    async with asyncio.timeout(PATIENCE):
        while (await control.ask("rooms"))["rooms"][0]["epoch"] < 2:
            await control.ask("look", {"worktree": str(team.repo.path), "path": FILE})
            await asyncio.sleep(0.05)
    await agent_writes(team, "five", "5")
    both, last = [("two\n", "2\n"), ("five\n", "5\n")], [("five\n", "5\n")]
    assert hunks(await review(team)) == both
    assert hunks(await review(team, since=first)) == both
    assert hunks(await review(team, since="HEAD")) == last
    assert hunks(await review(team, since="2")) == last
    assert hunks(await review(team, since="1h")) == both
    assert hunks(await review(team, since="2100-01-01")) == []
    with pytest.raises(UsageError, match="no edit, no time and no commit"):
        await review(team, since="nonsense")


# Taking back


async def revert(team: Team, **params: Any) -> wire.CollabReverted:
    """Take back what foo changed."""
    return await ask(team.repo, wire.COLLAB_REVERT, wire.CollabRevertParams(actor=FOO, **params))


@pytest.mark.promise("collab.revert")
async def test_only_that_actors_edits_are_taken_back_and_what_stays_is_named(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    await agent_writes(team, "two", "two by foo")
    await agent_writes(team, "five\n", "")
    await until(ada, lambda: "five" not in ada.doc.text)
    await replace(ada, "by", "BY")
    await replace(ada, "one", "ONE")
    planned = await revert(team, dry_run=True)
    assert (planned.files[0].hunks, planned.files[0].sequence) == (2, None)
    assert "five" not in await agree(ada)
    done = await revert(team)
    (file,) = done.files
    assert file.hunks == 2
    assert {actor for each in file.overlaps for actor in each.actors} == {ADA}
    await until(ada, lambda: "five" in ada.doc.text)
    # The word that Ada typed inside foo's text is hers and stays.
    assert ada.doc.text == "ONE\ntwoBY\nthree\nfour\nfive\n"
    assert hunks(await review(team)) == []
    control = await team.control()
    room = str((await team.open(FILE))["room"])
    answer = await control.ask("attribution", {"room": room})
    assert {each["actor"] for each in answer["sources"].values()} == {ADA, "system:git"}
    assert (await control.ask("undo", {"room": room, "actor": ADA}))["done"]
    await until(ada, lambda: "by foo" in ada.doc.text or "five" not in ada.doc.text)


@pytest.mark.promise("collab.revert")
async def test_one_hunk_is_taken_back_by_number_or_id_and_saved_where_no_editor_is(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2", "fix")
    await agent_writes(team, "five", "5", "fix")
    with pytest.raises(UsageError, match="no hunk 3"):
        await revert(team, hunks=("3",))
    done = await revert(team, hunks=("2",))
    assert (done.files[0].hunks, done.files[0].saved) == (1, True)
    assert team.repo.read(FILE).decode() == TEXT.replace("two", "2")
    (hunk,) = (await review(team)).runs[0].files[0].hunks
    await revert(team, hunks=(hunk.id,))
    assert team.repo.read(FILE).decode() == TEXT
    assert (await revert(team)).notices


async def test_hunks_of_one_task_or_folder_are_taken_back_alone(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2", "a")
    await agent_writes(team, "five", "5", "b")
    await agent_writes(team, "hello", "hi", "a", "README.md")
    assert (await revert(team, paths=("docs",))).files == ()
    await revert(team, task="a", paths=("src",))
    assert team.repo.read(FILE).decode() == TEXT.replace("five", "5")
    assert team.repo.read("README.md") == b"hi\n"
    assert len((await revert(team)).files) == 2
    assert team.repo.read("README.md") == b"hello\n"


async def test_a_revert_meets_a_room_in_which_others_go_on_typing(team: Team) -> None:
    await switch_on(team)
    ada = await team.join(FILE)
    await agent_writes(team, "two", "2")
    await until(ada, lambda: "2" in ada.doc.text)
    enough = asyncio.Event()

    async def type_on() -> None:
        while not enough.is_set():
            write(ada, 0, "x\n")
            await asyncio.sleep(0.03)

    typing = asyncio.create_task(type_on())
    done = await revert(team)
    enough.set()
    await typing
    assert done.refused == ()
    await until(ada, lambda: "two" in ada.doc.text)
    text = await agree(ada)
    assert text.replace("x\n", "") == TEXT


async def test_a_revert_says_why_a_file_cannot_be_reached(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2")
    (team.repo.path / FILE).unlink()
    await stop(team)
    done = await revert(team)
    team.relays.start()
    assert [(each.path, "not on disk" in each.reason) for each in done.refused] == [(FILE, True)]


# Playback


@pytest.mark.promise("collab.playback")
async def test_a_playback_shows_the_text_at_any_edit_and_every_step(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2", "fix")
    await agent_writes(team, "five", "5")
    played = await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path=FILE, since=1, texts=True))
    assert (played.text, played.start, played.newest) == (TEXT, 1, 3)
    second, third = played.frames
    assert (second.actor, second.how, second.task) == (FOO, "reported", "fix")
    assert second.edits == (wire.PlaybackEdit(line=2, deleted="two\n", inserted="2\n"),)
    assert third.text == TEXT.replace("two", "2").replace("five", "5")
    assert (await text_at(team, "2")).text == TEXT.replace("two", "2")
    assert (await text_at(team, "1s")).text in (TEXT, TEXT.replace("two", "2"), third.text, "")
    assert (await text_at(team, "2100-01-01")).text == third.text
    first = await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path=FILE, until=2, limit=1))
    assert (first.text, first.frames[0].edits[0].inserted, first.more) == ("", TEXT, True)
    with pytest.raises(UsageError):
        await text_at(team, "99")
    with pytest.raises(UsageError):
        await text_at(team, "yesterday")
    with pytest.raises(RoomError, match="no room"):
        await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path="README.md"))


async def text_at(team: Team, at: str) -> wire.CollabPlayback:
    """The file as it was."""
    return await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path=FILE, at=at))


@pytest.mark.promise("collab.playback")
async def test_a_playback_says_what_is_not_kept(team: Team) -> None:
    await switch_on(team)
    await agent_writes(team, "two", "2")
    await agent_writes(team, "five", "5")
    room = str((await team.open(FILE))["room"])
    await stop(team)
    with closing(RoomLog(team.relays.state / "rooms.db")) as log:
        term = log.own(1, "test", 1)
        log_upkeep.pack_all(log, term, room, 1, 2)
        later = time.time_ns() // 1_000_000 + 91 * retention.DAY
        assert retention.trim(log, term, room, "90d", later) == 3
    played = await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path=FILE))
    assert [(each.first, each.last, each.reason) for each in played.not_kept] == [(1, 3, "retention")]
    assert (played.text, played.frames) == (TEXT.replace("two", "2").replace("five", "5"), ())
    with pytest.raises(NotKeptError, match="not kept"):
        await text_at(team, "2")
    tail = await ask(team.repo, wire.COLLAB_TAIL, wire.CollabTailParams(since=0))
    assert tail.edits == ()
    assert "not kept" in tail.notices[0]
