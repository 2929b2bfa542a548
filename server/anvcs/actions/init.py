"""Puts ANVCS beside a Git repository without touching its history; makes the repository in a new folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import foreign, lost, mirrored
from anvcs.actions import identity as actor_keys
from anvcs.actions.caller import Caller
from anvcs.actions.evidence import actor
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore
from anvcs.config import FILE_NAME
from anvcs.errors import GitFailedError, MissingIdentityError, NotARepositoryError
from anvcs.gitmirror import hookfile, identity
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.repository import GitRepository
from anvcs.history.ledger import Draft
from anvcs.ids import Domain
from anvcs.storage.lock import exclusive

EXCLUDE = "/.ai/"
NOTES_REF = "refs/notes/anvcs"
REWRITE = (("notes.rewriteRef", NOTES_REF), ("notes.rewriteMode", "cat_sort_uniq"))
INSTALLED = "installed.json"
CONFIG = """# What ANVCS does in this repository. Commit this file to share it with your team.
provenance:
  # What a push sends of prompts and other metadata: full, hashes (salted, so nothing can be read from them) or none.
  push: hashes
"""
"""What a new configuration says."""


class Installed(msgspec.Struct, frozen=True):
    """What ``init`` added to the user's own files, so that ``uninstall`` takes back exactly that."""

    settings: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    hook: bool = False
    """Our lines were put into the ``post-rewrite`` hook."""


def init(caller: Caller, params: wire.InitParams) -> wire.InitResult:
    """Set up the state folder, the exclude line and the notes settings. A second time changes nothing.

    Raises UnsafeFileSystemError, BareRepositoryError or UnsupportedRepositoryError with nothing changed.
    """
    path = caller.path(params.folder)
    created = _make_repository(path, caller)
    workspace = Workspace(GitRepository.open(path, caller.env), caller)
    try:
        lost.mend(workspace)
        if workspace.initialized:
            problem = mirrored.restore(workspace)
            return wire.InitResult(
                root=str(workspace.repo.root),
                state=str(workspace.folder),
                already_initialized=True,
                notices=(*workspace.notices, *((problem,) if problem else ())),
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
        hook = _hook(workspace, changed)
        installed = Installed(_settings(workspace, changed), _exclude(workspace, changed), hook)
        replace_file(workspace.folder / INSTALLED, msgspec.json.encode(installed))
        _config_file(workspace, changed)
        arguments: dict[str, ids.Value] = {"created": created}
        salt = secrets.token_bytes(16)
        hashed = ids.salted(Domain.ARGUMENTS, salt, arguments)
        signer = KeyStore(workspace.caller.config_home).signer(_actor(workspace))
        actor_keys.enrolled(workspace, signer)
        operation = ledger.prepare(
            Draft(kind="init", arguments=hashed, tier="green", reversibility="irreversible"),
            signer,
            b"",
            {hashed: ids.encode([salt, arguments])},
        )
        ledger.finish(operation.id, "published")
    foreign.glance(workspace)
    changed.append(f"Keeps its state in {workspace.folder}.")
    return wire.InitResult(
        root=str(workspace.repo.root),
        state=str(workspace.folder),
        repository_created=created,
        operation_id=ids.text(operation.id),
        changed=tuple(changed),
        notices=tuple(workspace.notices),
    )


def _config_file(workspace: Workspace, changed: list[str]) -> None:
    """Write down, where the whole team sees it and can change it, what leaves of prompts."""
    path = workspace.repo.root / FILE_NAME
    if not path.exists() and not path.is_symlink():
        replace_file(path, CONFIG.encode())
        changed.append(f"Wrote {FILE_NAME}: a push sends hashes of prompts only. Commit it to share it.")


def _actor(workspace: Workspace) -> str:
    try:
        return actor(wire.Metadata(), identity.author(workspace.git, workspace.repo.settings.get()))
    except MissingIdentityError:
        return "system:anvcs"


def _settings(workspace: Workspace, changed: list[str]) -> tuple[tuple[str, str], ...]:
    """Let plain git carry our notes along and verify actors' signatures, where the user has not decided."""
    settings = workspace.repo.settings.get()
    made: list[tuple[str, str]] = []
    for name, value in REWRITE:
        if settings.get(name) is None:
            workspace.git.output("config", "--local", name, value)
            made.append((name, value))
            changed.append(f"Set {name} to {value}, so that plain git rebase keeps provenance.")
    if settings.get(actor_keys.SETTING) is None:
        allowed = str(workspace.folder / actor_keys.ALLOWED)
        workspace.git.output("config", "--local", actor_keys.SETTING, allowed)
        made.append((actor_keys.SETTING, allowed))
        changed.append(f"Set {actor_keys.SETTING} to {allowed}, so that git verify-commit knows the keys of actors.")
    return tuple(made)


_UNHOOKED = {
    "outside": "core.hooksPath names a folder outside of the Git folder, which ANVCS leaves alone",
    "link": "the post-rewrite hook is a symbolic link, which ANVCS leaves alone",
    "not-shell": "the post-rewrite hook is not a shell script, which ANVCS leaves alone",
}


def _hook(workspace: Workspace, changed: list[str]) -> bool:
    """Have git say which commits it rewrote; where it cannot, rewrites are found by their other evidence."""
    repo = workspace.repo
    state = hookfile.install(repo.settings.get(), repo.common_dir, repo.root)
    if state == "installed":
        changed.append(
            f"Put a few lines into {repo.common_dir / 'hooks' / hookfile.NAME}, to follow rewritten commits."
        )
    else:
        workspace.notices.append(f"Rewritten commits are followed by reflogs and contents: {_UNHOOKED[state]}.")
    return state == "installed"


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
