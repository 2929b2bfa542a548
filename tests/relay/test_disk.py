"""A room and its file: what is written from outside enters once, what is typed stays, and git is waited for."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from blake3 import blake3

from anvcs.errors import RelayError
from anvcs.link.control import Control
from anvcs.link.roomclient import RoomClient
from anvcs.relay.tracked import KEPT
from anvcs.rooms import bridge, pending, shown
from tests.relay.conftest import PATIENCE, Team, agree, until, write

ADA = "human:ada@example.org"
FILE = "src/app.py"


def hash_of(text: str) -> str:
    """As the log names a text."""
    return blake3(text.encode()).hexdigest()


async def writers(control: Control, client: RoomClient, room: str) -> list[tuple[str, str]]:
    """The text in runs of one actor: ``(actor, text)``."""
    await agree(client)
    answer = await control.ask("attribution", {"room": room})
    place, found = 0, list[tuple[str, str]]()
    for length, seq in answer["runs"]:
        actor, text = answer["sources"][str(seq)]["actor"], client.doc.text[place : place + length]
        place += length
        if found and found[-1][0] == actor:
            found[-1] = (actor, found[-1][1] + text)
        else:
            found.append((actor, text))
    return found


async def joined(team: Team) -> tuple[RoomClient, Control, str]:
    """Ada in the file's room, a control connection, and the room."""
    opened = await team.open(FILE)
    room = str(opened["room"])
    return await team.join(FILE, room=room), await team.control(), room


async def look(team: Team, control: Control) -> dict[str, Any]:
    """Read the file now."""
    return await control.ask("look", {"worktree": str(team.repo.path), "path": FILE})


async def rested(team: Team, control: Control) -> dict[str, Any]:
    """Read the file as soon as git is at rest."""
    async with asyncio.timeout(PATIENCE):
        answer: dict[str, Any] = {}
        for _ in range(200):
            answer = await look(team, control)
            if answer["held"] is None:
                return answer
            await asyncio.sleep(0.05)
    raise AssertionError(answer)


@pytest.mark.promise("relay.outside-text")
async def test_a_bare_writer_s_change_enters_the_room_and_unsaved_text_stays(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# unsaved\n")
    await agree(ada)
    team.repo.write(FILE, "x = 1\ny = 2\n")
    await until(ada, lambda: ada.doc.text == "# unsaved\nx = 1\ny = 2\n")
    assert await writers(control, ada, room) == [
        (ADA, "# unsaved\n"),
        ("system:git", "x = 1\n"),
        ("system:disk", "y = 2\n"),
    ]


async def test_atomic_saves_are_writes_and_a_renamed_file_keeps_its_room(team: Team) -> None:
    ada, _, room = await joined(team)
    new = team.repo.write("src/new.tmp", "x = 2\n")
    new.replace(team.repo.path / FILE)
    await until(ada, lambda: ada.doc.text == "x = 2\n")
    (team.repo.path / FILE).rename(team.repo.path / "src/moved.py")
    await team.heard("renamed", room=room, path="src/moved.py")
    team.repo.write("src/moved.py", "x = 3\n")
    await until(ada, lambda: ada.doc.text == "x = 3\n")
    assert (await team.open("src/moved.py"))["room"] == room


async def test_a_reported_write_is_its_agent_s_and_is_not_taken_twice(team: Team) -> None:
    ada, control, room = await joined(team)
    where = {"worktree": str(team.repo.path), "path": FILE}
    write(ada, 0, "# mine\n")
    await agree(ada)
    await control.ask(
        "announce", {**where, "actor": "agent:foo", "baseHash": hash_of("x = 1\n"), "meta": {"task": "t"}}
    )
    team.repo.write(FILE, "x = 1\nz = 3\n")
    await until(ada, lambda: "z = 3" in ada.doc.text)
    answer = await control.ask(
        "write", {**where, "actor": "agent:foo", "baseHash": hash_of("x = 1\n"), "text": "x = 1\nz = 3\n"}
    )
    assert answer["changed"] is False
    assert await writers(control, ada, room) == [
        (ADA, "# mine\n"),
        ("system:git", "x = 1\n"),
        ("agent:foo", "z = 3\n"),
    ]
    sources = (await control.ask("attribution", {"room": room}))["sources"].values()
    assert [each["how"] for each in sources if each["actor"] == "agent:foo"] == ["reported"]
    assert [each["meta"] for each in sources if each["actor"] == "agent:foo"] == [{"task": "t"}]


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa\r\nb\r\n", b"a\nb\n", b"", b"no end"])
async def test_a_save_writes_the_file_as_its_bytes_are(team: Team, data: bytes) -> None:
    team.repo.write(FILE, data)
    (team.repo.path / FILE).chmod(0o755)
    ada, control, room = await joined(team)
    write(ada, 0, "é\n")
    await agree(ada)
    answer = await control.ask("save", {"actor": ADA, "rooms": [room]})
    assert [each["room"] for each in answer["saved"]] == [room]
    bom = data[:3] if data.startswith(b"\xef") else b""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    assert team.repo.read(FILE) == bom + "é".encode() + end + data[len(bom) :]
    assert (team.repo.path / FILE).stat().st_mode & 0o777 == 0o755
    await team.heard("saved", room=room, hash=hash_of(ada.doc.text))
    # Seen again by the watcher it changes nothing, and nothing is left beside it.
    before = ada.sequence
    await look(team, control)
    assert ada.sequence == before
    assert sorted(each.name for each in (team.repo.path / "src").iterdir()) == ["app.py"]


async def test_a_file_that_an_editor_holds_dirty_is_the_editor_s_to_save(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# mine\n")
    await agree(ada)
    await control.ask("dirty", {"room": room, "holder": "window 1", "dirty": True})
    answer = await control.ask("save", {"actor": ADA})
    assert [each["room"] for each in answer["refused"]] == [room]
    await team.heard("save", room=room)
    assert team.repo.read(FILE) == b"x = 1\n"
    await control.close()
    other = await team.control()
    assert len((await other.ask("save", {"actor": ADA}))["saved"]) == 1


async def test_a_save_under_a_lease_is_nobody_s_write_and_the_next_one_waits_for_it(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# mine\n")
    await agree(ada)
    real = (team.repo.path / FILE).stat().st_mtime_ns
    one = await control.ask("lease", {"room": room, "holder": "one"})
    # An editor that knew the file before any of this sees no newer one.
    assert (team.repo.path / FILE).stat().st_mtime_ns < real
    # It is touched once: other editors look at it whenever its times change, and must not find it emptied then.
    touched = (team.repo.path / FILE).stat().st_ctime_ns
    one = await control.ask("lease", {"room": room, "holder": "one"})
    assert (team.repo.path / FILE).stat().st_ctime_ns == touched
    two = asyncio.ensure_future(control.ask("lease", {"room": room, "holder": "two"}))
    team.repo.write(FILE, ada.doc.text)
    held = await look(team, control)
    assert held["held"] is None  # The disk has what the room has.
    assert not two.done()
    await control.ask(
        "saved",
        {"room": room, "hash": hash_of(ada.doc.text), "actor": ADA, "lease": one["lease"], "holder": "one"},
    )
    await team.heard("saved", room=room, holder="one", hash=hash_of(ada.doc.text))
    granted = await two
    # The first one looks at its file once more, and must not find it emptied by the second one's save.
    assert 0 < granted["wait"] <= bridge.APART
    await control.ask("release", {"room": room, "lease": granted["lease"]})
    assert (team.repo.path / FILE).stat().st_mtime_ns > 10**18
    assert {actor for actor, _ in await writers(control, ada, room)} == {ADA, "system:git"}


async def test_what_somebody_wrote_during_a_save_comes_in_after_it(team: Team) -> None:
    ada, control, room = await joined(team)
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    team.repo.write(FILE, "x = 1\nagent\n")
    assert "saving" in (await look(team, control))["held"]
    await control.ask("saved", {"room": room, "hash": hash_of("x = 1\n"), "actor": ADA, "lease": lease})
    await until(ada, lambda: ada.doc.text == "x = 1\nagent\n")


async def test_a_save_of_what_the_editor_showed_before_is_nobodys_deletion(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# shown\n")
    write(ada, 0, "# newer\n")
    await agree(ada)
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    older, newest = "# shown\nx = 1\n", "# newer\n# shown\nx = 1\n"
    team.repo.write(FILE, older)
    said = {"room": room, "hash": hash_of(newest), "text": newest, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said | {"shown": [hash_of(older), hash_of(newest)]})
    await team.heard("saved", room=room, hash=hash_of(older))
    assert (await look(team, control))["held"] is None
    assert await agree(ada) == newest


async def test_a_save_that_nobody_told_of_is_nobodys_writing(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# shown\n")
    older = await agree(ada)
    editors, now = pending.folder(team.relays.state), time.time_ns() // 1_000_000
    shown.note(editors, FILE, room, ada.client, older, now)
    write(ada, len("# shown"), " and more")
    await agree(ada)
    # A window that ends saves what it showed, and is gone.
    team.repo.write(FILE, older)
    assert (await look(team, control))["held"] is None
    assert await agree(ada) == "# shown and more\nx = 1\n"
    # What is in the file is known from now on, to whoever writes next.
    team.repo.write(FILE, "# shown\nx = 2\n")
    await look(team, control)
    assert await agree(ada) == "# shown and more\nx = 2\n"


async def test_a_text_that_was_shown_before_the_last_save_is_somebodys_deletion(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# one\n")
    older = await agree(ada)
    shown.note(pending.folder(team.relays.state), FILE, room, ada.client, older, time.time_ns() // 1_000_000 - 1)
    write(ada, 0, "# two\n")
    newer = await agree(ada)
    team.repo.write(FILE, newer)
    await look(team, control)
    team.repo.write(FILE, older)
    await look(team, control)
    assert await agree(ada) == older


@pytest.mark.promise("rooms.written-over")
async def test_what_an_editor_writes_over_the_moment_it_came_is_in_the_room(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# ada\n")
    saved = await agree(ada)
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    team.repo.write(FILE, "x = 1\nagent\n")
    assert "saving" in (await look(team, control))["held"]
    # The editor had looked before that; it empties the file and is seen in the middle of writing it.
    team.repo.write(FILE, "")
    team.repo.write(FILE, saved[:5])
    await look(team, control)
    team.repo.write(FILE, saved)
    said = {"room": room, "hash": hash_of(saved), "text": saved, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said | {"shown": [hash_of(saved)]})
    await until(ada, lambda: ada.doc.text == "# ada\nx = 1\nagent\n")
    assert {actor for actor, text in await writers(control, ada, room) if "agent" in text} == {"system:disk"}


async def test_a_write_stands_on_the_save_it_was_made_of_though_nobody_else_saw_that(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "<n>\n")
    saved = await agree(ada)
    await control.ask("showing", {"room": room, "hash": hash_of(saved), "text": None})
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    await control.ask("showing", {"room": room, "hash": hash_of(f"<{saved}"), "text": f"<{saved}"})
    write(ada, 0, "<")
    write(ada, 1, "a>\n")
    newest = await agree(ada)
    lock = team.repo.path / ".git/index.lock"
    lock.touch()
    team.repo.write(FILE, saved)
    assert "index.lock" in (await look(team, control))["held"]
    team.repo.write(FILE, f"{saved}agent\n")
    lock.unlink()
    async with asyncio.timeout(PATIENCE):
        while "saving" not in ((await look(team, control))["held"] or ""):
            pass
    said = {"room": room, "hash": hash_of(newest), "text": newest, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said | {"shown": [hash_of(saved), hash_of(newest)]})
    assert await agree(ada) == f"{newest}agent\n"


async def test_what_many_wrote_while_a_save_was_made_ready_comes_in_once(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# ada\n")
    lines = ["x = 1\n"]
    lease = 0
    for number in range(3 * KEPT // 2):
        lines.insert(0, f"agent {number}\n")
        team.repo.write(FILE, "".join(lines))
        # Whoever asks for it again has it, and what is in the file comes in first.
        lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    saved = await agree(ada)
    assert sorted(saved.splitlines()) == sorted(["# ada", *"".join(lines).splitlines()])
    team.repo.write(FILE, saved)
    said = {"room": room, "hash": hash_of(saved), "text": saved, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said | {"shown": [hash_of(saved)]})
    assert await agree(ada) == saved


async def test_a_hundred_writes_beside_typing_double_nothing(team: Team) -> None:
    ada, control, room = await joined(team)
    for index in range(100):
        lines = (team.repo.path / FILE).read_text().splitlines(keepends=True)
        lines.append(f"agent {index}\n")
        team.repo.write(FILE, "".join(lines))
        write(ada, 0, f"ada {index}\n")
        if index % 7 == 0:
            await look(team, control)
        if index % 10 == 9:
            await control.ask("save", {"actor": ADA})
    await look(team, control)
    text = await agree(ada)
    assert sorted(text.splitlines()) == sorted(
        ["x = 1", *(f"agent {index}" for index in range(100)), *(f"ada {index}" for index in range(100))]
    )
    for actor, run in await writers(control, ada, room):
        assert not (actor == ADA and "agent" in run), run
        assert not (actor == "system:disk" and "ada" in run), run


async def test_a_file_that_cannot_be_a_room_says_why(team: Team) -> None:
    team.repo.write("latin.txt", "é".encode("latin-1"))
    team.repo.write("mixed.txt", b"a\r\nb\n")
    team.repo.write("ignored.log", "x")
    team.repo.write(".gitignore", "*.log\n")
    (team.repo.path / "link.py").symlink_to("src/app.py")
    for path in ("latin.txt", "mixed.txt", "ignored.log", "link.py", "missing.py", "../outside", "/etc/passwd", ""):
        answer = await team.open(path)
        assert answer.get("refused"), path


async def test_another_repository_s_worktree_is_refused(team: Team) -> None:
    control = await team.control()
    with pytest.raises(RelayError):
        await control.ask("open", {"worktree": str(team.repo.path / "src"), "path": "app.py", "actor": ADA})


# Git


@pytest.mark.promise("relay.git-at-work")
async def test_commits_stash_reset_and_pull_keep_what_is_typed_and_double_nothing(team: Team) -> None:
    ada, control, room = await joined(team)
    epoch = (await team.open(FILE))["epoch"]
    write(ada, 0, "# saved\n")
    await agree(ada)
    await control.ask("save", {"actor": ADA})
    team.repo.git("commit", "-qam", "saved")
    await rested(team, control)
    await team.heard("epoch")
    write(ada, len(ada.doc), "# unsaved\n")
    assert await agree(ada) == "# saved\nx = 1\n# unsaved\n"

    # Somebody else's commit comes in by pull.
    other = team.repo.path.parent / "other"
    team.repo.git("clone", "-q", ".", str(other))
    (other / FILE).write_text("# saved\nx = 1\npulled = 1\n")
    team.repo.git("-C", str(other), "commit", "-qam", "pulled")
    team.repo.git("pull", "-q", str(other), "HEAD")
    await rested(team, control)
    assert await agree(ada) == "# saved\nx = 1\npulled = 1\n# unsaved\n"
    found = {text: actor for actor, text in await writers(control, ada, room)}
    assert found["# saved\n"] == found["# unsaved\n"] == ADA
    assert found["x = 1\npulled = 1\n"] == "system:git"

    team.repo.git("reset", "-q", "--hard", "HEAD~1")
    await rested(team, control)
    assert await agree(ada) == "# saved\nx = 1\n# unsaved\n"
    team.repo.write(FILE, "# saved\nx = 1\nlocal = 1\n")
    await until(ada, lambda: "local" in ada.doc.text)
    team.repo.git("stash", "-q")
    await rested(team, control)
    assert await agree(ada) == "# saved\nx = 1\n# unsaved\n"
    team.repo.git("stash", "pop", "-q")
    await rested(team, control)
    assert await agree(ada) == "# saved\nx = 1\nlocal = 1\n# unsaved\n"
    assert (await team.open(FILE))["epoch"] != epoch


async def test_another_stream_is_another_session_into_which_unsaved_text_goes_along_once(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "# on main\n")
    await agree(ada)
    team.repo.git("switch", "-qc", "side")
    await rested(team, control)
    await team.heard("session", session="stream:side", before="stream:main")
    there = await team.open(FILE)
    assert (there["session"], there["room"] != room) == ("stream:side", True)
    bob = await team.join(FILE, room=str(there["room"]))
    await until(bob, lambda: bob.doc.text == "# on main\nx = 1\n")
    team.repo.git("switch", "-q", "main")
    await team.heard("session", session="stream:main", before="stream:side")
    back = await team.open(FILE)
    assert (back["session"], back["room"]) == ("stream:main", room)
    again = await team.join(FILE, room=room)
    assert again.doc.text == "# on main\nx = 1\n"


async def test_a_rebase_is_waited_for_and_stays_in_its_stream(team: Team) -> None:
    repo = team.repo
    for number in range(3):
        repo.write(FILE, "".join(f"line {index}\n" for index in range(number + 1)))
        repo.git("commit", "-qam", f"c{number}")
    ada, control, _ = await joined(team)
    write(ada, len(ada.doc), "unsaved\n")
    await agree(ada)
    repo.git("rebase", "-q", "--exec", "sleep 0.2", "HEAD~2")
    await rested(team, control)
    assert await agree(ada) == "line 0\nline 1\nline 2\nunsaved\n"
    assert (await team.open(FILE))["session"] == "stream:main"
    assert not [params for event, params in team.events if event == "session"]


async def test_a_lock_of_git_is_waited_for(team: Team) -> None:
    ada, control, _ = await joined(team)
    lock = team.repo.path / ".git" / "index.lock"
    lock.touch()
    team.repo.write(FILE, "x = 9\n")
    assert "index.lock" in (await look(team, control))["held"]
    assert ada.doc.text == "x = 1\n"
    lock.unlink()
    await until(ada, lambda: ada.doc.text == "x = 9\n")


async def test_an_editor_s_old_unsaved_text_meets_the_room_on_the_text_it_came_from(team: Team) -> None:
    ada, control, _ = await joined(team)
    write(ada, 0, "# by ada\n")
    await agree(ada)
    where = {"worktree": str(team.repo.path), "path": FILE, "actor": "human:bob@example.org"}
    answer = await control.ask("open", {**where, "text": "x = 1\n# by bob\n", "hash": hash_of("x = 1\n")})
    assert answer["merged"] is True
    await until(ada, lambda: ada.doc.text == "# by ada\nx = 1\n# by bob\n")
    answer = await control.ask("open", {**where, "text": "else", "hash": hash_of("nobody knows this")})
    assert answer["merged"] is False


async def test_undo_takes_back_only_one_s_own_and_survives_the_relay(team: Team) -> None:
    ada, control, room = await joined(team)
    bob = await team.join(FILE, "human:bob@example.org", room=room)
    write(ada, 0, "ada ")
    await agree(ada, bob)
    write(bob, 0, "bob ")
    await agree(ada, bob)
    found = team.relays.start()
    team.relays.kill(found)
    await team.relays.ended(found)
    await asyncio.to_thread(team.relays.start)
    control = await team.control()
    assert (await control.ask("undo", {"room": room, "actor": ADA}))["done"]
    await until(bob, lambda: bob.doc.text == "bob x = 1\n")
    assert (await control.ask("redo", {"room": room, "actor": ADA}))["done"]
    await until(bob, lambda: bob.doc.text == "bob ada x = 1\n")
    assert not (await control.ask("redo", {"room": room, "actor": ADA}))["done"]
    answer = await control.ask("at", {"room": room, "seq": 2})
    assert answer["text"] == "ada x = 1\n"


async def test_what_a_dead_editor_had_not_sent_can_be_sent_by_another(team: Team) -> None:
    ada, control, room = await joined(team)
    update = ada.doc.edit(("lost ",))
    params = {"room": room, "actor": ADA, "client": ada.client, "update": update.hex()}
    assert (await control.ask("recover", params))["outcome"] == "taken"
    assert (await control.ask("recover", params))["outcome"] == "known"
    bob = await team.join(FILE, "human:bob@example.org", room=room)
    assert bob.doc.text == "lost x = 1\n"


async def test_a_paused_actor_s_text_waits_until_it_goes_on(team: Team) -> None:
    ada, control, room = await joined(team)
    agent = await team.join(FILE, "agent:foo", room=room)
    await control.ask("settings", {"mode": "local", "paused_actors": ["agent:foo"]})
    write(agent, 0, "paused ")
    await team.heard("aside", actor="agent:foo", reason="paused")
    write(ada, 0, "going on ")
    await agree(ada)
    assert ada.doc.text == "going on x = 1\n"
    await control.ask("settings", {"mode": "local"})
    await until(ada, lambda: "paused" in ada.doc.text)
    await control.ask("settings", {"mode": "local", "paused": True})
    await until(ada, lambda: ada.state == "closed")
    assert (await team.open(FILE)).get("refused")


async def test_what_is_purged_is_gone_and_everybody_begins_anew(team: Team) -> None:
    ada, control, room = await joined(team)
    write(ada, 0, "secret ")
    await agree(ada)
    ada.send(ada.doc.edit((-7,)))
    await agree(ada)
    where = {"worktree": str(team.repo.path), "path": FILE}
    document = (await team.open(FILE))["document"]
    done = await control.ask("purge", {**where, "actor": ADA, "since": 2})
    assert done["erased"] == 2
    await until(ada, lambda: ada.state == "closed")
    again = await team.open(FILE)
    assert (again["room"], again["document"]) == (room, done["document"])
    assert again["document"] != document
    bob = await team.join(FILE, "human:bob@example.org", room=room)
    write(bob, 0, "# new\n")
    assert await agree(bob) == "# new\nx = 1\n"
    for name in ("rooms.db", "rooms.db-wal"):
        assert b"secret" not in (team.relays.state / name).read_bytes()
    granted = await control.ask("grant", {"actor": "agent:foo"})
    assert granted["token"]
