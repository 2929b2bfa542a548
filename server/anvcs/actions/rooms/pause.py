"""Pausing rooms, or one actor in them."""

from __future__ import annotations

import msgspec

from anvcs import actors, wire
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.status import describe


def rooms_pause(caller: Caller, params: wire.RoomsPauseParams) -> wire.RoomsStatus:
    """Nothing more is recorded until it goes on; a paused actor's text is set aside. Raises UsageError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        common = workspace.repo.common_dir
        known = settings.read(caller.config_home, common)
        if params.actor is None:
            changed = msgspec.structs.replace(known, paused=not params.resume)
        else:
            actor = actors.check(params.actor)
            others = tuple(each for each in known.paused_actors if each != actor)
            changed = msgspec.structs.replace(known, paused_actors=others if params.resume else (*others, actor))
        settings.write(caller.config_home, common, changed)
        settings.mark(workspace.folder, changed)
        if caller.relay is not None:
            caller.relay.ask(workspace.folder, "settings", msgspec.to_builtins(changed))
        return describe(workspace)
