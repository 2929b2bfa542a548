"""Merge queues as lines: what waits, what landed, what left and why."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from anvcs.cli.render.graph import SHORT
from anvcs.cli.render.merge_files import count, evidence, names
from anvcs.cli.render.times import age, exact
from anvcs.cli.screen import Line, Look, line
from anvcs.wire import ProposalSummary, Queue, QueueEntry, QueuePlace, QueueResult

_DIGITS = 8


def placed(result: QueuePlace) -> Iterator[Line]:
    """Where a proposal stands now."""
    it = result.proposal
    if result.position:
        said = f" waits for {it.target}, number {result.position} in line."
        yield line("Proposal ", (_short(it), "yellow"), "  ", names(it), said)
    else:
        yield line("Proposal ", (_short(it), "yellow"), "  ", names(it), f" does not wait for {it.target} any more.")


def listed(found: Queue, look: Look) -> Iterator[Line]:
    """One line for each that waits, under its stream."""
    if not found.entries:
        yield line("No merge proposal waits.")
    for target, entries in groupby(found.entries, lambda each: each.proposal.target):
        yield line((target, "bold"), "  running now" if target in found.running else "")
        yield from (_entry(each, look) for each in entries)


def ran(result: QueueResult, look: Look) -> Iterator[Line]:
    """What became of everything that waited."""
    landed, waiting = len(result.landed), len(result.waiting)
    if not (landed or waiting or result.blocked):
        yield line("No merge proposal waits for ", (result.target, "bold"), ".")
        return
    yield line((result.target, "bold"), f": {count(landed, 'merge')} landed, {count(result.tests, 'test run')}")
    for each in result.landed:
        at = each.landed.git_commit[:SHORT] if each.landed is not None else ""
        yield line("  ", ("landed     ", "green"), (_short(each), "yellow"), f"  {names(each)}  ", (at, "dim"))
    for left in result.blocked:
        yield line("  ", ("left       ", "bold red"), (_short(left.proposal), "yellow"), f"  {names(left.proposal)}")
        yield line(f"{'':13}{left.reason}")
        yield from evidence(tuple(each for each in left.evidence if each.outcome != "passed"))
    for flake in result.flaky:
        yield line(
            "  ", ("flaky      ", "yellow"), f"{flake.guard} failed and passed on the same tree; nobody is blamed"
        )
    if result.stopped == "base":
        yield line("  ", ("stopped    ", "bold red"), f"{result.target} does not pass its guards itself")
        yield from evidence(tuple(each for each in result.base if each.outcome != "passed"))
    if result.stopped == "moved":
        yield line("  ", ("stopped    ", "yellow"), "its streams kept moving; run it again")
    yield from (_entry(each, look) for each in result.waiting)


def _entry(it: QueueEntry, look: Look) -> Line:
    when = age(it.time // 1000, look.now) if look.now is not None else exact(it.time)
    awaits = f"  {it.awaits}" if it.awaits else ""
    said = f"  by {it.actor}, {when}{awaits}"
    place = f"{it.position:>3}.       "
    return line("  ", (place, "dim"), (_short(it.proposal), "yellow"), f"  {names(it.proposal)}", (said, "dim"))


def _short(it: ProposalSummary) -> str:
    return it.proposal_id.removeprefix("b3:")[:_DIGITS]
