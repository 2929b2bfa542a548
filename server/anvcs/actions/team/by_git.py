"""The team's place is a Git remote: logs are refs there, ``refs/anvcs/log/<replica>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs.actions.team import Heard
from anvcs.errors import AnvcsError, ConfigError
from anvcs.gitmirror import segments as git
from anvcs.history import rebuild, replicas
from anvcs.history.segments import End

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


class ByGit:
    """Exchange through a remote; ``remote`` is a name or address, else the current stream's, else the only one."""

    def __init__(self, workspace: Workspace, remote: str | None) -> None:
        self._workspace = workspace
        self._repo = workspace.repo
        self._remote = remote or _usual(workspace)
        self._there = git.at_remote(self._repo, self._remote)

    @property
    def name(self) -> str:
        """What people call it."""
        return self._remote

    def known(self, replica: str) -> End | None:
        """How far the remote holds our log; None where what it holds is not a beginning of ours."""
        there = self._there.get(replica)
        if there is None:
            return End()
        here = git.tip(self._repo, replica)
        if here is None or (there != here and not (git.is_here(self._repo, there) and self._descends(there, here))):
            return None
        return rebuild.measure(git.read(self._repo, there))

    def _descends(self, older: str, newer: str) -> bool:
        return self._repo.is_ancestor(older, newer)

    def send(self, replica: str) -> None:
        """Push our log."""
        git.push(self._repo, self._remote, replica)

    def receive(self, own: str, at: int) -> tuple[list[Heard], list[str]]:
        """Fetch the logs that moved, and take in what is new."""
        moved = [name for name, tip in self._there.items() if name != own and tip != git.tip(self._repo, name)]
        refused = git.fetch(self._repo, self._remote, moved) if moved else ()
        self._workspace.caller.at("sync-take")
        problems = [
            f"The log of replica {name[:8]} at {self._remote} does not continue what was known of it; it was left."
            for name in refused
        ]
        heard: list[Heard] = []
        store = self._workspace.ledger.store
        for name in self._there:
            if name == own:
                continue
            try:
                known = replicas.of(store, name).end
                new = replicas.take(store, name, git.read(self._repo, git.tip(self._repo, name), known.segments), at)
                heard.append(Heard(name, new))
            except AnvcsError as error:
                problems.append(f"The log of replica {name[:8]} was not taken in whole: {error.message}")
        return heard, problems

    def close(self) -> None:
        """Do nothing: git is not kept running."""


def _usual(workspace: Workspace) -> str:
    """The remote of the current stream, else ``origin``, else the only one. Raises ConfigError."""
    settings = workspace.repo.settings.get()
    stream = (workspace.repo.head_ref() or "").removeprefix("refs/heads/")
    own = settings.get(f"branch.{stream}.remote")
    if own and own != ".":
        return own
    names = workspace.git.text("remote").splitlines()
    if "origin" in names or len(names) == 1:
        return "origin" if "origin" in names else names[0]
    raise ConfigError(
        "There is no remote to exchange operations with." if not names else "Which remote is meant is not clear.",
        "Add one with: git remote add origin <address>" if not names else "Name it, or set team.remote.",
    )
