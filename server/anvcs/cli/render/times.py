"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from anvcs.wire import Person

_UNITS = (
    ("year", 31_557_600),
    ("month", 2_629_800),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)


def moment(person: Person) -> str:
    """When, on the person's own clock: ``2026-11-21 09:05 +0100``."""
    try:
        zone = timezone(timedelta(minutes=person.offset))
        return datetime.fromtimestamp(person.time, zone).strftime("%Y-%m-%d %H:%M %z")
    except (ValueError, OverflowError, OSError):
        # Git stores whatever numbers a commit's writer gave.
        return f"@{person.time}"


def exact(milliseconds: int) -> str:
    """A moment in UTC: ``2026-11-21 08:05:59``."""
    try:
        return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"@{milliseconds // 1000}"


def age(then: int, now: int) -> str:
    """How long ago, in the largest unit that fits: ``3 days ago``."""
    passed = now - then
    if passed < 0:
        return "in the future"
    for unit, seconds in _UNITS:
        if count := passed // seconds:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
