"""What du, gc and purge found and did, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.screen import Line, line
from anvcs.wire import DuReport, GcResult, PurgeResult

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size(count: int) -> str:
    """Bytes in the largest unit that fits: ``1.4 MiB``."""
    value = float(count)
    for unit in _UNITS[:-1]:
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} {_UNITS[-1]}"


def used(report: DuReport) -> Iterator[Line]:
    """One line for each kind of thing, the largest first."""
    for each in report.costs:
        count = f" ({each.count})" if each.count is not None else ""
        yield line(f"{size(each.bytes):>11}  ", (f"{each.name:<12}", "bold"), f"{each.said}{count}")
    yield line(f"{size(report.total):>11}  ", ("in all", "bold"))


def collected(result: GcResult, *, dry_run: bool) -> Iterator[Line]:
    """What was compacted, or would be."""
    operations = f"{result.compacted} operation{'s'[: result.compacted != 1]}"
    kept = f"; {result.kept} old ones stay whole" if result.kept else ""
    proposals = f"{result.proposals} ended merge proposal{'s'[: result.proposals != 1]}" if result.proposals else ""
    if not (result.compacted or proposals):
        yield line(f"There is nothing to compact{kept}.")
        return
    what = " and ".join(filter(None, (operations if result.compacted else "", proposals)))
    yield line(f"{'Would compact' if dry_run else 'Compacted'} {what}{kept}.")
    if dry_run:
        return
    yield line(f"  commits    {result.released} left to git gc")
    yield line(f"  ledger     {size(result.before)} -> {size(result.after)}")
    if result.operation_id:
        yield line(f"  operation  {result.operation_id}")


def purged(result: PurgeResult, *, dry_run: bool) -> Iterator[Line]:
    """Where the value was, and where it may still be."""
    if result.removed:
        yield line(("Would be forgotten:" if dry_run else "Forgotten:", "bold"))
        yield from (line(f"  {each}") for each in result.removed)
    if result.hash:
        yield line(("  its hash stays  ", "dim"), result.hash)
    if result.operation_id:
        yield line(("  operation       ", "dim"), result.operation_id)
    for each in result.departed:
        yield line(("It had left by push to ", "bold yellow"), (f"{each.remote} ", "bold"), each.url)
        yield line(f"  {each.said}")
