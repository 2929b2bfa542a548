"""What happens to the log of rooms while they are used and when they are let go of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from anvcs.relay.hub import KEEP, Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.reading import Reader
from anvcs.relay.upkeep import PACK_EVERY, Upkeep
from anvcs.rooms.log import RoomLog
from anvcs.rooms.replay import at
from anvcs.rooms.room import found


class NoPlaces:
    """Files that nobody watches."""

    def __init__(self) -> None:
        self.released: list[str] = []

    def release(self, live: LiveRoom) -> None:
        """A room is let go of."""
        self.released.append(live.id)


async def test_old_edits_are_packed_while_a_room_is_open_and_an_unused_room_is_let_go_of(tmp_path: Path) -> None:
    log = RoomLog(tmp_path / "rooms.db")
    term = log.own(1, "b", 1)
    log.append(term, found("r1", "stream:main", "a.txt", "", now=1))
    reader = Reader(tmp_path / "rooms.db")
    hub = Hub(log, term, reader, tmp_path, report=_unheard, lost=_never)
    places = NoPlaces()
    upkeep = Upkeep(hub, places, lambda: "forever")  # pyright: ignore[reportArgumentType] - a fake
    live = await hub.get("r1")
    await upkeep.sweep()
    for index in range(2 * PACK_EVERY):
        taken = live.room.write((index, "x") if index else ("x",), actor="human:ada", now=index)
        live.enter(taken)
    async with asyncio.timeout(20):
        await live.settled()
    await upkeep.sweep()
    assert log.rows("SELECT count(*) FROM spans")[0][0] >= 1
    assert at(log, "r1", PACK_EVERY).text == "x" * (PACK_EVERY - 1)
    assert "r1" in hub.live
    live.used -= KEEP
    await upkeep.sweep()
    assert "r1" not in hub.live
    assert places.released == ["r1"]
    assert (await hub.get("r1")).room.text == "x" * (2 * PACK_EVERY)
    assert await hub.writer.close(5)
    reader.close()
    log.close()


def _unheard(event: str, params: dict[str, Any]) -> None:
    assert event
    assert params


def _never(error: Exception) -> None:
    raise error
