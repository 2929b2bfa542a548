"""Ancestors beside git's, in one run: ``python tests/benchmarks/ancestry.py [--size 1000000] [--rounds N]``.

Ours is one call in a warm process, its look at whether git was told of other parents included; git's is
``git merge-base`` with a commit-graph, a process each time, as there is no other way to ask it. The history is that of
graph.py. Near pairs are some hundreds of commits apart, on the line of first parents or on a side branch; far pairs are
half of the history apart. Prints medians over different pairs in milliseconds, the first time a pair is asked about and
again, the ratio to git and the goal for it. Nothing is asserted. A million commits take some
minutes to make and index, and are kept with ``--keep FOLDER``.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from common import git, isolated, once
from graph import synthetic

from anvcs.actions.ancestry import is_ancestor, merge_base
from anvcs.actions.caller import Caller, call
from anvcs.actions.graph import update_index
from anvcs.wire import INIT, InitParams

Pair = tuple[str, str]
Question = Callable[[str, str], object]
GOAL = 0.1
"""The ratio to git's time that no kind of pair should exceed."""
NEAR_GOAL = 0.1
"""Milliseconds for near pairs."""
AGAIN = 9
"""How often we are asked again, since git has no second time."""


class Kind(NamedTuple):
    """Pairs of one kind."""

    name: str
    near: bool
    pairs: list[Pair]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000, help="commits of the synthetic history")
    parser.add_argument("--rounds", type=int, default=15, help="pairs of each kind; the median counts")
    parser.add_argument("--keep", type=Path, help="a folder in which the repository is found again next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anvcs-ancestry-") as scratch:
        folder: Path = options.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        env = isolated(folder)
        repo = folder / f"s{options.size}"
        if not repo.exists():
            synthetic(repo, options.size, env)
            git(repo, env, "commit-graph", "write", "--reachable")
        measure(repo, env, options.rounds)


def measure(repo: Path, env: dict[str, str], rounds: int) -> None:
    """Print one row for each kind of pair and question."""
    with closing(Caller(cwd=repo, env=env, config_home=repo.parent / "keys")) as caller:
        git(repo, env, "config", "commit.gpgsign", "false")
        call(caller, INIT, InitParams())
        pairs = kinds(repo, env, rounds)
        print(f"index built, or found up to date, in {once(lambda: update_index(caller, None)).wall:.1f} s")
        workspace = caller.workspace(None)
        print(f"{'':<46}{'git':>9}{'first':>9}{'ours':>9}{'first/git':>11}{'ours/git':>10}{'goal':>14}")
        for kind in pairs:
            report(kind, "is ancestor", partial(ask, repo, env), partial(is_ancestor, workspace))
            report(kind, "merge base", partial(base, repo, env), partial(merge_base, workspace))


def report(kind: Kind, what: str, theirs: Question, ours: Question) -> None:
    """One row; each pair is asked of both, and the answers must agree."""
    times: list[tuple[float, float, float]] = []
    for pair in kind.pairs:
        said: list[object] = []

        def asked(question: Question, pair: Pair = pair, said: list[object] = said) -> float:
            return 1000 * once(lambda: said.append(question(*pair))).wall

        git_time, first = asked(theirs), asked(ours)
        times.append((git_time, first, statistics.median(asked(ours) for _ in range(AGAIN))))
        if len(set(said)) > 1:
            raise SystemExit(f"{what} of {pair}: git says {said[0]}, we say {said[1:]}")
    git_time, first, again = (statistics.median(column) for column in zip(*times, strict=True))
    goal = f"{GOAL}x" + (f", {NEAR_GOAL} ms" if kind.near else "") if what == "is ancestor" else ""
    print(
        f"{what + ', ' + kind.name:<46}{git_time:>9.2f}{first:>9.3f}{again:>9.4f}"
        f"{first / git_time:>10.4f}x{again / git_time:>9.4f}x{goal:>14}",
        flush=True,
    )


def kinds(repo: Path, env: dict[str, str], count: int) -> list[Kind]:
    """Pairs of every kind, in random places; for some of them branches are made."""
    chance = random.Random(3)  # noqa: S311 - which pairs are asked for need not be secret
    line = git(repo, env, "rev-list", "--first-parent", "HEAD").split()
    every = git(repo, env, "rev-list", "HEAD").split()
    on_line = set(line)
    half = len(every) // 2

    def after(place: int, *, aside: bool) -> str:
        return next(commit for commit in every[place:] if (commit not in on_line) == aside)

    found: dict[str, list[Pair]] = {name: [] for name in ("line", "aside", "apart", "far", "far aside", "far apart")}
    while len(found["line"]) < count:
        at, place, gap = chance.randrange(half - 600), chance.randrange(half - 600), chance.randrange(200, 500)
        at = at * len(line) // len(every)
        found["line"].append((line[at + gap], line[at]))
        found["aside"].append((after(place + gap, aside=True), after(place, aside=False)))
        found["far"].append((line[at + len(line) // 2 - 1], line[at]))
        found["far aside"].append((after(place + half, aside=True), after(place, aside=False)))
        found["apart"].append((stale(repo, env, line[at + gap]), line[at]))
    found["far apart"] = [(stale(repo, env, line[len(line) // 2]), line[0])] * 3
    return [
        Kind("near, line of first parents", near=True, pairs=found["line"]),
        Kind("near, merged from a side branch", near=True, pairs=found["aside"]),
        Kind("near, never merged", near=True, pairs=found["apart"]),
        Kind("far, line of first parents", near=False, pairs=found["far"]),
        Kind("far, merged from a side branch", near=False, pairs=found["far aside"]),
        Kind("far, never merged", near=False, pairs=found["far apart"]),
    ]


def stale(repo: Path, env: dict[str, str], start: str) -> str:
    """A commit on a branch of its own."""
    commit = git(repo, env, "commit-tree", "-p", start, "-m", "stale", "HEAD^{tree}").strip()
    git(repo, env, "update-ref", f"refs/heads/stale-{commit}", commit)
    return commit


def ask(repo: Path, env: dict[str, str], older: str, newer: str) -> bool:
    """Git's answer."""
    return not run(repo, env, "--is-ancestor", older, newer)[0]


def base(repo: Path, env: dict[str, str], one: str, two: str) -> str | None:
    """Git's answer."""
    return run(repo, env, one, two)[1].strip() or None


def run(repo: Path, env: dict[str, str], *args: str) -> tuple[int, str]:
    """The exit code, which may be 1, and what git merge-base prints."""
    done = subprocess.run(
        ["git", "merge-base", *args], cwd=repo, env=env, stdout=subprocess.PIPE, check=False, text=True
    )
    if done.returncode > 1:
        raise SystemExit("git merge-base failed")
    return done.returncode, done.stdout


if __name__ == "__main__":
    main()
