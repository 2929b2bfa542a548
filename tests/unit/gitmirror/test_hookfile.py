"""Our lines in the user's post-rewrite hook: git runs the hook, the user's own lines are the oracle."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.gitmirror import hookfile, rewrites
from anvcs.gitmirror.grown import Mark
from anvcs.gitmirror.repository import GitRepository
from tests.conftest import Repo

MakeRepo = Callable[..., Repo]

WITNESS = b"""
printf '%s|%s|%s\\n' "$0" "$*" "$(cat)" >>"$(git rev-parse --show-toplevel)/../witness"
exit 3
"""


@pytest.fixture
def plain(make_repo: MakeRepo) -> Repo:
    """A repository that only Git knows, with a state folder of ours."""
    made = make_repo(init=False)
    (made.path / ".git" / "anvcs").mkdir()
    return made


def install(repo: Repo) -> hookfile.State:
    """Install into this repository, as ``init`` does."""
    opened = GitRepository.open(repo.path, repo.env)
    return hookfile.install(opened.settings.get(), opened.common_dir, opened.root)


def hook(repo: Repo, text: bytes) -> Path:
    """The user's own hook."""
    path = repo.write(".git/hooks/post-rewrite", text)
    path.chmod(0o755)
    return path


def told(repo: Repo) -> list[tuple[str, str]]:
    """What the hook wrote down."""
    return list(rewrites.parse_map(hookfile.read_map(repo.path / ".git" / "anvcs", None).data))


def amend(repo: Repo, message: str) -> tuple[str, str]:
    """Rewrite the newest commit."""
    before = repo.head()
    repo.git("commit", "--quiet", "--allow-empty", "--amend", "-m", message)
    return before, repo.head()


@pytest.mark.promise("foreign.rewrites-matched")
def test_an_amend_and_a_rebase_are_written_down(plain: Repo) -> None:
    assert install(plain) == "installed"
    first = amend(plain, "again")
    assert told(plain) == [first]
    plain.git_commit("two")
    two = plain.head()
    plain.git("switch", "--quiet", "-c", "other", "HEAD^")
    plain.git_commit("base")
    plain.git("rebase", "--quiet", "--keep-empty", "other", "main")
    assert told(plain) == [first, (two, plain.head())]


def test_a_rewrite_in_another_worktree_is_written_down_in_the_same_place(plain: Repo) -> None:
    install(plain)
    plain.git("worktree", "add", "--quiet", "../second", "-b", "second")
    second = Repo(plain.path.parent / "second", plain.env, plain.config_home)
    assert [amend(second, "there"), amend(plain, "here")] == told(plain)


SHEBANGS = (b"#!/bin/sh\n", b"#!/bin/sh -e\n", b"#! /usr/bin/env bash\n", b"#!/bin/bash -eu\n", b"")


@pytest.mark.promise("foreign.hooks-chained")
@pytest.mark.parametrize("shebang", SHEBANGS)
def test_the_users_hook_runs_as_before_and_uninstall_gives_it_back(plain: Repo, shebang: bytes) -> None:
    path = hook(plain, shebang + WITNESS)
    witness = plain.path.parent / "witness"
    alone = amend(plain, "without us")
    expected = witness.read_text().replace(f"{alone[0]} {alone[1]}", "OLD NEW")
    witness.unlink()
    assert install(plain) == "installed"
    assert install(plain) == "installed"
    pair = amend(plain, "with us")
    assert witness.read_text().replace(f"{pair[0]} {pair[1]}", "OLD NEW") == expected
    assert told(plain) == [pair]
    assert hookfile.uninstall(plain.path / ".git")
    assert path.read_bytes() == shebang + WITNESS
    assert path.stat().st_mode & 0o777 == 0o755


@pytest.mark.promise("foreign.hooks-chained")
def test_the_exit_code_is_the_users(plain: Repo) -> None:
    hook(plain, b"#!/bin/sh\nexit 7\n")
    install(plain)
    done = plain.git_fails("hook", "run", "post-rewrite", "--", "amend")
    assert done == ""
    hook(plain, b"#!/bin/sh\ncat >/dev/null\n")
    install(plain)
    plain.git("hook", "run", "post-rewrite", "--", "amend")


def test_without_a_hook_of_the_user_nothing_is_left_behind(plain: Repo) -> None:
    path = plain.path / ".git" / "hooks" / "post-rewrite"
    shutil.rmtree(path.parent)
    assert install(plain) == "installed"
    assert hookfile.is_installed(plain.path / ".git")
    assert hookfile.uninstall(plain.path / ".git")
    assert not path.exists()
    assert not hookfile.is_installed(plain.path / ".git")
    assert not hookfile.uninstall(plain.path / ".git")


@pytest.mark.promise("foreign.hooks-chained")
def test_what_the_user_added_since_stays(plain: Repo) -> None:
    install(plain)
    path = plain.path / ".git" / "hooks" / "post-rewrite"
    path.write_bytes(path.read_bytes() + b"echo mine\n")
    assert hookfile.uninstall(plain.path / ".git")
    assert path.read_bytes() == b"#!/bin/sh\necho mine\n"


@pytest.mark.promise("foreign.hooks-chained")
def test_hooks_that_are_no_shell_scripts_or_lie_elsewhere_are_left_alone(plain: Repo) -> None:
    for text in (b"#!/usr/bin/env python3\nprint(1)\n", b"\x7fELF\0\0", b"#!/bin/sh"):
        path = hook(plain, text)
        assert install(plain) == "not-shell"
        assert path.read_bytes() == text
    path = plain.path / ".git" / "hooks" / "post-rewrite"
    path.unlink()
    path.symlink_to("elsewhere")
    assert install(plain) == "link"
    path.unlink()
    plain.git("config", "core.hooksPath", "tracked-hooks")
    assert install(plain) == "outside"
    assert not (plain.path / "tracked-hooks").exists()
    assert not path.exists()


def test_the_lines_are_harmless_where_our_folder_is_gone_or_cannot_be_written(plain: Repo) -> None:
    hook(plain, b"#!/bin/sh -e\n" + WITNESS)
    install(plain)
    (plain.path / ".git" / "anvcs" / "rewritten").mkdir()
    _, new = amend(plain, "cannot be written")
    shutil.rmtree(plain.path / ".git" / "anvcs")
    _, newer = amend(plain, "gone")
    witness = (plain.path.parent / "witness").read_text()
    assert new in witness
    assert newer in witness
    assert not (plain.path / ".git" / "anvcs").exists()


def test_a_long_map_is_removed_once_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / hookfile.MAP
    path.write_bytes(b"x" * (hookfile.MOST_BYTES + 1))
    mark = hookfile.read_map(tmp_path, None).mark
    path.write_bytes(path.read_bytes() + b"more")
    assert hookfile.shorten_map(tmp_path, mark) == mark
    found = hookfile.read_map(tmp_path, mark)
    assert (found.data, found.complete) == (b"more", True)
    assert hookfile.shorten_map(tmp_path, found.mark) == Mark()
    assert not path.exists()
    assert hookfile.read_map(tmp_path, found.mark).data == b""
