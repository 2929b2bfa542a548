"""What goes from the room log for good is an operation too, so that everybody can see that it went, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions.acting import Acting
from anvcs.actors import KeyStore
from anvcs.gitmirror import identity

if TYPE_CHECKING:
    from anvcs.actions.caller import Caller
    from anvcs.actions.workspace import Workspace

SYSTEM = "system:anvcs"


def trimmed(caller: Caller, folder: str, room: str, path: str, edits: int, upto: int) -> str:
    """The operation that says that a retention setting let edits of a room go. Raises as the ledger does."""
    workspace = caller.workspace(folder)
    with workspace.lock:
        details: dict[str, str | int | bool] = {"room": room, "path": path, "edits": edits, "upto": upto}
        return record(workspace, "rooms-trim", SYSTEM, details)


def record(workspace: Workspace, kind: str, actor: str, details: dict[str, str | int | bool]) -> str:
    """Write down that edits went; the operation's id."""
    who = identity.committer(workspace.git, workspace.repo.settings.get())
    signer = KeyStore(workspace.caller.config_home).signer(actor)
    acting = Acting(workspace, wire.Acting(), signer, who)
    draft, private = acting.draft(kind, details=details)
    return ids.text(acting.record(draft, private).id)
