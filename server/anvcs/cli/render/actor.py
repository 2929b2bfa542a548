"""Actors' keys as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.times import exact
from anvcs.cli.screen import Line, Span, line
from anvcs.wire import ActorKey, ActorListResult, ActorResult

_STYLES = {"known": "green", "unknown": "yellow", "revoked": "red"}


def keys(result: ActorListResult) -> Iterator[Line]:
    """Every key below its actor."""
    if not result.keys:
        yield line("No actor has signed here yet.")
    actor = None
    for key in result.keys:
        if key.actor != actor:
            actor = key.actor
            yield line((actor, "bold"))
        yield from _key(key)


def changed(result: ActorResult) -> Iterator[Line]:
    """What became of a key."""
    yield line((result.key.actor, "bold"))
    yield from _key(result.key)
    yield line((f"  {'operation':<10} ", "dim"), result.operation_id)


def _key(key: ActorKey) -> Iterator[Line]:
    state: Span = (key.state, _STYLES[key.state])
    until = f" since {exact(key.revoked_since)}" if key.revoked_since is not None else ""
    why = f" ({key.reason})" if key.reason else ""
    yield line("  ", key.fingerprint, "  ", state, until + why, "  this machine's" if key.mine else "")
    yield line((f"    {key.key}", "dim"))
    vouched = "first key, on trust" if key.on_trust else f"by {key.by}"
    yield line((f"    {vouched}, {exact(key.time)}", "dim"))
