"""kill -9 before each write of init and clone: nothing of the user's has changed, and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import clone, identity, init, installed
from anvcs.actions.caller import call
from tests.conftest import Repo
from tests.faults.dying import die, reopen, sound
from tests.interop.remote_support import bare, push, work

VISIBLE = ("init-complete", "init-look")
"""The steps of init before which the ledger is in its place."""


def added(repo: Repo) -> tuple[str, str, bool]:
    """What ANVCS may have added to files of the user's."""
    exclude = (repo.path / ".git/info/exclude").read_text()
    return repo.git("config", "--local", "--list"), exclude, (repo.path / ".git/hooks/post-rewrite").exists()


@pytest.mark.promise("init.survives-kill")
@pytest.mark.parametrize(
    ("step", "passed"),
    [
        *((step, 0) for step in (*init.STEPS[1:], *identity.STEPS)),
        ("init-setting", 1),
        ("init-setting", 2),
    ],
)
def test_a_killed_init_is_gone_on_with_and_taken_back_whole(
    make_repo: Callable[..., Repo], step: str, passed: int
) -> None:
    repo = make_repo(init=False)
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    before, own = repo.snapshot(), added(repo)
    die(repo, step, wire.INIT, wire.InitParams(), passed=passed)
    assert repo.snapshot() == before
    assert reopen(repo).initialized == (step in VISIBLE)
    assert repo.init().already_initialized == (step in VISIBLE)
    assert repo.snapshot() == before
    sound(repo)
    state = repo.path / ".git/anvcs"
    assert (state / installed.INSTALLED).exists()
    assert not installed.is_begun(state)
    kinds = [entry.operation.kind for entry in repo.caller().workspace(None).ledger.operations()]
    assert kinds.count("init") == 1
    assert call(repo.caller(), wire.VERIFY, wire.VerifyParams()).sound
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams(export="../export"))
    assert added(repo) == own
    assert repo.git("for-each-ref", "refs/anvcs/", "refs/notes/") == ""
    (repo.path / "ai-vcs.config.yaml").unlink()
    assert repo.snapshot() == before


@pytest.mark.promise("init.survives-kill")
@pytest.mark.parametrize("step", init.STEPS)
def test_a_killed_init_of_a_new_folder_is_gone_on_with(repo: Repo, step: str) -> None:
    path = repo.path.parent / "fresh"
    die(repo, step, wire.INIT, wire.InitParams(folder=str(path)))
    made = call(repo.caller(), wire.INIT, wire.InitParams(folder=str(path)))
    assert made.already_initialized == (step in VISIBLE)
    fresh = Repo(path, repo.env, repo.config_home)
    work(fresh, "first.txt")
    sound(fresh)
    fresh.close()


def test_what_an_init_that_was_cut_short_leaves_is_explained(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(init=False)
    die(repo, "init-fill", wire.INIT, wire.InitParams())
    with pytest.raises(Exception, match="not set up") as refused:
        call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert "ai-vcs init, then ai-vcs uninstall" in getattr(refused.value, "way_out", "")


@pytest.fixture
def hub(repo: Repo) -> Path:
    """A remote with a stream and its metadata."""
    path = bare(repo.path.parent / "hub.git", repo.env)
    repo.git("remote", "add", "origin", str(path))
    work(repo, "a.txt", prompt="Say a")
    push(repo, "origin", "main")
    return path


@pytest.mark.promise("clone.survives-kill")
@pytest.mark.parametrize("step", [*clone.STEPS, *init.STEPS[1:], *identity.STEPS, "record"])
def test_a_killed_clone_is_not_there_and_the_next_one_is_whole(repo: Repo, hub: Path, step: str) -> None:
    top = repo.path.parent
    there = {path.name for path in top.iterdir()}
    params = wire.CloneParams(url=str(hub), path=str(top / "copy"))
    die(repo, step, wire.CLONE, params)
    assert not (top / "copy").exists()
    assert {path.name for path in top.iterdir()} - there == {".copy.anvcs-clone"}
    made = call(repo.caller(), wire.CLONE, params)
    assert {path.name for path in top.iterdir()} - there == {"copy"}
    assert (made.root, made.head, made.notes) == (str(top / "copy"), repo.head(), 1)
    copy = Repo(top / "copy", repo.env, repo.config_home)
    assert copy.git("config", identity.SETTING) == str(top / "copy/.git/anvcs" / identity.ALLOWED)
    assert copy.status() == ""
    sound(copy)
    assert call(copy.caller(), wire.VERIFY, wire.VerifyParams()).sound
    work(copy, "b.txt")
    copy.close()


@pytest.mark.promise("clone.survives-kill")
def test_two_clones_into_one_folder_are_not_made_at_once(repo: Repo, hub: Path) -> None:
    params = wire.CloneParams(url=str(hub), path=str(repo.path.parent / "deep/er/copy"))
    second: list[str] = []

    def at(step: str) -> None:
        if step == "clone-refs":
            with pytest.raises(Exception, match="Another process is cloning") as refused:
                call(repo.caller(), wire.CLONE, params)
            second.append(str(refused.value))

    made = call(repo.caller(at=at), wire.CLONE, params)
    assert second
    assert made.root == str(repo.path.parent / "deep/er/copy")
    assert not list(repo.path.parent.glob(".*.anvcs-clone"))
    assert repo.git("-C", made.root, "fsck", "--strict") == ""
