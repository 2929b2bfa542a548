"""What the joint of editors and rooms promises."""

PROMISES = {
    "rooms.editors-converge": (
        "Windows, an agent and the disk change one file: nothing is lost, doubled or credited to others, no dialog.",
        "issue 4.5",
    ),
    "rooms.unsaved-text-joins": (
        "Unsaved text of an earlier session is merged with the room three-way, or kept as a copy to choose from.",
        "issue 4.5",
    ),
    "rooms.saves-once": ("What the formatters of two windows do in the same way is done once.", "issue 4.5"),
    "rooms.resync-loses-nothing": (
        "An editor that shows something else than was known is repaired, and what it has beyond that is kept.",
        "issue 4.5",
    ),
    "rooms.killed-server": (
        "What a killed language server had written down is in the room once, whoever opens the file next.",
        "issue 4.5, Done when",
    ),
}
