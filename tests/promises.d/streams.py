"""Promises about streams, restore and revert."""

PROMISES = {
    "streams.switch": ("A switch brings files, index and HEAD as git does.", "issue 3.4"),
    "streams.switch-loses-nothing": (
        "A switch that would lose work fails before touching anything and names the files.",
        "issue 3.4",
    ),
    "streams.other-worktrees": (
        "A stream that is checked out in another worktree moves only with it or not at all.",
        "issue 3.3",
    ),
    "streams.delete-keeps-commits": ("The commits of a deleted stream are kept, and undo brings it back.", "issue 3.3"),
    "streams.followers": (
        "Rooms and artifacts are asked before a switch touches anything, and follow after it.",
        "issue 3.4",
    ),
    "restore.records-first": ("What a restored file held is recorded before, and undo brings it back.", "issue 3.2"),
    "restore.untracked": ("Restoring never deletes untracked or ignored files.", "issue 3.2"),
    "revert.takes-back": ("A revert takes back one commit and keeps what came since.", "issue 3.2"),
}
