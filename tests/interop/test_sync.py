"""Several clones, one history: logs exchanged and verified, streams moved two ways found, shown and resolved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import seal, team
from anvcs.actions.caller import call
from anvcs.actions.team.by_store import ByStore
from anvcs.actions.workspace import Workspace
from anvcs.errors import AnvcsError, ConfigError, GitFailedError, StreamError, WouldLoseWorkError
from anvcs.gitmirror import segments as git
from anvcs.history import replicas
from anvcs.history.ledger import Entry
from anvcs.storage.memory import MemoryStore
from anvcs.storage.protocol import Store
from anvcs.storage.sqlite import SqliteStore
from tests.conftest import Repo

TEAM = "storage:\n  team: git\n"


class Clones:
    """Two clones of one bare repository, each with ANVCS."""

    def __init__(self, make_repo: Callable[..., Repo], tmp_path: Path) -> None:
        self.a = make_repo("a", init=False)
        self.bare = tmp_path / "origin.git"
        self.a.git("clone", "--quiet", "--bare", self.a.path, self.bare)
        self.a.git("remote", "add", "origin", self.bare)
        self.a.git("fetch", "--quiet")
        self.b = self.clone("b")
        for repo in (self.a, self.b):
            repo.write(".git/info/exclude", "/ai-vcs.config.yaml\n")
            repo.write("ai-vcs.config.yaml", TEAM)
            repo.init()

    def clone(self, name: str) -> Repo:
        """A further clone, with the team's setting and without ANVCS."""
        path = self.bare.parent / name
        self.a.git("clone", "--quiet", self.bare, path)
        repo = Repo(path, self.a.env, self.a.config_home)
        repo.git("config", "user.email", f"{name}@example.org")
        repo.write(".git/info/exclude", "/ai-vcs.config.yaml\n")
        repo.write("ai-vcs.config.yaml", TEAM)
        return repo


@pytest.fixture
def clones(make_repo: Callable[..., Repo], tmp_path: Path) -> Clones:
    return Clones(make_repo, tmp_path)


def sync(repo: Repo, remote: str | None = None) -> wire.SyncResult:
    return call(repo.caller(), wire.SYNC, wire.SyncParams(remote=remote))


def resolve(repo: Repo, keep: str, stream: str = "main", replica: str | None = None) -> wire.StreamResolveResult:
    params = wire.StreamResolveParams(stream=stream, keep=keep, replica=replica)
    return call(repo.caller(), wire.STREAM_RESOLVE, params)


def commit(repo: Repo, name: str, text: str = "content\n") -> str:
    repo.write(name, text)
    return repo.commit(f"add {name}").git_commit


def replica(repo: Repo) -> str:
    return repo.caller().workspace(None).ledger.replica


def own_log(repo: Repo) -> list[Entry]:
    return repo.caller().workspace(None).ledger.operations()


def heard_log(repo: Repo, other: Repo) -> list[Entry]:
    return replicas.log(repo.caller().workspace(None).ledger.store, replica(other))


def said(repo: Repo) -> str:
    return " ".join(call(repo.caller(), wire.STATUS, wire.StatusParams()).notices)


def conflict_refs(repo: Repo) -> str:
    return repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/anvcs/conflict/")


@pytest.mark.promise("team.exchange")
def test_each_clone_gets_the_others_operations(clones: Clones) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    first = sync(a)
    assert (first.sent, first.received, first.replicas) == (len(own_log(a)), 0, ())
    commit(b, "two")
    second = sync(b)
    assert (second.received, second.sent) == (len(own_log(a)), len(own_log(b)))
    assert second.replicas[0].replica == replica(a)
    assert second.replicas[0].actor == "human:ada@example.org"
    third = sync(a)
    assert (third.sent, third.received) == (0, len(own_log(b)))
    assert [entry.signed for entry in heard_log(a, b)] == [entry.signed for entry in own_log(b)]
    assert [entry.state for entry in heard_log(b, a)] == [entry.state for entry in own_log(a)]
    again = sync(a)
    assert (again.sent, again.received) == (0, 0)
    assert replicas.verify(a.caller().workspace(None).ledger.store, replica(b)) == []
    for repo in (a, b):
        repo.git("fsck", "--strict")


def test_no_stream_moves_by_an_exchange(clones: Clones) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    sync(a)
    before = b.snapshot()
    result = sync(b)
    assert b.snapshot() == before
    assert result.conflicts == ()
    assert sync(a).conflicts == ()


@pytest.mark.promise("team.conflict")
def test_a_stream_moved_two_ways_is_a_conflicted_stream(clones: Clones) -> None:
    a, b = clones.a, clones.b
    ours = commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    sync(a)
    theirs = commit(b, "two")
    # The other commit is not here before Git brings it.
    (found,) = sync(b).conflicts
    assert (found.stream, found.ours, found.theirs, found.fetched) == ("main", theirs, ours, False)
    assert (found.actor, found.replica) == ("human:ada@example.org", replica(a))
    assert conflict_refs(b) == ""
    assert "not fetched" in said(b)
    b.git("fetch", "--quiet")
    (found,) = sync(b).conflicts
    assert (found.fetched, found.subject) == (True, "add one")
    assert conflict_refs(b) == f"refs/anvcs/conflict/main/{replica(a)} {ours}"
    assert f"Stream main is conflicted: it is at {theirs[:10]} here and at {ours[:10]}" in said(b)
    assert "not fetched" not in said(b)
    (other,) = sync(a).conflicts
    assert (other.ours, other.theirs, other.fetched) == (ours, theirs, False)


def test_one_that_is_merely_ahead_or_behind_is_no_conflict(clones: Clones) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    sync(a)
    assert sync(b).conflicts == ()
    b.git("pull", "--quiet", "origin", "main")
    commit(b, "two")
    assert sync(b).conflicts == ()
    assert sync(a).conflicts == ()
    # A commit that was replaced here and not there.
    a.write("one", "better\n")
    a.commit("better", amend=True)
    c = clones.clone("c")
    c.init()
    sync(a)
    assert [each.replica for each in sync(c).conflicts if each.replica == replica(a)] == []


@pytest.mark.promise("team.conflict-resolves-itself")
def test_a_merge_of_both_ends_the_conflict_everywhere(clones: Clones) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    sync(a)
    commit(b, "two")
    b.git("fetch", "--quiet")
    assert len(sync(b).conflicts) == 1
    assert len(sync(a).conflicts) == 1
    b.git("merge", "--quiet", "-m", "both", "origin/main")
    assert sync(b).conflicts == ()
    assert conflict_refs(b) == ""
    assert "conflicted" not in said(b)
    b.git("push", "--quiet", "origin", "main")
    a.git("fetch", "--quiet")
    assert sync(a).conflicts == ()


def conflicted(clones: Clones) -> tuple[str, str]:
    """A conflict that both sides know, with both commits in both clones."""
    a, b = clones.a, clones.b
    ours, theirs = commit(a, "one"), commit(b, "two")
    a.git("push", "--quiet", "origin", "main")
    b.git("push", "--quiet", "origin", "main:refs/heads/of-b")
    for repo in (a, b):
        repo.git("fetch", "--quiet")
    sync(a)
    assert len(sync(b).conflicts) == 1
    assert len(sync(a).conflicts) == 1
    return ours, theirs


@pytest.mark.promise("team.resolve")
@pytest.mark.parametrize("keep", ["ours", "theirs", "commit"])
def test_a_conflict_resolved_here_is_resolved_there(clones: Clones, keep: str) -> None:
    a, b = clones.a, clones.b
    ours, theirs = conflicted(clones)
    expected = {"ours": ours, "theirs": theirs}.get(keep) or a.git(
        "commit-tree", f"{ours}^{{tree}}", "-p", ours, "-p", theirs, "-m", "both"
    )
    result = resolve(a, expected if keep == "commit" else keep)
    assert (result.old, result.new, result.conflicts) == (ours, expected, ())
    assert a.head() == expected
    assert a.status() == ""
    assert conflict_refs(a) == ""
    assert "conflicted" not in said(a)
    newest = next(entry for entry in own_log(a) if entry.operation.kind == "resolve")
    assert newest.operation.details["values"] == " ".join(dict.fromkeys([ours, theirs, expected]))
    moved = next(entry for entry in heard_log(a, b) if entry.operation.kind == "commit")
    assert moved.signed.id in newest.operation.causes
    sync(a)
    before = b.snapshot()
    assert sync(b).conflicts == ()
    assert b.snapshot() == before
    assert conflict_refs(b) == ""
    assert sync(a).conflicts == ()
    # Whoever goes on from the other value without knowing of that raises it again.
    commit(b, "three")
    found = sync(b).conflicts
    assert len(found) == (keep != "theirs")


def test_two_clones_that_resolved_it_in_two_ways_are_in_conflict_until_one_gives_in(clones: Clones) -> None:
    a, b = clones.a, clones.b
    conflicted(clones)
    resolve(a, "ours")
    resolve(b, "ours")
    sync(a)
    assert len(sync(b).conflicts) == 1
    assert len(sync(a).conflicts) == 1
    resolve(a, "ours")
    sync(a)
    assert sync(b).conflicts == ()
    assert sync(a).conflicts == ()


def test_a_resolution_that_cannot_be_is_refused_and_changes_nothing(clones: Clones) -> None:
    a, b = clones.a, clones.b
    with pytest.raises(StreamError, match="not in conflict"):
        resolve(a, "ours")
    commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    sync(a)
    commit(b, "two")
    sync(b)
    before = b.snapshot()
    with pytest.raises(StreamError, match="is not here"):
        resolve(b, "theirs")
    with pytest.raises(StreamError, match="with a replica"):
        resolve(b, "theirs", replica="nobody")
    with pytest.raises(AnvcsError):
        resolve(b, "no-such-commit")
    b.git("fetch", "--quiet")
    b.write("two", "unsaved work\n")
    before = b.snapshot()
    with pytest.raises(WouldLoseWorkError):
        resolve(b, "theirs")
    assert b.snapshot() == before
    assert b.read("two") == b"unsaved work\n"


def test_several_other_values_must_be_told_apart(clones: Clones) -> None:
    a, b = clones.a, clones.b
    ours, theirs = conflicted(clones)
    c = clones.clone("c")
    c.git("reset", "--quiet", "--hard", f"{ours}^")
    c.init()
    third = commit(c, "three")
    c.git("push", "--quiet", "origin", "HEAD:refs/heads/of-c")
    sync(c)
    a.git("fetch", "--quiet")
    assert {each.theirs for each in sync(a).conflicts} == {theirs, third}
    with pytest.raises(StreamError, match="2 replicas"):
        resolve(a, "theirs")
    assert resolve(a, "theirs", replica=replica(c)[:10]).new == third
    assert sync(a).conflicts == ()
    assert sync(c).conflicts == ()
    # It names all values that it chose between, so whoever has another of them is behind, not in conflict.
    assert [each for each in sync(b).conflicts if each.replica == replica(a)] == []
    c.close()


@pytest.mark.promise("team.opt-in")
def test_nothing_is_sent_where_no_place_is_set(clones: Clones) -> None:
    (clones.a.path / "ai-vcs.config.yaml").unlink()
    with pytest.raises(ConfigError, match="not set where"):
        sync(clones.a)
    assert clones.a.git("ls-remote", "origin", "refs/anvcs/*") == ""
    sync(clones.a, "origin")
    assert "refs/anvcs/log/" in clones.a.git("ls-remote", "origin", "refs/anvcs/*")


def test_a_remote_that_does_not_answer_is_told_and_nothing_is_lost(clones: Clones) -> None:
    a = clones.a
    commit(a, "one")
    hidden = clones.bare.rename(clones.bare.with_name("gone.git"))
    with pytest.raises(GitFailedError, match="cannot be read"):
        sync(a)
    hidden.rename(clones.bare)
    assert sync(a).sent == len(own_log(a))
    with pytest.raises(GitFailedError):
        sync(a, "--upload-pack=false")


def test_a_false_log_is_left_and_told(clones: Clones) -> None:
    a, b = clones.a, clones.b
    commit(a, "one")
    sync(a)
    false = "0" * 32
    a.git("push", "--quiet", "origin", f"main:{git.ref(false)}")
    result = sync(b)
    assert [each.replica for each in result.replicas] == [replica(a)]
    assert any(f"replica {false[:8]} was not taken in whole" in notice for notice in result.notices)
    # A log that is replaced by another.
    a.git("push", "--quiet", "--force", "origin", f"main:{git.ref(replica(a))}")
    result = sync(b)
    assert any("does not continue" in notice for notice in result.notices)
    assert [entry.signed for entry in heard_log(b, a)] == [entry.signed for entry in own_log(a)]


@pytest.mark.promise("team.copy")
def test_a_copied_clone_becomes_a_replica_of_its_own(clones: Clones, tmp_path: Path) -> None:
    a = clones.a
    commit(a, "one")
    sync(a)
    a.close()
    shutil.copytree(a.path, tmp_path / "copy", symlinks=True)
    copy = Repo(tmp_path / "copy", a.env, a.config_home)
    commit(a, "two")
    sync(a)
    commit(copy, "three")
    result = sync(copy)
    assert "It goes on as a replica of its own" in result.notices[0]
    assert replica(copy) != replica(a)
    assert (copy.path / ".git/anvcs/replica").read_text().strip() == replica(copy)
    assert copy.caller().workspace(None).ledger.verify_chain() == []
    commit(copy, "four")
    sync(copy)
    received = sync(a)
    assert {each.replica for each in received.replicas} == {replica(copy)}
    assert [entry.signed for entry in heard_log(a, copy)] == [entry.signed for entry in own_log(copy)]
    assert [entry.signed for entry in heard_log(copy, a)] == [entry.signed for entry in own_log(a)]
    # The copy's ledger is made anew as any other.
    sealed = len(own_log(copy))
    seal.seal(copy.caller().workspace(None))
    copy.close()
    (copy.path / ".git/anvcs/ledger.db").unlink()
    assert f"made anew from {sealed} sealed" in said(copy)
    assert not any("of its own" in notice for notice in sync(copy).notices)
    copy.close()


@pytest.fixture(params=["memory", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    if request.param == "memory":
        store = MemoryStore()
        return lambda: store
    return lambda: SqliteStore(tmp_path / "team.db")


@pytest.mark.promise("team.stores")
def test_a_store_does_as_well_as_a_remote(
    clones: Clones, place: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    def transport(workspace: Workspace, _remote: str | None) -> ByStore:
        return ByStore(workspace, place(), "the place")

    monkeypatch.setattr(team, "_transport", transport)
    a, b = clones.a, clones.b
    ours = commit(a, "one")
    a.git("push", "--quiet", "origin", "main")
    assert sync(a).sent == len(own_log(a))
    commit(b, "two")
    b.git("fetch", "--quiet")
    (found,) = sync(b).conflicts
    assert (found.theirs, found.fetched) == (ours, True)
    assert sync(a).received == len(own_log(b))
    resolve(b, "theirs")
    sync(b)
    assert sync(a).conflicts == ()
    assert [entry.signed for entry in heard_log(a, b)] == [entry.signed for entry in own_log(b)]
    a.close()
    shutil.copytree(a.path, a.path.parent / "copy", symlinks=True)
    copy = Repo(a.path.parent / "copy", a.env, a.config_home)
    commit(a, "more")
    sync(a)
    commit(copy, "else")
    assert "replica of its own" in sync(copy).notices[0]
    assert sync(a).replicas[-1].operations == 1 + len(own_log(copy)) - 1
    copy.close()
