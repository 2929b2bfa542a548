"""A stream merged whole, beside git: ``python tests/benchmarks/proposals.py [--files N] [--changed N] [--rounds N]``.

Two streams change so many files of the repository, each file at both ends, so that each of them is merged by lines
and checked by guards. Git does ``git merge``; ours does what lands the same commit: ``merge --auto`` at once, and in
two steps, ``merge`` and ``proposal accept``. Ours is measured in a warm process, as editors have it, and as a
command, which starts Python; git is a command either way. Everything is taken back before the next. Prints medians of
wall time in milliseconds and ratios to git. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from common import Task, git, in_turn, isolated

from anvcs.actions.caller import Caller, call
from anvcs.wire import (
    INIT,
    MERGE,
    PROPOSAL_ACCEPT,
    PROPOSAL_REJECT,
    InitParams,
    MergeParams,
    ProposalAcceptParams,
    ProposalRejectParams,
)

BELOW = 100
"""Files in a folder."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000, help="files in the repository")
    parser.add_argument("--changed", type=int, default=100, help="files that both streams change")
    parser.add_argument("--rounds", type=int, default=21, help="how often each thing is measured; the median counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-proposals-") as scratch:
        folder = Path(scratch)
        env = isolated(folder)
        repo = folder / "repo"
        make(repo, env, options.files, options.changed)
        with closing(Caller(cwd=repo, env=env, config_home=folder / "keys")) as caller:
            call(caller, INIT, InitParams())
            measure(repo, env, caller, options.rounds)


def measure(repo: Path, env: dict[str, str], caller: Caller, rounds: int) -> None:
    """Print what each way takes."""
    start = git(repo, env, "rev-parse", "main").strip()
    back = partial(_back, repo, env, caller, start)
    program = [str(Path(sys.executable).with_name("ai-vcs"))]

    def command(*arguments: str) -> None:
        subprocess.run([*program, *arguments], cwd=repo, env=env, check=True, capture_output=True)

    def propose() -> None:
        call(caller, MERGE, MergeParams(sources=("login",)))

    def ready() -> None:
        back()
        propose()

    ways = {
        "git merge": Task(partial(git, repo, env, "merge", "--quiet", "--no-edit", "login"), back),
        "merge --auto, warm": Task(lambda: call(caller, MERGE, MergeParams(sources=("login",), auto=True)), back),
        "merge, warm": Task(propose, back),
        "accept, warm": Task(lambda: call(caller, PROPOSAL_ACCEPT, ProposalAcceptParams()), ready),
        "ai-vcs merge --auto": Task(partial(command, "merge", "login", "--auto"), back),
        "ai-vcs --version": Task(partial(command, "--version")),
    }
    costs = dict(zip(ways, in_turn(rounds, *ways.values()), strict=True))
    base = costs["git merge"].wall
    print(f"{'':<22}{'ms':>8}{'to git':>9}")
    for name, cost in costs.items():
        print(f"{name:<22}{cost.wall * 1000:>8.1f}{cost.wall / base:>8.2f}x")


def _back(repo: Path, env: dict[str, str], caller: Caller, start: str) -> None:
    """Everything as it was, with no proposal open."""
    git(repo, env, "reset", "--quiet", "--hard", start)
    names = git(repo, env, "for-each-ref", "--format=%(refname)", "refs/anvcs/proposals").split()
    for name in names:
        call(caller, PROPOSAL_REJECT, ProposalRejectParams(proposal=name.rpartition("/")[2]))


def make(repo: Path, env: dict[str, str], files: int, changed: int) -> None:
    """A repository with two streams that change the same files at different ends."""
    repo.mkdir()
    git(repo, env, "init", "--quiet")
    paths = [repo / f"src/p{number // BELOW}/m{number % BELOW}.py" for number in range(files)]
    body = "".join(f"def f{number}(x):\n    return x + {number}\n\n\n" for number in range(10))
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    _commit(repo, env, "base")
    git(repo, env, "branch", "login")
    for path in paths[:changed]:
        path.write_text(body + "ours = 1\n")
    _commit(repo, env, "ours")
    git(repo, env, "switch", "--quiet", "login")
    for path in paths[:changed]:
        path.write_text("theirs = 1\n\n\n" + body)
    _commit(repo, env, "theirs")
    git(repo, env, "switch", "--quiet", "main")


def _commit(repo: Path, env: dict[str, str], message: str) -> None:
    git(repo, env, "add", "--all")
    git(repo, env, "commit", "--quiet", "-m", message)


if __name__ == "__main__":
    main()
