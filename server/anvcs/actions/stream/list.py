"""All streams, now or as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions import foreign, team
from anvcs.actions.caller import Caller
from anvcs.actions.moved import subject
from anvcs.actions.streams import HEADS
from anvcs.actions.team import conflicted

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_FIELDS = ("refname", "objectname", "upstream:short", "upstream:track,nobracket", "worktreepath", "contents:subject")


def stream_list(caller: Caller, params: wire.StreamListParams) -> wire.Streams:
    """Every stream by name, with where it is checked out and how it stands to its upstream."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        if params.at_op is not None:
            return wire.Streams(streams=tuple(_then(workspace, params.at_op)))
        if workspace.initialized:
            foreign.look(workspace)
        return wire.Streams(streams=tuple(_now(workspace)), notices=tuple(workspace.notices))


def _now(workspace: Workspace) -> list[wire.Stream]:
    form = "%00".join(f"%({field})" for field in _FIELDS)
    conflicts = team.conflicts(workspace) if workspace.initialized else []
    found: list[wire.Stream] = []
    own = workspace.repo.head_ref()
    for line in workspace.git.output("for-each-ref", f"--format={form}", HEADS).splitlines():
        ref, commit, upstream, track, place, said = line.decode("utf-8", "replace").split("\0")
        ahead, behind = _distance(track) if upstream else (None, None)
        found.append(
            wire.Stream(
                name=ref.removeprefix(HEADS),
                git_commit=commit,
                subject=said,
                current=ref == own,
                worktree=place if place and ref != own else None,
                upstream=upstream or None,
                ahead=ahead,
                behind=behind,
                conflicts=tuple(conflicted.shown(workspace, each) for each in conflicts if each.stream == ref),
            )
        )
    return found


def _distance(track: str) -> tuple[int | None, int | None]:
    """Ahead and behind, from ``ahead 1, behind 2``; nothing where the upstream is gone."""
    if track == "gone":
        return None, None
    counts = {"ahead": 0, "behind": 0}
    for part in filter(None, track.split(", ")):
        word, _, number = part.partition(" ")
        counts[word] = int(number)
    return counts["ahead"], counts["behind"]


def _then(workspace: Workspace, name: str) -> list[wire.Stream]:
    view = workspace.ledger.view_of(workspace.ledger.find(name)).items()
    head = view.get(f"{workspace.repo.worktree_name()}/HEAD")
    return [
        wire.Stream(
            name=ref.removeprefix(HEADS),
            git_commit=commit,
            subject=subject(workspace, commit),
            current=head == f"ref: {ref}",
        )
        for ref, commit in view.items()
        if ref.startswith(HEADS)
    ]
