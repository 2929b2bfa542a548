"""What was done to merge proposals since somebody looked last, by whatever process; nothing is worked out anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from anvcs import ids, wire
from anvcs.actions.caller import Caller
from anvcs.actions.proposal import shown as views
from anvcs.actions.proposal.book import book
from anvcs.errors import CorruptStoreError, GitFailedError


class News(msgspec.Struct, frozen=True):
    """What is new."""

    marks: Mapping[bytes, int]
    """How far the log of each open proposal has come, to go on from."""
    changed: tuple[wire.ProposalSummary, ...] = ()
    proposals: tuple[wire.Proposal, ...] = ()
    """All of those among them that are shown."""


def news(caller: Caller, folder: str | None, known: Mapping[bytes, int] | None, shown: Collection[str]) -> News:
    """The news since ``known``, the marks of the last look; the first look only begins. Raises what opening raises."""
    workspace = caller.workspace(folder)
    with workspace.lock:
        there = book(workspace, make=False)
        if there is None:
            return News({})
        marks = there.marks(known or ())
        moved = [] if known is None else [name for name, count in marks.items() if known.get(name) != count]
        changed: list[wire.ProposalSummary] = []
        proposals: list[wire.Proposal] = []
        for name in moved:
            try:
                state = there.load(name)
                changed.append(views.summary(workspace, state))
                if ids.text(name) in shown:
                    proposals.append(views.proposal(workspace, there, state))
            except (CorruptStoreError, GitFailedError):
                # Whoever acts on it is told; one that is damaged hides no other.
                continue
            if state.closed is not None:
                del marks[name]
        # Nobody reads what is noticed on the way.
        workspace.notices.clear()
        return News(marks, tuple(changed), tuple(proposals))
