"""Who is at work on a proposal, running its guards or landing it: a lock that the kernel releases with its owner."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from anvcs.actions.proposal.book import short
from anvcs.errors import LockedError, ProposalError
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from pathlib import Path

    from anvcs.actions.workspace import Workspace

_PATIENCE = 1.0
"""Seconds; somebody may just be looking whether the lock is held."""


@contextmanager
def lease(workspace: Workspace, proposal: bytes) -> Generator[None]:
    """Be the one who is at work on it. Raises ProposalError where somebody else is."""
    held = exclusive(_path(workspace, proposal), wait=_PATIENCE)
    try:
        held.__enter__()
    except LockedError:
        raise ProposalError(
            f"Somebody is at work on the proposal {short(proposal)}: its guards run, or it is being accepted.",
            "Try again when that has ended.",
        ) from None
    try:
        yield
    finally:
        held.__exit__(None, None, None)


@contextmanager
def running(workspace: Workspace, target: str) -> Generator[None]:
    """Be the one who runs the merge queue of a stream. Raises ProposalError where somebody else does."""
    name = target.removeprefix("refs/heads/")
    held = exclusive(_line(workspace, target), wait=_PATIENCE)
    try:
        held.__enter__()
    except LockedError:
        raise ProposalError(
            f"The merge queue of {name} is running already.", "What waits in it is taken in turn: ai-vcs queue list"
        ) from None
    try:
        yield
    finally:
        held.__exit__(None, None, None)


def is_running(workspace: Workspace, target: str) -> bool:
    """Somebody alive runs the merge queue of a stream."""
    return _is_taken(_line(workspace, target))


def is_held(workspace: Workspace, proposal: bytes) -> bool:
    """Somebody alive is at work on it."""
    return _is_taken(_path(workspace, proposal))


def _is_taken(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with exclusive(path, wait=0.0):
            return False
    except LockedError:
        return True


def _path(workspace: Workspace, proposal: bytes) -> Path:
    return workspace.scratch / f"proposal-{proposal.hex()}"


def _line(workspace: Workspace, target: str) -> Path:
    return workspace.scratch / f"queue-{sha256(target.encode('utf-8', 'surrogateescape')).hexdigest()}"
