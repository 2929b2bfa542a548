"""Promises about agents that tell of themselves."""

PROMISES = {
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
}
