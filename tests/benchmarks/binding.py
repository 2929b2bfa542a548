"""Seeded runs of the editors' binding: how many, how long, and every seed that shows something wrong.

Run: .venv/bin/python -m tests.benchmarks.binding [RUNS [FIRST [PROCESSES]]]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from multiprocessing import get_context

from tests.unit.rooms.simulation.world import World


def one(seed: int) -> tuple[int, list[str], Counter[str]]:
    """A run, what was wrong in it, and what was in it."""
    world = World(seed)
    problems = world.run()
    counts = Counter(lines=len(world.book.typed), steps=world.clock.steps)
    for server, window in zip(world.servers, world.windows, strict=True):
        counts.update(server.kinds)
        counts.update(pushes=server.pushes, dialogs=window.dialogs, rightly_refused=window.refused)
    return seed, problems, counts


def main() -> int:
    """Runs them all; 1 if anything was wrong."""
    runs, first, processes = (int(given) for given in (*sys.argv[1:], *("2000", "0", "2")[len(sys.argv) - 1 :]))
    begun, wrong, total = time.perf_counter(), 0, Counter[str]()
    with get_context("spawn").Pool(processes) as pool:
        for seed, problems, counts in pool.imap_unordered(one, range(first, first + runs), chunksize=10):
            total.update(counts)
            if problems:
                wrong += 1
                print(f"seed {seed}: {'; '.join(problems[:5])}")
    print(f"{runs} runs, {wrong} wrong, {time.perf_counter() - begun:.0f} s")
    print(", ".join(f"{name} {count}" for name, count in sorted(total.items())))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
