"""What the room log and attribution promise."""

PROMISES = {
    "rooms.attribution-exact": (
        "Every character's writer is known exactly, through concurrent edits, deletions, undo and redo.",
        "issue 4.7",
    ),
    "rooms.stale-owner": ("A relay that was replaced while it slept writes nothing any more.", "issue 4.4"),
    "rooms.log-by-sequence": ("Edits are ordered by sequence: a clock that steps back loses none.", "issue 4.3"),
    "rooms.log-packed": ("Old edits are packed without losing one, and read as before.", "issue 4.3"),
    "rooms.log-damage-named": (
        "An edit that is not as it was written is named, and the room goes on with what is whole.",
        "issue 4.3, Done when",
    ),
    "rooms.log-kill": ("Edits that were acknowledged are in the log after kill -9.", "DESIGN 6.1, issue 4"),
    "rooms.undo-own": ("A user's undo takes back only that user's edits.", "issue 4.5"),
    "rooms.undo-restart": ("What can be undone and redone survives a restart.", "issue 4.5"),
    "rooms.foreign-set-aside": (
        "Text that the log lacks comes only from its author; anything else is set aside, never dropped.",
        "issue 4.4",
    ),
    "rooms.retention": (
        "What retention drops takes neither text nor attribution from commits, and playback says what is not kept.",
        "issue 4.3",
    ),
    "rooms.purge": (
        "A purge erases text from every file of the log, and records what can no longer be replayed.",
        "issue 4.3",
    ),
}
