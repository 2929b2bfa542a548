"""Remotes that are killed in the middle of a push: both sides stay sound, and the next push completes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.push import ATTEMPTS
from anvcs.errors import PushRejectedError, RemoteError
from tests.conftest import Repo
from tests.interop import remote_support as support
from tests.interop.remote_support import bare, holds, notes, push, refs

MakeRepo = Callable[..., Repo]
SECRET = "Only hashes of this leave"


def prepared(make_repo: MakeRepo, url: str) -> Repo:
    """A repository that has pushed once and has more to push than any of the limits below."""
    repo = make_repo("mine")
    repo.git("remote", "add", "origin", url)
    push(repo)
    for number in range(60):
        repo.write(f"file{number}", "".join(f"{number * line}\n" for line in range(100)))
    repo.git("add", ".")
    repo.commit("many", metadata=wire.Metadata(prompt=SECRET))
    return repo


def is_whole(hub: Path, repo: Repo) -> None:
    """The remote has everything, and what it has is sound."""
    there = refs(hub, repo.env)
    assert there["refs/heads/main"] == repo.head()
    assert repo.head() in notes(hub, repo.env)
    assert not holds(hub, repo.env, SECRET)
    assert support.run(repo.env, "-C", str(hub), "fsck", "--strict", "--no-dangling") == ""
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("remote.dies-mid-push")
@pytest.mark.parametrize("limit", [1, 300, 2000, 5000])
def test_receive_pack_killed_after_so_many_bytes(
    make_repo: MakeRepo, env: dict[str, str], tmp_path: Path, limit: int
) -> None:
    hub = bare(tmp_path / "hub.git", env)
    repo = prepared(make_repo, str(hub))
    repo.git("remote", "set-url", "origin", f"ssh://host{hub}")
    before = refs(hub, env)
    here = repo.snapshot()
    operations = repo.caller().workspace(None).ledger.count()
    with pytest.raises(RemoteError) as broken:
        push(repo, caller=repo.caller(GIT_SSH_COMMAND=support.ssh(tmp_path, dies_after=limit)))
    assert not isinstance(broken.value, PushRejectedError)
    assert "Try again" in broken.value.way_out
    assert refs(hub, env) == before
    assert repo.snapshot() == here
    assert repo.caller().workspace(None).ledger.count() == operations
    result = push(repo, caller=repo.caller(GIT_SSH_COMMAND=support.ssh(tmp_path)))
    assert result.notes == 1
    is_whole(hub, repo)


@pytest.mark.promise("remote.dies-mid-push")
@pytest.mark.parametrize("limit", [200, 3000])
def test_a_web_server_killed_after_so_many_bytes(
    make_repo: MakeRepo, env: dict[str, str], tmp_path: Path, limit: int
) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    hub = bare(folder / "hub.git", env)
    with support.http(folder, env) as server:
        repo = prepared(make_repo, f"{server.url}/hub.git")
        before = refs(hub, env)
        server.dies_after = limit
        with pytest.raises(RemoteError):
            push(repo)
        assert refs(hub, env) == before
        server.dies_after = None
        assert push(repo).notes == 1
    is_whole(hub, repo)


@pytest.mark.promise("remote.dies-mid-push")
def test_a_remote_that_dies_between_two_refs(make_repo: MakeRepo, env: dict[str, str], tmp_path: Path) -> None:
    hub = bare(tmp_path / "hub.git", env)
    repo = prepared(make_repo, str(hub))
    hook = hub / "hooks/update"
    # receive-pack is the hook's parent; it dies when it has taken one ref and comes to the next.
    hook.write_text(f'#!/bin/sh\nif [ -e "{tmp_path}/one" ]; then kill -9 $PPID; sleep 1; fi\ntouch "{tmp_path}/one"\n')
    hook.chmod(0o755)
    with pytest.raises(RemoteError):
        push(repo)
    hook.unlink()
    for lock in hub.rglob("*.lock"):
        lock.unlink()
    push(repo)
    is_whole(hub, repo)
    assert push(repo).up_to_date


@pytest.mark.promise("remote.dies-mid-push")
def test_a_push_whose_answer_was_lost_is_found_to_be_done(
    make_repo: MakeRepo, env: dict[str, str], tmp_path: Path
) -> None:
    hub = bare(tmp_path / "hub.git", env)
    repo = prepared(make_repo, str(hub))
    hook = hub / "hooks/post-receive"
    hook.write_text("#!/bin/sh\nkill -9 $PPID\nsleep 1\n")
    hook.chmod(0o755)
    with pytest.raises(RemoteError):
        push(repo)
    assert refs(hub, env)["refs/heads/main"] == repo.head()
    hook.unlink()
    result = push(repo)
    assert result.old == repo.head()
    ledger = repo.caller().workspace(None).ledger
    assert ledger.view().get("refs/remotes/origin/main") == repo.head(), "what arrived is recorded once it is known"
    is_whole(hub, repo)
    assert push(repo).up_to_date


def test_notes_that_never_stand_still_are_given_up_with_the_stream_arrived(
    make_repo: MakeRepo, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = bare(tmp_path / "hub.git", env)
    repo = prepared(make_repo, str(hub))
    monkeypatch.setattr("anvcs.actions.push.ATTEMPTS", 3)
    assert ATTEMPTS > 3
    hook = hub / "hooks/pre-receive"
    # Before each push's refs are looked at, the notes get another commit.
    hook.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        "git -c user.name=x -c user.email=x@y notes --ref=anvcs append -m x "
        "$(git rev-parse refs/heads/main) 2>/dev/null\nexit 0\n"
    )
    hook.chmod(0o755)
    with pytest.raises(PushRejectedError, match="others kept moving its notes"):
        push(repo)
    assert refs(hub, env)["refs/heads/main"] == repo.head()
    hook.unlink()
    push(repo)
    is_whole(hub, repo)
