"""The sealed logs in Git, read again from their first segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.errors import AnvcsError
from anvcs.gitmirror import segments as git
from anvcs.history import segments
from anvcs.history.segments import End

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def check(workspace: Workspace) -> tuple[int, list[wire.Wrong]]:
    """How many segments are true, and what is wrong with the others; ours must say what the ledger says."""
    count = 0
    wrong: list[wire.Wrong] = []
    own = workspace.ledger.replica
    for replica, tip in git.logs(workspace.repo).items():
        end = End()
        try:
            for content in git.read(workspace.repo, tip):
                _, found, end = segments.follow(end, content)
                count += 1
                if replica == own:
                    wrong += _differing(workspace, [signed.id for signed, _ in found], end.last - len(found))
        except AnvcsError as error:
            wrong.append(wire.Wrong(subject="segments", name=f"{replica}/{end.segments + 1}", message=error.message))
    return count, wrong


def _differing(workspace: Workspace, names: list[bytes], after: int) -> list[wire.Wrong]:
    here = [entry.signed.id for entry in workspace.ledger.following(after, len(names))]
    if here == names:
        return []
    message = "The ledger has other operations here than the sealed log."
    return [wire.Wrong(subject="segments", name=str(after + 1), message=message)]
