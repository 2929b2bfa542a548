"""Ids of resources go from commit to commit and from process to process, through renames and moves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs.actions import resource_ids
from anvcs.actions.outlines import DATABASE
from anvcs.merge.resources.model import Key
from anvcs.merge.resources.registry import Registry
from tests.conftest import Repo
from tests.unit.merge.resources.test_matching import BODY, OTHER

F, G = f"def f(path):\n{BODY}", f"def g(path):\n{BODY}"
FIRST = Registry().id_of(Key("a.py", "function", "f"))
"""The id of what began as ``f`` in ``a.py``."""


def commit(repo: Repo, **texts: str) -> str:
    for name, text in texts.items():
        repo.write(f"{name}.py", text)
    return repo.git_commit("work")


def id_of(repo: Repo, path: str, name: str, at: str = "HEAD") -> str:
    """The id as a process tells it that has just been started."""
    repo.close()
    workspace = repo.caller().workspace(None)
    with workspace.lock:
        found = resource_ids.registry(workspace, repo.git("rev-parse", at))
        return found.id_of(Key(path, "function", name))


def renamed_and_moved(repo: Repo) -> None:
    commit(repo, a=F, b="")
    commit(repo, a=G)
    commit(repo, a="", b=G)


@pytest.mark.promise("resources.ids-stay")
def test_what_was_renamed_and_then_moved_has_the_id_that_it_began_with(repo: Repo) -> None:
    renamed_and_moved(repo)
    assert id_of(repo, "b.py", "g") == FIRST
    assert id_of(repo, "a.py", "g", "HEAD~1") == FIRST
    # What takes the free place is another thing.
    commit(repo, a=f"def f():\n{OTHER}")
    assert id_of(repo, "a.py", "f") != FIRST
    assert id_of(repo, "b.py", "g") == FIRST


@pytest.mark.promise("resources.ids-stay")
def test_a_process_goes_on_from_what_another_one_kept(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_ids, "_FIRST", 1)
    commit(repo, a=F, b="")
    assert id_of(repo, "a.py", "f") == FIRST
    commit(repo, a=G)
    commit(repo, a="", b=G)
    assert id_of(repo, "b.py", "g") == FIRST
    commit(repo, c="x = 1\n")
    # Without what was kept, history would be looked at from the last commit on.
    assert id_of(repo, "b.py", "g") == FIRST
    repo.close()
    for each in (repo.path / ".git/anvcs").glob(DATABASE + "*"):
        each.unlink()
    assert id_of(repo, "b.py", "g") != FIRST


def test_an_id_comes_through_a_merge_from_either_side(repo: Repo) -> None:
    commit(repo, a=F, b="")
    repo.git("switch", "--quiet", "-c", "side")
    commit(repo, a="", b=F)
    commit(repo, b=G)
    repo.git("switch", "--quiet", "main")
    commit(repo, c="x = 1\n")
    repo.git("merge", "--quiet", "--no-edit", "side")
    assert id_of(repo, "b.py", "g") == FIRST


def test_a_damaged_database_is_made_anew(repo: Repo) -> None:
    renamed_and_moved(repo)
    id_of(repo, "b.py", "g")
    repo.close()
    for each in (repo.path / ".git/anvcs").glob(DATABASE + "-*"):
        each.unlink()
    (repo.path / ".git/anvcs" / DATABASE).write_bytes(b"no database" * 1000)
    assert id_of(repo, "b.py", "g") == FIRST


@pytest.mark.promise("resources.ids-stay")
def test_conflicts_name_a_resource_by_the_id_that_it_began_with(repo: Repo) -> None:
    renamed_and_moved(repo)
    repo.git("switch", "--quiet", "-c", "side")
    commit(repo, b=G.replace("(path)", "(path, more)"))
    repo.git("switch", "--quiet", "main")
    commit(repo, b=G.replace("(path)", "(path, other)"))
    program = str(Path(sys.executable).with_name("ai-vcs"))
    for _ in range(2):
        done = subprocess.run(
            [program, "conflicts", "--json"], cwd=repo.path, env=repo.env, capture_output=True, check=False
        )
        (stream,) = json.loads(done.stdout)["streams"]
        assert [each["id"] for each in stream["overlaps"] if each["kind"] == "both-change"] == [FIRST]
