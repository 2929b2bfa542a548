"""What a relay lets in and what it closes on; nothing that is refused reaches anybody else."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import msgspec
import pytest
import websockets

from anvcs.relay import outbox, sockets
from anvcs.rooms import frames
from anvcs.rooms.frames import State
from anvcs.rooms.text import TextDoc
from tests.relay.conftest import Team, agree, until, write
from tests.relay.raw import Raw

MALFORMED = {
    "empty": (b"", 1008),
    "text": ("hello", 1008),
    "unknown kind": (b"\x09\x00", 1008),
    "auth": (b"\x02\x00\x00", 1008),
    "sync alone": (b"\x00", 1008),
    "unknown step": (b"\x00\x07\x00", 1008),
    "cut number": (b"\x00\x02\xff\xff\xff", 1008),
    "wrong length": (b"\x00\x02\x7fabc", 1008),
    "garbage update": (b"\x00\x02\x05hello", 1008),
    "bad state vector": (b"\x00\x00\x05hello", 1008),
    "bad awareness": (b"\x01\x03\x01\x02\x03", 1008),
    "awareness that is no JSON": (b"\x01\x05\x01\x01\x01\x01x", 1007),
    "awareness that is no UTF-8": (b"\x01\x05\x01\x01\x01\x01\xff", 1007),
    "the relay's own words": (frames.told({"acked": 1}), 1008),
    "an edit known as base": (frames.edit({"how": "base"}, b"\x00\x00"), 1008),
}


@pytest.mark.promise("relay.hostile-frames")
async def test_malformed_frames_close_their_connection_and_reach_nobody(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    found = team.relays.start()
    heard: list[object] = []
    async with Raw(found, str(opened["room"])) as witness:
        await witness.sync()
        for frame, code in MALFORMED.values():
            async with Raw(found, str(opened["room"])) as raw:
                await raw.send(frame)
                assert (await raw.closed())[0] == code, frame
        write(ada, 0, "still here ")
        await agree(ada, bob)
        await witness.until(lambda: witness.doc.text == ada.doc.text)
        heard = [each for each in witness.heard if isinstance(each, frames.Awareness)]
    assert heard == []
    control = await team.control()
    counts = (await control.ask("status"))["counts"]
    assert counts["bad frame"] + counts["bad update"] >= len(MALFORMED)


async def test_a_message_of_17_mb_is_refused_with_1009_and_the_room_goes_on(team: Team) -> None:
    ada = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    async with Raw(team.relays.start(), str(opened["room"])) as raw:
        with suppress(websockets.ConnectionClosed):
            await raw.send(frames.update(b"x" * (17 << 20)))
        code, reason = await raw.closed()
    assert code == 1009
    assert "limit" in reason
    write(ada, 0, "x")
    await agree(ada)


@pytest.mark.promise("relay.loopback-token")
async def test_nobody_gets_in_without_the_token_or_from_a_foreign_page(team: Team) -> None:
    opened = await team.open("src/app.py")
    found, room = team.relays.start(), str(opened["room"])
    wrong = msgspec.structs.replace(found, token="wrong")
    for refused in (Raw(wrong, room), Raw(found, room, origin="http://evil.example"), Raw(found, room, origin="null")):
        with pytest.raises(websockets.InvalidStatus):
            await refused.__aenter__()
    for origin in ("http://localhost:8080", "vscode-webview://abc", None):
        async with Raw(found, room, origin=origin) as raw:
            await raw.sync()
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(found.url("/other"), additional_headers=found.headers, proxy=None)
    async with Raw(found, "nowhere") as raw:
        assert (await raw.closed())[0] == 4404


async def test_a_granted_token_is_its_actor_s_alone(team: Team) -> None:
    opened = await team.open("src/app.py")
    control = await team.control()
    granted = await control.ask("grant", {"actor": "agent:foo"})
    found, room = team.relays.start(), str(opened["room"])
    foo = msgspec.structs.replace(found, token=granted["token"])
    with pytest.raises(websockets.InvalidStatus):
        await Raw(foo, room, actor="human:ada@example.org").__aenter__()
    async with Raw(foo, room) as raw:
        await raw.sync()
        await raw.type(0, "by foo ")
        await team.heard("joined", actor="agent:foo")
        ada = await team.join("src/app.py")
        await until(ada, lambda: ada.doc.text.startswith("by foo"))
    sources = (await control.ask("attribution", {"room": room}))["sources"]
    assert "agent:foo" in {each["actor"] for each in sources.values()}


async def test_one_who_joins_sees_who_is_there_and_leaving_removes_the_cursor(team: Team) -> None:
    ada = await team.join("src/app.py")
    ada.say({"name": "Ada", "actor": "human:eve"})
    bob = await team.join("src/app.py", "human:bob@example.org")
    await until(bob, lambda: ada.client in bob.others)
    assert bob.others[ada.client] == {"name": "Ada", "actor": "human:ada@example.org"}
    late = await team.join("src/app.py", "human:eve@example.org")
    await until(late, lambda: ada.client in late.others)
    await ada.close()
    await until(bob, lambda: ada.client not in bob.others)


async def test_a_client_that_breaks_off_leaves_no_cursor(team: Team) -> None:
    ada = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    async with Raw(team.relays.start(), str(opened["room"])) as raw:
        await raw.sync()
        await raw.send(frames.awareness([State(7, 1, '{"name":"Bob"}')]))
        await until(ada, lambda: 7 in ada.others)
        raw.socket.transport.abort()
        await until(ada, lambda: 7 not in ada.others)


async def test_nobody_hears_their_own_edits(team: Team) -> None:
    opened = await team.open("src/app.py")
    async with Raw(team.relays.start(), str(opened["room"]), anvcs=1) as raw:
        await raw.sync()
        before = len(raw.heard)
        await raw.type(0, "mine")
        await raw.until(lambda: any(isinstance(each, frames.Told) for each in raw.heard))
        told = [each for each in raw.heard[before:] if isinstance(each, frames.Told)]
        assert told[-1].body["acked"] == 1
        assert not [each for each in raw.heard[before:] if isinstance(each, frames.Update)]


@pytest.mark.promise("relay.foreign-text")
async def test_text_of_another_that_the_log_lacks_is_set_aside_and_reported(team: Team) -> None:
    ada = await team.join("src/app.py")
    write(ada, 0, "a")
    await agree(ada)
    # What Ada writes and never sends comes from somebody else.
    stolen = ada.doc.edit((1, "stolen"))
    opened = await team.open("src/app.py")
    async with Raw(team.relays.start(), str(opened["room"]), actor="human:eve@example.org", anvcs=1) as raw:
        await raw.sync()
        await raw.send(frames.update(stolen))
        await raw.until(lambda: any(isinstance(each, frames.Told) and "aside" in each.body for each in raw.heard))
    await team.heard("aside", actor="human:eve@example.org")
    bob = await team.join("src/app.py", "human:bob@example.org")
    assert bob.doc.text == "ax = 1\n"
    # From its author it is taken.
    ada.send(stolen)
    await agree(ada, bob)
    assert bob.doc.text == "astolenx = 1\n"


def test_a_client_is_slowed_down_only_beyond_its_burst() -> None:
    now = [0.0]
    throttle = sockets.Throttle(rate=10, burst=5, clock=lambda: now[0])
    assert [throttle.delay() for _ in range(5)] == [0.0] * 5
    assert throttle.delay() == pytest.approx(0.1)
    now[0] += 0.1
    assert throttle.delay() == pytest.approx(0.1)
    now[0] += 1.0
    assert throttle.delay() == 0.0


async def test_a_client_that_never_reads_is_brought_up_to_date_and_costs_little(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py", "human:bob@example.org")
    opened = await team.open("src/app.py")
    found = team.relays.start()
    async with Raw(found, str(opened["room"])) as raw:
        await raw.sync()
        raw.socket.transport.pause_reading()  # pyright: ignore[reportAttributeAccessIssue] - of every socket's transport
        control = await team.control()
        most = drops = 0
        for index in range(60):
            write(ada, 0, f"{index:09d}" * 50_000)
            ada.send(ada.doc.edit((-450_000,)))
            await agree(ada, bob)
            status = await control.ask("status")
            most, drops = max(most, status["waiting"]), status["drops"]
        assert drops >= 1
        assert most <= outbox.LIMIT
        raw.socket.transport.resume_reading()  # pyright: ignore[reportAttributeAccessIssue] - as above
        write(ada, 0, "end ")
        await raw.until(lambda: raw.doc.text.startswith("end "))
    assert await agree(ada, bob) == "end x = 1\n"


async def test_fuzzed_frames_never_stop_the_relay(team: Team) -> None:
    rng = random.Random(7)  # noqa: S311 - reproducible
    ada = await team.join("src/app.py")
    opened = await team.open("src/app.py")
    found, room = team.relays.start(), str(opened["room"])
    valid = [
        frames.update(TextDoc(5).edit(("hello",))),
        frames.awareness([State(9, 1, '{"name":"x","cursor":{"a":1}}')]),
        frames.step1(ada.doc.state()),
        frames.edit({"how": "live", "meta": {"task": "t"}}, TextDoc(6).edit(("x",))),
    ]
    for _ in range(150):
        frame = bytearray(rng.choice(valid))
        for _ in range(rng.randint(1, 4)):
            frame[rng.randrange(len(frame))] = rng.randrange(256)
        async with Raw(found, room) as raw:
            await raw.send(bytes(frame))
    write(ada, 0, "alive ")
    async with asyncio.timeout(20):
        await ada.durable()
    bob = await team.join("src/app.py", "human:bob@example.org")
    assert await agree(ada, bob)
