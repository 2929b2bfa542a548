"""Several clones, one history: each replica's sealed log goes to the team's place and the others' come from there.

The local ledger is always primary; without a connection everything but ``sync`` works, and the next one makes up for
it. Only operations travel here: commits travel by Git, and a value whose commit is not here is shown as not fetched.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Protocol

import msgspec

from anvcs.actions import foreign, lost, seal
from anvcs.actions.configured import configured
from anvcs.actions.team import conflicted
from anvcs.config import FILE_NAME
from anvcs.errors import AnvcsError, ConfigError
from anvcs.gitmirror import segments as git
from anvcs.history import replicas
from anvcs.history.conflicts import Conflict
from anvcs.history.segments import End
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

STEPS = ("sync-send", "sync-receive", "sync-take", "sync-conflicts")
"""The fault points of an exchange beside those of sealing, each reached just before the step of its name."""
PARTING = ("part-log", "part-ledger", "part-note", "part-old")
"""Those of becoming a replica of one's own."""


class Heard(msgspec.Struct, frozen=True):
    """A replica that the team's place knows."""

    replica: str
    new: int
    """How many of its operations are new here."""


class Exchange(msgspec.Struct, frozen=True):
    """What an exchange brought."""

    place: str
    """Where it took place, for people."""
    sent: int
    """How many of our operations the place did not have."""
    heard: tuple[Heard, ...]
    conflicts: tuple[Conflict, ...]
    notices: tuple[str, ...]


class Transport(Protocol):
    """A place that holds one log for each replica."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def known(self, replica: str) -> End | None:
        """How far the place holds our log; None where what it holds is not a beginning of ours."""
        ...

    def send(self, replica: str) -> None:
        """Give the place our sealed log."""
        ...

    def receive(self, own: str, at: int) -> tuple[list[Heard], list[str]]:
        """Take in what the place has of others; gives each replica, and what could not be taken."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def is_set(workspace: Workspace) -> bool:
    """The team's setting names a place. Raises ConfigError."""
    return configured(workspace).storage.team is not None


def exchange(workspace: Workspace, remote: str | None = None) -> Exchange:
    """Send our operations to the team's place, take in the others', and find the streams in conflict.

    ``remote`` names a Git remote to be the place, whatever is set. Raises ConfigError where no place is set,
    GitFailedError and StoreUnreachableError where it cannot be reached; what was exchanged by then is kept.
    """
    at = workspace.caller.at
    foreign.look(workspace)
    seal.seal(workspace)
    _finish_parting(workspace)
    transport = _transport(workspace, remote)
    try:
        workspace.caller.progress(f"Exchanging operations with {transport.name}", None)
        notices: list[str] = []
        before = transport.known(workspace.ledger.replica)
        if before is None:
            notices.append(_part(workspace))
            before = transport.known(workspace.ledger.replica) or End()
        end = seal.seal(workspace)
        if end.segments > before.segments:
            at("sync-send")
            transport.send(workspace.ledger.replica)
        at("sync-receive")
        heard, problems = transport.receive(workspace.ledger.replica, time.time_ns() // 1_000_000)
    finally:
        transport.close()
    at("sync-conflicts")
    found = conflicted.update(workspace)
    return Exchange(transport.name, end.last - before.last, tuple(heard), tuple(found), (*notices, *problems))


def _transport(workspace: Workspace, remote: str | None) -> Transport:
    config = configured(workspace, "storage", "team")
    team = config.storage.team
    if remote is not None or team == "git":
        from anvcs.actions.team.by_git import ByGit

        return ByGit(workspace, remote or config.team.remote)
    if team is None:
        raise ConfigError(
            "It is not set where this team keeps its operations.",
            f"Write storage: {{team: git}} into {FILE_NAME} (or postgres, or s3), or name a remote.",
        )
    from anvcs.actions.team.by_store import ByStore, open_store

    return ByStore(workspace, *open_store(team, config.team))


def _part(workspace: Workspace) -> str:
    """Become a replica of one's own: another clone writes, or this one wrote, another log under our id."""
    old, new = workspace.ledger.replica, secrets.token_hex(16)
    at = workspace.caller.at
    with exclusive(workspace.lock_path):
        seal.seal(workspace, held=True)
        tip = git.tip(workspace.repo, old)
        at("part-log")
        if tip is not None:
            git.move(workspace.repo, new, None, tip)
        at("part-ledger")
        workspace.ledger.become(new)
        at("part-note")
        lost.note_replica(workspace)
        at("part-old")
        # From now on it is another's log, to be heard like any other.
        git.remove(workspace.repo, old)
    return (
        f"The team knows other operations of this replica ({old[:8]}) than this clone does: it is a copy of another "
        f"clone, or was restored from an older state. It goes on as a replica of its own, {new[:8]}; nothing is lost."
    )


def _finish_parting(workspace: Workspace) -> None:
    """Remove what a process left that died while it became a replica of its own: a log that ours goes on from.

    Another clone's log of this kind, heard of or not, comes back with the exchange.
    """
    repo, own = workspace.repo, workspace.ledger.replica
    tip, logs = git.tip(repo, own), git.logs(repo)
    heard = {each.replica for each in replicas.heard(workspace.ledger.store)}
    for name in logs.keys() - heard - {own}:
        if tip is not None and (logs[name] == tip or repo.is_ancestor(logs[name], tip)):
            git.remove(repo, name)


def keep_up(workspace: Workspace) -> list[str]:
    """Exchange after a push or pull, where a team's place is set; gives what is worth saying.

    What was pushed or pulled stands, whatever becomes of this.
    """
    try:
        if not is_set(workspace):
            return []
        found = exchange(workspace)
    except AnvcsError as error:
        return [f"Operations were not exchanged with the team: {error.message} {error.way_out}"]
    return [*found.notices, *(conflicted.sentence(workspace, each) for each in found.conflicts)]


def conflicts(workspace: Workspace) -> list[Conflict]:
    """The streams in conflict, as of the last exchange."""
    return conflicted.known(workspace)


def told(workspace: Workspace) -> list[str]:
    """One sentence for each conflicted stream, for ``status``; empty where the ledger cannot be read."""
    try:
        return [conflicted.sentence(workspace, each) for each in conflicted.known(workspace)]
    except AnvcsError:
        return []


def replicas_heard(workspace: Workspace) -> list[replicas.Heard]:
    """Every replica that was heard of."""
    return replicas.heard(workspace.ledger.store)
