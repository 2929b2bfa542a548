"""Beginning to work together: a relay that runs, and rooms that can be joined."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote as quoted

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk
from anvcs.actions.collab.desk import Desk
from anvcs.actions.rooms import settings
from anvcs.errors import AnvcsError, UsageError

MOST = 500
"""Files of which rooms are made at once."""


def collab_start(caller: Caller, params: wire.CollabStartParams) -> wire.CollabStarted:
    """The relay runs when this returns, and the files' rooms are open.

    Raises RoomsOffError where rooms are off, RelayError where no relay can be had, UsageError for too many files.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        desk.must_be_on(stands)
        paths = list(_files(stands, params.paths))
        if len(paths) > MOST:
            raise UsageError(f"These are {len(paths)} files.", f"Name fewer: at most {MOST} at once.")
        url = str(desk.ask(stands, "address", {})["url"])
        notices = _come_back(stands)
        token = str(desk.ask(stands, "grant", {"actor": stands.actor})["token"]) if params.token else None
        opened: list[wire.OpenedRoom] = []
        refused: list[wire.RefusedFile] = []
        for path in paths:
            answer = _open(stands, path)
            if "refused" in answer:
                refused.append(
                    wire.RefusedFile(path=desk.shown(path), reason=answer["refused"], way_out=answer.get("wayOut", ""))
                )
            else:
                suffix = f"?token={quoted(token)}" if token else ""
                where = f"{url}/rooms/{quoted(answer['room'])}{suffix}"
                opened.append(wire.OpenedRoom(path=desk.shown(path), room=answer["room"], url=where))
        return wire.CollabStarted(
            actor=stands.actor,
            url=url,
            token=token,
            rooms=tuple(opened),
            refused=tuple(refused),
            notices=tuple(notices),
        )


def _come_back(stands: Desk) -> list[str]:
    """Let the actor's editors in again, if they were out."""
    if stands.actor not in stands.settings.left:
        return []
    left = tuple(each for each in stands.settings.left if each != stands.actor)
    changed = msgspec.structs.replace(stands.settings, left=left)
    workspace = stands.workspace
    settings.write(workspace.caller.config_home, workspace.repo.common_dir, changed)
    desk.ask(stands, "settings", msgspec.to_builtins(changed))
    return [f"{stands.actor} is back; open editors join again."]


def _open(stands: Desk, path: str) -> dict[str, Any]:
    try:
        params = {"worktree": str(stands.workspace.repo.root), "path": path, "actor": stands.actor}
        return dict(desk.ask(stands, "open", params))
    except AnvcsError as error:
        return {"refused": error.message, "wayOut": error.way_out}


def _files(stands: Desk, paths: tuple[str, ...]) -> Iterator[str]:
    """The files meant: each as it is, a folder as the files below that Git knows."""
    repo = stands.workspace.repo
    for raw in desk.chooser(stands, paths).chosen:
        path = os.fsdecode(raw)
        if raw and not (repo.root / path).is_dir():
            yield path
            continue
        listed = repo.git.output("--literal-pathspecs", "ls-files", "-z", "--", raw or b".")
        yield from (os.fsdecode(each) for each in listed.split(b"\0") if each)
