"""What the doctor looks at in rooms: the log's edits one by one, and whether the relay answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from anvcs.actions.doctor_state import check
from anvcs.actions.rooms.status import DATABASE
from anvcs.errors import AnvcsError

if TYPE_CHECKING:
    from anvcs import wire
    from anvcs.actions.workspace import Workspace


def rooms(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Every edit of every room against its checksum. Damaged ones are cut by the relay when the room is opened."""
    del repair
    path = workspace.folder / DATABASE
    if not path.exists():
        return
    from anvcs.rooms import log_reading, log_upkeep
    from anvcs.rooms.log import RoomLog

    with closing(RoomLog(path)) as log:
        damaged = [str(error) for record in log.rooms() for error in log_upkeep.check(log, record.room)]
        edits = log_reading.count(log)
    if damaged:
        more = f", and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        yield check(
            "rooms",
            "error",
            f"The room log is damaged: {damaged[0]}{more}",
            "Open the file: its room goes on before the damage, and what an editor still shows joins it again.",
        )
    else:
        yield check("rooms", "ok", f"The room log is whole: {edits} edits.")
    if workspace.caller.relay is not None:
        try:
            answer = workspace.caller.relay.ask(workspace.folder, "status", {})
        except AnvcsError as error:
            yield check("relay", "error", error.message, error.way_out)
        else:
            yield check(
                "relay", "ok", "The relay answers." if answer is not None else "No relay runs, and none has to."
            )
