"""What the editor promises, shown in real VS Code."""

PROMISES = {
    "editor.make-run": (
        "make run ends with real VS Code behind a password on this machine only, with ANVCS running; Ctrl-C ends it.",
        "issue 2.2",
    ),
    "editor.commit-from-the-palette": (
        "ANVCS: Commit in the palette makes a commit whose note says its prompt, model and agent, and git agrees.",
        "issue 2 purpose, issue 2.10",
    ),
    "editor.graph-shows-the-commit": (
        "The graph shows a new commit on top with its agent, and opens it with the keyboard alone.",
        "issue 2.10, issue 2.11",
    ),
    "editor.changed-files-open-diffs": (
        "A changed file of a commit opens as a comparison of both its states.",
        "issue 2.10",
    ),
    "editor.brings-its-own-server": (
        "The package alone is enough: where no server is found, it makes an environment of its own and runs from it.",
        "issue 2.10",
    ),
    "editor.offers-to-initialize": (
        "In a repository without ANVCS, the editor says so and offers to initialize it.",
        "issue 2.10",
    ),
    "editor.failing-hook-changes-nothing": (
        "A failing pre-commit hook's output can be read in the editor, and nothing changed.",
        "issue 2.5",
    ),
    "editor.follows-plain-git": (
        "An open graph shows a commit made with plain git outside the editor without being asked.",
        "issue 2.9",
    ),
}
