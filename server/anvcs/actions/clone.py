"""Copies a repository with its metadata into a new folder: a plain ``git clone``, then ``init``, then our refs."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import init, pull, sharing
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.publish import NOTES
from anvcs.actions.workspace import Workspace
from anvcs.errors import UsageError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.transfer import Transfers


def clone(caller: Caller, params: wire.CloneParams) -> wire.CloneResult:
    """Clone it. Whatever goes wrong or is cancelled on the way, nothing that was made here stays.

    Raises RemoteError, UsageError for a folder that holds something, CancelledError.
    """
    here = caller.path(params.folder)
    folder = here / (params.path if params.path is not None else remotes.folder_of(params.url))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not empty.", "Name another folder.")
    above = next(each for each in folder.parents if each.exists())
    made = folder if not folder.exists() else None
    first_made = folder if folder.parent == above else above / folder.relative_to(above).parts[0]
    try:
        done = remotes.clone(Transfers(here, caller.env, caller.progress, caller.terminal), params.url, str(folder))
        result = _set_up(caller, folder)
    except BaseException:
        _take_away(folder, first_made if made is not None else None)
        raise
    said = tuple(line for line in done.said if line.startswith("warning: "))
    return msgspec.structs.replace(result, notices=(*said, *result.notices))


def _set_up(caller: Caller, folder: Path) -> wire.CloneResult:
    ready = init.init(caller, wire.InitParams(folder=str(folder)))
    workspace = Workspace.open(folder, caller)
    try:
        actor = acting(workspace, wire.Acting())
        remote = remotes.find(workspace.git, workspace.repo.settings.get(), _remote(workspace))
        place = sharing.fetched_from(remote)
        transfers = sharing.transfers(workspace)
        there = remotes.refs(transfers, place.spec, (NOTES, sharing.ACTORS))
        places = {NOTES: place.notes, sharing.ACTORS: place.actors}
        wanted = [f"+{ref}:{places[ref]}" for ref in there]
        if wanted:
            remotes.fetch(transfers, place.spec, wanted)
        grown = pull.take_in(workspace, actor, place)
        draft, private = actor.draft(
            "clone",
            arguments={"url": remotes.shown(remote.url)},
            details={"remote": remote.name, "url": remotes.shown(remote.url), "notes": grown},
            names=(NOTES,) if grown else (),
        )
        operation = actor.record(draft, private)
        ref = workspace.repo.head_ref()
        return wire.CloneResult(
            root=str(workspace.repo.root),
            url=remotes.shown(remote.url),
            stream=ref.removeprefix("refs/heads/") if ref is not None else None,
            head=workspace.repo.head(),
            notes=grown,
            operation_id=ids.text(operation.id),
            notices=ready.notices,
        )
    finally:
        workspace.close()


def _remote(workspace: Workspace) -> str:
    """The name git gave to what was cloned (``clone.defaultRemoteName``, else ``origin``)."""
    return remotes.names(workspace.repo.settings.get())[0]


def _take_away(folder: Path, made: Path | None) -> None:
    """Remove what was made: the folder with those above it, or what is in a folder that was there, empty, before."""
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)
        return
    with suppress(FileNotFoundError):
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)
