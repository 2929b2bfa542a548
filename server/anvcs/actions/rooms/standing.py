"""Where an editor or agent stands: which repository, whether rooms are on there, and as whom it writes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from anvcs import actors, wire
from anvcs.actions import evidence
from anvcs.actions.caller import Caller
from anvcs.actions.rooms import settings
from anvcs.actions.rooms.settings import RoomSettings
from anvcs.gitmirror import identity


class Standing(NamedTuple):
    """What joining a room needs to know."""

    root: Path
    """The worktree."""
    state: Path
    """The folder of our state, where the relay is found."""
    actor: str
    settings: RoomSettings
    initialized: bool


def standing(caller: Caller, folder: str | None, agent: str | None = None) -> Standing:
    """Where a caller stands: as the agent named, else as the human whom Git knows, for in an editor a person types.

    Raises what opening a repository raises, and UsageError for a bad agent's name.
    """
    workspace = caller.workspace(folder)
    with workspace.lock:
        git = workspace.repo.settings.get()
        actor = actors.agent(agent) if agent else evidence.actor(wire.Metadata(), identity.author(workspace.git, git))
        known = settings.read(caller.config_home, workspace.repo.common_dir)
        return Standing(workspace.repo.root, workspace.folder, actor, known, workspace.initialized)
