"""Promises about many writers at once."""

PROMISES = {
    "writers.nothing-lost": (
        "Agents in several worktrees commit and undo beside plain git without losing anything acknowledged.",
        "issue 3, faults",
    ),
}
