"""``ai-vcs rooms``: what reaches the actions, and how rooms are shown."""

from __future__ import annotations

import msgspec

from anvcs import wire
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import ROOMS


def test_rooms_are_shown_with_what_they_record(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"rooms.status": msgspec.structs.replace(ROOMS, notices=("Something to know.",))}
    done = ai_vcs("rooms", "status")
    assert done.out.splitlines() == [
        "Rooms are on, on this machine only",
        "  log        80.0 KiB, 41 edits, kept for ever",
        "  excluded   secrets/",
        "  relay      running",
        "  src/app.py  main  edit 41  unsaved: human:ada@example.org",
        "  agent:foo  elsewhere on login  src/app.py",
    ]
    assert done.err == "Note: Something to know.\n"


def test_rooms_that_are_off_or_paused_say_how_to_go_on(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {
        "rooms.status": wire.RoomsStatus(mode="off"),
        "rooms.off": wire.RoomsStatus(mode="off", asked=True),
    }
    assert ai_vcs("rooms", "status").out == (
        "Rooms are off, as installed; nothing is recorded. Switch them on with: ai-vcs rooms on\n"
    )
    assert ai_vcs("rooms", "off").out.startswith("Rooms are off; nothing is recorded.")
    ai_vcs.answers = {"rooms.pause": wire.RoomsStatus(mode="local", paused=True, paused_actors=("agent:foo",))}
    said = ai_vcs("rooms", "pause", "agent:foo").out.splitlines()
    assert said[:2] == ["Rooms are on and paused; go on with: ai-vcs rooms pause --resume", "  paused     agent:foo"]


def test_every_option_reaches_the_action(ai_vcs: CommandLine) -> None:
    purged = wire.RoomsPurgeResult(erased=1, epoch=2, replayable_from=13)
    ai_vcs.answers = {"rooms.on": ROOMS, "rooms.pause": ROOMS, "rooms.purge": purged}
    ai_vcs("rooms", "on", "--retention", "90d", "--exclude", "a", "--exclude", "b/")
    ai_vcs("rooms", "pause", "agent:foo", "--resume")
    done = ai_vcs("rooms", "purge", "a.py", "--since", "12", "--until", "12")
    assert done.out.splitlines() == ["Erased 1 edit; epoch 2 begins", "  playback   from edit 13"]
    assert ai_vcs.asked == [
        wire.RoomsOnParams(retention="90d", exclude=("a", "b/")),
        wire.RoomsPauseParams(actor="agent:foo", resume=True),
        wire.RoomsPurgeParams(path="a.py", since=12, until=12),
    ]
