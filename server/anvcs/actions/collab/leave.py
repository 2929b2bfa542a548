"""Leaving the rooms of a repository for a while."""

from __future__ import annotations

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.rooms import settings


def collab_leave(caller: Caller, params: wire.CollabLeaveParams) -> wire.CollabLeft:
    """The actor's editors leave their rooms now and stay out until ``collab start``; files stay as they are.

    Others go on. Raises RelayError where one runs that does not answer.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        present = desk.ask_running(stands, "presence", {}) or {}
        rooms = [room for room in present.get("rooms", ()) if stands.actor in _actors(room["members"])]
        if stands.actor not in stands.settings.left:
            changed = msgspec.structs.replace(stands.settings, left=(*stands.settings.left, stands.actor))
            settings.write(caller.config_home, workspace.repo.common_dir, changed)
            desk.ask_running(stands, "settings", msgspec.to_builtins(changed))
        return wire.CollabLeft(actor=stands.actor, rooms=len(rooms))


def _actors(members: list[dict[str, object]]) -> set[object]:
    return {member.get("actor") for member in members}
