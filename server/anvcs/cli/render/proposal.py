"""Merge proposals as lines: what merged and who decided it, what stands in the way, what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from anvcs.cli.render.graph import SHORT
from anvcs.cli.render.merge_files import DIGITS, count, evidence, file, files, findings, names
from anvcs.cli.render.times import age, exact
from anvcs.cli.screen import Line, Look, Span, line
from anvcs.wire import (
    MergeResult,
    Proposal,
    ProposalResult,
    Proposals,
    ProposalSummary,
)

if TYPE_CHECKING:
    from anvcs.cli.invocation import Invocation

_SHOWN = 20
"""How many files of one kind are listed."""
_STYLES = {
    "ready": "bold green",
    "accepted": "green",
    "open": "yellow",
    "checking": "cyan",
    "blocked": "bold red",
    "rejected": "dim",
    "superseded": "dim",
}


def merged(result: MergeResult, look: Look) -> Iterator[Line]:
    """What a merge came to."""
    it = result.proposal
    if it is None:
        yield line((result.target, "bold"), " has all of it already; there is nothing to merge.")
        return
    if result.outcome == "accepted":
        yield from accepted(it, ())
        return
    yield from details(it, look)
    if result.refused is not None:
        yield line("")
        yield line(("It did not land: ", "bold red"), result.refused.message)
        if result.refused.way_out:
            yield line("  ", result.refused.way_out)


def listed(found: Proposals, look: Look) -> Iterator[Line]:
    """One line for each proposal."""
    if not found.proposals:
        yield line("No merge proposal is open.")
    for each in found.proposals:
        first = next((obstacle.message for obstacle in each.obstacles), each.reason)
        if each.landed is not None and each.landed.taken_back:
            first = f"{each.target} does not have it any more"
        yield Line(
            (
                (_short(each), "yellow"),
                "  ",
                (f"{each.status:<10}", _STYLES[each.status]),
                "  ",
                _streams(each),
                ("  moved since", "yellow") if each.moved else "",
                ("  in the queue", "cyan") if each.queued is not None else "",
                (f"  {_when(each.updated, look)}", "dim"),
                (f"  {first}" if first else "", "dim"),
            ),
            shrink=8,
        )


def details(it: Proposal, look: Look) -> Iterator[Line]:
    """Everything that a person needs in order to decide."""
    yield line(("Proposal ", "bold"), (_short(it), "yellow"), "  ", _streams(it), "  ", (it.status, _STYLES[it.status]))
    yield _field("by", f"{it.actor}, {_when(it.time, look)}, revision {it.revision}")
    if it.reason:
        yield _field("because", it.reason)
    if it.queued is not None:
        yield _field("queue", f"it waits for {it.target} since {_when(it.queued, look)}")
    if it.compacted:
        yield _field("compacted", "it ended long ago; only what was said of it is kept")
    elif it.tree is not None:
        yield _field("result", f"tree {it.tree[:SHORT]}, {count(it.changed, 'file')} changed{_how(it)}")
    yield from files(it)
    yield from findings(it.findings)
    yield from evidence(it.evidence)
    for vote in it.votes:
        said = f": {vote.reason}" if vote.reason else ""
        old = "" if vote.counts else " (not for this result)"
        style = "green" if vote.choice == "approve" else "red"
        yield line("  ", (f"{vote.choice + 's':<10} ", style), f"{vote.actor}{said}{old}")
    yield from _landed(it)
    yield from _standing(it)


def accepted(it: Proposal, paths: Iterable[str]) -> Iterator[Line]:
    """It landed."""
    landed = it.landed
    if landed is None:
        return
    said = "moved on" if it.fast_forward and landed.commit_id is None else "merged"
    yield line((it.target, "bold"), " is at ", (landed.git_commit[:SHORT], "yellow"), f": {names(it)} {said}", _by(it))
    if landed.commit_id is not None:
        yield _field("commit", landed.commit_id)
    yield _field("proposal", _short(it))
    yield _field("operation", landed.operation_id)
    yield from (_field("changed", path) for path in paths)
    yield _field("reversible", "ai-vcs undo takes it back")


def rejected(it: Proposal) -> Iterator[Line]:
    """It was decided against."""
    yield line("Proposal ", (_short(it), "yellow"), " is rejected; ", names(it), f" and {it.target} stay as they are.")


def voted(it: Proposal, choice: str) -> Iterator[Line]:
    """A vote was taken note of."""
    done = {"approve": "approved of", "reject": "objected to", "withdraw": "without your vote"}[choice]
    yield line("Proposal ", (_short(it), "yellow"), f" is {done}, tree {(it.tree or '')[:SHORT]}.")
    yield from _standing(it)


def resolved(it: Proposal, path: str, look: Look) -> Iterator[Line]:
    """A file or a conflict was decided."""
    del look
    for each in it.files:
        if each.path == path:
            yield from file(each, it)
    left = [each.path for each in it.files if each.open and each.path != path]
    if left:
        yield line(f"Still in conflict: {', '.join(left[:_SHOWN])}")
    yield from _standing(it)


def renewed(invocation: Invocation, result: ProposalResult) -> None:
    """Say that a stream moved, beside the result."""
    if result.renewed and not invocation.json:
        invocation.remark(f"A stream moved, so the merge was worked out anew: revision {result.proposal.revision}.")


def _landed(it: Proposal) -> Iterator[Line]:
    if it.landed is None:
        return
    back = ", which is not there any more" if it.landed.taken_back else ""
    yield _field("landed", f"{it.landed.git_commit[:SHORT]}{back}")
    yield _field("operation", it.landed.operation_id)


def _standing(it: ProposalSummary) -> Iterator[Line]:
    """What stands in the way, and what to type next."""
    for each in it.obstacles:
        yield line("  ", (f"{'awaited' if each.waits else 'blocked':<10} ", "yellow"), each.message)
    for number, each in enumerate(it.next if isinstance(it, Proposal) else ()):
        yield line("  ", (f"{'next' if not number else '':<10} ", "dim"), each)
        if " --take left|right" in each:
            sides = f"left is {it.target}, right is {names(it)}; --file gives another text"
            yield line(f"{'':13}", (sides, "dim"))


def _how(it: Proposal) -> str:
    if it.fast_forward:
        return f", {it.target} only moves on"
    return "" if it.clean else f", {count(it.conflicts, 'file')} in conflict"


def _by(it: Proposal) -> str:
    decided = Counter(each.how for each in it.files if each.how in ("git", "engine", "driver"))
    solved = sum(each.how == "conflict" or each.resolved is not None for each in it.files)
    parts = [f"{count} by {'syntax' if how == 'engine' else how}" for how, count in sorted(decided.items())]
    if solved:
        parts.append(f"{solved} by hand")
    return f" ({count(it.changed, 'file')}{'; ' if parts else ''}{', '.join(parts)})"


def _streams(it: ProposalSummary) -> str:
    return f"{names(it)} into {it.target}"


def _short(it: ProposalSummary) -> str:
    return it.proposal_id.removeprefix("b3:")[:DIGITS]


def _when(milliseconds: int, look: Look) -> str:
    return age(milliseconds // 1000, look.now) if look.now is not None else exact(milliseconds)


def _field(name: str, value: Span) -> Line:
    return line((f"  {name:<10} ", "dim"), value)


def checked(it: Proposal) -> Iterator[Line]:
    """What guards say."""
    yield line("Proposal ", (_short(it), "yellow"), "  ", _streams(it), "  ", (it.status, _STYLES[it.status]))
    yield from evidence(it.evidence)
    yield from _standing(it)
