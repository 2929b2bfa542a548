"""The end of the log is torn or damaged while no relay runs: what was acknowledged is there, or comes back."""

from __future__ import annotations

from contextlib import closing

import pytest

from anvcs.link.roomclient import RoomClient
from anvcs.rooms.log import RoomLog
from tests.relay.conftest import Team, agree, write

NAME = "src/app.py"
BOB = "human:bob@example.org"
LINES = [f"{number} é漢\N{GRINNING FACE}\n" for number in range(50)]


async def typed(team: Team) -> RoomClient:
    """Ada, who typed, got it acknowledged and was cut off; the relay was killed."""
    ada = await team.join(NAME)
    for line in LINES:
        write(ada, len(ada.doc), line)
        await ada.durable()
    found = team.relays.start()
    await team.close()
    team.relays.kill(found)
    await team.relays.ended(found)
    return ada


@pytest.mark.promise("relay.nothing-lost")
@pytest.mark.parametrize("length", [10, 24 + 2000])
async def test_a_transaction_that_was_torn_takes_nothing_acknowledged_with_it(team: Team, length: int) -> None:
    await typed(team)
    log = team.relays.state / "rooms.db-wal"
    data = log.read_bytes()
    # One more frame as the last one, cut off.
    frame = data[-(24 + 4096) :]
    log.write_bytes(data + frame[:length])
    bob = await team.join(NAME, BOB)
    assert bob.doc.text == "x = 1\n" + "".join(LINES)
    write(bob, 0, "on ")
    assert await agree(bob) == "on x = 1\n" + "".join(LINES)


@pytest.mark.promise("relay.nothing-lost")
@pytest.mark.parametrize("fault", ["UPDATE edits SET content = x'00'", "DELETE FROM edits"])
async def test_who_still_has_an_edit_that_the_log_lost_brings_it_back(team: Team, fault: str) -> None:
    before = await typed(team)
    with closing(RoomLog(team.relays.state / "rooms.db")) as log:
        last = int(log.one("SELECT max(seq) FROM edits") or 0)
        log.db.execute(f"{fault} WHERE seq > ?", (last - 3,))  # pyright: ignore[reportUnknownMemberType]
    bob = await team.join(NAME, BOB)
    assert bob.doc.text == "x = 1\n" + "".join(LINES[:-3])
    ada = RoomClient(before.doc, before.actor, before._find)
    ada.start()
    assert await agree(ada, bob) == "x = 1\n" + "".join(LINES)
    await ada.close()
    with closing(RoomLog(team.relays.state / "rooms.db")) as log:
        aside = [seq for (seq,) in log.rows("SELECT seq FROM damaged ORDER BY seq")]
        assert log.one("SELECT max(seq) FROM edits") == last - 2
    # What was only damaged can still be looked at.
    assert aside == ([last - 2, last - 1, last] if "UPDATE" in fault else [])
