"""What is promised to people who use Neovim."""

PROMISES = {
    "neovim.conformance": (
        "Two Neovims type unsaved into one file that an agent rewrites, and save: all of it is there, once.",
        "issue 4.5",
    ),
    "neovim.undo-only-own": (
        "Undo and redo take back and bring back only the user's own edits, also by Neovim's own command.",
        "issue 4.5",
    ),
    "neovim.killed-server": (
        "A language server that is killed comes back, and what was typed meanwhile is there once.",
        "issue 4.5",
    ),
}
