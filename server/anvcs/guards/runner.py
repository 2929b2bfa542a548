"""Runs one guard on a prepared folder and gives its evidence, flaky and hanging guards included."""

from __future__ import annotations

from anvcs.guards.model import Evidence, Guard, Outcome
from anvcs.guards.process import Cancelled, Ended, Surroundings, execute, never


def run(guard: Guard, tree: str, around: Surroundings, *, cancelled: Cancelled = never) -> Evidence:
    """What the guard says of the tree whose files are in the folder.

    A run that failed or took too long is repeated as often as the guard allows; what passes then is flaky, and the
    evidence holds the end of the run that failed too.
    """
    ended = execute(guard.command, around, seconds=guard.seconds, cancelled=cancelled)
    failed: Ended | None = None
    for _ in range(guard.retries):
        if outcome_of(ended) not in ("failed", "timed-out"):
            break
        failed = ended
        ended = execute(guard.command, around, seconds=guard.seconds, cancelled=cancelled)
    outcome = outcome_of(ended)
    flaky = outcome == "passed" and failed is not None
    # Who looks at a flaky guard wants to see how it failed.
    shown = [failed, ended] if flaky and failed is not None else [ended]
    return Evidence(
        guard=guard.name,
        tree=tree,
        outcome=outcome,
        command=guard.command,
        exit_code=ended.exit_code,
        seconds=round(ended.seconds, 3),
        output=_joined(shown, around.output),
        truncated=any(each.dropped for each in shown),
        required=guard.required,
        flaky=flaky,
    )


def outcome_of(ended: Ended) -> Outcome:
    """What an end means for a guard."""
    if ended.stopped is not None:
        return ended.stopped
    if ended.exit_code is None:
        return "error"
    return "failed" if ended.exit_code else "passed"


def readable(ended: Ended, limit: int) -> str:
    """The end of what was printed as text; where something is missing before it, a line says how much."""
    output, dropped = ended.output, ended.dropped
    if len(output) > limit:
        dropped += len(output) - limit
        output = output[-limit:]
    if not dropped:
        return output.decode("utf-8", "replace")
    # Not in the middle of a line, unless it is a very long one.
    begin = output.find(b"\n", 0, 1000) + 1
    text = output[begin:].decode("utf-8", "replace")
    return f"[{dropped + begin:,} bytes before this are not kept]\n{text}"


def _joined(runs: list[Ended], limit: int) -> str:
    if len(runs) == 1:
        return readable(runs[0], limit)
    failed, passed = runs
    how = "took too long" if failed.stopped else f"failed with exit code {failed.exit_code}"
    first, last = readable(failed, limit // 2), readable(passed, limit // 2)
    return f"[A run {how}:]\n{first.rstrip()}\n[The next one passed:]\n{last}"
