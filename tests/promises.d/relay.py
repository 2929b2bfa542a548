"""Promises about the relay."""

PROMISES = {
    "rooms.written-over": (
        "What somebody writes into a file while an editor saves it is in the room, though the editor writes over it.",
        "issue 4, purpose",
    ),
    "relay.hostile-frames": (
        "A client that sends what cannot be read is sent away; the others in the room do not notice.",
        "issue 4, 4",
    ),
    "relay.loopback-token": (
        "The relay listens on this machine only, and lets in who has the token and no foreign web page.",
        "issue 4, 4",
    ),
    "relay.durable-first": (
        "Nobody sees an edit before it is on the disk; that is what an acknowledgement means.",
        "issue 4, 4",
    ),
    "relay.nothing-lost": (
        "kill -9 of the relay, or of a client right after typing, loses no acknowledged edit.",
        "issue 4, done when",
    ),
    "relay.one-owner": (
        "A relay that lives keeps its rooms; one that was replaced writes nothing more.",
        "issue 4, 4",
    ),
    "relay.full-disk": (
        "On a full disk nothing is acknowledged, everybody is told, and all goes on when there is space.",
        "issue 4, done when",
    ),
    "relay.outside-text": (
        "What is written into a file from outside enters its room once, and text that is not saved yet stays.",
        "issue 4, 6",
    ),
    "relay.git-at-work": (
        "Commit, pull, stash and reset in the middle of typing lose, double and misattribute nothing.",
        "issue 4, 6",
    ),
    "relay.any-yjs-client": (
        "Any Yjs client joins a room with a token, and what it writes is credited to its actor.",
        "issue 4, 4",
    ),
    "relay.two-authors": (
        "Two who type at once end at one known text, with every character credited to its author.",
        "issue 4, done when",
    ),
    "relay.everybody-at-once": (
        "Windows, a Yjs client, agents and bare writers change one file at once: nothing lost, doubled or miscredited.",
        "issue 4, done when",
    ),
    "relay.foreign-text": (
        "Text that the log lacks comes from its author only; anything else is set aside and reported, never dropped.",
        "issue 4, 4",
    ),
}
