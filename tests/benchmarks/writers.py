"""Many writers beside git's, in one run: ``python tests/benchmarks/writers.py [--writers 8] [--commits 25]``.

Every writer is a process of its own that commits files of its own, one after the other, as fast as it can; two share
each worktree and its branch. Ours are agents that call the action; git's run ``git add`` and ``git commit`` on the same
kind of repository and try again when another process holds the index or has moved the branch, as people do. Prints
commits per second, and how many of all commits, files and notes are there in the end. Nothing is asserted but that
nothing is lost.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from common import git, isolated

from anvcs import wire
from anvcs.actions.caller import Caller, call

WORKTREES = 4
PATIENCE = 600
"""Seconds after which a writer is taken for stuck."""


def main() -> None:
    """Measure and print, or be one of the writers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8, help="processes, shared out over four worktrees")
    parser.add_argument("--commits", type=int, default=25, help="commits of each")
    parser.add_argument("--files", type=int, default=1000, help="files in the repository")
    parser.add_argument("--be", nargs=3, metavar=("KIND", "NAME", "KEYS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        kind, name, keys = options.be
        be(kind, name, keys, options.commits)
        return
    print(f"{'':<10}{'commits/s':>12}{'commits':>12}{'files':>12}{'notes':>12}{'lost':>8}{'fsck':>8}")
    rates = {kind: measure(kind, options.writers, options.commits, options.files) for kind in ("git", "anvcs")}
    print(f"ours against git: {rates['anvcs'] / rates['git']:.2f}x commits per second")


def measure(kind: str, writers: int, commits: int, files: int) -> float:
    """Print one row; commits per second."""
    with tempfile.TemporaryDirectory(prefix="anvcs-writers-") as scratch:
        folder = Path(scratch)
        env = isolated(folder)
        tops = repository(folder, env, files)
        if kind == "anvcs":
            with closing(Caller(cwd=tops[0], env=env, config_home=folder / "keys")) as caller:
                call(caller, wire.INIT, wire.InitParams())
        names = [f"w{number}" for number in range(writers)]
        begun = time.perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, __file__, "--commits", str(commits), "--be", kind, name, str(folder / "keys")],
                cwd=tops[number % WORKTREES],
                env=env,
            )
            for number, name in enumerate(names)
        ]
        codes = [process.wait(PATIENCE) for process in running]
        rate = writers * commits / (time.perf_counter() - begun)
        if any(codes):
            raise SystemExit(f"writers failed: {codes}")
        report(kind, tops, env, [f"{name}/{at}" for name in names for at in range(commits)], rate)
        return rate


def report(kind: str, tops: list[Path], env: dict[str, str], wanted: list[str], rate: float) -> None:
    """One row, from what git sees of the repository."""
    top = tops[0]
    made = git(top, env, "log", "--branches", "--format=%s").splitlines()
    tips = git(top, env, "for-each-ref", "--format=%(refname)", "refs/heads").split()
    there = {name for tip in tips for name in git(top, env, "ls-tree", "-r", "--name-only", tip).splitlines()}
    notes = len(git(top, env, "notes", "--ref=anvcs", "list").splitlines()) if kind == "anvcs" else 0
    missing = [name for name in wanted if name not in there or name not in made]
    dirty = [tree.name for tree in tops if git(tree, env, "status", "--porcelain", "--untracked-files=no")]
    fsck = "clean" if not git(top, env, "fsck", "--strict", "--no-dangling").strip() else "BAD"
    count = len([subject for subject in made if subject in set(wanted)])
    print(
        f"{kind:<10}{rate:>12.1f}{f'{count}/{len(wanted)}':>12}{len(set(wanted) & there):>12}{notes:>12}"
        f"{len(missing):>8}{fsck:>8}",
        flush=True,
    )
    if missing or dirty or (kind == "anvcs" and notes < len(wanted)):
        raise SystemExit(f"lost: {missing}; not clean: {dirty}; notes: {notes}")


def repository(folder: Path, env: dict[str, str], files: int) -> list[Path]:
    """A repository with four worktrees, each on a branch of its own."""
    top = folder / "main"
    git(folder, env, "init", "--quiet", str(top))
    for number in range(files):
        path = top / f"pkg{number // 50}" / f"mod{number % 50}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"value = {number}\n", encoding="utf-8")
    git(top, env, "add", ".")
    git(top, env, "commit", "--quiet", "-m", "first")
    others = [folder / f"tree{number}" for number in range(1, WORKTREES)]
    for other in others:
        git(top, env, "worktree", "add", "--quiet", "-b", other.name, str(other))
    return [top, *others]


def be(kind: str, name: str, keys: str, commits: int) -> None:
    """Commit, in the current folder."""
    folder = Path(name)
    folder.mkdir()
    if kind == "git":
        commit_all(folder, commits, lambda path: git_commit(str(path)))
        return
    with closing(Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path(keys))) as caller:
        metadata = wire.Metadata(prompt=f"Work of {name}", agent_id=f"agent:{name}")

        def commit(path: Path) -> None:
            call(caller, wire.COMMIT, wire.CommitParams(message=str(path), paths=(str(path),), metadata=metadata))

        commit_all(folder, commits, commit)


def commit_all(folder: Path, commits: int, commit: Callable[[Path], None]) -> None:
    """One file and one commit after the other."""
    for number in range(commits):
        path = folder / str(number)
        path.write_text(f"{path}\n", encoding="utf-8")
        commit(path)


def git_commit(path: str) -> None:
    """Commit one file with git, as often as it takes."""
    deadline = time.monotonic() + PATIENCE
    for args in (["add", path], ["commit", "--quiet", "-m", path, "--", path]):
        while (done := subprocess.run(["git", *args], capture_output=True, check=False)).returncode:
            if time.monotonic() > deadline:
                raise SystemExit(done.stderr.decode())


if __name__ == "__main__":
    main()
