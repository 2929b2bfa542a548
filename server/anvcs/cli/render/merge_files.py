"""The files of a merge as lines: who decided them, what is in conflict, what was found, what guards say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from anvcs.cli.render.graph import SHORT
from anvcs.cli.screen import Line, line
from anvcs.wire import GuardEvidence, MergeConflict, MergeFile, MergeFinding, Proposal, ProposalSummary, Resolution

DIGITS = 8
"""How many digits of a proposal's id are shown."""
_SHOWN = 20
"""How many files of one kind are listed."""
_LISTED = 50
"""How many files in conflict are shown."""
_RULES = 3
_LINES = 4
"""How many lines of each side of a conflict are shown."""
_DECIDED = {
    "git": "merged by git",
    "engine": "merged by syntax",
    "driver": "merged by your merge driver",
    "same": "changed alike on both sides",
    "left": "only the target's change",
    "right": "only the source's change",
}
_TAKEN = {
    "left": "the target's",
    "right": "the source's",
    "base": "what both began with",
    "both": "both, one after the other",
    "text": "a text",
    "delete": "removed",
    "suggestion": "a suggestion",
}


def files(it: Proposal) -> Iterator[Line]:
    """The files that somebody decided or has to decide, then the others by who merged them."""
    files = it.files
    decided = [each for each in files if each.how == "conflict" or each.resolved is not None]
    for each in decided[:_LISTED]:
        yield from file(each, it)
    if len(decided) > _LISTED:
        yield line(f"{'':13}and {len(decided) - _LISTED} more files in conflict or decided; --json has them all")
    counts = Counter(each.how for each in files if each.how != "conflict")
    for how, said in _DECIDED.items():
        if counts[how]:
            named = [f"{each.path}{_rules(each)}" for each in files if each.how == how][:_SHOWN]
            more = f" and {counts[how] - len(named)} more" if counts[how] > len(named) else ""
            yield line("  ", (f"{said}: ", "dim"), f"{', '.join(named)}{more}")


def _rules(each: MergeFile) -> str:
    """By what rules the engine merged a file."""
    found = list(dict.fromkeys(step.rule or step.stage for step in each.trace if step.stage != "lines"))
    return f" ({', '.join(found[:_RULES])})" if each.how == "engine" and found else ""


def file(each: MergeFile, it: Proposal) -> Iterator[Line]:
    """One file, with its conflicts."""
    if each.resolved is not None:
        by = f" by {each.resolved.actor}{_carried(each.resolved, it)}"
        # What was merged of a text beside its conflicts is not in it then.
        whole = " whole file" if each.kind == "content" and each.resolved.take in ("left", "right") else ""
        yield line("  ", ("resolved   ", "green"), f"{each.path}: {_TAKEN[each.resolved.take]}{whole}", (by, "dim"))
        return
    done = not each.open
    kind = f" ({each.kind})" if each.kind != "content" else ""
    yield line("  ", ("resolved   ", "green") if done else ("conflict   ", "bold red"), f"{each.path}{kind}")
    if each.reason and not done and not each.conflicts:
        yield line(f"{'':13}{each.reason}")
    for conflict in each.conflicts:
        yield from _conflict(conflict, it)


def _conflict(it: MergeConflict, proposal: Proposal) -> Iterator[Line]:
    sides = proposal.target, names(proposal)
    where = f"line {it.line}" if it.line else ""
    entity = f"{', ' if where else ''}{it.entity}" if it.entity else ""
    if it.resolved is not None:
        model = f" of {it.resolved.model}" if it.resolved.model else ""
        taken = f"{_TAKEN[it.resolved.take]}{model} by {it.resolved.actor}{_carried(it.resolved, proposal)}"
        policy = ", by policy" if it.resolved.by_policy else ""
        place = f"{it.entity}: " if it.entity else ""
        yield line(f"{'':13}{it.number}. {place}", (f"{taken}{policy}", "green"))
        return
    yield line(f"{'':13}{it.number}. {where}{entity}{': ' + it.reason if it.reason else ''}")
    for name, text in zip(sides, (it.left, it.right), strict=True):
        lines = [each for each in text.splitlines() if each.strip()]
        more = [f"and {count(len(lines) - _LINES, 'line')} more"] if len(lines) > _LINES else []
        for number, each in enumerate([*lines[:_LINES], *more] or ["(nothing)"]):
            yield Line(
                (f"{'':16}", (f"{name if not number else '':<{max(map(len, sides))}} | ", "dim"), each), shrink=2
            )
    made = it.suggestion
    if made is not None:
        what = "cannot decide" if made.text is None else "suggests a text" + ("" if made.safe else " that is not safe")
        why = f": {made.rationale}" if made.rationale else ""
        yield line(f"{'':16}", (f"{made.model} {what}{why}", "dim"))


def _carried(it: Resolution, proposal: Proposal) -> str:
    """From where a decision was carried over."""
    if it.carried_from is None:
        return ""
    if it.carried_from == proposal.proposal_id:
        return " in an earlier revision"
    return f" in proposal {it.carried_from.removeprefix('b3:')[:DIGITS]}"


def findings(found: tuple[MergeFinding, ...]) -> Iterator[Line]:
    """What was found in the result."""
    for each in found[:_SHOWN]:
        where = f"{each.path}:{each.line}" if each.line else each.path
        style = "bold red" if each.severity == "hard" else "yellow"
        word = "unsafe" if each.severity == "hard" else "look at"
        yield line("  ", (f"{word:<10} ", style), f"{where}: {each.message}")
    if len(found) > _SHOWN:
        yield line(f"{'':13}and {len(found) - _SHOWN} more")


def evidence(found: tuple[GuardEvidence, ...]) -> Iterator[Line]:
    """What guards say."""
    for each in found:
        good = each.outcome == "passed"
        again = f"{', from before' if each.cached else ''}{', only when run again' if each.flaky else ''}"
        yield line(
            "  ",
            (f"{each.outcome:<10} ", "green" if good else "bold red"),
            f"{each.guard} ({each.milliseconds / 1000:.1f} s{again})",
        )
        yield from (line(f"{'':13}{note}") for note in each.notes)
        if not good:
            yield from (line(f"{'':13}", (text, "dim")) for text in each.output.splitlines()[-_SHOWN:])


def names(it: ProposalSummary) -> str:
    """The sources as people call them."""
    return ", ".join(each.name[:SHORT] if not each.follows else each.name for each in it.sources)


def count(number: int, word: str) -> str:
    """So many of a thing."""
    return f"{number} {word}{'' if number == 1 else 's'}"
