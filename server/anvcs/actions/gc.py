"""Compacts operations and ended merge proposals that are old enough, but for checkpoints and what is not pushed yet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids, wire
from anvcs.actions import foreign, plan, publish, recovery, seal
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.checkpoint.create import PREFIX
from anvcs.actions.configured import configured
from anvcs.actions.proposal import forgetting
from anvcs.actions.workspace import LEDGER
from anvcs.gitmirror import pointers
from anvcs.history import compaction, replicas
from anvcs.history.ledger import Entry
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_DAY = 24 * 3600 * 1000
STEPS = ("gc-proposals", "gc-views", "gc-forget", "gc-keep", "gc-scrub")
"""The fault points, each reached just before the step of its name."""


def gc(caller: Caller, params: wire.GcParams) -> wire.GcResult:
    """Compact, then let git's collector have the commits that only compacted operations name.

    What is compacted stays in the log and in its sealed segments, signed and chained; it cannot be undone any more.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        actor = acting(workspace, params)
        days = _days(workspace, params.days)
        with exclusive(workspace.lock_path):
            if recovery.needed(workspace):
                workspace.notices += recovery.settle(workspace)
            foreign.look(workspace, held=True)
            return _collect(actor, days, dry_run=params.dry_run)


class Days(NamedTuple):
    """After how many days what is compacted."""

    operations: int
    proposals: int

    def before(self, days: int) -> int:
        """The moment so many days ago, in milliseconds since 1970."""
        return int(time.time() * 1000) - days * _DAY


def _days(workspace: Workspace, given: int | None) -> Days:
    if given is not None:
        return Days(given, given)
    found = configured(workspace, "retention").retention
    return Days(found.operations, found.proposals)


def _collect(actor: Acting, days: Days, *, dry_run: bool) -> wire.GcResult:
    workspace = actor.workspace
    ledger = workspace.ledger
    workspace.caller.progress("Looking at old operations", None)
    until = compaction.upto(ledger, days.before(days.operations))
    going, kept = _divide(workspace, until)
    new = [entry for entry in going if not ledger.is_compacted(entry.sequence)]
    unfinished = compaction.is_unfinished(ledger)
    size = _size(workspace)
    ended = days.before(days.proposals)
    old = forgetting.old(workspace, ended)
    if dry_run or not (new or unfinished or old):
        return wire.GcResult(compacted=len(new), proposals=len(old.proposals), kept=len(kept), before=size, after=size)
    seal.seal(workspace, held=True)
    draft, private = actor.draft(
        "gc",
        arguments={"days": days.operations},
        details={
            "until": until,
            "compacted": len(new),
            "days": days.operations,
            **({"proposals": len(old.proposals)} if old.proposals else {}),
        },
    )
    made = actor.record(draft, private)
    at = workspace.caller.at
    at("gc-proposals")
    if old:
        forgetting.forget(workspace, ended)
    released = _compacted(actor, until, going if unfinished else new, kept) if new or unfinished else 0
    return wire.GcResult(
        operation_id=ids.text(made.id),
        compacted=len(new),
        proposals=len(old.proposals),
        kept=len(kept),
        released=released,
        before=size,
        after=_size(workspace),
        notices=tuple(workspace.notices),
    )


def _compacted(actor: Acting, until: int, going: list[Entry], kept: list[Entry]) -> int:
    """Compact operations; gives how many commits are no longer held."""
    workspace = actor.workspace
    ledger, at = workspace.ledger, workspace.caller.at
    at("gc-views")
    workspace.caller.progress("Compacting", None)
    compaction.begin(ledger, until, (entry.sequence for entry in kept))
    at("gc-forget")
    compaction.compact(ledger, going, _roots(workspace, kept, until))
    at("gc-keep")
    released = _keep_again(actor, kept, until)
    at("gc-scrub")
    compaction.end(ledger)
    ledger.store.scrub()
    return released


def _size(workspace: Workspace) -> int:
    return sum(each.stat().st_size for each in workspace.folder.glob(LEDGER + "*"))


def _divide(workspace: Workspace, until: int) -> tuple[list[Entry], list[Entry]]:
    """The old operations that go, and those that are kept whole."""
    view = workspace.ledger.view().items()
    names = [name for name in view if name.startswith(PREFIX)]
    # Where live texts stood when it was made, only the making of a checkpoint says.
    checkpoints = {view[name] for name in names}
    checkpoints |= {ids.text(made) for name in names if (made := workspace.ledger.maker(name)) is not None}
    unpushed = _unpushed(workspace)
    going: list[Entry] = []
    kept: list[Entry] = []
    for entry in compaction.entries(workspace.ledger, 0, until):
        named = {each for move in entry.operation.moves for each in _commits(move.old, move.new)}
        whole = ids.text(entry.signed.id) in checkpoints or not unpushed.isdisjoint(named)
        (kept if whole else going).append(entry)
    return going, kept


def _unpushed(workspace: Workspace) -> set[str]:
    """The commits that a stream, tag, stash or HEAD has and no remote does."""
    live = [
        each
        for name, value in pointers.read(workspace.repo).items()
        if not name.startswith("refs/remotes/")
        for each in _commits(value)
    ]
    if not live:
        return set()
    stdin = "".join(f"{each}\n" for each in dict.fromkeys(live)).encode()
    return set(workspace.git.output("rev-list", "--stdin", "--not", "--remotes", stdin=stdin).decode("ascii").split())


def _commits(*values: str | None) -> Iterator[str]:
    """The Git ids in pointers' values."""
    for value in values:
        if value is not None and not value.startswith(("ref: ", "b3:")):
            yield from value.split()


def _roots(workspace: Workspace, kept: Iterable[Entry], until: int) -> Iterator[bytes]:
    """The views that something still needs."""
    ledger = workspace.ledger
    yield ledger.view().root
    for entry in (*kept, *compaction.entries(ledger, until)):
        yield entry.operation.view_before
        yield entry.operation.view_after
    for each in replicas.heard(ledger.store):
        yield each.view
        for entry in replicas.log(ledger.store, each.replica):
            yield entry.operation.view_before
            yield entry.operation.view_after


def _keep_again(actor: Acting, kept: list[Entry], until: int) -> int:
    """Make the keep chain anew from the operations that are whole; gives how many commits it no longer holds."""
    workspace = actor.workspace
    values: list[str] = []
    blobs: list[str] = []
    for entry in kept:
        # What later, compacted operations moved on from stands in their views only.
        for view in (workspace.ledger.view_before(entry.signed.id), workspace.ledger.view_of(entry.signed.id)):
            values += [
                each
                for name, value in view.items().items()
                if not name.startswith("refs/remotes/")
                for each in _commits(value)
            ]
    for entry in (*kept, *compaction.entries(workspace.ledger, until)):
        values += [each for move in entry.operation.moves for each in _commits(move.old, move.new)]
        raw = workspace.ledger.undo_plan(entry.signed.id)
        if raw is not None:
            blobs += _blobs(plan.decode(raw))
    here = workspace.repo.handle
    present = tuple(each for each in dict.fromkeys(values) if each in here)
    return publish.keep_only(
        workspace, present, tuple(each for each in dict.fromkeys(blobs) if each in here), actor.who
    )


def _blobs(found: plan.Plan) -> Iterator[str]:
    """The blobs that undoing may need and no commit may hold."""
    for part in found.parts:
        yield from (move.old.oid for move in part.index if move.old is not None)
        yield from (each.oid for move in part.files for each in (move.old, move.new) if each is not None)
