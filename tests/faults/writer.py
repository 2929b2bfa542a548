"""A process that works in the current worktree until a deadline: as an agent of ours, or with plain git."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import AnvcsError, UndoRefusedError


class Ours:
    """Commits its own files, takes some of it back, and writes down what was acknowledged."""

    def __init__(self, name: str, config: Path, log: TextIO) -> None:
        self.name = name
        self.log = log
        self.caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=config)
        self.random = random.Random(name)  # noqa: S311 - not a secret

    def work(self, number: int) -> None:
        """One commit, and perhaps one undo."""
        file = Path(self.name) / f"file{number % 20}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{self.name} {number}\n")
        metadata = wire.Metadata(prompt=f"{self.name} {number}", agent_id=f"agent:{self.name}")
        made = call(
            self.caller,
            wire.COMMIT,
            wire.CommitParams(message=f"{self.name} {number}", paths=(str(file),), metadata=metadata),
        )
        self.tell("commit", made.git_commit)
        if self.random.random() < 0.4:
            try:
                undone = call(self.caller, wire.UNDO, wire.UndoParams(agent=self.name))
            except UndoRefusedError:
                # Somebody built on it already.
                return
            if undone.target is not None and undone.target.git_commit is not None:
                self.tell("undo", undone.target.git_commit)

    def tell(self, what: str, commit: str) -> None:
        """Write down what is acknowledged now."""
        self.log.write(json.dumps([what, commit]) + "\n")
        self.log.flush()


class Plain:
    """Commits and writes notes with plain git, trying again where a lock is held."""

    def __init__(self, name: str, log: TextIO) -> None:
        self.name = name
        self.log = log

    def work(self, number: int) -> None:
        """One commit, a note of its own and a foreign line in one of ours."""
        file = Path(self.name) / f"file{number % 20}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{self.name} {number}\n")
        message = f"{self.name} {number}"
        if not (self.git("add", str(file)) and self.git("commit", "--quiet", "-m", message, "--", str(file))):
            return
        found = subprocess.run(
            ["git", "log", "-1", "--format=%H", f"--grep=^{message}$"], capture_output=True, text=True, check=True
        ).stdout.strip()
        if found:
            self.log.write(json.dumps(["plain", found]) + "\n")
            self.log.flush()
        self.git("notes", "add", "-f", "-m", message, "HEAD")
        self.git("notes", "--ref=anvcs", "append", "-m", f"by {self.name}", "HEAD")

    def git(self, *args: str) -> bool:
        """Run git, a few times where another process holds a lock."""
        for _ in range(20):
            done = subprocess.run(["git", *args], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return True
            if "lock" not in done.stderr and "cannot" not in done.stderr:
                return False
            time.sleep(0.02)
        return False


def main() -> None:
    """Arguments: ours or plain, the name, the log, the configuration folder, the seconds to work."""
    kind, name, log_name, config, seconds = sys.argv[1:]
    until = time.monotonic() + float(seconds)
    with Path(log_name).open("w", encoding="utf-8") as log:
        writer = Ours(name, Path(config), log) if kind == "ours" else Plain(name, log)
        number = 0
        while time.monotonic() < until:
            number += 1
            try:
                writer.work(number)
            except AnvcsError as error:
                log.write(json.dumps(["refused", f"{error.code}: {error.message}"]) + "\n")
                log.flush()


if __name__ == "__main__":
    main()
