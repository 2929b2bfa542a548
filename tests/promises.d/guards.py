"""Promises of guards that run code."""

PROMISES = {
    "guards.scratch": (
        "Guards run on exactly the merged tree, in a worktree of their own; nothing of the user's is touched.",
        "issue 5.7",
    ),
    "guards.untrusted": ("In an untrusted workspace no command of the repository is run.", "issue 5.7"),
    "guards.cached": ("No guard is run twice on the same tree, command and environment.", "issue 5.7"),
    "guards.setup": (
        "What setup made is used again while the lock files are the same, and made anew when they change.",
        "issue 5.7",
    ),
    "guards.ignored": ("Declared ignored paths are copies; guards never write into the user's.", "issue 5.7"),
    "guards.environment": ("Guards get safe and allowed variables, and no others.", "issue 5.7"),
    "guards.limits": ("A hanging or flooding guard is stopped with all it started, and holds nobody up.", "issue 5.7"),
    "guards.affected": ("Tests that the change affects can fail fast; only the full check can pass.", "issue 5.7"),
    "guards.target-decides": ("A proposal cannot switch off the guards that judge it.", "issue 5.7"),
    "guards.crash": (
        "A check that is killed leaves nothing running, and the next one works as if it had not been.",
        "issue 5, faults",
    ),
    "guards.queue": (
        "A merge queue lands only what passed as it is, bisects to culprits, and blames nobody for a broken base.",
        "issue 5.7",
    ),
    "guards.real": ("A real npm and a real Python project are checked as they are.", "issue 5.7"),
}
