"""Rooms as lines: whether they are on, what they record and who is in them."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.render.retention import size
from anvcs.cli.screen import Line, line
from anvcs.wire import RoomsPurgeResult, RoomsStatus


def rooms(status: RoomsStatus) -> Iterator[Line]:
    """The whole state of rooms in a repository."""
    if status.mode == "off":
        said = "Rooms are off" if status.asked else "Rooms are off, as installed"
        yield line(said, "; nothing is recorded. Switch them on with: ai-vcs rooms on")
    else:
        paused = " and paused; go on with: ai-vcs rooms pause --resume" if status.paused else ""
        yield line("Rooms are ", ("on", "bold green"), paused, ", on this machine only" if not paused else "")
    if status.paused_actors:
        yield line(f"  paused     {', '.join(status.paused_actors)}")
    if status.mode != "off" or status.edits:
        yield line(f"  log        {size(status.bytes)}, {status.edits} edits, kept {_kept(status.retention)}")
    if status.exclude:
        yield line(f"  excluded   {' '.join(status.exclude)}")
    if status.mode != "off":
        yield line(f"  relay      {'running' if status.relay else 'not running; the first document starts it'}")
    for each in status.rooms:
        unsaved = f"  unsaved: {', '.join(each.unsaved)}" if each.unsaved else ""
        yield line("  ", (each.path, "bold"), f"  {each.stream}  edit {each.sequence}", (unsaved, "yellow"))
    for who in status.actors:
        where = f" on {who.stream}" if who.where == "elsewhere" and who.stream else ""
        files = f"  {' '.join(who.rooms)}" if who.rooms else ""
        yield line("  ", (who.actor, "cyan"), f"  {who.where}{where}{files}")


def purged(result: RoomsPurgeResult) -> Iterator[Line]:
    """What was erased, and what can still be played back."""
    yield line(f"Erased {result.erased} edit{'' if result.erased == 1 else 's'}; epoch {result.epoch} begins")
    yield line(f"  playback   from edit {result.replayable_from}")


def _kept(retention: str) -> str:
    return {"forever": "for ever", "90d": "for 90 days", "until-committed": "until they are committed"}[retention]
