"""What others changed since the user last looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from anvcs import actors, wire
from anvcs.actions.caller import Caller
from anvcs.actions.collab import desk, seen
from anvcs.actions.collab.changes import Changes, Found, Wanted, changes


def collab_review(caller: Caller, params: wire.CollabReviewParams) -> wire.CollabReview:
    """By actor and task, as hunks; with ``seen`` and ``keep`` they are not shown again. Raises UsageError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        stands = desk.desk(caller, params)
        paths = desk.chooser(stands, params.paths)
        actor = None if params.actor is None else actors.check(params.actor)
        with desk.room_log(workspace) as log:
            if log is None:
                return wire.CollabReview()
            found = changes(stands, log, Wanted(actor, params.task, params.since))
        shown = [each for each in found.hunks if paths.hold(each.record.path)]
        if params.keep:
            seen.add(workspace.folder, stands.actor, rooms={}, kept=params.keep)
            shown = [each for each in shown if each.hunk.id not in params.keep]
        if params.seen:
            _remember(stands, params, found, shown)
        return wire.CollabReview(runs=tuple(_runs(shown)), notices=found.notices)


def _remember(stands: desk.Desk, params: wire.CollabReviewParams, found: Changes, shown: Sequence[Found]) -> None:
    """A review of everything is remembered by where it ended, one of a part hunk by hunk."""
    whole = params.actor is None and params.since is None and not params.paths
    seen.add(
        stands.workspace.folder,
        stands.actor,
        rooms=found.heads if whole else {},
        kept=() if whole else tuple(each.hunk.id for each in shown),
    )


def _runs(found: Iterable[Found]) -> Iterable[wire.ReviewRun]:
    for (actor, task), group in groupby(found, lambda each: (each.actor, each.task)):
        hunks = list(group)
        times = [source.time for each in hunks for source in each.sources] or [0]
        models = [source.meta.get("model") for each in hunks for source in each.sources if source.meta]
        model = next((each for each in reversed(models) if isinstance(each, str)), None)
        files = tuple(
            wire.ReviewFile(
                path=desk.shown(record.path),
                room=record.room,
                sequence=record.head,
                hunks=tuple(_hunk(each) for each in inside),
            )
            for record, inside in groupby(hunks, lambda each: each.record)
        )
        yield wire.ReviewRun(actor=actor, task=task, model=model, began=min(times), ended=max(times), files=files)


def _hunk(found: Found) -> wire.ReviewHunk:
    hunk = found.hunk
    return wire.ReviewHunk(
        id=hunk.id,
        number=found.number,
        line=hunk.line + 1,
        old=hunk.old,
        new=hunk.new,
        how=found.how,
        edits=len(hunk.seqs),
        last=max((source.time for source in found.sources), default=0),
        overlaps=overlaps(found),
    )


def overlaps(found: Found) -> tuple[wire.ReviewOverlap, ...]:
    """Text of others in the same place as a hunk."""
    return tuple(
        wire.ReviewOverlap(
            actors=actors_,
            line=_line(found, each.start),
            text=desk.shortened(found.text[each.start : each.end]),
        )
        for each, actors_ in found.others
    )


def _line(found: Found, place: int) -> int:
    """The line of a place at or near a hunk, counted from the hunk's."""
    start, line = found.hunk.start, found.hunk.line + 1
    if place >= start:
        return line + found.text.count("\n", start, place)
    return line - found.text.count("\n", place, start)
