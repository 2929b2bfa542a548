"""What the doctor looks at in merge proposals: every event's signature and link, and what is kept alive for nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from anvcs.actions.doctor_state import check, repaired
from anvcs.actions.proposal import keeping
from anvcs.actions.proposal.book import BOOK, book, path_of, short
from anvcs.errors import CorruptStoreError, UnknownProposalError

if TYPE_CHECKING:
    from anvcs import wire
    from anvcs.actions.proposal.book import Book
    from anvcs.actions.workspace import Workspace

_SHOWN = 3


def proposals(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """A damaged proposal is set aside, a damaged file moved aside: merges can be worked out again."""
    path = path_of(workspace)
    if not path.exists():
        return
    try:
        found = book(workspace)
        assert found is not None  # noqa: S101 - its file is there
        problems = found.store.check()
    except CorruptStoreError as error:
        found, problems = None, [error.message]
    if problems or found is None:
        yield _aside(workspace, found, " ".join(problems[:_SHOWN]), repair=repair)
        return
    damaged = found.damaged()
    for name, said in damaged.items():
        if repair:
            found.set_aside(name)
            yield repaired("proposals", f"{short(name)}: {said} It is set aside; propose the merge again.")
        else:
            yield check("proposals", "error", f"{short(name)}: {said}", "Run: ai-vcs doctor --repair")
    if not damaged:
        yield check("proposals", "ok", f"All {found.count()} merge proposals are chained, signed and whole.")
    yield from _kept(workspace, found, repair=repair)


def _aside(workspace: Workspace, found: Book | None, said: str, *, repair: bool) -> wire.Check:
    if not repair:
        return check("proposals", "error", said, "Run ai-vcs doctor --repair: the file is moved aside, never deleted.")
    if found is not None:
        found.close()
        workspace.cache.pop(BOOK, None)
    path = path_of(workspace)
    for suffix in ("", "-wal", "-shm"):
        each = path.with_name(path.name + suffix)
        if each.exists():
            each.rename(path.with_name(f"{path.name}.damaged-{int(time.time())}{suffix}"))
    return repaired("proposals", f"{said} The damaged file is moved aside; propose open merges again.")


def _kept(workspace: Workspace, found: Book, *, repair: bool) -> Iterator[wire.Check]:
    """Results of proposals that have ended: who ended them died before it let them go."""
    stale = [each for each in keeping.held(workspace) if not _is_open(found, each)]
    if stale and repair:
        for each in stale:
            keeping.release(workspace, each)
        yield repaired("proposals", f"What {len(stale)} ended merge proposals kept alive is let go.")
    elif stale:
        said = f"{len(stale)} merge proposals that have ended still keep their results alive."
        yield check("proposals", "warning", said, "Run: ai-vcs doctor --repair")


def _is_open(found: Book, name: bytes) -> bool:
    try:
        return found.load(name).closed is None
    except (CorruptStoreError, UnknownProposalError):
        return False
