"""Merges of whole trees beside git's, in one run: ``python tests/benchmarks/merge_trees.py [--files N] [--rounds N]``.

Ours is one call in a warm process, merge bases included; git's is ``git merge-tree --write-tree``, a process each
time, as everyone runs it. Both give the same tree wherever git finds no conflict, and what a merge wrote is taken away
before the next. The first kinds of merges need no git; the others ask one that stays from one merge to the next.
Guards, which read every text that both sides changed, are measured apart, and so is our engine on a conflict. Prints
medians of wall time in milliseconds, the ratio to git, and the goal for it. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from common import Task, git, in_turn, isolated

from anvcs.actions.caller import Caller, call
from anvcs.actions.graph import update_index
from anvcs.actions.merging import How, merge_commits
from anvcs.actions.workspace import Workspace
from anvcs.merge.model import MergeResult
from anvcs.wire import INIT, InitParams

FAST, ELSEWHERE = 0.5, 1.1
"""The ratios to git's time that merges should not exceed: where no path is changed by both sides, and else."""
FOLDERS, BELOW = 25, 40
LINES = 20

Files = Iterable[tuple[int, str]]


class Kind(NamedTuple):
    """One merge to measure."""

    name: str
    left: str
    right: str
    goal: float | None
    how: How = How()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=50_000, help="files in the repository")
    parser.add_argument("--rounds", type=int, default=41, help="merges of each kind; the median counts")
    parser.add_argument("--keep", type=Path, help="a folder in which the repository is found again next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-merge-") as scratch:
        folder: Path = options.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        env = isolated(folder)
        repo = folder / f"t{options.files}"
        if not repo.exists():
            make(repo, env, options.files)
        with closing(Caller(cwd=repo, env=env, config_home=folder / "keys")) as caller:
            call(caller, INIT, InitParams())
            update_index(caller, None)
            # Both should start from packs, as after a clone; what is loose is what merges wrote.
            git(repo, env, "repack", "-adq")
            print(f"{'':<58}{'git':>9}{'ours':>9}{'ours/git':>10}{'goal':>7}")
            for kind in kinds():
                report(caller.workspace(None), env, kind, options.rounds)


def kinds() -> list[Kind]:
    """The merges, from what no path is changed by both sides in to conflicts."""
    alone = How(check=nothing, engine=unchanged)
    return [
        Kind("1+1 files changed", "left1", "right1", FAST),
        Kind("100+100 files changed", "left100", "right100", FAST),
        Kind("1+1 files added to one folder, 1+1 changed", "left-new", "right-new", FAST),
        Kind("1 file changed by both, without guards", "left1", "both1", ELSEWHERE, alone),
        Kind("100 files changed by both, without guards", "left100", "both100", ELSEWHERE, alone),
        Kind("1 file renamed here, changed there, without guards", "moved1", "both1", ELSEWHERE, alone),
        Kind("1 file in conflict, without engine", "left1", "against1", ELSEWHERE, alone),
        Kind("100 files in conflict, without engine", "left100", "against100", ELSEWHERE, alone),
        Kind("1 file changed by both, with guards", "left1", "both1", None),
        Kind("100 files changed by both, with guards", "left100", "both100", None),
        Kind("1 file in conflict, with engine", "left1", "against1", None),
        Kind("100 files in conflict, with engine", "left100", "against100", None),
    ]


def nothing(*_: bytes, **__: object) -> tuple[()]:
    """A guard that does nothing."""
    return ()


def unchanged(base: bytes, left: bytes, right: bytes, **_: object) -> MergeResult:
    """An engine that does nothing."""
    return MergeResult(left, clean=base is right)


def report(workspace: Workspace, env: dict[str, str], kind: Kind, rounds: int) -> None:
    """One row."""
    repo = workspace.repo.root
    ours, theirs = (git(repo, env, "rev-parse", name).strip() for name in (kind.left, kind.right))
    # As in git merge, the side that is merged into is checked out; nobody looks at the files.
    git(repo, env, "symbolic-ref", "HEAD", f"refs/heads/{kind.left}")
    said: dict[str, str] = {}

    def asked() -> None:
        done = workspace.git.run("merge-tree", "--write-tree", ours, theirs)
        said["git"] = done.stdout[:40].decode() if not done.returncode else ""

    def merged() -> None:
        said["ours"] = merge_commits(workspace, ours, theirs, how=kind.how).tree

    clean = partial(take_away, workspace, frozenset(_packs(workspace)))
    costs = in_turn(rounds, Task(asked, clean), Task(merged, clean))
    if said["git"] not in ("", said["ours"]):
        raise SystemExit(f"{kind.name}: git says {said['git']}, we say {said['ours']}")
    theirs_ms, ours_ms = (1000 * cost.wall for cost in costs)
    goal = f"{kind.goal}x" if kind.goal is not None else ""
    print(f"{kind.name:<58}{theirs_ms:>9.2f}{ours_ms:>9.2f}{ours_ms / theirs_ms:>9.2f}x{goal:>7}", flush=True)


def take_away(workspace: Workspace, kept: frozenset[Path]) -> None:
    """Delete what the last merge wrote."""
    for file in (workspace.repo.common_dir / "objects").glob("[0-9a-f][0-9a-f]/*"):
        file.unlink()
    for file in _packs(workspace):
        if file not in kept:
            file.unlink()


def _packs(workspace: Workspace) -> Iterable[Path]:
    return (workspace.repo.common_dir / "objects/pack").glob("pack-*")


def make(repo: Path, env: dict[str, str], count: int) -> None:
    """A repository with branches that differ from its first commit."""
    repo.mkdir()
    git(repo, env, "init", "--quiet")
    git(repo, env, "fast-import", "--quiet", stdin=b"".join(commit("main", ((n, text(n)) for n in range(count)))))
    hundred = [n * 13 for n in range(100)]
    far = [n * 13 + count // 5 for n in range(100)]
    branch = partial(_branch, repo, env)
    for many in (1, 100):
        branch(f"left{many}", [(n, text(n, 3, "left")) for n in hundred[:many]])
        branch(f"right{many}", [(n, text(n, 3, "right")) for n in far[:many]])
        branch(f"both{many}", [(n, text(n, 15, "right")) for n in hundred[:many]])
        branch(f"against{many}", [(n, text(n, 3, "right")) for n in hundred[:many]])
    for side, number in (("left", 0), ("right", FOLDERS * BELOW)):
        added = [(path(number).replace("file", side), "new\n")]
        branch(f"{side}-new", [(number, text(number, 3, side))], added)
    branch("moved1", [], [(path(0).replace("file", "moved"), text(0, 3, "left"))], gone=[path(0)])


def _branch(
    repo: Path,
    env: dict[str, str],
    name: str,
    files: Files,
    added: Iterable[tuple[str, str]] = (),
    gone: Iterable[str] = (),
) -> None:
    lines = [*commit(name, files, "main"), *(blob(where, what) for where, what in added)]
    git(repo, env, "fast-import", "--quiet", stdin=b"".join([*lines, *(b"D %s\n" % each.encode() for each in gone)]))


def commit(name: str, files: Files, parent: str | None = None) -> Iterable[bytes]:
    """A commit for ``git fast-import``."""
    yield f"commit refs/heads/{name}\ncommitter B <b@example.org> 1700000000 +0000\ndata 2\nx\n".encode()
    if parent is not None:
        yield f"from refs/heads/{parent}\n".encode()
    for number, what in files:
        yield blob(path(number), what)


def blob(where: str, what: str) -> bytes:
    """A file in it."""
    return f"M 644 inline {where}\ndata {len(what)}\n{what}\n".encode()


def path(number: int) -> str:
    """Where a file is."""
    return f"d{number % FOLDERS}/e{number // FOLDERS % BELOW}/file{number}.py"


def text(number: int, at: int = -1, by: str = "") -> str:
    """A file, with one line changed."""
    return "".join(f"value_{line} = {number}{f' + {by}' if line == at else ''}\n" for line in range(LINES))


if __name__ == "__main__":
    main()
