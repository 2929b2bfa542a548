"""Examines the installation and the repository, and names the way out of whatever is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Literal

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.init import NOTES_REF, REWRITE
from anvcs.actions.publish import KEEP, NOTES
from anvcs.actions.workspace import Workspace
from anvcs.config import FILE_NAME, load
from anvcs.errors import AnvcsError
from anvcs.gitmirror import filesystem, notes
from anvcs.gitmirror.git import MINIMUM, Git, version
from anvcs.storage.sqlite import version as sqlite_version

Step = Callable[[Workspace], Iterator[wire.Check]]


def doctor(caller: Caller, params: wire.DoctorParams) -> wire.DoctorReport:
    """Every check, each ok, a warning or an error. Never raises for what it finds; changes nothing."""
    checks = [_python(), _sqlite(), _git(caller, params)]
    try:
        workspace = caller.workspace(params.folder)
    except AnvcsError as error:
        checks.append(_failed("repository", error))
    else:
        with workspace.lock:
            checks.append(_check("repository", "ok", f"The repository at {workspace.repo.root} can be used."))
            checks += _guarded(workspace)
    return wire.DoctorReport(healthy=all(check.state != "error" for check in checks), checks=tuple(checks))


def _check(name: str, state: Literal["ok", "warning", "error"], message: str, way_out: str = "") -> wire.Check:
    return wire.Check(id=name, state=state, message=message, way_out=way_out)


def _failed(name: str, error: AnvcsError) -> wire.Check:
    return _check(name, "error", error.message, error.way_out)


def _python() -> wire.Check:
    return _check("python", "ok", f"Python {sys.version.split(maxsplit=1)[0]}.")


def _sqlite() -> wire.Check:
    # Its version is checked when storage is imported; older ones can corrupt a database that several processes use.
    return _check("sqlite", "ok", f"SQLite {sqlite_version()}.")


def _git(caller: Caller, params: wire.DoctorParams) -> wire.Check:
    folder = caller.path(params.folder)
    try:
        found = version(Git(folder if folder.is_dir() else caller.cwd, caller.env))
    except FileNotFoundError:
        return _check("git", "error", "The git program was not found.", "Install Git and put it on PATH.")
    text = ".".join(map(str, found))
    if found < MINIMUM:
        return _check("git", "error", f"Git {text} is too old.", "Install Git 2.38 or newer.")
    return _check("git", "ok", f"Git {text}.")


def _guarded(workspace: Workspace) -> Iterator[wire.Check]:
    steps: dict[str, Step] = {"file-system": _file_system, "config": _config, "index": _index, "setup": _setup}
    if workspace.initialized:
        steps |= {"ledger": _ledger, "operations": _operations, "notes": _notes, "settings": _settings}
    for name, step in steps.items():
        try:
            yield from step(workspace)
        except AnvcsError as error:
            yield _failed(name, error)


def _file_system(workspace: Workspace) -> Iterator[wire.Check]:
    filesystem.check(workspace.repo.common_dir)
    yield _check("file-system", "ok", "Locks can be trusted on this file system.")


def _config(workspace: Workspace) -> Iterator[wire.Check]:
    load(workspace.repo.root / FILE_NAME, workspace.caller.env)
    yield _check("config", "ok", f"{FILE_NAME} can be read (or is not there).")


def _index(workspace: Workspace) -> Iterator[wire.Check]:
    workspace.index.load()
    yield _check("index", "ok", "Git's index can be read.")


def _setup(workspace: Workspace) -> Iterator[wire.Check]:
    if workspace.initialized:
        yield _check("setup", "ok", f"ANVCS keeps its state in {workspace.folder}.")
    else:
        yield _check("setup", "warning", "ANVCS is not set up in this repository.", "Run: ai-vcs init")


def _ledger(workspace: Workspace) -> Iterator[wire.Check]:
    problems = workspace.ledger.verify_chain()
    if problems:
        yield _check("ledger", "error", " ".join(problems[:5]), "Keep a copy of the state folder and report this.")
    else:
        count = workspace.ledger.count()
        yield _check("ledger", "ok", f"All {count} operations are chained, signed and whole.")


def _operations(workspace: Workspace) -> Iterator[wire.Check]:
    for notice in workspace.notices:
        yield _check("recovery", "warning", notice)
    unknown = len(workspace.ledger.unknown())
    if unknown:
        yield _check(
            "operations",
            "warning",
            f"{unknown} interrupted operations could not be told published from aborted; their commits are kept.",
            f"See them with: git log {KEEP}",
        )


def _notes(workspace: Workspace) -> Iterator[wire.Check]:
    found = notes.tip(workspace.repo.handle, NOTES)
    yield _check("notes", "ok", "No notes yet." if found is None else f"Notes are at {str(found)[:10]}.")


def _settings(workspace: Workspace) -> Iterator[wire.Check]:
    settings = workspace.repo.settings.get()
    carried = NOTES_REF in [value for value in settings.all(REWRITE[0][0]) if value]
    if carried or "refs/notes/*" in settings.all(REWRITE[0][0]):
        yield _check("settings", "ok", "Plain git rebase and amend carry our notes along.")
    else:
        yield _check(
            "settings",
            "warning",
            "Plain git rebase would leave our notes behind.",
            f"Run: git config --add notes.rewriteRef {NOTES_REF}",
        )
