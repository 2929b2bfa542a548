"""What verify and replay found, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.screen import Line, Look, line
from anvcs.wire import ReplayReport, VerifyReport

_DIGITS = 15
"""Of an operation's id."""


def verified(report: VerifyReport, look: Look) -> Iterator[Line]:
    """What was recomputed, what is wrong, and whose signatures count."""
    for each in report.covered:
        bad = any(wrong.subject == each.subject for wrong in report.wrong)
        mark = ("✗" if bad else "✓") if look.unicode else ("wrong" if bad else "ok   ")
        share = f"{each.checked}" if each.checked == each.total else f"{each.checked} of {each.total}"
        said = f"  {each.said}" if each.said else ""
        yield line((mark, "bold red" if bad else "green"), f" {each.subject:<20} {share}", (said, "dim"))
    for wrong in report.wrong:
        yield line((f"{wrong.subject} {wrong.name}: ", "bold red"), wrong.message)
    if report.signatures:
        counts = ", ".join(f"{count} {state}" for state, count in report.signatures.items())
        yield line(("Keys of operations: ", "dim"), counts)
    if report.sound:
        yield line(("Everything is as it was written.", "bold green"))
    else:
        many = len(report.wrong) > 1
        said = f"{len(report.wrong)} things are" if many else "1 thing is"
        yield line((f"{said} not as written.", "bold red"))


def replayed(report: ReplayReport) -> Iterator[Line]:
    """What came of doing operations again."""
    for each in report.operations:
        style = {"same": "green", "different": "bold red"}.get(each.outcome, "dim")
        name = (each.operation_id[:_DIGITS], "yellow")
        yield line(name, f"  {each.kind:<14} ", (f"{each.outcome:<15}", style), each.message)
    yield line(
        f"{report.same} the same, {report.different} different, {report.rehashed} commits hashed again, "
        f"{report.not_comparable} not comparable."
    )
