"""The team's place is a store on a server: one log of segments for each replica, with a ref that says how far it goes.

The refs ``replica/REPLICA`` are the registry of replicas; the log of the same name holds the segments. Each has one
writer, its replica, so an exchange that was cut short, or whose end is not known, is simply gone on with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from anvcs.actions.team import Heard
from anvcs.config import Team
from anvcs.errors import AnvcsError, ConfigError
from anvcs.gitmirror import segments as git
from anvcs.history import rebuild, replicas
from anvcs.history.segments import End
from anvcs.storage.protocol import Store

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_AT_ONCE = 32
"""Segments in one transaction: a few megabytes at most."""
_PREFIX = "replica/"


def open_store(team: Literal["postgres", "s3"], settings: Team) -> tuple[Store, str]:
    """The team's store as configured, and what people call it. Raises ConfigError, StoreUnreachableError."""
    if team == "postgres":
        if settings.dsn is None:
            raise ConfigError("storage.team is postgres, but team.dsn is not set.", "Set team.dsn to its address.")
        from anvcs.storage.postgres import PostgresStore

        return PostgresStore(settings.dsn, settings.schema or "anvcs"), "the PostgreSQL team store"
    if settings.bucket is None:
        raise ConfigError("storage.team is s3, but team.bucket is not set.", "Set team.bucket to its name.")
    from anvcs.storage.bucket import Address
    from anvcs.storage.s3 import S3Store

    address = Address(
        bucket=settings.bucket,
        prefix=settings.prefix or "",
        endpoint=settings.endpoint_url,
        region=settings.region,
        access_key=settings.access_key_id,
        secret_key=settings.secret_access_key,
    )
    return S3Store(address), f"the team store in {address}"


class ByStore:
    """Exchange through a store."""

    def __init__(self, workspace: Workspace, store: Store, name: str) -> None:
        self._workspace = workspace
        self._store = store
        self._name = name

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    def known(self, replica: str) -> End | None:
        """How far the store holds our log; None where what it holds is not a beginning of ours."""
        with self._store.read() as transaction:
            there = End.decode(transaction.ref(_PREFIX + replica))
        repo = self._workspace.repo
        tip = git.tip(repo, replica)
        if there.segments > git.count(repo, tip):
            return None
        end = End()
        for content in git.read(repo, tip):
            if end.segments == there.segments:
                break
            end = rebuild.after(end, content)
        return there if end == there else None

    def send(self, replica: str) -> None:
        """Append what is new of our log."""
        name = _PREFIX + replica
        with self._store.read() as transaction:
            stored = transaction.ref(name)
        repo = self._workspace.repo
        end = End.decode(stored)
        rest = list(git.read(repo, git.tip(repo, replica), end.segments))
        for at in range(0, len(rest), _AT_ONCE):
            with self._store.write() as transaction:
                for content in rest[at : at + _AT_ONCE]:
                    transaction.append(name, content)
                    end = rebuild.after(end, content)
                transaction.swap(name, stored, end.encode())
            stored = end.encode()

    def receive(self, own: str, at: int) -> tuple[list[Heard], list[str]]:
        """Take in what is new of the others' logs."""
        with self._store.read() as transaction:
            there = {
                name.removeprefix(_PREFIX): End.decode(stored) for name, stored in transaction.refs(_PREFIX).items()
            }
        heard: list[Heard] = []
        problems: list[str] = []
        local = self._workspace.ledger.store
        for name, end in there.items():
            if name == own:
                continue
            try:
                known = replicas.of(local, name).end
                heard.append(Heard(name, replicas.take(local, name, self._segments(name, known.segments), at)))
                if replicas.of(local, name).end != end and known.segments >= end.segments:
                    problems.append(
                        f"The log of replica {name[:8]} does not continue what was known of it; it was left."
                    )
            except AnvcsError as error:
                problems.append(f"The log of replica {name[:8]} was not taken in whole: {error.message}")
        return heard, problems

    def _segments(self, replica: str, after: int) -> Iterator[bytes]:
        while True:
            with self._store.read() as transaction:
                page = transaction.entries(_PREFIX + replica, after, _AT_ONCE)
            if not page:
                return
            yield from (content for _, content in page)
            after = page[-1][0]

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()
