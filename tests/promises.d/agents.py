"""Promises about agents that tell of themselves."""

PROMISES = {
    "agents.connect": (
        "Our hook stands in an agent's own settings beside those of others, and is taken out without a trace.",
        "issue 4, 8",
    ),
    "agents.hook-notes": (
        "An agent's hook notes what stood in a file at a read, before and after a write, with session and model.",
        "issue 4, 8",
    ),
    "agents.hook-harmless": (
        "Whatever an agent's hook meets, it ends well and prints nothing; the agent's tool goes on.",
        "issue 4, 8",
    ),
    "agents.hook-no-secrets": (
        "A hook keeps no bytes of files that may hold secrets, are excluded from rooms, or that git does not track.",
        "issue 4, 1",
    ),
    "agents.reported": (
        "What a hooked agent writes, on however old a read, loses nobody's text and is credited to it as reported.",
        "issue 4, 6 and 7",
    ),
    "agents.reported-later": (
        "What hooked agents wrote while no relay ran is credited to them as soon as one looks.",
        "issue 4, 7",
    ),
}
