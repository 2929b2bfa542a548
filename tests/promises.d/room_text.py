"""What the text of a room promises."""

PROMISES = {
    "rooms.copies-converge": (
        "Copies that heard of the same edits have the same text, however late, often or disordered they heard of them.",
        "issue 4.2",
    ),
    "rooms.bad-updates": (
        "Bytes that are no edit of a plain text, or that cut a character in two, are refused and leave the room whole.",
        "issue 4.2, Done when",
    ),
    "rooms.positions": (
        "A place in an editor is the same place in the room, whatever characters, joined or not, stand before it.",
        "issue 4.2",
    ),
    "rooms.admission": (
        "A file is a room only if its bytes come back from its text and it holds no secrets; else the reason is told.",
        "issue 4.2",
    ),
    "rooms.outside-keeps": (
        "What is written into a file enters the room without removing what others wrote there meanwhile.",
        "issue 4.6, DESIGN 4",
    ),
}
