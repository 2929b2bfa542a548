"""Examines the installation and the repository, and names the way out of whatever is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from anvcs import wire
from anvcs.actions import assisting, doctor_driver, doctor_proposals, doctor_rooms, doctor_state
from anvcs.actions.caller import Caller, disk_error
from anvcs.actions.doctor_state import check
from anvcs.actions.workspace import Workspace
from anvcs.config import FILE_NAME, load
from anvcs.errors import AnvcsError, CancelledError
from anvcs.gitmirror import filesystem
from anvcs.gitmirror.git import MINIMUM, Git, version
from anvcs.merge.languages import offered
from anvcs.storage.sqlite import version as sqlite_version

Step = Callable[[Workspace, bool], Iterator[wire.Check]]
"""Looks at one thing, and repairs it if asked to."""


def doctor(caller: Caller, params: wire.DoctorParams) -> wire.DoctorReport:
    """Every check, each ok, a warning or an error; repairs what can be if asked to. Never raises for what it finds.

    Raises CancelledError. Without ``repair`` nothing changes but what opening a repository always settles.
    """
    checks = [_python(), _sqlite(), _git(caller, params)]
    try:
        workspace = caller.workspace(params.folder)
    except AnvcsError as error:
        checks.append(_failed("repository", error))
    else:
        with workspace.lock:
            checks.append(check("repository", "ok", f"The repository at {workspace.repo.root} can be used."))
            checks += _guarded(workspace, params.repair)
    return wire.DoctorReport(healthy=all(check.state != "error" for check in checks), checks=tuple(checks))


def _failed(name: str, error: AnvcsError) -> wire.Check:
    return check(name, "error", error.message, error.way_out)


def _python() -> wire.Check:
    return check("python", "ok", f"Python {sys.version.split(maxsplit=1)[0]}.")


def _sqlite() -> wire.Check:
    # Its version is checked when storage is imported; older ones can corrupt a database that several processes use.
    return check("sqlite", "ok", f"SQLite {sqlite_version()}.")


def _git(caller: Caller, params: wire.DoctorParams) -> wire.Check:
    folder = caller.path(params.folder)
    try:
        found = version(Git(folder if folder.is_dir() else caller.cwd, caller.env))
    except FileNotFoundError:
        return check("git", "error", "The git program was not found.", "Install Git and put it on PATH.")
    text = ".".join(map(str, found))
    if found < MINIMUM:
        return check("git", "error", f"Git {text} is too old.", "Install Git 2.38 or newer.")
    return check("git", "ok", f"Git {text}.")


def _guarded(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    steps: dict[str, Step] = {
        "file-system": _file_system,
        "config": _config,
        "languages": _languages,
        "index": _index,
        "setup": _setup,
    }
    if workspace.initialized:
        steps |= {
            "ledger": doctor_state.ledger,
            "operations": doctor_state.operations,
            "notes": doctor_state.notes,
            "settings": doctor_state.settings,
            "signers": doctor_state.signers,
            "hook": doctor_state.hook,
            "merge-driver": doctor_driver.driver,
            "cache": doctor_state.cache,
            "sealed": doctor_state.sealed,
            "orphans": doctor_state.orphans,
            "streams": doctor_state.streams,
            "rooms": doctor_rooms.rooms,
            "proposals": doctor_proposals.proposals,
        }
    for name, step in {**steps, "locks": doctor_state.locks}.items():
        try:
            yield from step(workspace, repair)
        except CancelledError:
            raise
        except AnvcsError as error:
            yield _failed(name, error)
        except OSError as error:
            yield _failed(name, disk_error(error))


def _file_system(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    del repair
    filesystem.check(workspace.repo.common_dir)
    yield check("file-system", "ok", "Locks can be trusted on this file system.")


def _config(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    del repair
    settings = load(workspace.repo.root / FILE_NAME, workspace.caller.env)
    yield check("config", "ok", f"{FILE_NAME} can be read (or is not there).")
    yield check("assist", "ok", assisting.describe(workspace.caller, settings.merge.assist))


def _languages(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    del workspace, repair
    for each in offered():
        if each.problem:
            said = f"The language {each.name}, which another package brings, cannot be used: {each.problem}"
            yield check("languages", "warning", said, "Mend or remove that package; its files are merged by lines.")
        else:
            yield check("languages", "ok", f"Another package brings the language {each.name}.")


def _index(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    del repair
    workspace.index.load()
    yield check("index", "ok", "Git's index can be read.")


def _setup(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    del repair
    if workspace.initialized:
        yield check("setup", "ok", f"ANVCS keeps its state in {workspace.folder}.")
    else:
        yield check("setup", "warning", "ANVCS is not set up in this repository.", "Run: ai-vcs init")
