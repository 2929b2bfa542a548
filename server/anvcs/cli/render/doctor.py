"""The doctor's report, and what init and uninstall did, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.screen import Line, Look, line
from anvcs.wire import DoctorReport, InitResult, UninstallResult

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "bold red")}


def doctor(report: DoctorReport, look: Look) -> Iterator[Line]:
    """One line for each check, with the way out below those that need one."""
    for check in report.checks:
        mark, style = _MARKS[check.state]
        done = ("Repaired: ", "bold green") if check.repaired else ""
        yield line((mark if look.unicode else f"{check.state:<7}", style), " ", done, check.message)
        if check.way_out and check.state != "ok":
            yield line(f"{' ' * (2 if look.unicode else 8)}{check.way_out}")
    errors = sum(check.state == "error" for check in report.checks)
    warnings = sum(check.state == "warning" for check in report.checks)
    if report.healthy:
        said = "All is well." if not warnings else f"All is well, with {warnings} warning{'s' * (warnings > 1)}."
        yield line((said, "bold green"))
    else:
        yield line((f"{errors} thing{'s' * (errors > 1)} must be repaired.", "bold red"))


def initialized(result: InitResult) -> Iterator[Line]:
    """What init did."""
    if result.already_initialized:
        yield line(f"ANVCS is already set up in {result.root}")
    else:
        yield line(f"ANVCS is set up beside Git in {result.root}")
    yield from (line(f"  {each}") for each in result.changed)


def uninstalled(result: UninstallResult, *, dry_run: bool) -> Iterator[Line]:
    """What uninstall did, or would do."""
    if result.exported:
        records = f"{result.records} record{'' if result.records == 1 else 's'}"
        yield line(f"{'Would export' if dry_run else 'Exported'} {records} to {result.exported}")
    if result.removed:
        yield line("Would remove:" if dry_run else "Removed:")
        yield from (line(f"  {each}") for each in result.removed)
    else:
        yield line("There is nothing to remove.")
