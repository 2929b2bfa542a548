"""Programs that run here in somebody's name: what is written meanwhile, and nobody else claims, is theirs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

KEPT = 600 * 10**9
"""Nanoseconds for which it is remembered that a program ran: a file may be looked at late, while git is at work."""

TICK = 10 * 10**6
"""Nanoseconds by which a file's time may lie before the moment it was written: systems go by the tick of a clock."""


class Run(NamedTuple):
    """A program at work in a worktree. Times are nanoseconds since 1970, as files have them."""

    actor: str
    root: str
    """The worktree."""
    paths: tuple[str, ...] = ()
    """The files and folders that are its business; all, if none are named."""
    session: str = ""
    began: int = 0
    ended: int | None = None

    def names(self, path: str) -> bool:
        """Whether a file, or a folder above it, is named as this program's business."""
        return any(path == each or not each or path.startswith(f"{each}/") for each in self.paths)

    def may_have_written(self, root: str, path: str, moment: int) -> bool:
        """Whether a file that was written at a moment can have been written by this program."""
        if root != self.root or (self.paths and not self.names(path)):
            return False
        return self.began - TICK <= moment and (self.ended is None or moment <= self.ended)


class Runs:
    """The programs that run now, or did a short while ago."""

    def __init__(self) -> None:
        self._runs: dict[Hashable, Run] = {}

    def begin(self, key: Hashable, run: Run) -> None:
        """A program runs; one that is known by the same key is forgotten."""
        self._runs = {each: known for each, known in self._runs.items() if not _is_over(known, run.began)}
        self._runs[key] = run

    def end(self, key: Hashable, now: int) -> Run | None:
        """A program has ended; gives what was known of it. Nothing if it had ended, or never ran."""
        run = self._runs.get(key)
        if run is None or run.ended is not None:
            return None
        self._runs[key] = ended = run._replace(ended=now)
        return ended

    def writer(self, root: str, path: str, moment: int) -> Run | None:
        """Whose program wrote a file at a moment; nothing if that can be several actors'.

        One whose business the file is by name goes before those that may write anywhere.
        """
        found = [run for run in self._runs.values() if run.may_have_written(root, path, moment)]
        found = [run for run in found if run.paths] or found
        return found[-1] if len({run.actor for run in found}) == 1 else None


def _is_over(run: Run, now: int) -> bool:
    return run.ended is not None and now - run.ended > KEPT
