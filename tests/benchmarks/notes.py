"""One note on top of N notes: ours beside ``git notes add``, in one run. Prints, asserts nothing.

``python tests/benchmarks/notes.py [--sizes 100,1000] [--rounds 15]``. Ours is one call in a warm process, as in the
language server, which reads the note, joins the line and swaps the ref; git's is a process of its own, since that is
how it is used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pygit2 import Repository, Signature

from anvcs.gitmirror import notes
from anvcs.provenance.notes import NoteLine, line_of, merge

ME = Signature("Ada", "ada@example.com", 1_700_000_000, 0)
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
PERSON = b"a <a@b> 1700000000 +0000"


def line(git_id: str) -> bytes:
    """A note line of the usual size."""
    digest = "b3:" + hashlib.sha256(git_id.encode()).hexdigest()
    return line_of(NoteLine(commit=git_id, tree=TREE, commit_id=digest, meta=digest, agent="agent:x", tests="passed"))


def history(commits: int, noted: int) -> Iterator[bytes]:
    """For ``git fast-import``: commits, and a notes commit of the fan-out git chooses, with notes on the first ones."""
    for mark in range(1, commits + 1):
        yield b"commit refs/heads/main\nmark :%d\ncommitter %s\ndata 8\n%08d\n\n" % (mark, PERSON, mark)
    yield b"commit refs/notes/git\ncommitter %s\ndata 1\nn\n" % PERSON
    for mark in range(1, noted + 1):
        text = line(f"{mark:040x}")
        yield b"N inline :%d\ndata %d\n%s\n" % (mark, len(text), text)


class Bench:
    """A repository with N notes, packed, on a ref for each writer."""

    def __init__(self, top: Path, size: int, rounds: int) -> None:
        home = top / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\n name = Ada\n email = ada@example.com\n[gc]\n auto = 0\n")
        self.env = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
        self.top = top / "work"
        self.git("init", "-q", "-b", "main", str(self.top), cwd=top)
        self.git("fast-import", "--quiet", stdin=b"".join(history(size + rounds, size)))
        self.git("update-ref", "refs/notes/ours", "refs/notes/git")
        self.fresh = self.git("rev-list", f"--max-count={rounds}", "main").decode().split()
        self.repo = Repository(str(self.top))

    def git(self, *args: str, stdin: bytes = b"", cwd: Path | None = None) -> bytes:
        """Standard output of git."""
        done = subprocess.run(
            ["git", *args], cwd=cwd or self.top, env=self.env, input=stdin, stdout=subprocess.PIPE, check=True
        )
        return done.stdout

    def ours(self, git_id: str) -> None:
        """What a commit does: read, join the line, build, swap."""
        text = line(git_id)
        notes.write(self.repo, "refs/notes/ours", lambda old: merge(old, text), git_id, ME)

    def gits(self, git_id: str) -> None:
        """The same by git."""
        self.git("notes", "--ref=git", "add", "-F", "-", git_id, stdin=line(git_id))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds that the call took."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def measure(size: int, rounds: int) -> tuple[float, float, float]:
    """Medians in milliseconds: ours, git's, and git's own start. Taken in turn, so that noise falls on all."""
    with tempfile.TemporaryDirectory(prefix="anvcs-bench-") as top:
        bench = Bench(Path(top), size, rounds)
        times = [
            (
                timed(lambda: bench.ours(git_id)),  # noqa: B023 - called at once
                timed(lambda: bench.gits(git_id)),  # noqa: B023 - called at once
                timed(lambda: bench.git("version")),
            )
            for git_id in bench.fresh
        ]
        listed = {name: len(bench.git("notes", f"--ref={name}", "list").splitlines()) for name in ("ours", "git")}
        if set(listed.values()) != {size + rounds}:
            raise SystemExit(f"notes are missing: {listed}, expected {size + rounds}")
    ours, gits, start = zip(*times, strict=True)
    return statistics.median(ours), statistics.median(gits), statistics.median(start)


def main() -> None:
    """Print one row for each number of notes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,10000,50000")
    parser.add_argument("--rounds", type=int, default=25)
    given = parser.parse_args()
    print("one note at   ours      git notes add   ratio    of which git's start")
    for size in map(int, given.sizes.split(",")):
        ours, gits, start = measure(size, given.rounds)
        print(f"{size:>7}   {ours:>6.2f} ms   {gits:>10.2f} ms   {ours / gits:>6.3f}   {start:>8.2f} ms", flush=True)


if __name__ == "__main__":
    main()
