"""Random trees changed at random on two sides: where git is clean the result is git's, and nothing else is lost."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.actions.caller import Caller
from anvcs.actions.merging import How, merge_commits
from anvcs.merge.model import TreeMerge
from tests.conftest import Repo
from tests.interop.merge_trees_support import Fake, Judge

Files = dict[str, tuple[str, str]]
"""Mode and content by path."""
Edit = tuple[str, str, str, str, str]
"""What is done, to which path, and with what."""

FOLDERS = ("", "d/", "d/e/", "f/", "f/g/", "h/")
paths = st.builds("".join, st.tuples(st.sampled_from(FOLDERS), st.sampled_from(("a", "b", "c", "C"))))
modes = st.sampled_from(("100644", "100644", "100644", "100755", "120000", "160000"))
edits = st.tuples(
    st.sampled_from(("change", "change", "delete", "add", "rename", "folder", "mode")),
    paths,
    paths,
    modes,
    st.sampled_from(("1", "4", "8")),
)
numbers = itertools.count()


def text(seed: str) -> str:
    """Content that is told from others, and stays like itself when a line changes."""
    return "".join(f"{seed} {number}\n" for number in range(10))


def content(mode: str, seed: str) -> str:
    if mode == "160000":
        return {"1": "1", "4": "4", "8": "8"}[seed] * 40
    return f"to-{seed}" if mode == "120000" else text(seed)


@st.composite
def trees(draw: st.DrawFn) -> Files:
    """A few files in a few folders."""
    found = draw(st.dictionaries(paths, st.tuples(modes, st.sampled_from(("1", "4", "8"))), min_size=1, max_size=8))
    return consistent({path: (mode, content(mode, seed)) for path, (mode, seed) in found.items()})


def consistent(files: Files) -> Files:
    """Without files that stand where a folder must be."""
    return {path: what for path, what in files.items() if not any(other.startswith(path + "/") for other in files)}


def edited(files: Files, changes: list[Edit]) -> Files:
    """The files after some edits; one that cannot be made is left out."""
    now = dict(files)
    for what, path, other, mode, seed in changes:
        there = now.get(path)
        if what == "add":
            now[path] = mode, content(mode, seed)
        elif what == "folder":
            old, new = (each[: each.rfind("/") + 1] for each in (path, other))
            if old:
                now = {new + name.removeprefix(old) if name.startswith(old) else name: it for name, it in now.items()}
        elif there is not None:
            _edit(now, path, there, (what, path, other, mode, seed))
        now = consistent(now)
    return now


def _edit(now: Files, path: str, there: tuple[str, str], edit: Edit) -> None:
    what, _, other, mode, seed = edit
    if what == "delete":
        del now[path]
    elif what == "rename":
        del now[path]
        now[other] = there
    elif what == "mode":
        now[path] = mode, content(mode, seed) if mode[:3] != there[0][:3] else there[1]
    else:
        now[path] = there[0], there[1].replace(f" {seed}\n", f" {seed} {other}\n")


def commit(name: str, files: Files, parent: str | None) -> Iterator[str]:
    """A commit for ``git fast-import``."""
    yield f"commit refs/heads/{name}\ncommitter A <a@example.org> 1700000000 +0000\ndata 0\n"
    yield f"from refs/heads/{parent}\ndeleteall\n" if parent is not None else ""
    for path, (mode, what) in files.items():
        if mode == "160000":
            yield f"M {mode} {what} {path}\n"
        else:
            yield f"M {mode} inline {path}\ndata {len(what)}\n{what}\n"


@pytest.fixture(params=["conflict", "true"])
def warm(request: pytest.FixtureRequest, make_repo: Callable[..., Repo]) -> tuple[Repo, Caller]:
    """A repository that all examples share, and a caller whose caches they share too."""
    repo = make_repo()
    # What becomes of a file that was put into a folder which the other side renamed.
    repo.git("config", "merge.directoryRenames", str(request.param))
    return repo, repo.caller()


@pytest.mark.promise("merge-trees.as-git")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees(), st.lists(edits, min_size=1, max_size=4), st.lists(edits, min_size=1, max_size=4))
def test_the_tree_is_git_s_but_for_texts_that_git_left_in_conflict(
    warm: tuple[Repo, Caller], base: Files, on_left: list[Edit], on_right: list[Edit]
) -> None:
    repo, caller = warm
    names = [f"{side}{next(numbers)}" for side in ("base", "left", "right")]
    versions = zip(names, (base, edited(base, on_left), edited(base, on_right)), strict=True)
    lines = [line for name, files in versions for line in commit(name, files, None if name == names[0] else names[0])]
    repo.git("fast-import", "--quiet", stdin="".join(lines).encode())
    tree, in_conflict, clean = asked(repo, *names[1:])
    engine = Fake()
    merged = merge_commits(caller.workspace(None), *names[1:], how=How(engine=engine, check=Judge()))
    decided = {each.path.decode() for each in merged.files if each.how in ("engine", "conflict")}
    # Git keeps no versions of a file that it cannot move after its folder.
    astray = {each.path.decode() for each in merged.files if each.kind == "directory-rename-blocked"}
    assert in_conflict <= decided <= in_conflict | astray
    assert clean is not bool(decided)
    changed = {path for path in repo.git("diff-tree", "-r", "-z", "--name-only", tree, merged.tree).split("\0") if path}
    assert changed == {path.decode() for path in engine_wrote(merged)}
    assert all(each.reason.endswith(".") for each in merged.files)


def asked(repo: Repo, ours: str, theirs: str) -> tuple[str, set[str], bool]:
    """Git's own tree, the paths that it leaves in conflict, and whether it calls it clean."""
    args = ["git", "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs]
    done = subprocess.run(args, cwd=repo.path, env=repo.env, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    tree, *found = done.stdout.decode().split("\0")
    return tree, {path for path in found if path}, done.returncode == 0


def engine_wrote(merged: TreeMerge) -> Iterator[bytes]:
    """The paths at which our engine's text stands."""
    for each in merged.files:
        if each.how == "engine" or (
            (each.how, each.kind) == ("conflict", "mode")
            and each.left
            and each.right
            and each.left.oid != each.right.oid
        ):
            yield each.path
