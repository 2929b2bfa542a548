"""Who has which scratch worktree, what becomes of those of the dead, and what is tidied away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from anvcs.errors import LockedError
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.scratch.pool import MOST, Pool
from tests.conftest import Repo

DAY = 24 * 3600


def test_a_free_worktree_is_used_again(pool: Pool) -> None:
    with pool.take() as first:
        pass
    with pool.take() as second:
        assert second.folder == first.folder


def test_two_checks_at_once_have_worktrees_of_their_own(repo: Repo, pool: Pool) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    with pool.take() as first, pool.take() as second:
        assert first.folder != second.folder
        assert first.tree.name != second.tree.name
        first.prepare(tree, ())
        second.prepare(tree, ())
        (first.tree / "README.md").write_text("changed\n")
        assert (second.tree / "README.md").read_text() == "hello\n"


def test_too_many_checks_are_refused_with_a_way_out(pool: Pool) -> None:
    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(pool.take())
        with pytest.raises(LockedError, match="16 checks of this repository are running") as refused, pool.take():
            pass
    assert refused.value.way_out
    with pool.take():
        pass


def test_threads_that_take_at_once_never_share(repo: Repo, caches: Path) -> None:
    together = threading.Barrier(4, timeout=60)
    taken: list[Path] = []

    def take() -> None:
        with Pool(GitRepository.open(repo.path, repo.env), caches).take() as slot:
            taken.append(slot.folder)
            together.wait()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(folder.name for folder in taken) == ["slot-0", "slot-1", "slot-2", "slot-3"]


def test_a_folder_that_is_tidied_away_meanwhile_costs_no_slot(
    repo: Repo, caches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool(GitRepository.open(repo.path, repo.env), caches)
    claim, tidied = pool._claim, iter([True])

    def claiming() -> None:
        if next(tidied, False):
            raise FileNotFoundError
        claim()

    monkeypatch.setattr(pool, "_claim", claiming)
    with pool.take() as slot:
        assert slot.folder.name == "slot-0"


OWNER = """
import sys
from pathlib import Path
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.scratch.pool import Pool
import os
with Pool(GitRepository.open(Path(sys.argv[1]), dict(os.environ)), Path(sys.argv[2])).take() as slot:
    slot.prepare(sys.argv[3], ())
    (slot.tree / "README.md").write_text("half")
    (slot.tree / "left").write_text("x")
    print(slot.folder, flush=True)
    sys.stdin.read()
"""


def test_the_worktree_of_a_killed_process_is_used_again(repo: Repo, pool: Pool, caches: Path) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    command = [sys.executable, "-c", OWNER, str(repo.path), str(caches), tree]
    with subprocess.Popen(command, env=repo.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().decode().strip())
        with pool.take() as beside:
            assert beside.folder != folder
        owner.kill()
        owner.wait()
    with pool.take() as slot:
        assert slot.folder == folder
        slot.prepare(tree, ())
        assert (slot.tree / "README.md").read_text() == "hello\n"
        assert not (slot.tree / "left").exists()


def test_worktrees_that_nobody_needed_lately_go_but_for_the_first(pool: Pool) -> None:
    with pool.take() as first, pool.take() as second, pool.take() as third:
        pass
    os.utime(second.folder, (0, 0))
    os.utime(first.folder, (0, 0))
    pool.tidy(time.time())
    assert [each.folder.exists() for each in (first, second, third)] == [True, False, True]


def test_a_worktree_in_use_stays_however_old(pool: Pool) -> None:
    with pool.take(), pool.take() as second:
        pool.tidy(time.time() + 30 * DAY)
        assert second.folder.exists()


def test_what_belongs_to_a_repository_that_is_gone_goes(repo: Repo, pool: Pool, caches: Path, tmp_path: Path) -> None:
    shutil.copytree(repo.path, tmp_path / "other")
    other = Pool(GitRepository.open(tmp_path / "other", repo.env), caches)
    with other.take() as slot, pool.take():
        shutil.rmtree(tmp_path / "other")
        pool.tidy(time.time())
        assert slot.folder.exists()
    pool.tidy(time.time())
    assert not other.folder.exists()
    assert pool.folder.exists()


def test_folders_of_others_among_the_caches_stay(pool: Pool, caches: Path) -> None:
    with pool.take():
        pass
    for name in ("some-thing", "empty-note"):
        (caches / name / "slot-0").mkdir(parents=True)
    (caches / "empty-note" / "repository").write_bytes(b"")
    (caches / "a-link").symlink_to(caches / "some-thing")
    pool.tidy(time.time())
    assert {each.name for each in caches.iterdir()} == {"some-thing", "empty-note", "a-link", pool.folder.name}


def test_repositories_of_the_same_name_have_pools_of_their_own(
    repo: Repo, pool: Pool, caches: Path, tmp_path: Path
) -> None:
    shutil.copytree(repo.path, tmp_path / "elsewhere" / "repo")
    other = Pool(GitRepository.open(tmp_path / "elsewhere" / "repo", repo.env), caches)
    assert other.folder != pool.folder
    assert other.folder.name.startswith("repo-")
