"""Promises about many writers at once."""

PROMISES = {
    "faults.read-only": (
        "On a read-only file system everything can be read, and what would write says why it cannot.",
        "issue 3, faults",
    ),
    "writers.nothing-lost": (
        "Agents in several worktrees commit and undo beside plain git without losing anything acknowledged.",
        "issue 3, faults",
    ),
}
