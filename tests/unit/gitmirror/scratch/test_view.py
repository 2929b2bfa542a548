"""What guards see when they ask git, and that nothing they do with it reaches the user's repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anvcs.gitmirror.scratch.pool import Slot
from tests.conftest import Repo
from tests.unit.gitmirror.scratch.conftest import Take
from tests.unit.gitmirror.scratch.looking import belongings


@pytest.fixture
def seen(repo: Repo, slot: Slot) -> Repo:
    """The scratch worktree of a merge, as a guard sees it."""
    repo.git("tag", "v1")
    repo.git("tag", "-a", "-m", "noted", "v1-noted")
    repo.git("switch", "--quiet", "--create", "side")
    repo.write("side.txt", "side\n")
    repo.git_commit("side")
    repo.git("switch", "--quiet", "main")
    repo.write("main.txt", "main\n")
    repo.git_commit("main")
    merged = repo.git("merge-tree", "--write-tree", "main", "side")
    slot.prepare(merged, ("node_modules",))
    slot.show(merged, (repo.head(), repo.git("rev-parse", "side")))
    return Repo(slot.tree, repo.env, repo.config_home)


def test_head_is_a_merge_of_the_parents_and_nothing_is_changed(repo: Repo, seen: Repo) -> None:
    assert seen.status() == ""
    assert seen.git("rev-parse", "HEAD^1", "HEAD^2").split() == repo.git("rev-parse", "main", "side").split()
    assert seen.git("log", "--format=%s", "--max-count=1") == "A merge to be checked"
    assert seen.git("diff", "--name-only", "HEAD^1", "HEAD") == "side.txt"
    assert seen.git("rev-parse", "--show-toplevel") == str(seen.path)
    assert seen.git("fsck", "--strict", "--no-dangling") == ""


def test_versions_can_be_made_from_tags(repo: Repo, seen: Repo) -> None:
    assert seen.git("describe", "--tags", "--match", "v1") == f"v1-3-g{seen.head()[:7]}"
    assert seen.git("describe") == f"v1-noted-3-g{seen.head()[:7]}"
    assert seen.git("rev-parse", "v1-noted^{}") == repo.git("rev-parse", "v1")
    assert seen.git("for-each-ref") == repo.git("for-each-ref", "refs/tags")


def test_the_same_merge_has_the_same_head(repo: Repo, seen: Repo, take: Take) -> None:
    tree = seen.git("rev-parse", "HEAD^{tree}")
    other = take()
    other.prepare(tree, ())
    other.show(tree, (repo.head(), repo.git("rev-parse", "side")))
    assert Repo(other.tree, repo.env, repo.config_home).head() == seen.head()
    assert seen.git("show", "-s", "--format=%ct", "HEAD") == repo.git("show", "-s", "--format=%ct", "main")


def test_a_tree_without_parents_has_a_root_commit(repo: Repo, slot: Slot) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    slot.prepare(tree, ())
    slot.show(tree, ())
    seen = Repo(slot.tree, repo.env, repo.config_home)
    assert seen.git("rev-list", "--count", "HEAD") == "1"
    assert seen.status() == ""


def test_kept_paths_are_ignored(seen: Repo) -> None:
    seen.write("node_modules/a.js", "x")
    seen.write("other/node_modules/a.js", "x")
    assert seen.status() == "?? other/node_modules/a.js"


def test_nothing_a_guard_does_with_git_reaches_the_users_repository(repo: Repo, seen: Repo) -> None:
    hook = repo.write(".git/hooks/pre-commit", f"#!/bin/sh\ntouch '{repo.path}/hook-ran'\n")
    hook.chmod(0o755)
    repo.git("config", "--global", "core.hooksPath", str(hook.parent))
    repo.git("remote", "add", "origin", str(repo.path))
    before = belongings(repo)
    seen.write("new.txt", "new\n")
    seen.git_commit("a guard's own")
    seen.git("branch", "theirs")
    seen.git("tag", "theirs-too")
    seen.git("tag", "--delete", "v1")
    seen.git("stash", "list")
    seen.git("config", "core.bare", "false")
    seen.git("gc", "--quiet", "--prune=now")
    seen.git("prune", "--expire=now")
    assert seen.git("remote") == ""
    assert belongings(repo) == before
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_what_a_guard_did_with_git_is_gone_for_the_next(repo: Repo, slot: Slot, seen: Repo) -> None:
    before, tree = seen.head(), seen.git("rev-parse", "HEAD^{tree}")
    seen.git("branch", "theirs")
    seen.git("config", "core.autocrlf", "true")
    seen.git("update-index", "--assume-unchanged", "README.md")
    seen.write("README.md", "changed\n")
    seen.git("commit", "--quiet", "--allow-empty", "-m", "theirs")
    slot.prepare(tree, ("node_modules",))
    slot.show(tree, (repo.head(), repo.git("rev-parse", "side")))
    assert seen.head() == before
    assert "theirs" not in seen.git("for-each-ref")
    assert seen.read("README.md") == b"hello\n"
    assert seen.git("ls-files", "-v", "README.md").startswith("H ")


def test_settings_that_decide_on_bytes_are_handed_on_and_others_are_not(repo: Repo, slot: Slot) -> None:
    for name, value in {
        "filter.odd.clean": 'sh -c "tr a-z A-Z; echo \\\\"',
        "user.name": 'Ada; # "of" the repository\nand two lines',
        "core.autocrlf": "input",
        "remote.origin.url": "https://token@example.org/",
        "core.sshCommand": "ssh -i key",
        "alias.x": "!echo",
    }.items():
        repo.git("config", name, value)
    repo.git("config", "--file", ".git/more", "diff.lock json.textconv", "cat")
    repo.git("config", "include.path", "more")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    slot.prepare(tree, ())
    slot.show(tree, ())
    seen = Repo(slot.tree, repo.env, repo.config_home)
    for name in ("filter.odd.clean", "user.name", "core.autocrlf", "diff.lock json.textconv"):
        assert seen.git("config", "--local", name) == repo.git("config", "--local", "--includes", name)
    handed_on = seen.git("config", "--local", "--list", "--name-only")
    assert not any(name in handed_on for name in ("remote", "ssh", "alias"))


def test_submodules_are_repositories_too(make_repo: Callable[..., Repo], take: Take) -> None:
    lib, outer = make_repo("lib", init=False), make_repo("outer")
    outer.git("submodule", "--quiet", "add", str(lib.path), "lib")
    outer.git_commit()
    slot = take(outer)
    tree = outer.git("rev-parse", "HEAD^{tree}")
    slot.prepare(tree, ())
    slot.show(tree, (outer.head(),))
    seen, inside = (Repo(place, outer.env, outer.config_home) for place in (slot.tree, slot.tree / "lib"))
    assert seen.status() == ""
    assert inside.head() == lib.head()
    inside.write("README.md", "changed\n")
    assert seen.status() == " M lib"


def test_a_shallow_clone_has_the_history_that_it_has(repo: Repo, take: Take) -> None:
    repo.git_commit("second")
    shallow = repo.path.parent / "shallow"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", shallow)
    other = Repo(shallow, repo.env, repo.config_home)
    slot = take(other)
    tree = other.git("rev-parse", "HEAD^{tree}")
    slot.prepare(tree, ())
    slot.show(tree, (other.head(),))
    assert Repo(slot.tree, repo.env, repo.config_home).git("rev-list", "--count", "HEAD") == "2"
