"""Switching rooms off."""

from __future__ import annotations

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.status import describe


def rooms_off(caller: Caller, params: wire.RoomsOffParams) -> wire.RoomsStatus:
    """Recording ends now; what was recorded stays until it is purged, and files stay as they are on the screen."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        common = workspace.repo.common_dir
        known = settings.read(caller.config_home, common)
        changed = msgspec.structs.replace(known, mode="off", asked=True)
        settings.write(caller.config_home, common, changed)
        settings.mark(workspace.folder, changed)
        if caller.relay is not None:
            caller.relay.ask(workspace.folder, "stop", {"reason": "off"})
        return describe(workspace)
