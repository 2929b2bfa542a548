"""What the benchmarks share: an environment without the user's settings, git, and medians of things done in turn."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What one run took, in seconds."""

    wall: float
    cpu: float
    """User and system time, of child processes too."""


class Task(NamedTuple):
    """Something to measure again and again."""

    run: Callable[[], object]
    prepare: Callable[[], object] = lambda: None
    """Done before each run, unmeasured."""


def once(run: Callable[[], object]) -> Cost:
    """What it takes."""
    cpu, begun = _cpu(), time.perf_counter()
    run()
    return Cost(time.perf_counter() - begun, _cpu() - cpu)


def in_turn(rounds: int, *tasks: Task) -> list[Cost]:
    """The median cost of each, one after the other in every round, so that all see the same machine."""
    costs: list[list[Cost]] = [[] for _ in tasks]
    for number in range(rounds):
        # Who comes first changes, so that nobody always pays for what another left to the disk.
        for at in range(len(tasks)):
            place = (at + number) % len(tasks)
            tasks[place].prepare()
            costs[place].append(once(tasks[place].run))
    return [
        Cost(statistics.median(c.wall for c in column), statistics.median(c.cpu for c in column)) for column in costs
    ]


def isolated(folder: Path) -> dict[str, str]:
    """An environment in which git sees an identity and nothing of the user's configuration; its files in ``folder``."""
    config = folder / "gitconfig"
    config.write_text(
        "[user]\n    name = Benchmark\n    email = benchmark@example.org\n"
        "[init]\n    defaultBranch = main\n[gc]\n    auto = 0\n[maintenance]\n    auto = false\n",
        encoding="utf-8",
    )
    # Without byte code, which an installation has, a command would first compile what it imports.
    left = ("GIT_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
    return {**kept, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(config)}


def git(folder: Path, env: dict[str, str], *args: str, stdin: bytes | None = None) -> str:
    """Run git and give its output."""
    done = subprocess.run(["git", *args], cwd=folder, env=env, input=stdin, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def synchronised(folder: Path, count: int = 300) -> list[float]:
    """The milliseconds that small synchronised writes take here, with pauses between them as typing has."""
    times: list[float] = []
    with (folder / "synchronised").open("wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(0.005)
    return times


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
