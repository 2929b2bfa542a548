"""Puts ANVCS beside a Git repository without touching its history; makes the repository in a new folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from anvcs import ids, wire
from anvcs.actions import foreign, fresh, installed, lost, mirrored
from anvcs.actions import identity as actor_keys
from anvcs.actions.caller import Caller
from anvcs.actions.evidence import actor
from anvcs.actions.installed import Installed
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore
from anvcs.config import FILE_NAME
from anvcs.errors import GitFailedError, MissingIdentityError, NotARepositoryError
from anvcs.gitmirror import hookfile, identity
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.settings import Settings
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import SignedOperation
from anvcs.ids import Domain
from anvcs.storage.lock import exclusive

EXCLUDE = "/.ai/"
NOTES_REF = "refs/notes/anvcs"
REWRITE = (("notes.rewriteRef", NOTES_REF), ("notes.rewriteMode", "cat_sort_uniq"))
STEPS = (
    "init-git",
    "init-folder",
    "init-hook",
    "init-draft",
    "init-setting",
    "init-exclude",
    "init-config",
    "init-enrol",
    "init-fill",
    "init-place",
    "init-complete",
    "init-look",
)
"""The fault points, each reached just before the step of its name."""
CONFIG = """# What ANVCS does in this repository. Commit this file to share it with your team.
provenance:
  # What a push sends of prompts and other metadata: full, hashes (salted, so nothing can be read from them) or none.
  push: hashes
"""
"""What a new configuration says."""


def init(caller: Caller, params: wire.InitParams) -> wire.InitResult:
    """Set up the state folder, the exclude line and the notes settings. A second time changes nothing.

    Raises UnsafeFileSystemError, BareRepositoryError or UnsupportedRepositoryError with nothing changed.
    """
    path = caller.path(params.folder)
    created = _make_repository(path, caller)
    workspace = Workspace(GitRepository.open(path, caller.env), caller)
    try:
        lost.mend(workspace)
        made = _set_up(workspace, created=created) if not workspace.initialized else None
        if made is None:
            problem = mirrored.restore(workspace)
            made = wire.InitResult(
                root=str(workspace.repo.root),
                state=str(workspace.folder),
                already_initialized=True,
                notices=(*workspace.notices, *((problem,) if problem else ())),
            )
        return _with_driver(workspace, made, params)
    finally:
        workspace.close()


def _with_driver(workspace: Workspace, made: wire.InitResult, params: wire.InitParams) -> wire.InitResult:
    """The merge driver for plain git, where something was said of it."""
    from anvcs.actions import driver_setup

    if params.merge_driver is None and params.check_clean is None:
        return made
    workspace.notices.clear()
    if params.merge_driver is False:
        changed = driver_setup.take(workspace)
    else:
        changed = driver_setup.put(workspace, check_clean=params.check_clean)
    return msgspec.structs.replace(made, changed=(*made.changed, *changed), notices=(*made.notices, *workspace.notices))


def _make_repository(path: Path, caller: Caller) -> bool:
    if path.is_dir():
        with contextlib.suppress(NotARepositoryError):
            GitRepository.open(path, caller.env)
            return False
    caller.at("init-git")
    path.mkdir(parents=True, exist_ok=True)
    done = Git(path, caller.env).run("init", "--quiet")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitFailedError(f"git init failed: {said}", "Do as git says, then try again.")
    return True


def _set_up(workspace: Workspace, *, created: bool) -> wire.InitResult | None:
    """Everything in an order in which a death leaves something to go on from: the ledger, whole, is the last of it.

    Gives nothing where another process was faster.
    """
    changed: list[str] = [f"Made a Git repository in {workspace.repo.root}."] if created else []
    at = workspace.caller.at
    at("init-folder")
    workspace.make_folder()
    with exclusive(workspace.lock_path):
        if workspace.initialized:
            return None
        at("init-hook")
        hook = _hook(workspace, changed)
        wanted = _wanted(workspace, hook=hook)
        at("init-draft")
        replace_file(workspace.folder / installed.DRAFT, msgspec.json.encode(wanted))
        _settings(workspace, wanted, changed)
        at("init-exclude")
        _exclude(workspace, wanted, changed)
        at("init-config")
        _config_file(workspace, changed)
        operation = _ledger(workspace, created=created)
        at("init-complete")
        installed.complete(workspace.folder)
    at("init-look")
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


def _ledger(workspace: Workspace, *, created: bool) -> SignedOperation:
    """A ledger that begins with this operation."""
    at = workspace.caller.at
    arguments: dict[str, ids.Value] = {"created": created}
    salt = secrets.token_bytes(16)
    hashed = ids.salted(Domain.ARGUMENTS, salt, arguments)
    signer = KeyStore(workspace.caller.config_home).signer(_actor(workspace))
    at("init-enrol")
    actor_keys.enrolled(workspace, signer)
    at("init-fill")
    with fresh.filled(workspace) as store:
        operation = Ledger(store).record(
            Draft(kind="init", arguments=hashed, tier="green", reversibility="irreversible"),
            signer,
            {hashed: ids.encode([salt, arguments])},
        )
    at("init-place")
    fresh.place(workspace)
    return operation


def _wanted(workspace: Workspace, *, hook: bool) -> Installed:
    """What is to be added, with what an init that was cut short has added already."""
    settings, before = workspace.repo.settings.get(), installed.read(workspace.folder)
    wanted = (*REWRITE, (actor_keys.SETTING, str(workspace.folder / actor_keys.ALLOWED)))
    made = tuple(
        (name, value) for name, value in wanted if settings.get(name) is None or _is_ours(settings, before, name, value)
    )
    lines = _exclude_file(workspace).splitlines()
    exclude = (EXCLUDE,) if EXCLUDE.encode() not in lines or EXCLUDE in before.exclude else ()
    return Installed(made, exclude, hook)


def _is_ours(settings: Settings, before: Installed, name: str, value: str) -> bool:
    return (name, value) in before.settings and settings.get(name) == value


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


def _settings(workspace: Workspace, wanted: Installed, changed: list[str]) -> None:
    """Let plain git carry our notes along and verify actors' signatures, where the user has not decided."""
    settings = workspace.repo.settings.get()
    for name, value in wanted.settings:
        if settings.get(name) is not None:
            continue
        workspace.caller.at("init-setting")
        workspace.git.output("config", "--local", name, value)
        why = _WHY_SIGNERS if name == actor_keys.SETTING else _WHY_REWRITE
        changed.append(f"Set {name} to {value}, {why}.")


_WHY_REWRITE = "so that plain git rebase keeps provenance"
_WHY_SIGNERS = "so that git verify-commit knows the keys of actors"

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


def _exclude(workspace: Workspace, wanted: Installed, changed: list[str]) -> None:
    path, text = _exclude_path(workspace), _exclude_file(workspace)
    if not wanted.exclude or EXCLUDE.encode() in text.splitlines():
        return
    path.parent.mkdir(exist_ok=True)
    joint = b"" if not text or text.endswith(b"\n") else b"\n"
    replace_file(path, text + joint + EXCLUDE.encode() + b"\n")
    changed.append(f"Excluded {EXCLUDE} in {path}.")


def _exclude_path(workspace: Workspace) -> Path:
    return workspace.repo.common_dir / "info" / "exclude"


def _exclude_file(workspace: Workspace) -> bytes:
    path = _exclude_path(workspace)
    return path.read_bytes() if path.exists() else b""


def rehome(workspace: Workspace, root: Path) -> None:
    """Let what was added to the settings name the place that the repository is about to be moved to."""
    before = installed.read(workspace.folder)
    old, new = str(workspace.folder), str(root / workspace.folder.relative_to(workspace.repo.root))
    settings = tuple(
        (name, new + value.removeprefix(old) if value.startswith(old) else value) for name, value in before.settings
    )
    replace_file(
        workspace.folder / installed.INSTALLED,
        msgspec.json.encode(msgspec.structs.replace(before, settings=settings)),
    )
    for name, value in settings:
        if (name, value) not in before.settings:
            workspace.git.output("config", "--local", name, value)


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
