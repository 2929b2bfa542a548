"""Room heads in views: where every live text stood at an operation, so that going back reaches it too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from anvcs.actions.rooms.status import DATABASE
from anvcs.errors import AnvcsError
from anvcs.history.operations import Move

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.history.ledger import Draft

PREFIX = "rooms/"
"""How a view names rooms; the value is EPOCH.SEQUENCE."""


def with_heads(workspace: Workspace, draft: Draft) -> Draft:
    """The operation, with the heads of all rooms that moved since the last one.

    They are read before anything of the operation takes effect. Without rooms it costs a look for a file.
    """
    found = _heads(workspace)
    if not found:
        return draft
    view = workspace.ledger.view()
    moves = tuple(Move(name, old, new) for name, new in sorted(found.items()) if (old := view.get(name)) != new)
    return replace(draft, moves=(*draft.moves, *moves)) if moves else draft


def go_back(workspace: Workspace, actor: str, then: Mapping[str, str], *, dry_run: bool) -> list[str]:
    """Have live text become what it was in a view, by edits appended to its rooms; gives what is worth saying."""
    rooms = {name.removeprefix(PREFIX): value for name, value in then.items() if name.startswith(PREFIX)}
    if not rooms or not (workspace.folder / DATABASE).exists():
        return []
    from anvcs.rooms.log import RoomLog

    said: list[str] = []
    with closing(RoomLog(workspace.folder / DATABASE)) as log:
        records = {record.room: record for record in log.rooms()}
    for room, value in sorted(rooms.items()):
        record = records.get(room)
        sequence = int(value.partition(".")[2])
        if record is None or record.closed or sequence >= record.head:
            continue
        said.append(_restore(workspace, actor, room, record.path, sequence, dry_run=dry_run))
    return said


def _restore(workspace: Workspace, actor: str, room: str, path: str, sequence: int, *, dry_run: bool) -> str:
    if dry_run:
        return f"The live text of {path} would go back to edit {sequence}."
    if workspace.caller.relay is None:
        return f"The live text of {path} is left as it is: nothing here can reach the relay."
    try:
        workspace.caller.relay.ask(
            workspace.folder,
            "restore",
            {"room": room, "worktree": str(workspace.repo.root), "path": path, "seq": sequence, "actor": actor},
            start=True,
        )
    except AnvcsError as error:
        return f"The live text of {path} is left as it is: {error.message}"
    return f"The live text of {path} is as it was at edit {sequence}; undo in its editor brings the rest back."


def _heads(workspace: Workspace) -> dict[str, str]:
    path = workspace.folder / DATABASE
    if not path.exists():
        return {}
    from anvcs.rooms.log import RoomLog

    try:
        with closing(RoomLog(path)) as log:
            return {
                PREFIX + record.room: f"{record.epoch}.{record.head}" for record in log.rooms() if not record.closed
            }
    except AnvcsError as error:
        # A log that cannot be read must not keep anybody from committing.
        workspace.notices.append(f"Where live texts stand is not recorded: {error.message}")
        return {}
