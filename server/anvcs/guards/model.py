"""What guards are and what they leave: a command of the team, and the recorded result of one run of it."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["passed", "failed", "timed-out", "cancelled", "error"]
"""``error`` means that the guard could not be run at all; it never counts as passed."""


class Guard(msgspec.Struct, frozen=True):
    """One check that a team wants on every merged tree."""

    name: str
    command: tuple[str, ...]
    """The program and its arguments; no shell reads it."""
    seconds: float = 600.0
    """For one run of it."""
    required: bool = True
    """Without it passing, nothing lands by itself."""
    retries: int = 0
    """How often a run that failed is repeated."""
    affected: tuple[str, ...] = ()
    """Runs before the command and fails fast; ``{files}`` in it stands for the changed files."""


class Evidence(msgspec.Struct, frozen=True):
    """The result of one guard on one tree."""

    guard: str
    tree: str
    outcome: Outcome
    command: tuple[str, ...]
    exit_code: int | None = None
    """128 + n if signal n ended it; None if it was not run to an end."""
    seconds: float = 0.0
    output: str = ""
    """The end of what it printed, secrets redacted."""
    truncated: bool = False
    key: str = ""
    """What it depends on: tree, command, environment and engine version; equal keys need not be run again."""
    cached: bool = False
    required: bool = True
    flaky: bool = False
    """It failed first and passed when it was run again."""
    notes: tuple[str, ...] = ()
    """What to know beside the output, a sentence each, such as that a submodule was missing."""
