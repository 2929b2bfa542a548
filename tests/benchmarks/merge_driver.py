"""Our merge driver as git starts it, beside ``git merge-file`` and, where it is given, mergiraf.

``python tests/benchmarks/merge_driver.py CORPUS [--mergiraf PROGRAM] [--limit 100] [--check-clean]``. The corpus is
that of ``merge_engine.py``. Each file is one call of a whole program through a shell, as git does it, from three files
in a folder to the result; files that git merges cleanly and files that it leaves in conflict are told apart. Prints,
asserts nothing: the median and the 95th percentile of the time that passes and of the processor's, which says more
where others are at work, and how the medians compare.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from anvcs.gitmirror import mergedriver


class Case(NamedTuple):
    """One file with its three versions."""

    path: str
    base: bytes
    ours: bytes
    theirs: bytes


def cases(corpus: Path) -> list[Case]:
    """Everything in a corpus."""
    found: list[Case] = []
    for meta in sorted(corpus.rglob("meta.json")):
        said = json.loads(meta.read_bytes())
        texts = [(meta.parent / (name + said["ext"])).read_bytes() for name in ("base", "left", "right")]
        found.append(Case(said.get("path", "file" + said["ext"]), *texts))
    return found


def spread(found: list[Case], limit: int | None) -> list[Case]:
    """So many of them, from everywhere."""
    return found[:: max(1, len(found) // limit)] if limit else found


def used() -> float:
    """Milliseconds of processor time that all programs took so far."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (spent.ru_utime + spent.ru_stime) * 1000


class Cost(NamedTuple):
    """Milliseconds."""

    passed: float
    used: float


def call(command: str, case: Case, folder: Path) -> tuple[Cost, int]:
    """What a driver's line costs for one file, and its exit code; git's marks in it are filled in."""
    for name, text in (("base", case.base), ("ours", case.ours), ("theirs", case.theirs)):
        (folder / name).write_bytes(text)
    given = {"%O": "base", "%A": "ours", "%B": "theirs", "%L": "7", "%P": shlex.quote(case.path)}
    for mark, word in given.items():
        command = command.replace(mark, word)
    command = command.replace("%%", "%")
    start, before = time.perf_counter(), used()
    done = subprocess.run(["sh", "-c", command], cwd=folder, stderr=subprocess.DEVNULL, check=False)
    return Cost((time.perf_counter() - start) * 1000, used() - before), done.returncode


def measured(name: str, command: str, corpus: list[Case], base: Cost | None) -> Cost:
    """Measure one line on all cases, and print; the medians."""
    took: list[Cost] = []
    clean = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in corpus:
            each, code = call(command, case, Path(folder))
            took.append(each)
            clean += not code
    passed, spent = sorted(each.passed for each in took), sorted(each.used for each in took)
    middle, most = len(took) // 2, int(len(took) * 0.95)
    median = Cost(passed[middle], spent[middle])
    ratio = f"  {median.passed / base.passed:.1f} and {median.used / base.used:.1f} x git merge-file" if base else ""
    print(
        f"  {name:15} clean {clean:4} of {len(took)}  p50 {median.passed:6.1f} ms  p95 {passed[most]:6.1f} ms"
        f"  processor p50 {median.used:6.1f} ms  p95 {spent[most]:6.1f} ms{ratio}"
    )
    return median


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--mergiraf", type=Path)
    arguments.add_argument("--limit", type=int)
    arguments.add_argument("--check-clean", action="store_true")
    given = arguments.parse_args()
    plain = "git merge-file -q %A %O %B"
    parted: dict[bool, list[Case]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(given.corpus):
            parted[call(plain, case, Path(folder))[1] == 0].append(case)
    lines = {"git merge-file": plain, "our driver": mergedriver.line(mergedriver.here(), check_clean=given.check_clean)}
    if given.mergiraf is not None and os.access(given.mergiraf, os.X_OK):
        lines["mergiraf"] = f"{shlex.quote(str(given.mergiraf))} merge --git %O %A %B -p %P -l %L"
    for clean, name in ((True, "merged by git"), (False, "left in conflict by git")):
        some = spread(parted[clean], given.limit)
        print(f"{name}: {len(some)} files")
        base: Cost | None = None
        for tool, line in lines.items() if some else ():
            found = measured(tool, line, some, base)
            base = base or found


if __name__ == "__main__":
    main()
