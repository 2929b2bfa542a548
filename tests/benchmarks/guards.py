"""A check of a tree beside what git alone needs for the worktree: made, brought to another tree, known already.

``python tests/benchmarks/guards.py [--files 50000] [--rounds 5]``. The guard is ``true``, so that what is measured is
the way to it. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

from common import Task, git, in_turn, isolated

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.actions.checking import check
from anvcs.actions.checking_subject import pool
from anvcs.config import Check, Config, Guards

CONFIG = Config(guards=Guards(checks={"nothing": Check(command=("true",))}))


def build(folder: Path, env: dict[str, str], files: int) -> list[str]:
    """A repository of two commits that differ in one file; gives them."""
    folder.mkdir()
    git(folder, env, "init", "--quiet")
    for number in range(files):
        path = folder / f"folder{number // 100}" / f"file{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"x = {number}\n" * 20, encoding="utf-8")
    commits: list[str] = []
    for name in ("first", "second"):
        (folder / "changed.py").write_text(name, encoding="utf-8")
        git(folder, env, "add", "--all")
        git(folder, env, "commit", "--quiet", "-m", name)
        commits.append(git(folder, env, "rev-parse", "HEAD").strip())
    return commits


def measure(folder: Path, files: int, rounds: int) -> None:
    """Print what each costs in a repository of so many files."""
    env = isolated(folder)
    repo, linked = folder / "repo", folder / "linked"
    commits = build(repo, env, files)
    caller = Caller(cwd=repo, env=env, config_home=folder)
    call(caller, wire.INIT, wire.InitParams())
    workspace = caller.workspace(None)
    ours, theirs = itertools.cycle(commits), itertools.cycle(commits)

    def checked(*, fresh: bool = True) -> None:
        tree = workspace.repo.tree_of(next(ours) if fresh else commits[0])
        check(workspace, tree, config=CONFIG, fresh=fresh)

    def checked_out() -> None:
        git(linked, env, "checkout", "--quiet", "--detach", next(theirs))
        git(linked, env, "clean", "-ffdxq")

    def removed() -> None:
        there = pool(workspace)
        if there is not None:
            there.remove()

    def added() -> None:
        git(repo, env, "worktree", "add", "--quiet", "--detach", str(linked), next(theirs))

    def dropped() -> None:
        if linked.exists():
            git(repo, env, "worktree", "remove", "--force", str(linked))

    made, made_by_git = in_turn(3, Task(checked, removed), Task(added, dropped))
    moved, moved_by_git, known = in_turn(rounds, Task(checked), Task(checked_out), Task(lambda: checked(fresh=False)))
    caller.close()
    print(f"{files} files, median of {rounds}; milliseconds")
    print(f"  worktree made     {made.wall * 1000:8.0f}   git worktree add           {made_by_git.wall * 1000:8.0f}")
    print(f"  to another tree   {moved.wall * 1000:8.0f}   git checkout and git clean {moved_by_git.wall * 1000:8.0f}")
    print(f"  known already     {known.wall * 1000:8.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), options.files, options.rounds)


if __name__ == "__main__":
    main()
