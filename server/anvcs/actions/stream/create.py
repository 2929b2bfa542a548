"""Makes a stream, and switches to it if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import ids, wire
from anvcs.actions import foreign, moving, streams
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.moving import Wish
from anvcs.actions.resolve import resolve
from anvcs.actions.stream.switch import perform
from anvcs.errors import CommitError
from anvcs.gitmirror.settings import parse_bool

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def stream_create(caller: Caller, params: wire.StreamCreateParams) -> wire.StreamResult:
    """Begin a stream at a commit or another stream. Raises StreamError, UsageError, UnknownCommitError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        ref = streams.free_ref(workspace, params.name)
        if params.start == "HEAD" and workspace.repo.head() is None:
            raise CommitError("There is no commit yet to begin a stream at.", "Make the first commit.")
        start = resolve(workspace, params.start)
        moves: dict[str, tuple[str | None, str | None]] = {ref: (None, start)}
        arguments: dict[str, ids.Value] = {"name": params.name, "start": params.start, "switch": params.switch}
        if params.switch:
            result = perform(actor, ref, start, moves, "stream-create", arguments)
        else:
            wish = Wish(
                kind="stream-create",
                moves=moves,
                summary=f"branch: Created from {params.start}",
                details={"stream": params.name},
                arguments=arguments,
                keep=(start,),
            )
            made = moving.carry_out(actor, wish, moving.prepare(workspace, wish))
            result = wire.StreamResult(
                operation_id=ids.text(made.id),
                name=params.name,
                git_commit=start,
                notices=tuple(workspace.notices),
            )
        _follow(workspace, params)
        return result


def _follow(workspace: Workspace, params: wire.StreamCreateParams) -> None:
    """Let a stream that begins at a remote's follow it, as ``git branch`` does unless told otherwise."""
    settings = workspace.repo.settings.get()
    # Whatever an earlier stream of that name left behind.
    if settings.names(f"branch.{params.name}."):
        workspace.git.run("config", "--local", "--remove-section", f"branch.{params.name}")
    remote, slash, branch = params.start.partition("/")
    if not slash or workspace.repo.ref(f"refs/remotes/{params.start}") is None:
        return
    if parse_bool(settings.get("branch.autoSetupMerge") or "true") is not False:
        workspace.git.output("config", "--local", f"branch.{params.name}.remote", remote)
        workspace.git.output("config", "--local", f"branch.{params.name}.merge", streams.HEADS + branch)
