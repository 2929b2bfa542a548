"""Submodules in a scratch worktree come from the user's own clone of them, and the user's stay as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repo
from tests.unit.gitmirror.scratch.conftest import Take
from tests.unit.gitmirror.scratch.looking import belongings, clone, lies


def tree(repo: Repo, commit: str = "HEAD") -> str:
    return repo.git("rev-parse", f"{commit}^{{tree}}")


def at(repo: Repo, path: str) -> Repo:
    return Repo(repo.path / path, repo.env, repo.config_home)


@pytest.fixture
def outer(make_repo: Callable[..., Repo]) -> Repo:
    """A repository with a submodule that has one itself."""
    inner, middle = make_repo("inner", init=False), make_repo("middle", init=False)
    middle.git("submodule", "--quiet", "add", str(inner.path), "deep/inner")
    middle.git_commit("with a submodule")
    outer = make_repo("outer")
    outer.git("submodule", "--quiet", "add", "--name", "the middle", str(middle.path), "libs/middle")
    outer.git("submodule", "--quiet", "update", "--init", "--recursive")
    outer.git_commit("with a submodule")
    return outer


def test_submodules_of_submodules_are_there(outer: Repo, take: Take, tmp_path: Path) -> None:
    slot = take(outer)
    assert slot.prepare(tree(outer), ()) == ()
    assert "libs/middle/deep/inner/README.md" in lies(slot.tree)
    assert lies(slot.tree) == clone(outer, tmp_path / "clone")


def test_the_users_submodules_are_not_touched(outer: Repo, take: Take) -> None:
    middle = at(outer, "libs/middle")
    middle.write("README.md", "newer\n")
    old = outer.head()
    middle.git_commit("newer")
    outer.git_commit("newer submodule")
    # With this setting git's own checkout would bring the user's submodules along.
    outer.git("config", "submodule.recurse", "true")
    outer.git("config", "submodule.propagateBranches", "true")
    middle.write("README.md", "unsaved work\n")
    slot = take(outer)
    before = belongings(outer)
    for commit, text in (("HEAD", b"newer\n"), (old, b"hello\n"), ("HEAD", b"newer\n")):
        slot.prepare(tree(outer, commit), ())
        slot.show(tree(outer, commit), (outer.head(),))
        assert lies(slot.tree)["libs/middle/README.md"] == ("file", text)
    assert belongings(outer) == before
    assert middle.status() == " M README.md"


def test_what_guards_did_in_a_submodule_is_gone(outer: Repo, take: Take, tmp_path: Path) -> None:
    slot = take(outer)
    slot.prepare(tree(outer), ("libs/middle/kept",))
    slot.show(tree(outer), (outer.head(),))
    below = slot.tree / "libs/middle"
    (below / "README.md").write_text("changed\n")
    (below / "kept").write_text("kept\n")
    (below / "new").write_text("new\n")
    shutil.rmtree(below / "deep")
    (below / "deep").symlink_to(tmp_path)
    slot.prepare(tree(outer), ("libs/middle/kept",))
    found = lies(slot.tree)
    assert found.pop("libs/middle/kept") == ("file", b"kept\n")
    assert found == clone(outer, tmp_path / "clone")


def test_a_guard_cannot_lead_a_submodule_out_of_the_worktree(outer: Repo, take: Take, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    slot = take(outer)
    slot.prepare(tree(outer), ())
    shutil.rmtree(slot.tree / "libs")
    (slot.tree / "libs").symlink_to(outside)
    slot.prepare(tree(outer), ())
    assert lies(outside) == {}
    assert lies(slot.tree) == clone(outer, tmp_path / "clone")


def test_a_submodule_that_goes_and_comes_back(outer: Repo, take: Take, tmp_path: Path) -> None:
    slot = take(outer)
    slot.prepare(tree(outer), ())
    slot.show(tree(outer), ())
    slot.prepare(tree(outer, "HEAD^"), ())
    assert set(lies(slot.tree)) == {"README.md", "src/app.py"}
    slot.prepare(tree(outer), ())
    assert lies(slot.tree) == clone(outer, tmp_path / "clone")


def test_a_submodule_that_is_not_here_is_empty_and_named(outer: Repo, take: Take) -> None:
    slot = take(outer)
    slot.prepare(tree(outer), ())
    missing = "7" * 40
    outer.git("update-index", "--cacheinfo", f"160000,{missing},libs/middle")
    assert slot.prepare(outer.git("write-tree"), ()) == (
        "The submodule libs/middle is empty: its commit 777777777777 is not in this clone.",
    )
    assert lies(slot.tree)["libs/middle"] == ("empty", b"")


def test_an_old_submodule_with_a_git_folder_of_its_own_is_found(make_repo: Callable[..., Repo], take: Take) -> None:
    outer = make_repo("outer")
    lib = at(outer, "lib")
    lib.path.mkdir()
    lib.git("init", "--quiet")
    lib.write("a", "a\n")
    lib.git_commit()
    outer.write(".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = ./nowhere\n')
    outer.git_commit()
    assert (outer.path / "lib/.git").is_dir()
    slot = take(outer)
    assert slot.prepare(tree(outer), ()) == ()
    assert lies(slot.tree)["lib/a"] == ("file", b"a\n")


@pytest.mark.parametrize("name", ["../../../evil", "/evil", ".."])
def test_a_proposed_name_does_not_lead_out_of_the_folder_of_submodules(
    outer: Repo, take: Take, name: str, tmp_path: Path
) -> None:
    slot = take(outer)
    modules = f'[submodule "{name}"]\n\tpath = libs/middle\n\turl = x\n'
    blob = outer.git("hash-object", "-w", "--stdin", stdin=modules.encode())
    outer.git("update-index", "--cacheinfo", f"100644,{blob},.gitmodules")
    evil = tmp_path / "evil"
    outer.git("clone", "--quiet", "--bare", outer.path / "libs/middle", evil)
    slot.prepare(outer.git("write-tree"), ())
    assert "libs/middle/README.md" not in lies(slot.tree)
