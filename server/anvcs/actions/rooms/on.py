"""Switching rooms on: the user's own decision, for one repository on one machine."""

from __future__ import annotations

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.status import describe
from anvcs.gitmirror import filesystem


def rooms_on(caller: Caller, params: wire.RoomsOnParams) -> wire.RoomsStatus:
    """Rooms are on from now. Raises NotInitializedError, UnsafeFileSystemError where locks cannot be trusted."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        common = workspace.repo.common_dir
        filesystem.check(common)
        _ = workspace.ledger
        known = settings.read(caller.config_home, common)
        changed = msgspec.structs.replace(
            known,
            mode="local",
            asked=True,
            paused=False,
            retention=params.retention or known.retention,
            exclude=known.exclude if params.exclude is None else params.exclude,
        )
        settings.write(caller.config_home, common, changed)
        settings.mark(workspace.folder, changed)
        if caller.relay is not None:
            # One that runs takes the new settings; the first document starts one.
            caller.relay.ask(workspace.folder, "settings", msgspec.to_builtins(changed))
        return describe(workspace)
