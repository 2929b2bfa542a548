"""A scratch worktree made fit for guards: the tree's files, what Git does not track, and what setup makes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import msgspec
from msgspec.structs import replace

from anvcs.actions.caller import Progress
from anvcs.actions.checking_subject import SETUP, Subject, spelt
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.scratch.ignored import Ignored
from anvcs.gitmirror.scratch.pool import Slot
from anvcs.guards import editable, environment
from anvcs.guards.model import Evidence, Guard
from anvcs.guards.process import Surroundings
from anvcs.guards.runner import run

_NAMED = 3
"""How many paths a note names."""
_PAUSE = 0.2


class Teller:
    """Says what is being done and asks whether to go on; for the thread that ``progress`` belongs to."""

    def __init__(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._progress = progress
        self.cancelled = cancelled
        self._said: tuple[str, int | None] = ("", None)
        self._next = 0.0

    def say(self, message: str, percent: int | None = None) -> None:
        """Say it now; it is said again while that is going on, so that the caller can end it."""
        self._said = message, percent
        self._next = time.monotonic() + _PAUSE
        self._progress(message, percent)

    def asked(self) -> bool:
        """Whether to stop. Raises CancelledError where the caller's ``progress`` does."""
        if time.monotonic() >= self._next:
            self.say(*self._said)
        return self.cancelled()


class Bench(msgspec.Struct, frozen=True):
    """A worktree in which guards can run, or the result of the setup that failed."""

    slot: Slot
    around: Surroundings
    notes: tuple[str, ...]
    failed: Evidence | None = None

    def files(self, subject: Subject) -> list[str]:
        """What the tree changes of its first parent's; nothing without one."""
        return self.slot.differing(subject.parents[0], subject.tree) if subject.parents else []

    def spoilt(self) -> tuple[str, ...]:
        """A note on tracked files that are not as they were, if there are some."""
        changed = self.slot.changed()
        return (f"Files that Git tracks were changed while guards ran: {_some(changed)}.",) if changed else ()


@contextmanager
def bench(subject: Subject, teller: Teller) -> Generator[Bench]:
    """A bench for the block. Raises CancelledError, GitFailedError, DiskError, LockedError or OSError."""
    with subject.pool.take() as slot:
        teller.say("Preparing a scratch worktree")
        ignored = Ignored(slot, subject.pool.folder / "shelf", subject.source)
        is_fit, notes = _fill(subject, slot, ignored, teller)
        around = Surroundings(slot.tree, subject.env, subject.settings.output << 10, (slot.lock,))
        if subject.settings.setup and not is_fit:
            around = replace(around, env=_environment(subject, slot)[0])
            failed = _set_up(subject, around, teller)
            if failed is not None:
                yield Bench(slot, around, notes, replace(failed, notes=notes))
                return
            # What setup did with git, such as installing hooks, is not for guards.
            slot.show(subject.tree, subject.parents)
        if not is_fit:
            notes += _settle(subject, slot, ignored)
        env, more = _environment(subject, slot)
        yield Bench(slot, replace(around, env=env), notes + more)


def _fill(subject: Subject, slot: Slot, ignored: Ignored, teller: Teller) -> tuple[bool, tuple[str, ...]]:
    """Bring all files; whether setup need not run, and what is missing."""
    key, patterns = subject.setup_key, subject.source.patterns
    is_fit = key is not None and ignored.key == key
    if not is_fit:
        ignored.put_away()
    notices = slot.prepare(subject.tree, patterns, afresh=not is_fit, cancelled=teller.asked)
    # Where the worktree had to be made from nothing, what was there is gone.
    is_fit = is_fit and ignored.key == key
    if not is_fit and key is not None:
        is_fit = ignored.take(key)
    if not is_fit:
        teller.say("Copying what Git does not track")
        ignored.copy_folders(teller.asked)
    ignored.copy_files(teller.asked)
    slot.show(subject.tree, subject.parents)
    return is_fit, notices


def _set_up(subject: Subject, around: Surroundings, teller: Teller) -> Evidence | None:
    """Run the setup commands; the result of the first that does not pass."""
    deadline = time.monotonic() + subject.settings.setup_seconds
    for command in subject.settings.setup:
        teller.say(f"Setting up: {spelt(command)}")
        left = max(deadline - time.monotonic(), 0.1)
        evidence = run(Guard(SETUP, tuple(command), seconds=left), subject.tree, around, cancelled=teller.asked)
        if evidence.outcome != "passed":
            return evidence
    return None


def _settle(subject: Subject, slot: Slot, ignored: Ignored) -> tuple[str, ...]:
    """Note whose the ignored paths are, if they are all that setup made; else a note for the user."""
    if subject.setup_key is None:
        return ()
    stray = [*slot.changed(), *slot.untracked()] if subject.settings.setup else []
    if stray:
        return (f"guards.setup runs each time, because it also makes {_some(stray)}: add that to guards.ignored.",)
    ignored.settle(subject.setup_key)
    return ()


def _environment(subject: Subject, slot: Slot) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables as they are true in the scratch worktree, and notes on what could not be."""
    source, tree = subject.source, slot.tree

    def is_made(path: str) -> bool:
        return (tree / path).is_dir() or any(f"{path}/".startswith(f"{pattern}/") for pattern in source.patterns)

    roots = (os.fspath(source.root), os.path.realpath(source.root))
    env = environment.moved(subject.env, roots, os.fspath(tree), is_made)
    notes = [
        f"PATH names {folder}, which the scratch worktree lacks: add it to guards.ignored, or let guards.setup make it."
        for folder in subject.env.get("PATH", "").split(os.pathsep)
        if folder.startswith(roots)
        and folder not in env["PATH"].split(os.pathsep)
        and not is_made(_below(folder, roots))
    ]
    installed = [each for each in editable.sources(env, source.root) if (tree / each).is_dir()]
    if installed:
        # Otherwise tests would import the code of the user's worktree, and judge that.
        first = [os.fspath(tree / each) for each in installed]
        env["PYTHONPATH"] = os.pathsep.join([*first, *filter(None, [env.get("PYTHONPATH")])])
        notes.append("An editable install of your worktree is on PATH; Python imports the merged tree's files instead.")
    return env, tuple(notes)


def _below(folder: str, roots: tuple[str, ...]) -> str:
    root = next(each for each in roots if folder.startswith(each))
    return folder.removeprefix(root).lstrip("/")


def _some(paths: list[bytes]) -> str:
    shown = ", ".join(quote(path) for path in paths[:_NAMED])
    return shown if len(paths) <= _NAMED else f"{shown} and {len(paths) - _NAMED} more"
