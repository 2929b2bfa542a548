"""What the room log and attribution promise."""

PROMISES = {
    "rooms.attribution-exact": (
        "Every character's writer is known exactly, through concurrent edits, deletions, undo and redo.",
        "issue 4.7",
    ),
}
