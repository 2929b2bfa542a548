"""Erasing edits of a room for good."""

from __future__ import annotations

import os

from anvcs import wire
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import recorded, settings
from anvcs.errors import RelayError
from anvcs.gitmirror.paths import to_repo_path


def rooms_purge(caller: Caller, params: wire.RoomsPurgeParams) -> wire.RoomsPurgeResult:
    """The bytes of these edits are gone when this returns; only the owner of the log erases, so it asks the relay.

    Raises RoomError where there is no such room, RelayError where no relay can be had.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        path = os.fsdecode(to_repo_path(workspace.repo.root, caller.cwd, params.path))
        if caller.relay is None:
            raise RelayError("Nothing here can reach the relay.", "Use the command line or an editor.")
        who = acting(workspace, wire.Acting())
        answer = caller.relay.ask(
            workspace.folder,
            "purge",
            {
                "worktree": str(workspace.repo.root),
                "path": path,
                "since": params.since,
                "until": params.until,
                "actor": who.signer.actor,
            },
            start=True,
        )
        assert answer is not None  # noqa: S101 - for the type checker; asked to start one
        # They may hold the same text.
        settings.forget_notes(workspace.folder)
        recorded.record(
            workspace,
            "rooms-purge",
            who.signer.actor,
            {"room": answer["room"], "path": path, "edits": answer["erased"], "upto": answer["replayableFrom"]},
        )
        return wire.RoomsPurgeResult(
            erased=answer["erased"],
            epoch=answer["epoch"],
            replayable_from=answer["replayableFrom"],
            notices=("What was committed meanwhile stays in its commits; ai-vcs purge forgets prompts there.",),
        )
