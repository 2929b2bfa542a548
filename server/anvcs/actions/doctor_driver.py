"""The doctor's look at the merge driver: whether plain git finds what it was told to start, and whether that works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from anvcs import wire
from anvcs.actions import driver_setup, installed
from anvcs.actions.doctor_state import check, repaired
from anvcs.actions.workspace import Workspace
from anvcs.gitmirror import mergedriver

_AGAIN = "Run: ai-vcs init --merge-driver"


def driver(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """The driver that init has set up, if it has."""
    if mergedriver.DRIVER not in dict(installed.read(workspace.folder).settings):
        return
    wrong = _wrong(workspace)
    if wrong is None:
        yield check("merge-driver", "ok", "Plain git merges by syntax where it finds a conflict.")
    elif repair:
        driver_setup.put(workspace)
        still = _wrong(workspace)
        if still is None:
            yield repaired("merge-driver", f"{wrong} It is set up again.")
        else:
            yield check("merge-driver", "warning", still, _AGAIN)
    else:
        yield check("merge-driver", "warning", wrong, "Run: ai-vcs doctor --repair")


def _wrong(workspace: Workspace) -> str | None:
    said = workspace.repo.settings.get().get(mergedriver.DRIVER)
    if said is None:
        return f"The Git setting {mergedriver.DRIVER} is gone, so that git merges alone."
    words = mergedriver.started(said)
    if words:
        gone = [path for path in (words[0], words[3]) if not os.path.exists(path)]  # noqa: PTH110 - words of a setting
        if gone:
            return f"Git's merge driver starts {gone[0]}, which is gone, so that git merges alone."
    try:
        if mergedriver.works(said, workspace.caller.env):
            return None
    except subprocess.TimeoutExpired:
        pass
    return "Git's merge driver does not work, so that git merges alone."
