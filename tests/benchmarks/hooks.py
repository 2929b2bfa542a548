"""What an agent waits for at each step: the hook as a whole process. Prints, asserts nothing.

``python tests/benchmarks/hooks.py [--rounds 50]``. Beside it the same interpreter doing nothing, and one that imports
the standard JSON module, since that is what such hooks usually are.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from anvcs import hook
from tests.benchmarks.common import Cost, isolated, once

LINE = "    return {number}  # an ordinary line of code, as long as they are\n"
PYTHON = (getattr(sys, "_base_executable", sys.executable), "-I", "-S")


def repository(top: Path, files: int, lines: int) -> Path:
    """A repository in which rooms are on; ``a.py`` is the file that is written."""
    env = isolated(top)
    root = top / f"repo{files}-{lines}"
    root.mkdir()
    for number in range(files):
        folder = root / f"package{number // 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"module_{number}.py").write_text(f"x = {number}\n", encoding="utf-8")
    (root / "a.py").write_text("".join(LINE.format(number=each) for each in range(lines)), encoding="utf-8")
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=root, env=env, check=True)
    (root / ".git/anvcs").mkdir()
    return root


def said(root: Path) -> bytes:
    """What Claude Code says before an edit."""
    edit = {"file_path": str(root / "a.py"), "old_string": "return 7 ", "new_string": "return 8 "}
    event = {"session_id": "s", "cwd": str(root), "hook_event_name": "PreToolUse", "tool_name": "Edit"}
    return json.dumps({**event, "model": "m", "tool_use_id": "t", "tool_input": edit}).encode()


def measure(command: tuple[str, ...], given: bytes, root: Path, rounds: int) -> list[Cost]:
    """The cost of each run."""
    return [once(lambda: subprocess.run(command, input=given, cwd=root, check=True)) for _ in range(rounds)]


def show(name: str, costs: list[Cost]) -> None:
    """Print them."""
    walls = sorted(cost.wall * 1000 for cost in costs)
    cpu = statistics.median(cost.cpu * 1000 for cost in costs)
    p95 = walls[int(len(walls) * 0.95)]
    print(f"{name:44} least {walls[0]:6.1f} ms  median {statistics.median(walls):6.1f}  p95 {p95:6.1f}  cpu {cpu:5.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        show("python that does nothing", measure((*PYTHON, "-c", ""), b"", top, rounds))
        show("python that imports json and hashlib", measure((*PYTHON, "-c", "import json, hashlib"), b"", top, rounds))
        for files, lines in ((10, 200), (10_000, 200), (10, 25_000)):
            root = repository(top, files, lines)
            size = (root / "a.py").stat().st_size
            marker = root / ".git/anvcs" / hook.MARKER
            what = f"{files} files, {size // 1024} KiB"
            command = (*PYTHON, hook.__file__, "claude")
            show(f"hook, rooms off, {what}", measure(command, said(root), root, rounds))
            marker.touch()
            show(f"hook, rooms on,  {what}", measure(command, said(root), root, rounds))


if __name__ == "__main__":
    main()
