"""What Git's own logs of its pointers tell: by which steps one went from a value to another, and what each step was."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from anvcs.gitmirror import grown
from anvcs.gitmirror.grown import Mark
from anvcs.gitmirror.repository import GitRepository

ZERO = "0" * 40
_OURS = re.compile(r"^anvcs (b3:[0-9a-f]{64})(?: |$)| \(anvcs (b3:[0-9a-f]{64})\)$")
"""How the message of every entry begins that a publication of ours wrote; that of a switch ends with it."""

_LINE = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) [^\t\n]*?(?:> (\d+) [-+]\d+)?(?:\t([^\n]*))?")

_KINDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        # `commit (rebase)`, `rebase (pick)`, `rebase -i (finish)`, `rebase finished:`, `pull --rebase (start)`; with a
        # GIT_REFLOG_ACTION of the user's the words in brackets are all that is left of git's own.
        (r"(rebase\b|rewritten during rebase|commit \(rebase\))", "git-rebase"),
        (r"pull\b.* \((start|pick|reword|edit|squash|fixup|continue|finish|abort|merge|reset)\):", "git-pull"),
        (r"(pull\b|initial pull)", "git-pull"),
        (r"commit \(amend\)", "git-amend"),
        (r"commit \(merge\)", "git-merge"),
        (r"(commit \(cherry-pick\)|cherry-pick\b)", "git-cherry-pick"),
        (r"revert\b", "git-revert"),
        (r"(commit\b|am\b)", "git-commit"),
        (r"merge\b", "git-merge"),
        (r"reset\b", "git-reset"),
        (r"(checkout|switch):", "git-switch"),
        (r"[Bb]ranch: ", "git-branch"),
        (r"(fetch\b|clone:|remote: |storing head)", "git-fetch"),
        (r"(WIP on |On .*: |stash\b)", "git-stash"),
        (r"tag: ", "git-tag"),
    )
)


class Entry(NamedTuple):
    """One line of a log."""

    old: str | None
    new: str | None
    """None where the pointer did not exist."""
    time: int
    """Seconds since 1970, by the clock of whoever wrote it."""
    message: str

    @property
    def operation(self) -> str | None:
        """The operation of ours that wrote it, as its message says."""
        return operation_of(self.message)

    @property
    def said(self) -> str:
        """The message without what we put before it."""
        return _OURS.sub("", self.message, count=1)

    @property
    def kind(self) -> str:
        """The kind of operation that the message tells of."""
        return kind(self.said)


def operation_of(message: str) -> str | None:
    """The operation of ours that a log's message names."""
    found = _OURS.search(message)
    return (found[1] or found[2]) if found else None


class Read(NamedTuple):
    """A log, from a mark on."""

    entries: tuple[Entry, ...]
    """Oldest first."""
    mark: Mark
    complete: bool
    """The entries are all that came since the mark; else the log is new to us or was rewritten, and these are all."""


def log_path(repo: GitRepository, name: str) -> Path:
    """Where Git keeps the log of a pointer, given by its name in the view."""
    if name.startswith("worktrees/"):
        return repo.common_dir / name.removesuffix("/HEAD") / "logs" / "HEAD"
    return repo.common_dir / "logs" / ("HEAD" if name == "main-worktree/HEAD" else name)


def read(repo: GitRepository, name: str, mark: Mark | None = None) -> Read:
    """The pointer's log since a mark. One that is missing or damaged has no entries: Git keeps logs as it likes."""
    found = grown.read(log_path(repo, name), mark)
    entries = tuple(entry for line in found.data.splitlines() if (entry := _entry(line)))
    return Read(entries, found.mark, found.complete)


def mark_of(repo: GitRepository, name: str) -> Mark:
    """The mark at the present end of a pointer's log."""
    return grown.end(log_path(repo, name))


def size(repo: GitRepository, name: str) -> int:
    """How long a pointer's log is; 0 if it has none."""
    try:
        return log_path(repo, name).stat().st_size
    except OSError:
        return 0


def since_known(log: Read, known: Callable[[str], bool]) -> Read:
    """The log after its last entry whose operation is known: all before that is in the ledger already."""
    for at in reversed(range(len(log.entries))):
        operation = log.entries[at].operation
        if operation is not None and known(operation):
            return log._replace(entries=log.entries[at + 1 :], complete=True)
    return log


def steps(log: Read, old: str | None, new: str | None) -> list[Entry] | None:
    """The steps by which the pointer went from ``old`` to ``new``; None where the log does not tell."""
    moves = [entry for entry in log.entries if entry.old != entry.new]
    if not moves or moves[-1].new != new:
        return None
    start = _first(moves, old) if log.complete else _last(moves, old)
    if start is None:
        return None
    chain = moves[start:]
    linked = all(before.new == then.old for before, then in pairwise(chain))
    return chain if linked else None


def kind(message: str) -> str:
    """The kind of operation that a log's message tells of."""
    for pattern, found in _KINDS:
        if pattern.match(message):
            return found
    return "git-other"


def _entry(line: bytes) -> Entry | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    old, new, time, message = found.groups()
    return Entry(_value(old), _value(new), int(time or 0), (message or b"").decode("utf-8", "replace"))


def _value(raw: bytes) -> str | None:
    text = raw.decode()
    return None if text == ZERO else text


def _first(moves: list[Entry], old: str | None) -> int | None:
    """The first step from the value: nothing before the mark is in the way."""
    return next((at for at, entry in enumerate(moves) if entry.old == old), None)


def _last(moves: list[Entry], old: str | None) -> int | None:
    """The last step from the value: of a pointer that went in circles before, only the last round is new."""
    return next((at for at in reversed(range(len(moves))) if moves[at].old == old), None)
