"""Relays as processes: killed, stopped, replaced, idle, out of disk; 0 acknowledged edits are lost."""

from __future__ import annotations

import asyncio
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anvcs.errors import RelayError, RelayUnreachableError
from anvcs.link import discovery, start
from anvcs.link.control import RelayLink
from anvcs.rooms import frames, log_reading
from anvcs.rooms.log import RoomLog
from anvcs.rooms.room import open_room
from tests.relay.conftest import PATIENCE, Relays, Team, agree, until, write
from tests.relay.raw import Raw


def kept(relays: Relays, room: str) -> str:
    """The room's text as the log has it."""
    log = RoomLog(relays.state / "rooms.db")
    try:
        return open_room(log, room)[0].text
    finally:
        log.close()


async def test_ten_clients_that_open_a_new_room_at_once_share_one_text(team: Team) -> None:
    rooms = await asyncio.gather(*(team.open("src/app.py", f"human:{n}@example.org") for n in range(10)))
    assert len({str(each["room"]) for each in rooms}) == 1
    clients = await asyncio.gather(
        *(team.join("src/app.py", f"human:{n}@example.org", room=str(rooms[0]["room"])) for n in range(10))
    )
    assert {client.doc.text for client in clients} == {"x = 1\n"}
    for number, client in enumerate(clients):
        write(client, 0, f"{number}\n")
    text = await agree(*clients)
    assert sorted(text.splitlines()) == sorted([*map(str, range(10)), "x = 1"])


async def test_ten_processes_that_need_a_relay_at_once_start_one(relays: Relays) -> None:
    found = await asyncio.gather(*(asyncio.to_thread(relays.start) for _ in range(10)))
    assert len({each.pid for each in found}) == 1


@pytest.mark.promise("relay.nothing-lost")
async def test_what_a_sole_client_typed_right_before_it_left_is_kept(team: Team) -> None:
    opened = await team.open("src/app.py")
    room, found = str(opened["room"]), team.relays.start()
    async with Raw(found, room) as raw:
        await raw.sync()
        for _ in range(300):
            await raw.type(0, "q")
    # Closed at once: not one acknowledgement was waited for.
    late = await team.join("src/app.py")
    await until(late, lambda: late.doc.text == "q" * 300 + "x = 1\n")


@pytest.mark.promise("relay.nothing-lost")
async def test_kill_9_of_the_relay_loses_no_acknowledged_edit_and_clients_go_on(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py", "human:bob@example.org")
    opened = await team.open("src/app.py")
    room = str(opened["room"])
    for round_ in range(5):
        found = team.relays.start()
        await until(ada, lambda: ada.state == "joined")
        before = ada.doc.text
        for index in range(200):
            write(ada, 0, f"a{round_}.{index} ")
            if index % 50 == 0:
                await asyncio.sleep(0)
        await until(ada, lambda: ada.undurable < 150)
        acknowledged = 200 - ada.undurable
        team.relays.kill(found)
        await team.relays.ended(found)
        log = kept(team.relays, room)
        assert log.endswith(before)
        assert log.count(f"a{round_}.") >= acknowledged
        # Both come back by themselves, to a relay that one of them starts, and what was under way is sent again.
        text = await agree(ada, bob)
        assert [text.count(f"a{round_}.{index} ") for index in range(200)] == [1] * 200


async def test_a_burst_of_80_000_updates_arrives_whole(team: Team) -> None:
    opened = await team.open("src/app.py")
    room, found = str(opened["room"]), team.relays.start()
    updates = [_letter(7, clock) for clock in range(80_000)]
    async with asyncio.timeout(100), Raw(found, room, anvcs=1) as raw:
        await raw.sync()
        reading = asyncio.ensure_future(_acked(raw, len(updates)))
        for update in updates:
            await raw.send(frames.update(update))
        await reading
    late = await team.join("src/app.py")
    assert late.doc.text.count("w") == 80_000


def _letter(client: int, clock: int) -> bytes:
    """The update of one ``w`` behind the one before it, by hand, since an engine takes longer than the relay."""
    place = b"\x04\x01" + frames.data(b"text")
    if clock:
        place = b"\x84" + frames.number(client) + frames.number(clock - 1)
    return b"\x01\x01" + frames.number(client) + frames.number(clock) + place + frames.data(b"w") + b"\x00"


async def _acked(raw: Raw, count: int) -> None:
    await raw.until(lambda: isinstance(raw.heard[-1], frames.Told) and raw.heard[-1].body.get("acked", 0) >= count)


async def test_a_relay_ends_some_time_after_its_last_client(team: Team) -> None:
    found = team.relays.start("--idle", "0.3")
    ada = await team.join("src/app.py")
    write(ada, 0, "x")
    await agree(ada)
    await team.close()
    await team.relays.ended(found)
    assert discovery.read(team.relays.state) is None


async def test_a_relay_that_is_told_to_end_makes_everything_durable_first(team: Team) -> None:
    ada = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    found = team.relays.start()
    for index in range(500):
        write(ada, 0, f"{index} ")
    await until(ada, lambda: ada.undurable < 500)
    team.relays.kill(found, signal.SIGTERM)
    await team.relays.ended(found)
    acknowledged = 500 - ada.undurable
    assert len(kept(team.relays, str(opened["room"])).split()) >= acknowledged
    text = await agree(ada)
    assert len(text.split()) == 500 + len(["x", "=", "1"])


async def test_rooms_that_are_switched_off_are_left_at_once_and_for_good(team: Team) -> None:
    ada = await team.join("src/app.py")
    found = team.relays.start()
    async with asyncio.timeout(1):
        answer = await asyncio.to_thread(_ask, team.relays, "stop", {"reason": "off"})
        assert answer == {}
        await ada.until(lambda: ada.state == "closed")
    assert ada.reason == "off"
    await team.heard("stop", reason="off")
    await team.relays.ended(found)


@pytest.mark.promise("relay.one-owner")
async def test_a_stopped_owner_is_never_pushed_aside_and_a_replaced_one_writes_nothing(team: Team) -> None:
    opened = await team.open("src/app.py")
    room, old = str(opened["room"]), team.relays.start()
    async with Raw(old, room, anvcs=1) as raw:
        await raw.sync()
        team.relays.kill(old, signal.SIGSTOP)
        # It lives: others get an error that names it, not its rooms.
        done = await asyncio.to_thread(_run, team.relays, [])
        assert done.returncode == start.OWNED
        assert str(old.pid) in done.stderr
        # Told to, another one takes over.
        (team.relays.state / discovery.FILE).unlink()
        new = await asyncio.to_thread(team.relays.start, "--take-over")
        assert (new.term, new.pid != old.pid) == (old.term + 1, True)
        await raw.type(0, "too late ")
        ada = await team.join("src/app.py", room=room)
        write(ada, 0, "in time ")
        await agree(ada)
        team.relays.kill(old, signal.SIGCONT)
        await raw.closed()
    told = [each.body for each in raw.heard if isinstance(each, frames.Told)]
    assert not [body for body in told if body.get("acked")]
    await team.relays.ended(old)
    write(ada, 0, "on ")
    assert await agree(ada) == "on in time x = 1\n"
    assert kept(team.relays, room) == "on in time x = 1\n"
    assert discovery.read(team.relays.state) == new


def _run(relays: Relays, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anvcs.relay", "--state", str(relays.state), *arguments],
        env=relays.repo.env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


async def test_a_relay_that_lives_and_does_not_answer_is_named(relays: Relays) -> None:
    found = relays.start()
    relays.kill(found, signal.SIGSTOP)
    with pytest.raises(RelayUnreachableError, match=str(found.pid)) as refused:
        await asyncio.to_thread(_ask, relays, "rooms", {})
    assert refused.value.way_out
    assert start.find(relays.state) == found


def _ask(relays: Relays, method: str, params: Mapping[str, object]) -> object:
    return RelayLink(relays.repo.config_home, relays.repo.env).ask(relays.state, method, params)


def test_a_folder_without_safe_locks_is_refused(relays: Relays, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from anvcs.gitmirror import filesystem\n"
        "filesystem._mounts = lambda: '1 0 0:1 / / rw - nfs host:/ rw'\n"
        "from anvcs.relay.main import main\n"
        "main(['--state', sys.argv[1]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "state")],
        env=relays.repo.env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "nfs" in done.stderr
    assert "Clone the repository onto a local disk" in done.stderr


async def test_a_relay_that_cannot_start_says_why(relays: Relays) -> None:
    (relays.state / "rooms.db").write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(RelayError, match=r"rooms\.db"):
        await asyncio.to_thread(relays.start)


@pytest.mark.promise("relay.full-disk")
async def test_a_full_disk_is_told_nothing_is_acknowledged_and_all_goes_on_when_there_is_space(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py", "human:bob@example.org")
    opened = await team.open("src/app.py")
    await agree(ada, bob)
    found = team.relays.start()
    told: list[object] = []

    def hear(body: dict[str, Any]) -> None:
        if "stalled" in body:
            told.append(body["stalled"])

    ada._on_told = hear
    before = resource.prlimit(found.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(found.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    for index in range(20):
        write(ada, 0, f"{index} ")
    await until(ada, lambda: bool(told))
    assert told[-1]
    assert ada.undurable == 20
    assert bob.doc.text == "x = 1\n"
    assert kept(team.relays, str(opened["room"])) == "x = 1\n"
    resource.prlimit(found.pid, resource.RLIMIT_FSIZE, before)
    text = await agree(ada, bob)
    assert len(text.split()) == 23
    await until(ada, lambda: told[-1] is None)


async def test_a_clock_that_steps_back_changes_no_order(team: Team) -> None:
    ada = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    write(ada, 0, "first ")
    await agree(ada)
    found = team.relays.start()
    # The next relay believes that it is 1971.
    folder = team.repo.path.parent / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import time\nnow = time.time_ns\ntime.time_ns = lambda: now() - 55 * 365 * 86400 * 10**9\n"
    )
    team.repo.env["PYTHONPATH"] = str(folder)
    await asyncio.to_thread(_ask, team.relays, "stop", {"reason": "test"})
    await team.relays.ended(found)
    await asyncio.to_thread(team.relays.start)
    write(ada, 0, "second ")
    await agree(ada)
    assert kept(team.relays, str(opened["room"])) == "second first x = 1\n"
    log = RoomLog(team.relays.state / "rooms.db")
    times = [edit.time for edit in log_reading.edits(log, str(opened["room"]))]
    log.close()
    assert times[-1] < times[-2]


async def test_5000_edits_on_both_sides_of_a_lost_connection_meet(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py", "human:bob@example.org")
    found = team.relays.start()
    team.relays.kill(found)
    await team.relays.ended(found)
    for index in range(5000):
        write(ada, 0, f"a{index}\n")
        write(bob, len(bob.doc), f"b{index}\n")
    async with asyncio.timeout(60):
        text = await agree(ada, bob)
    lines = text.splitlines()
    assert len(lines) == 10_001
    assert set(lines) == {"x = 1", *(f"a{index}" for index in range(5000)), *(f"b{index}" for index in range(5000))}


def test_the_files_of_a_relay_are_its_user_s_alone(relays: Relays) -> None:
    relays.start()
    for name in (discovery.FILE, start.LOG, "relay.lock"):
        assert (relays.state / name).stat().st_mode & 0o077 == 0
