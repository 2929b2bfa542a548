"""Puts ANVCS beside a Git repository without touching its history; makes the repository in a new folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import mirrored
from anvcs.actions.caller import Caller
from anvcs.actions.evidence import actor
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore
from anvcs.errors import GitFailedError, MissingIdentityError, NotARepositoryError
from anvcs.gitmirror import identity
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.repository import GitRepository
from anvcs.history.ledger import Draft
from anvcs.ids import Domain
from anvcs.storage.lock import exclusive

EXCLUDE = "/.ai/"
NOTES_REF = "refs/notes/anvcs"
REWRITE = (("notes.rewriteRef", NOTES_REF), ("notes.rewriteMode", "cat_sort_uniq"))
INSTALLED = "installed.json"


class Installed(msgspec.Struct, frozen=True):
    """What ``init`` added to the user's own files, so that ``uninstall`` takes back exactly that."""

    settings: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()


def init(caller: Caller, params: wire.InitParams) -> wire.InitResult:
    """Set up the state folder, the exclude line and the notes settings. A second time changes nothing.

    Raises UnsafeFileSystemError, BareRepositoryError or UnsupportedRepositoryError with nothing changed.
    """
    path = caller.path(params.folder)
    created = _make_repository(path, caller)
    workspace = Workspace(GitRepository.open(path, caller.env), caller)
    try:
        if workspace.initialized:
            problem = mirrored.restore(workspace)
            return wire.InitResult(
                root=str(workspace.repo.root),
                state=str(workspace.folder),
                already_initialized=True,
                notices=(problem,) if problem else (),
            )
        return _set_up(workspace, created=created)
    finally:
        workspace.close()


def _make_repository(path: Path, caller: Caller) -> bool:
    if path.is_dir():
        with contextlib.suppress(NotARepositoryError):
            GitRepository.open(path, caller.env)
            return False
    path.mkdir(parents=True, exist_ok=True)
    done = Git(path, caller.env).run("init", "--quiet")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitFailedError(f"git init failed: {said}", "Do as git says, then try again.")
    return True


def _set_up(workspace: Workspace, *, created: bool) -> wire.InitResult:
    changed: list[str] = [f"Made a Git repository in {workspace.repo.root}."] if created else []
    ledger = workspace.create_ledger()
    with exclusive(workspace.lock_path):
        installed = Installed(_settings(workspace, changed), _exclude(workspace, changed))
        replace_file(workspace.folder / INSTALLED, msgspec.json.encode(installed))
        arguments: dict[str, ids.Value] = {"created": created}
        salt = secrets.token_bytes(16)
        hashed = ids.salted(Domain.ARGUMENTS, salt, arguments)
        operation = ledger.prepare(
            Draft(kind="init", arguments=hashed, tier="green", reversibility="irreversible"),
            KeyStore(workspace.caller.config_home).signer(_actor(workspace)),
            b"",
            {hashed: ids.encode([salt, arguments])},
        )
        ledger.finish(operation.id, "published")
    changed.append(f"Keeps its state in {workspace.folder}.")
    return wire.InitResult(
        root=str(workspace.repo.root),
        state=str(workspace.folder),
        repository_created=created,
        operation_id=ids.text(operation.id),
        changed=tuple(changed),
    )


def _actor(workspace: Workspace) -> str:
    try:
        return actor(wire.Metadata(), identity.author(workspace.git, workspace.repo.settings.get()))
    except MissingIdentityError:
        return "system:anvcs"


def _settings(workspace: Workspace, changed: list[str]) -> tuple[tuple[str, str], ...]:
    """Let plain ``git rebase`` and ``git commit --amend`` carry our notes along, where the user has not decided."""
    settings = workspace.repo.settings.get()
    made: list[tuple[str, str]] = []
    for name, value in REWRITE:
        if settings.get(name) is None:
            workspace.git.output("config", "--local", name, value)
            made.append((name, value))
            changed.append(f"Set {name} to {value}, so that plain git rebase keeps provenance.")
    return tuple(made)


def _exclude(workspace: Workspace, changed: list[str]) -> tuple[str, ...]:
    path = workspace.repo.common_dir / "info" / "exclude"
    text = path.read_bytes() if path.exists() else b""
    if EXCLUDE.encode() in text.splitlines():
        return ()
    path.parent.mkdir(exist_ok=True)
    joint = b"" if not text or text.endswith(b"\n") else b"\n"
    replace_file(path, text + joint + EXCLUDE.encode() + b"\n")
    changed.append(f"Excluded {EXCLUDE} in {path}.")
    return (EXCLUDE,)


def replace_file(path: Path, data: bytes) -> None:
    """Give the file new content at once and durably, keeping its mode."""
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=".anvcs-")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
