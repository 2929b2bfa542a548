"""Importing the notes of many commits: ours beside bare ``git fast-import``, in one run. Goal: at most 1.3 times.

``python tests/benchmarks/notes_import.py [--commits 50000] [--rounds 3]``. Ours is what a pull or an import does: each
line is read, joined with the note that is there, and all are written as one notes commit of the fan-out that ours have.
fast-import is given the same notes for a ref of its own. Both end with every object durable in a pack.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from anvcs.gitmirror import notes, notes_sync
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.repository import GitRepository
from anvcs.provenance.notes import merge
from tests.benchmarks.common import Task, git, in_turn, isolated
from tests.benchmarks.notes import PERSON, line

ME = Ident(b"a", b"a@b", 1_700_000_000, 0)
GOAL = 1.3


def commits(count: int) -> Iterator[bytes]:
    """For ``git fast-import``: a history of so many commits."""
    for mark in range(1, count + 1):
        yield b"commit refs/heads/main\nmark :%d\ncommitter %s\ndata 8\n%08d\n\n" % (mark, PERSON, mark)


def stream(lines: dict[str, bytes]) -> Iterator[bytes]:
    """The same notes for ``git fast-import``."""
    yield b"commit refs/notes/git\ncommitter %s\ndata 1\nn\n" % PERSON
    for key, text in lines.items():
        yield b"N inline %s\ndata %d\n%s\n" % (key.encode(), len(text), text)


class Bench:
    """A repository with commits and no notes, and a line for each."""

    def __init__(self, top: Path, count: int) -> None:
        self.env = isolated(top)
        self.work = top / "work"
        git(top, self.env, "init", "-q", str(self.work))
        git(self.work, self.env, "fast-import", "--quiet", stdin=b"".join(commits(count)))
        self.repo = GitRepository.open(self.work, self.env)
        self.lines = {key: line(key) for key in git(self.work, self.env, "rev-list", "main").split()}
        self.input = b"".join(stream(self.lines))

    def clear(self) -> None:
        """No notes, and none of their objects, which both would share."""
        for name in ("ours", "git"):
            git(self.work, self.env, "update-ref", "-d", f"refs/notes/{name}")
        git(self.work, self.env, "-c", "gc.reflogExpire=now", "repack", "-a", "-d", "-q")
        git(self.work, self.env, "prune", "--expire=now")

    def ours(self) -> None:
        """Import with our writer."""
        changes = {key: _joining(text) for key, text in self.lines.items()}
        notes_sync.write_all(self.repo, "refs/notes/ours", changes, ME)

    def gits(self) -> None:
        """Import with git's."""
        subprocess.run(
            ["git", "fast-import", "--quiet"], cwd=self.work, env=self.env, input=self.input, check=True, timeout=600
        )

    def check(self) -> None:
        """Both wrote the same notes."""
        found = {
            name: git(self.work, self.env, "notes", f"--ref={name}", "list").splitlines() for name in ("ours", "git")
        }
        if sorted(found["ours"]) != sorted(found["git"]) or len(found["ours"]) != len(self.lines):
            sys.exit("the notes differ")


def _joining(text: bytes) -> notes.Change:
    return lambda old: merge(old, text)


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-bench-") as top:
        bench = Bench(Path(top), given.commits)
        ours, gits = in_turn(given.rounds, Task(bench.ours, bench.clear), Task(bench.gits, bench.clear))
        bench.ours()
        bench.gits()
        bench.check()
    ratio = ours.wall / gits.wall
    print(f"{given.commits} notes: ours {ours.wall:.2f} s, git fast-import {gits.wall:.2f} s, ratio {ratio:.2f}")
    print(f"goal: at most {GOAL} - {'met' if ratio <= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
