"""Joining with a program: as whom it runs, and what of the worktree is its business."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from anvcs import actors
from anvcs.actions.caller import Caller
from anvcs.actions.rooms.standing import standing
from anvcs.gitmirror.paths import to_repo_path


class Joining(NamedTuple):
    """A program that is to run in an agent's name."""

    actor: str
    root: Path
    """The worktree."""
    state: Path
    """The folder of our state, where the relay is found."""
    paths: tuple[str, ...]
    """From the worktree's root."""


def joining(caller: Caller, agent: str, paths: Sequence[str]) -> Joining:
    """Where a program of an agent runs. Raises what opening a repository raises, UsageError, PathOutsideError."""
    stands = standing(caller, None, agent)
    chosen = tuple(os.fsdecode(to_repo_path(stands.root, caller.cwd, each)) for each in paths)
    return Joining(stands.actor, stands.root, stands.state, chosen)


def named_after(program: str) -> str:
    """The agent's id for a program that was given no name."""
    return actors.agent(re.sub(r"[\s:]+", "-", Path(program).name).strip("-") or "program")
