"""Copies a repository with its metadata into a new folder: a plain ``git clone``, then ``init``, then our refs."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import init, pull, sharing
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.publish import NOTES
from anvcs.actions.workspace import Workspace
from anvcs.errors import LockedError, UsageError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.transfer import Transfers
from anvcs.storage.lock import exclusive

STEPS = ("clone-fetch", "clone-refs", "clone-join", "clone-settings", "clone-place")
"""The fault points, each reached just before the step of its name; those of ``init`` come in between."""
_BESIDE = ".{}.anvcs-clone"
"""The folder beside the new one in which a clone is made."""


def clone(caller: Caller, params: wire.CloneParams) -> wire.CloneResult:
    """Clone it. Whatever goes wrong or is cancelled on the way, nothing that was made here stays.

    A new folder appears when all is in it, so that a death in between leaves nothing in the way of the next try.
    Raises RemoteError, UsageError for a folder that holds something, CancelledError.
    """
    here = caller.path(params.folder)
    folder = here / (params.path if params.path is not None else remotes.folder_of(params.url))
    _refuse_full(folder)
    transfers = Transfers(here, caller.env, caller.progress, caller.terminal)
    if folder.exists():
        # Somebody may stand in it, or it is a mount point: it cannot be put in its place as a whole.
        try:
            return _made(caller, transfers, params.url, folder, None)
        except BaseException:
            _empty(folder)
            raise
    above = next(each for each in folder.parents if each.exists())
    with _beside(above / _BESIDE.format(folder.name)) as scratch:
        _refuse_full(folder)
        result = _made(caller, transfers, params.url, scratch, folder.relative_to(above))
        caller.at("clone-place")
        first = above / folder.relative_to(above).parts[0]
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            scratch.rename(folder)
        except BaseException:
            if folder.parent != above:
                shutil.rmtree(first, ignore_errors=True)
            raise
    return result


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not empty.", "Name another folder.")


@contextmanager
def _beside(folder: Path) -> Generator[Path]:
    """A path in a folder of our own, which is gone afterwards; what a dead process left there goes first."""
    folder.mkdir(exist_ok=True)
    try:
        with exclusive(folder / "lock", wait=0.0):
            scratch = folder / "repository"
            try:
                if scratch.exists():
                    shutil.rmtree(scratch)
                yield scratch
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except LockedError as error:
        raise UsageError(f"Another process is cloning into the same folder, in {folder}.", "Wait for it.") from error
    finally:
        # Where an open file cannot be removed, the lock was still there.
        if folder.exists() and not (folder / "repository").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _made(caller: Caller, transfers: Transfers, url: str, folder: Path, final: Path | None) -> wire.CloneResult:
    """The clone in a folder, ready to be moved to its final one (relative to two levels above)."""
    caller.at("clone-fetch")
    done = remotes.clone(transfers, url, str(folder))
    result = _set_up(caller, folder, final)
    said = tuple(line for line in done.said if line.startswith("warning: "))
    return msgspec.structs.replace(result, notices=(*said, *result.notices))


def _set_up(caller: Caller, folder: Path, final: Path | None) -> wire.CloneResult:
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
        caller.at("clone-refs")
        if wanted:
            remotes.fetch(transfers, place.spec, wanted)
        caller.at("clone-join")
        grown = pull.take_in(workspace, actor, place)
        draft, private = actor.draft(
            "clone",
            arguments={"url": remotes.shown(remote.url)},
            details={"remote": remote.name, "url": remotes.shown(remote.url), "notes": grown},
            names=(NOTES,) if grown else (),
        )
        operation = actor.record(draft, private)
        ref = workspace.repo.head_ref()
        root = workspace.repo.root if final is None else workspace.repo.root.parents[1] / final
        caller.at("clone-settings")
        if final is not None:
            init.rehome(workspace, root)
        return wire.CloneResult(
            root=str(root),
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


def _empty(folder: Path) -> None:
    """Remove what is in a folder that was there, empty, before."""
    with suppress(FileNotFoundError):
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)
