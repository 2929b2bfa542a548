"""Leaves a repository again: exports what only we know, then removes our refs, settings, exclude lines and state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import installed as added
from anvcs.actions.caller import Caller
from anvcs.actions.checking_subject import pool
from anvcs.actions.init import replace_file
from anvcs.actions.publish import NOTES
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.off import rooms_off
from anvcs.actions.workspace import Workspace
from anvcs.errors import NotInitializedError, PathError
from anvcs.gitmirror import hookfile, notes
from anvcs.storage.lock import exclusive

EXPORT = "anvcs-export.jsonl"
_NOTHING = "There is nothing to remove."
_SHOWN = 200
"""Characters of a setting's value that are shown; that of a merge driver is a program."""


def uninstall(caller: Caller, params: wire.UninstallParams) -> wire.UninstallResult:
    """Write the export, then remove everything of ours. Commits and their trailers stay: they are ordinary Git.

    Raises NotInitializedError, or PathError if the export file exists; then nothing was changed.
    """
    workspace = caller.workspace(params.folder)
    if not workspace.initialized:
        begun = added.is_begun(workspace.folder)
        way_out = "An init was cut short: run ai-vcs init, then ai-vcs uninstall." if begun else _NOTHING
        raise NotInitializedError(f"ANVCS is not set up in {workspace.repo.root}.", way_out)
    target = caller.cwd / params.export if params.export else workspace.repo.root / EXPORT
    if target.exists():
        raise PathError(f"{target} exists already.", "Name another file with --export.")
    with workspace.lock:
        removed = _inventory(workspace)
        if params.dry_run:
            return wire.UninstallResult(removed=removed)
        _end_rooms(workspace)
        with exclusive(workspace.lock_path):
            records = _export(workspace, target)
            _remove(workspace)
        folder, checks = workspace.folder, pool(workspace)
        if checks is not None:
            checks.remove()
        # Before it is closed, or what is due would be sealed into a ref again.
        workspace.forget_ledger()
        workspace.close()
        shutil.rmtree(folder)
        return wire.UninstallResult(exported=str(target), records=records, removed=removed)


def _end_rooms(workspace: Workspace) -> None:
    """Nobody may write into the room log while it is removed, and rooms are not on in what comes after us."""
    if settings.read(workspace.caller.config_home, workspace.repo.common_dir).mode != "off":
        rooms_off(workspace.caller, wire.RoomsOffParams(folder=str(workspace.repo.root)))


def _inventory(workspace: Workspace) -> tuple[str, ...]:
    installed = added.read(workspace.folder)
    return (
        *(f"ref {name}" for name in _refs(workspace)),
        *(_setting(name, value) for name, value in installed.settings),
        *(f"exclude line {line}" for line in installed.exclude),
        *([f"hook lines in {hookfile.NAME}"] if installed.hook else []),
        *(
            [f"folder {workspace.repo.root / '.ai' / 'meta'}"]
            if (workspace.repo.root / ".ai" / "meta").is_dir()
            else []
        ),
        f"folder {workspace.folder}",
        *([f"folder {checks.folder}"] if (checks := pool(workspace)) is not None else []),
    )


def _setting(name: str, value: str) -> str:
    return f"setting {name}" if len(value) > _SHOWN else f"setting {name}={value}"


def _refs(workspace: Workspace) -> list[str]:
    return workspace.git.text("for-each-ref", "--format=%(refname)", NOTES, "refs/anvcs/").splitlines()


def _export(workspace: Workspace, target: Path) -> int:
    """One JSON line for each operation and each note line; the notes hold the full metadata records."""
    lines = [*_operations(workspace), *_notes(workspace)]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600, exist_ok=False)
    replace_file(target, b"".join(line + b"\n" for line in lines))
    return len(lines)


def _operations(workspace: Workspace) -> Iterator[bytes]:
    for entry in reversed(workspace.ledger.operations()):
        operation = entry.operation
        yield msgspec.json.encode(
            {
                "operationId": ids.text(entry.signed.id),
                "state": entry.state,
                "kind": operation.kind,
                "actor": operation.actor,
                "time": operation.time,
                "moves": [[move.name, move.old, move.new] for move in operation.moves],
                "details": operation.details,
                "body": entry.signed.body,
                "publicKey": entry.signed.public_key,
                "signature": entry.signed.signature,
            }
        )


def _notes(workspace: Workspace) -> Iterator[bytes]:
    handle = workspace.repo.handle
    for git_id, content in notes.Notes(handle, notes.tip(handle, NOTES)).items():
        for line in content.splitlines():
            yield msgspec.json.encode({"noteOf": git_id, "line": line.decode("utf-8", "replace")})


def _remove(workspace: Workspace) -> None:
    installed = added.read(workspace.folder)
    # --no-deref: the names themselves go, whatever somebody made of them.
    commands = "".join(f"delete {name}\n" for name in _refs(workspace))
    workspace.git.output("update-ref", "--no-deref", "--stdin", stdin=commands.encode())
    for name, value in installed.settings:
        # Exit code 5 says that the user removed it already.
        workspace.git.run("config", "--local", "--fixed-value", "--unset", name, value)
    if installed.hook:
        hookfile.uninstall(workspace.repo.common_dir)
    exclude = workspace.repo.common_dir / "info" / "exclude"
    if installed.exclude and exclude.exists():
        gone = {line.encode() for line in installed.exclude}
        kept = [line for line in exclude.read_bytes().splitlines(keepends=True) if line.rstrip(b"\r\n") not in gone]
        replace_file(exclude, b"".join(kept))
    meta = workspace.repo.root / ".ai" / "meta"
    if meta.is_dir() and not meta.is_symlink() and not meta.parent.is_symlink():
        shutil.rmtree(meta)
        if not any(meta.parent.iterdir()):
            meta.parent.rmdir()
