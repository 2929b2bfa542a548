"""Merges of single files: ours in process beside git's and, where they are installed, mergiraf's and weave's.

``python tests/benchmarks/merge_engine.py CORPUS [--limit 100]``. A corpus is a folder of cases, each a folder with
``meta.json`` (``ext``, ``path``) and the texts ``base``, ``left`` and ``right`` with that suffix. Only cases that git
leaves in conflict count. Prints, asserts nothing: what each leaves in conflict, and what a file costs; the others are
whole processes, as Git starts them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from anvcs.merge import merge


class Case(NamedTuple):
    """One file with its three versions."""

    path: str
    base: bytes
    left: bytes
    right: bytes


Tool = Callable[[Case, Path], bool]
"""Merges a case in a scratch folder; whether the result is clean."""


def cases(corpus: Path, limit: int | None) -> list[Case]:
    """The cases that git leaves in conflict, evenly spread where fewer are asked for."""
    found: list[Case] = []
    with tempfile.TemporaryDirectory() as scratch:
        for meta in sorted(corpus.rglob("meta.json")):
            said = json.loads(meta.read_bytes())
            texts = [(meta.parent / (name + said["ext"])).read_bytes() for name in ("base", "left", "right")]
            case = Case(said.get("path", "file" + said["ext"]), *texts)
            if not by_git(case, Path(scratch)):
                found.append(case)
    return found[:: max(1, len(found) // limit)] if limit else found


def written(case: Case, folder: Path) -> list[str]:
    """The files of a case, base first."""
    files = [folder / (name + Path(case.path).suffix) for name in ("base", "left", "right")]
    for file, text in zip(files, case[1:], strict=True):
        file.write_bytes(text)
    return [str(file) for file in files]


def ours(case: Case, _folder: Path) -> bool:
    """In this process."""
    return merge(case.base, case.left, case.right, path=case.path).clean


def by_git(case: Case, folder: Path) -> bool:
    """``git merge-file``."""
    base, left, right = written(case, folder)
    done = subprocess.run(["git", "merge-file", "-p", left, base, right], capture_output=True, check=False)
    return done.returncode == 0


def by_mergiraf(case: Case, folder: Path) -> bool:
    """``mergiraf merge``."""
    command = ["mergiraf", "merge", *written(case, folder), "-p", case.path]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return b"<<<<<<<" not in done.stdout


def by_weave(case: Case, folder: Path) -> bool:
    """``weave-driver``, which writes over the left file."""
    base, left, right = written(case, folder)
    command = ["weave-driver", base, left, right, "7", case.path]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    return b"<<<<<<<" not in Path(left).read_bytes()


def measured(tool: Tool, corpus: list[Case]) -> tuple[int, list[float]]:
    """How many are clean, and the milliseconds of each."""
    clean, took = 0, list[float]()
    with tempfile.TemporaryDirectory() as scratch:
        for case in corpus:
            start = time.perf_counter()
            clean += tool(case, Path(scratch))
            took.append((time.perf_counter() - start) * 1000)
    return clean, sorted(took)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--limit", type=int)
    given = arguments.parse_args()
    corpus = cases(given.corpus, given.limit)
    tools: dict[str, Tool] = {"anvcs, in process": ours, "git merge-file": by_git}
    others: dict[str, Tool] = {"mergiraf": by_mergiraf, "weave-driver": by_weave}
    tools |= {program: tool for program, tool in others.items() if shutil.which(program)}
    base = 0.0
    for name, tool in tools.items():
        clean, took = measured(tool, corpus)
        p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
        base = base or p50
        cost = f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  ours / its {base / p50:.2f}"
        print(f"{name:20} clean {clean:4} of {len(corpus)}  {cost}")


if __name__ == "__main__":
    main()
