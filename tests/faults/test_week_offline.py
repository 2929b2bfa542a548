"""A week without a connection on two machines whose clocks do not agree, then a reconnect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore, Signer
from anvcs.gitmirror import segments as git
from anvcs.history import operations, replicas
from anvcs.history.ledger import Draft, Entry
from anvcs.history.operations import Move
from tests.conftest import Repo

DAY = 24 * 3600_000
OPERATIONS = 200
STREAMS = ["refs/heads/shared", "refs/heads/theirs", "refs/heads/mine"]


def hours(start: int, step: int) -> Iterator[int]:
    """A clock that goes on in steps, and after half the week goes back by a year."""
    moment = start
    for number in range(OPERATIONS):
        moment += step
        if number == OPERATIONS // 2:
            moment -= 365 * DAY
        yield moment


def commits(repo: Repo, count: int, name: str) -> list[str]:
    """A line of commits on the first one, made fast."""
    tree, parent = repo.git("rev-parse", "HEAD^{tree}"), repo.head()
    found: list[str] = []
    for number in range(count):
        parent = repo.git("commit-tree", tree, "-p", parent, "-m", f"{name} {number}")
        found.append(parent)
    return found


def work(
    repo: Repo, workspace: Workspace, signer: Signer, stream: str, values: list[str], clock: Iterator[int]
) -> None:
    """So many operations on one stream, each at the clock's time."""
    ledger = workspace.ledger
    for number, moment in enumerate(clock):
        old, new = ledger.view().get(stream), values[number % len(values)]
        if number % 4 == 3:
            ledger.record(Draft(kind="checkpoint", time=moment), signer)
            continue
        draft = Draft(kind="commit", moves=(Move(stream, old, new),), details={"gitCommit": new}, time=moment)
        operation = ledger.prepare(draft, signer)
        ledger.finish(operation.id, "aborted" if number % 10 == 9 else "published", moment)
    repo.git("update-ref", stream, ledger.view().get(stream) or "")


def other(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry.operation.kind.startswith("git-")]


@pytest.mark.promise("team.week-offline")
def test_a_week_offline_then_reconnected(make_repo: Callable[..., Repo], tmp_path: Path) -> None:
    a = make_repo("a")
    bare = tmp_path / "origin.git"
    a.git("clone", "--quiet", "--bare", a.path, bare)
    a.git("remote", "add", "origin", bare)
    a.git("clone", "--quiet", bare, tmp_path / "b")
    b = Repo(tmp_path / "b", a.env, a.config_home)
    b.init()
    keys = KeyStore(a.config_home)
    ada, foo = keys.signer("human:ada@example.org"), keys.signer("agent:foo")
    start = 1_700_000_000_000
    sides = [(a, ada, "refs/heads/mine", start), (b, foo, "refs/heads/theirs", start - 3 * DAY)]
    for repo, signer, stream, begin in sides:
        workspace = repo.caller().workspace(None)
        values = commits(repo, 20, stream)
        work(repo, workspace, signer, stream, values, hours(begin, DAY * 7 // OPERATIONS))
        work(repo, workspace, signer, "refs/heads/shared", values, hours(begin, DAY * 7 // OPERATIONS))
    before = [repo.snapshot() for repo, *_ in sides]

    def sync(repo: Repo) -> wire.SyncResult:
        return call(repo.caller(), wire.SYNC, wire.SyncParams(remote="origin"))

    sync(a)
    second = sync(b)
    first = sync(a)
    logs = [repo.caller().workspace(None).ledger for repo, *_ in sides]
    assert second.received == logs[0].count() >= 2 * OPERATIONS
    assert first.received == logs[1].count() >= 2 * OPERATIONS
    for here, there, signer in ((0, 1, foo), (1, 0, ada)):
        store, replica = logs[here].store, logs[there].replica
        heard = replicas.log(store, replica)
        # In the order of the chain, whatever the clocks said.
        assert [entry.signed for entry in heard] == [entry.signed for entry in logs[there].operations()]
        assert [(entry.state, entry.finished) for entry in heard] == [
            (entry.state, entry.finished) for entry in logs[there].operations()
        ]
        assert replicas.view(store, replica).items() == logs[there].view().items()
        worked = [entry for entry in heard if entry.operation.kind in {"commit", "checkpoint"}]
        assert len(worked) == 2 * OPERATIONS
        for entry in worked:
            assert operations.verify(entry.signed).actor == signer.actor
        assert [entry.operation.time for entry in worked] != sorted(entry.operation.time for entry in worked)
        assert replicas.verify(store, replica) == []
        assert logs[here].verify_chain() == []
    for result in (first, second):
        assert [each.stream for each in result.conflicts] == ["shared"]
        assert not result.conflicts[0].fetched
    assert [repo.snapshot() for repo, *_ in sides] == before
    workspace = b.caller().workspace(None)
    assert set(git.logs(workspace.repo)) == {log.replica for log in logs}
    b.close()
