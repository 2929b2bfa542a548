"""Gives a stream another name, with its log, its settings and the HEAD that stands on it."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions import foreign, moving, publish, streams
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.moving import Wish
from anvcs.gitmirror import refs, worktrees


def stream_rename(caller: Caller, params: wire.StreamRenameParams) -> wire.StreamResult:
    """Rename it. Raises StreamError, UsageError; a stream that another worktree has checked out stays."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        old = streams.ref_of(workspace, params.old)
        new = streams.free_ref(workspace, params.new, leaving=old)
        holder = worktrees.holders(workspace.repo).get(old)
        if holder is not None and holder != workspace.repo.worktree_name():
            raise publish.checked_out(workspace.repo, old, holder)
        tip = str(workspace.repo.ref(old))
        moves: dict[str, tuple[str | None, str | None]] = {old: (tip, None), new: (None, tip)}
        if workspace.repo.head_ref() == old:
            moves[moving.own_head(workspace.repo)] = (f"ref: {old}", f"ref: {new}")
        name = old.removeprefix(streams.HEADS)
        wish = Wish(
            kind="stream-rename",
            moves=moves,
            summary=f"Branch: renamed {old} to {new}",
            details={"stream": params.new, "renamedFrom": name},
            arguments={"old": params.old, "new": params.new},
        )
        log = refs.raw_log(workspace.repo, old)
        made = moving.carry_out(actor, wish, moving.prepare(workspace, wish))
        refs.continue_log(workspace.repo, new, log)
        streams.rename_settings(workspace, name, params.new)
        return wire.StreamResult(
            operation_id=ids.text(made.id), name=params.new, git_commit=tip, notices=tuple(workspace.notices)
        )
